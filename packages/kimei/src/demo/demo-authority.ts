// The demo's own certificate authorities and what they certify: one the listener for certificates, one the demo's machine. X.509 by pkijs.
// Their keys lie in the demo's folder; that of servers may speak for this machine's own names alone.
import { randomBytes, X509Certificate } from 'node:crypto'
import type { Seconds } from '@kimei/protocol'
import { Integer, OctetString, Utf8String } from 'asn1js'
import {
  AttributeTypeAndValue,
  BasicConstraints,
  Certificate,
  Extension,
  ExtKeyUsage,
  GeneralName,
  GeneralNames,
  GeneralSubtree,
  NameConstraints,
} from 'pkijs'

/** PEM texts. */
export interface CertificatePair {
  readonly cert: string
  readonly key: string
}

export interface LeafOrder {
  readonly commonName: string
  readonly usage: 'server' | 'client'
  readonly now: Seconds
}

const daySeconds = 86_400
const days = { authority: 730, leaf: 90 }
const oids = {
  commonName: '2.5.4.3',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  nameConstraints: '2.5.29.30',
  extendedKeyUsage: '2.5.29.37',
  server: '1.3.6.1.5.5.7.3.1',
  client: '1.3.6.1.5.5.7.3.2',
} as const
/** The one name that a listener of the demo has, and its addresses. */
const names = { dns: 'localhost', ips: [Buffer.from([127, 0, 0, 1]), Buffer.from('00000000000000000000000000000001', 'hex')] }
const ipKind = 7
const dnsKind = 2

/** Who is trusted about servers is not trusted about clients, and the other way round. */
export async function makeAuthority(of: 'servers' | 'clients', now: Seconds): Promise<CertificatePair> {
  return certify({
    commonName: `Kimei demo, ${of}`,
    seconds: [now, now + days.authority * daySeconds],
    extensions: [
      extension(oids.basicConstraints, new BasicConstraints({ cA: true, pathLenConstraint: 0 }).toSchema().toBER(), true),
      // keyCertSign and cRLSign.
      extension(oids.keyUsage, bits(0x06, 1), true),
      ...(of === 'servers' ? [extension(oids.nameConstraints, onlyThisMachine().toSchema().toBER(), true)] : []),
    ],
  })
}

export async function issueCertificate(authority: CertificatePair, { commonName, usage, now }: LeafOrder): Promise<CertificatePair> {
  const ends = new X509Certificate(authority.cert).validToDate.getTime() / 1000
  return certify({
    commonName,
    by: authority,
    seconds: [now, Math.min(now + days.leaf * daySeconds, ends)],
    extensions: [
      extension(oids.basicConstraints, new BasicConstraints({ cA: false }).toSchema().toBER(), true),
      // digitalSignature.
      extension(oids.keyUsage, bits(0x80, 7), true),
      extension(oids.extendedKeyUsage, new ExtKeyUsage({ keyPurposes: [oids[usage]] }).toSchema().toBER()),
      ...(usage === 'server' ? [extension(oids.subjectAltName, ownNames().toSchema().toBER())] : []),
    ],
  })
}

interface CertificateParts {
  readonly commonName: string
  /** First and last second. */
  readonly seconds: readonly [Seconds, Seconds]
  readonly extensions: readonly Extension[]
  /** Absent: itself. */
  readonly by?: CertificatePair
}

async function certify({ commonName, seconds, extensions, by }: CertificateParts): Promise<CertificatePair> {
  const pair = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify'])
  const made = new Certificate()
  made.version = 2
  // RFC 5280 §4.1.2.2: positive, and never the same twice.
  made.serialNumber = new Integer({ valueHex: Uint8Array.from([0x01, ...randomBytes(15)]).buffer })
  made.subject.typesAndValues.push(new AttributeTypeAndValue({ type: oids.commonName, value: new Utf8String({ value: commonName }) }))
  made.issuer = by ? Certificate.fromBER(new Uint8Array(new X509Certificate(by.cert).raw)).subject : made.subject
  made.notBefore.value = new Date(seconds[0] * 1000)
  made.notAfter.value = new Date(seconds[1] * 1000)
  made.extensions = [...extensions]
  await made.subjectPublicKeyInfo.importKey(pair.publicKey)
  await made.sign(by ? await readSigner(by.key) : pair.privateKey, 'SHA-256')
  const key = Buffer.from(await crypto.subtle.exportKey('pkcs8', pair.privateKey))
  return { cert: new X509Certificate(Buffer.from(made.toSchema(true).toBER())).toString(), key: pem('PRIVATE KEY', key) }
}

function readSigner(key: string): Promise<CryptoKey> {
  const der = Uint8Array.from(Buffer.from(key.replace(/-----[^-]+-----|\s/g, ''), 'base64'))
  return crypto.subtle.importKey('pkcs8', der, { name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign'])
}

function extension(extnID: string, extnValue: ArrayBuffer, critical = false): Extension {
  return new Extension({ extnID, critical, extnValue })
}

/** A BIT STRING of one octet. */
function bits(octet: number, unused: number): ArrayBuffer {
  return Uint8Array.from([0x03, 0x02, unused, octet]).buffer
}

function ownNames(): GeneralNames {
  const addresses = names.ips.map((valueHex) => new GeneralName({ type: ipKind, value: new OctetString({ valueHex: octets(valueHex) }) }))
  return new GeneralNames({ names: [new GeneralName({ type: dnsKind, value: names.dns }), ...addresses] })
}

/** RFC 5280 §4.2.1.10: whoever trusts this authority, in a browser say, trusts it for this machine and for nothing else. */
function onlyThisMachine(): NameConstraints {
  const subtree = (base: GeneralName): GeneralSubtree => new GeneralSubtree({ base })
  const exactly = (address: Uint8Array): Buffer => Buffer.concat([address, Buffer.alloc(address.length, 0xff)])
  const addresses = names.ips.map((ip) => new GeneralName({ type: ipKind, value: new OctetString({ valueHex: octets(exactly(ip)) }) }))
  return new NameConstraints({
    permittedSubtrees: [new GeneralName({ type: dnsKind, value: names.dns }), ...addresses].map(subtree),
  })
}

function octets(bytes: Uint8Array): ArrayBuffer {
  return Uint8Array.from(bytes).buffer
}

function pem(label: string, der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? []
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`
}
