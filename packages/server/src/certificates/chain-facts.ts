// What the certificates of a chain say that rules judge: validity, keys, signatures, what each is for.
import type { X509Certificate } from 'node:crypto'
import type { ChainCertificate } from '@kimei/protocol'
import type { BasicConstraints, ExtKeyUsage } from 'pkijs'
import { extensionOf, type ParsedCertificate, signatureOf } from './parsed-certificate.ts'

const oids = { basicConstraints: '2.5.29.19', keyUsage: '2.5.29.15', purposes: '2.5.29.37', nameConstraints: '2.5.29.30' }
/** Read here, elsewhere of these, or without meaning where no policy is asked for (RFC 5280 §4.2.1). */
const understood = new Set([oids.basicConstraints, oids.keyUsage, oids.purposes, '2.5.29.17', '2.5.29.18', '2.5.29.31', '2.5.29.32'])

export async function chainFacts(path: readonly ParsedCertificate[]): Promise<readonly ChainCertificate[]> {
  const pkijs = await import('pkijs')
  return path.map((one) => {
    const { x509, pki } = one
    const mostBelow = mostBelowOf(one)
    const usages = usagesOf(one)
    const purposes = purposesOf(one)
    return {
      notBefore: Math.ceil(x509.validFromDate.getTime() / 1000),
      notAfter: Math.floor(x509.validToDate.getTime() / 1000),
      key: keyStrength(x509),
      digest: signatureOf(pkijs, pki.signatureAlgorithm).digest,
      authority: x509.ca,
      ...(mostBelow !== undefined && { mostBelow }),
      ...(usages && { usages }),
      ...(purposes && { purposes }),
      strange: strangeOf(one),
    }
  })
}

/** Kind and bits; of a kind that OpenSSL does not know, none. */
export function keyStrength(certificate: X509Certificate): ChainCertificate['key'] {
  try {
    const { asymmetricKeyType: kind = 'unknown', asymmetricKeyDetails: details } = certificate.publicKey
    const curve = /\d{3}/.exec(details?.namedCurve ?? '')?.[0]
    const own: Readonly<Record<string, number>> = { ed25519: 256, ed448: 448 }
    return { kind, bits: details?.modulusLength ?? (curve === undefined ? (own[kind] ?? 0) : Number(curve)) }
  } catch {
    return { kind: 'unknown', bits: 0 }
  }
}

function mostBelowOf(one: ParsedCertificate): number | undefined {
  const said = (extensionOf(one, oids.basicConstraints)?.parsedValue as BasicConstraints | undefined)?.pathLenConstraint
  return said === undefined || typeof said === 'number' ? said : Number(said.valueBlock.valueDec)
}

const bits = [
  'digitalSignature',
  'nonRepudiation',
  'keyEncipherment',
  'dataEncipherment',
  'keyAgreement',
  'keyCertSign',
  'cRLSign',
] as const

/** RFC 5280 §4.2.1.3: the first bit is the highest. */
export function usagesOf(one: ParsedCertificate): readonly string[] | undefined {
  const said = extensionOf(one, oids.keyUsage)?.parsedValue as { valueBlock?: { valueHexView?: Uint8Array } } | undefined
  if (said === undefined) return undefined
  const first = said.valueBlock?.valueHexView?.[0] ?? 0
  return bits.filter((_name, at) => (first & (0x80 >> at)) !== 0)
}

export function purposesOf(one: ParsedCertificate): readonly string[] | undefined {
  const said = extensionOf(one, oids.purposes)?.parsedValue as ExtKeyUsage | undefined
  return said?.keyPurposes
}

/** Limits of names are not weighed here: whoever has them is refused rather than taken without them. So is what stands twice, or cannot be read. */
function strangeOf(one: ParsedCertificate): readonly string[] {
  const all = one.pki.extensions ?? []
  const twice = all.map(({ extnID }) => extnID).filter((oid, at, list) => list.indexOf(oid) !== at)
  const read = [oids.basicConstraints, oids.keyUsage, oids.purposes]
  return all.flatMap(({ extnID, critical, parsedValue }) => {
    const unread = read.includes(extnID) && (parsedValue === undefined || 'parsingError' in parsedValue)
    const isStrange = extnID === oids.nameConstraints || (critical && !understood.has(extnID))
    return unread || isStrange || twice.includes(extnID) ? [extnID] : []
  })
}
