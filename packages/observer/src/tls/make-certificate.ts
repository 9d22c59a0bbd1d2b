// Certificates made on the spot (RFC 5280 §4.1): imitations for probes, and those of a lab. Their keys live in this process alone.
import { createPublicKey, generateKeyPairSync, type KeyObject, randomBytes, sign, X509Certificate } from 'node:crypto'
import { type HeldCertificate, thumbprintOf } from './client-certificate.ts'
import { childrenOf, derTags, readOid, writeElement, writeOid, writeSequence } from './der.ts'

export interface CertificateMaking {
  /** Common name. */
  readonly name: string
  /** Who certifies it; itself where nobody does. */
  readonly by?: HeldCertificate
  /** It may certify others. */
  readonly authority?: boolean
  /** DNS names and IPv4 addresses it stands for. */
  readonly hosts?: readonly string[]
}

const ecdsaWithSha256 = writeSequence(writeOid('1.2.840.10045.4.3.2'))
const oids = {
  commonName: '2.5.4.3',
  keyUsage: '2.5.29.15',
  altName: '2.5.29.17',
  constraints: '2.5.29.19',
  extendedUsage: '2.5.29.37',
} as const
const yearSeconds = 31_536_000

export function makeCertificate({ name, by, authority = false, hosts = [] }: CertificateMaking): HeldCertificate {
  const subject = writeSequence(
    writeElement(derTags.set, writeSequence(writeOid(oids.commonName), writeElement(derTags.utf8, Buffer.from(name)))),
  )
  const named = hosts.map((host) =>
    /^\d{1,3}(?:\.\d{1,3}){3}$/.test(host)
      ? writeElement(0x87, Buffer.from(host.split('.').map(Number)))
      : writeElement(0x82, Buffer.from(host)),
  )
  const extensions = [
    ...(authority ? [extension(oids.constraints, writeSequence(Buffer.from([0x01, 0x01, 0xff])))] : []),
    ...(named.length > 0 ? [extension(oids.altName, writeSequence(...named))] : []),
  ]
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return signed({ subject, issuer: by ? subjectOf(by.certificate) : subject, extensions, privateKey, signer: by?.key ?? privateKey })
}

/** The same names and usages, certified by nobody but itself: what a chain check must refuse. */
export function imitate({ certificate }: HeldCertificate): HeldCertificate {
  const subject = subjectOf(certificate)
  const copied: readonly string[] = [oids.keyUsage, oids.altName, oids.extendedUsage]
  const extensions = extensionsOf(certificate).filter((one) => {
    const type = childrenOf(one, derTags.sequence)?.[0]
    return type !== undefined && copied.includes(readOid(type) ?? '')
  })
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return signed({ subject, issuer: subject, extensions, privateKey, signer: privateKey })
}

interface Body {
  readonly subject: Uint8Array
  readonly issuer: Uint8Array
  readonly extensions: readonly Uint8Array[]
  readonly privateKey: KeyObject
  /** Of the issuer. */
  readonly signer: KeyObject | string
}

function signed({ subject, issuer, extensions, privateKey, signer }: Body): HeldCertificate {
  const now = Math.floor(Date.now() / 1000)
  const body = writeSequence(
    writeElement(0xa0, writeElement(derTags.integer, Buffer.from([2]))),
    writeElement(derTags.integer, Buffer.concat([Buffer.from([1]), randomBytes(15)])),
    ecdsaWithSha256,
    issuer,
    writeSequence(time(now - 3600), time(now + yearSeconds)),
    subject,
    createPublicKey(privateKey).export({ type: 'spki', format: 'der' }),
    ...(extensions.length > 0 ? [writeElement(0xa3, writeSequence(...extensions))] : []),
  )
  const signature = writeElement(derTags.bitString, Buffer.from([0]), sign('sha256', body, signer))
  const certificate = new X509Certificate(Buffer.from(writeSequence(body, ecdsaWithSha256, signature)))
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string
  return { cert: certificate.toString(), key, certificate, thumbprint: thumbprintOf(certificate) }
}

function extension(oid: string, value: Uint8Array): Uint8Array {
  return writeSequence(writeOid(oid), writeElement(derTags.octetString, value))
}

/** RFC 5280 §4.1.2.5: UTCTime until 2049. */
function time(seconds: number): Uint8Array {
  const text = new Date(seconds * 1000).toISOString().replace(/[-:T]/g, '').slice(0, 14)
  const early = text < '2050'
  return writeElement(early ? derTags.utcTime : derTags.generalizedTime, Buffer.from(`${early ? text.slice(2) : text}Z`))
}

/** The parts of the certificate that are signed, from the version on. */
function partsOf({ raw }: X509Certificate): readonly Uint8Array[] {
  const body = childrenOf(raw, derTags.sequence)?.[0]
  return (body && childrenOf(body, derTags.sequence)) ?? []
}

function subjectOf(certificate: X509Certificate): Uint8Array {
  // Version 1 certificates begin with the serial number.
  const parts = partsOf(certificate)
  return parts[parts[0]?.[0] === 0xa0 ? 5 : 4] ?? writeSequence()
}

function extensionsOf(certificate: X509Certificate): readonly Uint8Array[] {
  const last = partsOf(certificate).find(([tag]) => tag === 0xa3)
  const list = last && childrenOf(last, 0xa3)?.[0]
  return (list && childrenOf(list, derTags.sequence)) ?? []
}
