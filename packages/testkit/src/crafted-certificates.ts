// Certificates with whatever names a test wants, octet by octet, signed by themselves or by another of these (RFC 5280 §4.1).
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, sign, X509Certificate } from 'node:crypto'
import type { TestCertificate } from './certificates.ts'

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
  /** Who signs it. Absent: itself. */
  readonly by?: Crafted
  /** PEM of the key to use again. */
  readonly key?: string
}

export interface Crafted extends TestCertificate {
  /** DER of its subject. */
  readonly name: Uint8Array
}

function der(tag: number, ...parts: Uint8Array[]): Buffer {
  const body = Buffer.concat(parts)
  const { length } = body
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255]
  return Buffer.concat([Buffer.from([tag, ...size]), body])
}

const sequence = (...parts: Uint8Array[]): Buffer => der(0x30, ...parts)
const ecdsaWithSha256 = sequence(oid('1.2.840.10045.4.3.2'))

function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number)
  const arcs = [first * 40 + second, ...rest].flatMap((arc) => {
    const bytes = [arc & 127]
    for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128)) bytes.unshift((left & 127) | 128)
    return bytes
  })
  return der(0x06, Buffer.from(arcs))
}

const time = (seconds: number): Buffer => {
  const text = new Date(seconds * 1000).toISOString().replace(/[-:T]/g, '').slice(0, 14)
  // RFC 5280 §4.1.2.5: UTCTime until 2049.
  return text < '2050' ? der(0x17, Buffer.from(`${text.slice(2)}Z`)) : der(0x18, Buffer.from(`${text}Z`))
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
  const body = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.from([1, ...createHash('sha256').update(publicDer).update(name).digest().subarray(0, 15)])),
    ecdsaWithSha256,
    parts.by ? parts.by.name : name,
    sequence(time(parts.notBefore ?? 1_577_836_800), time(parts.notAfter ?? 4_000_000_000)),
    name,
    publicDer,
    ...extensionsOf(parts),
  )
  const signer = parts.by ? createPrivateKey(parts.by.key) : privateKey
  const whole = sequence(body, ecdsaWithSha256, der(0x03, Buffer.from([0]), sign('sha256', body, signer)))
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

function extensionsOf({ dns = [], uris = [], emails = [], ips = [], alternatives = 1, ca = false }: CraftedParts): readonly Buffer[] {
  const names = [
    ...emails.map((text) => der(0x81, Buffer.from(text))),
    ...dns.map((text) => der(0x82, Buffer.from(text))),
    ...uris.map((text) => der(0x86, Buffer.from(text))),
    ...ips.map((bytes) => der(0x87, bytes)),
  ]
  const said = names.length === 0 ? 0 : alternatives
  const extensions = [
    ...Array.from({ length: said }, () => sequence(oid('2.5.29.17'), der(0x04, sequence(...names)))),
    ...(ca ? [sequence(oid('2.5.29.19'), der(0x01, Buffer.from([255])), der(0x04, sequence(der(0x01, Buffer.from([255])))))] : []),
  ]
  return extensions.length === 0 ? [] : [der(0xa3, sequence(...extensions))]
}
