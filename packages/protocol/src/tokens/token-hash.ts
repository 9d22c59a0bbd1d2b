// `at_hash` and `c_hash` (OIDC Core §3.1.3.6): the left half of a hash chosen by the ID token's algorithm.
import { b64u, digest, type HashName } from '../jose/index.ts'
import { shake256 } from './shake256.ts'

/**
 * base64url of the left half of the hash of the ASCII value.
 * @param alg of the ID token's header.
 * @param crv for `EdDSA` alone, which does not say which curve: Ed25519 unless told.
 * @throws TypeError for an algorithm that no specification gives a hash.
 */
export async function tokenHash(value: string, alg: string, crv?: string): Promise<string> {
  if (alg === 'Ed448' || (alg === 'EdDSA' && crv === 'Ed448')) return b64u(shake256(new TextEncoder().encode(value), 114).subarray(0, 57))
  const name = hashOf(alg)
  if (name === undefined) throw new TypeError(`no hash is assigned to ${alg}`)
  const hash = await digest(name, value)
  return b64u(hash.subarray(0, hash.length / 2))
}

/** OIDC Core §3.1.3.6: by the last three digits; Ed25519 hashes with SHA-512 inside. */
function hashOf(alg: string): HashName | undefined {
  if (alg === 'EdDSA' || alg === 'Ed25519') return 'sha512'
  const bits = /^[EPRH]S(256|384|512)$/.exec(alg)?.[1]
  return bits === undefined ? undefined : (`sha${bits}` as HashName)
}
