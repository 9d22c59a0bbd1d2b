// Certificates with whatever names a test wants, octet by octet, signed by themselves or by another of these (RFC 5280 §4.1).
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign, X509Certificate } from 'node:crypto'
import type { TestCertificate } from './certificates.ts'
import { bits, der, extension, integer, oid, sequence, time, yes } from './der.ts'

export interface CraftedName {
  /** Dotted. */
  readonly type: string
  readonly value: string | Uint8Array
  /** Of the value: UTF8String when absent. */
  readonly tag?: number
}

export interface CraftedParts {
  /** In the order of the certificate, one list an entry. */
  readonly subject: readonly (readonly CraftedName[])[]
  readonly dns?: readonly string[]
  readonly uris?: readonly string[]
  readonly emails?: readonly string[]
  readonly ips?: readonly Uint8Array[]
  /** How often the extension with these names stands. */
  readonly alternatives?: number
  /** Seconds. From 2020 to 2096 where nothing is said. */
  readonly notBefore?: number
  readonly notAfter?: number
  readonly ca?: boolean
  /** How many authorities may stand below it. */
  readonly mostBelow?: number
  /** Bits of the key usage, the first one highest: 0x80 digitalSignature, 0x04 keyCertSign, 0x02 cRLSign. */
  readonly usages?: number
  /** Dotted. */
  readonly purposes?: readonly string[]
  /** URLs of those who tell whether it was revoked. */
  readonly ocsp?: readonly string[]
  readonly crl?: readonly string[]
  /** Whole extensions. */
  readonly more?: readonly Uint8Array[]
  /** Of the signature. */
  readonly digest?: 'sha1' | 'sha256'
  /** Who signs it. Absent: itself. */
  readonly by?: Crafted
  /** PEM of the key to use again. */
  readonly key?: string
}

export interface Crafted extends TestCertificate {
  /** DER of its subject. */
  readonly name: Uint8Array
}

/** The signature of a key of this kind, over this digest. */
export function signatureAlgorithm(key: KeyObject, digest: 'sha1' | 'sha256'): Buffer {
  if (key.asymmetricKeyType === 'rsa') return sequence(oid(`1.2.840.113549.1.1.${digest === 'sha1' ? 5 : 11}`), Buffer.from([5, 0]))
  return sequence(oid(digest === 'sha1' ? '1.2.840.10045.4.1' : '1.2.840.10045.4.3.2'))
}

function nameOf(subject: CraftedParts['subject']): Buffer {
  const attribute = ({ type, value, tag = 0x0c }: CraftedName) => sequence(oid(type), der(tag, Buffer.from(value as string)))
  return sequence(...subject.map((entry) => der(0x31, ...entry.map(attribute).sort(Buffer.compare))))
}

export function craftCertificate(parts: CraftedParts): Crafted {
  const privateKey = parts.key ? createPrivateKey(parts.key) : generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string
  const publicDer = createPublicKey(privateKey).export({ type: 'spki', format: 'der' })
  const name = nameOf(parts.subject)
  const signer = parts.by ? createPrivateKey(parts.by.key) : privateKey
  const algorithm = signatureAlgorithm(signer, parts.digest ?? 'sha256')
  const body = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.from([1, ...createHash('sha256').update(publicDer).update(name).digest().subarray(0, 15)])),
    algorithm,
    parts.by ? parts.by.name : name,
    sequence(time(parts.notBefore ?? 1_577_836_800), time(parts.notAfter ?? 4_000_000_000)),
    name,
    publicDer,
    ...extensionsOf(parts),
  )
  const whole = sequence(body, algorithm, bits(sign(parts.digest ?? 'sha256', body, signer)))
  const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('base64url')
  return {
    key: pem,
    cert: new X509Certificate(whole).toString(),
    der: whole.toString('base64'),
    x5t: digest(whole),
    spki: digest(publicDer),
    name,
  }
}

function extensionsOf(parts: CraftedParts): readonly Buffer[] {
  const { alternatives = 1, usages, purposes, more = [] } = parts
  const names = namesOf(parts)
  const said = names.length === 0 ? 0 : alternatives
  const extensions = [
    ...Array.from({ length: said }, () => extension('2.5.29.17', sequence(...names))),
    ...authorityOf(parts),
    ...(usages === undefined ? [] : [extension('2.5.29.15', bits(Buffer.from([usages])), true)]),
    ...(purposes ? [extension('2.5.29.37', sequence(...purposes.map(oid)))] : []),
    ...whoTells(parts),
    ...more,
  ]
  return extensions.length === 0 ? [] : [der(0xa3, sequence(...extensions))]
}

function namesOf({ dns = [], uris = [], emails = [], ips = [] }: CraftedParts): readonly Buffer[] {
  return [
    ...emails.map((text) => der(0x81, Buffer.from(text))),
    ...dns.map((text) => der(0x82, Buffer.from(text))),
    ...uris.map((text) => der(0x86, Buffer.from(text))),
    ...ips.map((bytes) => der(0x87, bytes)),
  ]
}

function authorityOf({ ca = false, mostBelow }: CraftedParts): readonly Buffer[] {
  if (!ca) return []
  const most = mostBelow === undefined ? [] : [integer(Buffer.from([mostBelow]))]
  return [extension('2.5.29.19', sequence(yes, ...most), true)]
}

function whoTells({ ocsp = [], crl = [] }: CraftedParts): readonly Buffer[] {
  const uri = (text: string) => der(0x86, Buffer.from(text))
  const responders = ocsp.map((text) => sequence(oid('1.3.6.1.5.5.7.48.1'), uri(text)))
  const lists = crl.map((text) => sequence(der(0xa0, der(0xa0, uri(text)))))
  return [
    ...(ocsp.length > 0 ? [extension('1.3.6.1.5.5.7.1.1', sequence(...responders))] : []),
    ...(crl.length > 0 ? [extension('2.5.29.31', sequence(...lists))] : []),
  ]
}
