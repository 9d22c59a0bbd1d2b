// From the DER of a certificate to what it says: names exactly as encoded, from its own bytes. Whether to believe it is judged elsewhere.
// The ASN.1 reader is loaded when the first certificate is read.
import { createHash, X509Certificate } from 'node:crypto'
import { type CertificateFacts, nameAttribute, type PublicJwk, type SubjectName } from '@kimei/protocol'
import type { BaseBlock } from 'asn1js'
import { keyStrength } from './chain-facts.ts'

const mostBytes = 32_768
const mostEntries = 1000
const known = new WeakMap<Uint8Array, Promise<CertificateFacts | undefined>>()

/** `undefined`: it cannot be read, or contradicts itself. One connection shows the same bytes again and again: they are read once. */
export function readCertificate(der: Uint8Array): Promise<CertificateFacts | undefined> {
  const before = known.get(der)
  if (before) return before
  const read = readFresh(der).catch(() => undefined)
  known.set(der, read)
  return read
}

type Asn1 = typeof import('asn1js')
type Names = Pick<CertificateFacts, 'dns' | 'uris' | 'ips' | 'emails'>

async function readFresh(der: Uint8Array): Promise<CertificateFacts | undefined> {
  if (der.length > mostBytes) return undefined
  const asn1 = await import('asn1js')
  const certificate = new X509Certificate(der)
  const parts = partsOf(asn1, der)
  const subject = parts && readName(asn1, parts.subject)
  const names = parts && readAlternativeNames(asn1, parts.extensions)
  if (!subject || !names) return undefined
  const key = jwkOf(certificate)
  return {
    subject,
    ...names,
    notBefore: secondsOf(certificate.validFromDate),
    notAfter: secondsOf(certificate.validToDate),
    strength: keyStrength(certificate),
    spki: createHash('sha256')
      .update(certificate.publicKey.export({ type: 'spki', format: 'der' }))
      .digest('base64url'),
    ...(key && { key }),
  }
}

const secondsOf = (date: Date): number => Math.floor(date.getTime() / 1000)

function jwkOf({ publicKey }: X509Certificate): PublicJwk | undefined {
  try {
    return publicKey.export({ format: 'jwk' }) as PublicJwk
  } catch {
    return undefined
  }
}

interface Parts {
  readonly subject: BaseBlock
  readonly extensions: readonly BaseBlock[]
}

/** RFC 5280 §4.1: version, serial number, signature, issuer, validity, subject, key; then what is tagged. */
function partsOf(asn1: Asn1, der: Uint8Array): Parts | undefined {
  const read = asn1.fromBER(Uint8Array.from(der))
  if (read.offset !== der.length) return undefined
  const body = childrenOf(asn1, childrenOf(asn1, read.result)?.[0])
  if (body === undefined) return undefined
  const isTagged = (block: BaseBlock, tag: number) => block.idBlock.tagClass === 3 && block.idBlock.tagNumber === tag
  const first = body[0] && isTagged(body[0], 0) ? 1 : 0
  const subject = body[first + 4]
  const tagged = body.slice(first + 6).filter((block) => isTagged(block, 3))
  const extensions = tagged.length === 0 ? [] : childrenOf(asn1, childrenOf(asn1, tagged[0])?.[0])
  return subject && extensions && tagged.length <= 1 ? { subject, extensions } : undefined
}

function childrenOf(asn1: Asn1, block: BaseBlock | undefined): readonly BaseBlock[] | undefined {
  if (!(block instanceof asn1.Constructed)) return undefined
  const { value } = block.valueBlock
  return value.length <= mostEntries ? value : undefined
}

/** RDNSequence: which attributes stand together in one entry counts, so none is flattened. */
function readName(asn1: Asn1, block: BaseBlock): SubjectName | undefined {
  const entries = childrenOf(asn1, block)
  const name = entries?.map((entry) => childrenOf(asn1, entry)?.map((attribute) => readAttribute(asn1, attribute)))
  if (name === undefined || name.some((entry) => entry === undefined || entry.includes(undefined))) return undefined
  return name as SubjectName
}

function readAttribute(asn1: Asn1, block: BaseBlock) {
  const [type, value] = childrenOf(asn1, block) ?? []
  if (!(type instanceof asn1.ObjectIdentifier) || value === undefined) return undefined
  return nameAttribute(type.getValue(), Buffer.from(value.toBER()).toString('hex'))
}

const subjectAlternativeName = '2.5.29.17'

/** RFC 5280 §4.2: an extension stands once. Two of this one are a certificate that says two things. */
function readAlternativeNames(asn1: Asn1, extensions: readonly BaseBlock[]): Names | undefined {
  const found = extensions.flatMap((extension) => {
    const parts = childrenOf(asn1, extension) ?? []
    const [type] = parts
    const value = parts.at(-1)
    const isIt = type instanceof asn1.ObjectIdentifier && type.getValue() === subjectAlternativeName
    return isIt && value instanceof asn1.OctetString ? [value] : []
  })
  if (found.length === 0) return { dns: [], uris: [], ips: [], emails: [] }
  const inner = Uint8Array.from(found[0]?.valueBlock.valueHexView ?? [])
  const read = asn1.fromBER(inner)
  const entries = read.offset === inner.length ? childrenOf(asn1, read.result) : undefined
  return found.length === 1 && entries ? namesOf(asn1, entries) : undefined
}

/** Context tags of GeneralName (RFC 5280 §4.2.1.6). */
const tags = { email: 1, dns: 2, uri: 6, ip: 7 }

function namesOf(asn1: Asn1, entries: readonly BaseBlock[]): Names {
  const bytesOf = (tag: number) =>
    entries.flatMap((entry) =>
      entry instanceof asn1.Primitive && entry.idBlock.tagClass === 3 && entry.idBlock.tagNumber === tag
        ? [Buffer.from(entry.valueBlock.valueHexView)]
        : [],
    )
  // IA5String: an entry with another character, or with one that is not shown, is none of these names.
  const textsOf = (tag: number) =>
    bytesOf(tag).flatMap((bytes) => (bytes.every((byte) => byte > 0x20 && byte < 0x7f) ? [bytes.toString('latin1')] : []))
  return {
    dns: textsOf(tags.dns),
    uris: textsOf(tags.uri),
    ips: bytesOf(tags.ip).map((bytes) => bytes.toString('hex')),
    emails: textsOf(tags.email),
  }
}
