// One certificate in the two forms that are needed of it: OpenSSL's for signatures and keys, pkijs' for extensions. Read once for its bytes.
// The ASN.1 reader is loaded when the first certificate is read.
import { createHash, X509Certificate } from 'node:crypto'
import { boundedMemory } from '@kimei/protocol'
import type { AlgorithmIdentifier, Certificate, Extension } from 'pkijs'

export interface ParsedCertificate {
  readonly x509: X509Certificate
  readonly pki: Certificate
}

type Pki = typeof import('pkijs')

const mostBytes = 32_768
const known = boundedMemory<ParsedCertificate>(500)

/** `undefined`: it cannot be read. */
export async function parseCertificate(der: Uint8Array): Promise<ParsedCertificate | undefined> {
  if (der.length > mostBytes) return undefined
  const name = createHash('sha256').update(der).digest('base64url')
  const before = known.get(name)
  if (before) return before
  try {
    const pkijs = await import('pkijs')
    const parsed = { x509: new X509Certificate(der), pki: pkijs.Certificate.fromBER(Uint8Array.from(der)) }
    known.set(name, parsed)
    return parsed
  } catch {
    return undefined
  }
}

/** The parsed value of an extension; `undefined` where it is absent or cannot be read. RFC 5280 §4.2: each stands once. */
export function extensionOf({ pki }: ParsedCertificate, oid: string): Extension | undefined {
  const all = (pki.extensions ?? []).filter(({ extnID }) => extnID === oid)
  return all.length === 1 ? all[0] : undefined
}

const digests: Readonly<Record<string, string>> = {
  '1.2.840.113549.1.1.4': 'md5',
  '1.2.840.113549.1.1.5': 'sha1',
  '1.2.840.10045.4.1': 'sha1',
  '1.2.840.113549.1.1.11': 'sha256',
  '1.2.840.113549.1.1.12': 'sha384',
  '1.2.840.113549.1.1.13': 'sha512',
  '1.2.840.10045.4.3.2': 'sha256',
  '1.2.840.10045.4.3.3': 'sha384',
  '1.2.840.10045.4.3.4': 'sha512',
  '1.3.101.112': 'none',
  '1.3.101.113': 'none',
}
const hashes: Readonly<Record<string, string>> = {
  '1.3.14.3.2.26': 'sha1',
  '2.16.840.1.101.3.4.2.1': 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
}
const rsaPss = '1.2.840.113549.1.1.10'

/** How something is signed: the digest, and of RSASSA-PSS the length of its salt. `unknown`: in a way that nobody here knows. */
export function signatureOf({ RSASSAPSSParams }: Pki, { algorithmId, algorithmParams }: AlgorithmIdentifier) {
  if (algorithmId !== rsaPss) return { digest: digests[algorithmId] ?? 'unknown' }
  const { hashAlgorithm, saltLength } = new RSASSAPSSParams({ schema: algorithmParams })
  return { digest: hashes[hashAlgorithm.algorithmId] ?? 'unknown', saltLength }
}
