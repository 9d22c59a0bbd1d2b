// The algorithms by which a shared secret signs (RFC 7518 §3.2), and how much of a secret each needs (OpenID Connect Core §16.19).
import type { HashName } from '../jose/index.ts'

export type MacAlg = 'HS256' | 'HS384' | 'HS512'

const rows: Readonly<Record<MacAlg, { readonly hash: HashName; readonly octets: number }>> = {
  HS256: { hash: 'sha256', octets: 32 },
  HS384: { hash: 'sha384', octets: 48 },
  HS512: { hash: 'sha512', octets: 64 },
}
export const macAlgorithms = Object.keys(rows) as readonly MacAlg[]

export function isMacAlg(alg: unknown): alg is MacAlg {
  return typeof alg === 'string' && Object.hasOwn(rows, alg)
}

export function macHash(alg: MacAlg): HashName {
  return rows[alg].hash
}

/** Long enough for the MAC, and with as much randomness in it as the MAC can use. */
export function isStrongFor(secret: string, alg: MacAlg): boolean {
  const { octets } = rows[alg]
  return new TextEncoder().encode(secret).length >= octets && randomBits(secret) >= octets * 8
}

/** What a secret drawn from its alphabet would hold; far less where characters repeat more than chance has them do. */
function randomBits(secret: string): number {
  const alphabet = alphabetOf(secret)
  const distinct = new Set(secret).size
  const expected = alphabet * (1 - (1 - 1 / alphabet) ** secret.length)
  return secret.length * Math.log2(distinct < expected * 0.6 ? Math.max(distinct, 1) : alphabet)
}

function alphabetOf(secret: string): number {
  if (/^[0-9]*$/.test(secret)) return 10
  if (/^(?:[0-9a-f]*|[0-9A-F]*)$/.test(secret)) return 16
  if (/^(?:[a-z]*|[A-Z]*)$/.test(secret)) return 26
  return /^[A-Za-z0-9_+/=-]*$/.test(secret) ? 64 : 94
}
