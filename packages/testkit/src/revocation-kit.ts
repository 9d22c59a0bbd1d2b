// Answers about revocation as an authority of crafted certificates gives them, and as nobody should: OCSP answers and lists (RFC 6960, RFC 5280 §5).
import { createHash, createPrivateKey, sign, X509Certificate } from 'node:crypto'
import { Certificate } from 'pkijs'
import { type Crafted, signatureAlgorithm } from './crafted-certificates.ts'
import { bits, der, extension, generalTime, integer, octets, oid, sequence, time } from './der.ts'

export interface OcspParts {
  /** Whose answer it is. */
  readonly issuer: Crafted
  readonly about: Crafted
  readonly now: number
  readonly status?: 'good' | 'revoked' | 'unknown'
  readonly thisUpdate?: number
  /** `null`: none. */
  readonly nextUpdate?: number | null
  /** The nonce to send back. */
  readonly nonce?: Uint8Array | undefined
  /** Who signs. Absent: the issuer. */
  readonly signer?: Crafted
  readonly enclosed?: readonly Crafted[]
  readonly digest?: 'sha1' | 'sha256'
  /** One octet of the signature is wrong. */
  readonly damaged?: boolean
  /** Name of the authority in the question. Absent: of `issuer`. */
  readonly named?: Crafted
}

const derOf = ({ der: text }: Crafted): Buffer => Buffer.from(text, 'base64')
const sha1 = (bytes: Uint8Array): Buffer => createHash('sha1').update(bytes).digest()
const keyOf = (one: Crafted): Uint8Array =>
  Certificate.fromBER(Uint8Array.from(derOf(one))).subjectPublicKeyInfo.subjectPublicKey.valueBlock.valueHexView
export const serialOf = (one: Crafted): Buffer => Buffer.from(new X509Certificate(one.cert).serialNumber.padStart(2, '0'), 'hex')

export function craftOcsp(parts: OcspParts): Buffer {
  const { issuer, about, now, status = 'good', named = issuer, signer = issuer } = parts
  const id = sequence(
    sequence(oid('1.3.14.3.2.26'), Buffer.from([5, 0])),
    octets(sha1(named.name)),
    octets(sha1(keyOf(named))),
    integer(serialOf(about)),
  )
  const told = { good: der(0x80), revoked: der(0xa1, generalTime(now - 3600)), unknown: der(0x82) }[status]
  const next = parts.nextUpdate === null ? [] : [der(0xa0, generalTime(parts.nextUpdate ?? now + 3600))]
  const single = sequence(id, told, generalTime(parts.thisUpdate ?? now - 60), ...next)
  const nonce = parts.nonce ? [der(0xa1, sequence(extension('1.3.6.1.5.5.7.48.1.2', octets(parts.nonce))))] : []
  const body = sequence(der(0xa2, octets(sha1(keyOf(signer)))), generalTime(now), sequence(single), ...nonce)
  const enclosed = parts.enclosed ? [der(0xa0, sequence(...parts.enclosed.map(derOf)))] : []
  const basic = sequence(body, ...signed(body, signer, parts), ...enclosed)
  return sequence(der(0x0a, Buffer.from([0])), der(0xa0, sequence(oid('1.3.6.1.5.5.7.48.1.1'), octets(basic))))
}

/** An answer that says only that there is none (RFC 6960 §4.2.1): 3 is `tryLater`, 6 `unauthorized`. */
export const craftOcspError = (status: number): Buffer => sequence(der(0x0a, Buffer.from([status])))

/** The nonce of a question, where it has one. */
export function nonceOf(question: Uint8Array): Buffer | undefined {
  const mark = Buffer.concat([oid('1.3.6.1.5.5.7.48.1.2'), Buffer.from([4])])
  const at = Buffer.from(question).indexOf(mark)
  if (at < 0) return undefined
  const inner = Buffer.from(question).subarray(at + mark.length + 1)
  return inner.subarray(2, 2 + (inner[1] ?? 0))
}

export interface ListParts {
  readonly issuer: Crafted
  readonly now: number
  readonly revoked?: readonly Crafted[]
  readonly thisUpdate?: number
  /** `null`: none. */
  readonly nextUpdate?: number | null
  readonly signer?: Crafted
  readonly digest?: 'sha1' | 'sha256'
  readonly damaged?: boolean
  /** Whole extensions. */
  readonly more?: readonly Uint8Array[]
  /** Whole extensions of every entry. */
  readonly inEntries?: readonly Uint8Array[]
  /** Further entries of certificates that are nobody's. */
  readonly filler?: number
}

export function craftList(parts: ListParts): Buffer {
  const { issuer, now, revoked = [], more = [], inEntries = [], signer = issuer, digest = 'sha256', filler = 0 } = parts
  const strangers = Array.from({ length: filler }, (_one, at) => createHash('sha256').update(`serial ${at}`).digest().subarray(0, 16))
  const serials = [...strangers.map((bytes) => Buffer.concat([Buffer.from([1]), bytes])), ...revoked.map(serialOf)]
  const entries = serials.map((serial) =>
    sequence(integer(serial), time(now - 3600), ...(inEntries.length > 0 ? [sequence(...inEntries)] : [])),
  )
  const next = parts.nextUpdate === null ? [] : [time(parts.nextUpdate ?? now + 3600)]
  const body = sequence(
    integer(Buffer.from([1])),
    signatureAlgorithm(createPrivateKey(signer.key), digest),
    Buffer.from(issuer.name),
    time(parts.thisUpdate ?? now - 60),
    ...next,
    ...(entries.length > 0 ? [sequence(...entries)] : []),
    ...(more.length > 0 ? [der(0xa0, sequence(...more))] : []),
  )
  return sequence(body, ...signed(body, signer, parts))
}

function signed(body: Buffer, signer: Crafted, { digest = 'sha256', damaged = false }: Pick<OcspParts, 'digest' | 'damaged'>): Buffer[] {
  const key = createPrivateKey(signer.key)
  const signature = sign(digest, body, key)
  if (damaged) signature[signature.length - 1] = (signature.at(-1) ?? 0) ^ 1
  return [signatureAlgorithm(key, digest), bits(signature)]
}
