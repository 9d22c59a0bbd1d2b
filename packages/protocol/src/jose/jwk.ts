// Public JSON Web Keys: what they must be before anything is verified with them, and their thumbprint (RFC 7638).
import type { PublicJwk, Thumbprint } from '../ids.ts'
import type { Broken, ErrorFamily, Law } from '../rule.ts'
import type { SignatureAlg } from './algorithms.ts'
import type { Awaitable, VerifyKey } from './crypto-port.ts'

/** RFC 7638 §3 with SHA-256: required members only, in order, whatever else the key carries. */
export function jwkThumbprint(jwk: PublicJwk): Awaitable<Thumbprint> {
  throw new Error('pending')
}

/** Only the members that make the key: no `d`, no `alg`, `kid`, `use`. */
export function bareJwk(jwk: PublicJwk): PublicJwk {
  throw new Error('pending')
}

/** Checks a key for one algorithm and makes it ready. For registered keys; proofs have their own path. */
export async function checkJwk(
  jwk: unknown,
  alg: SignatureAlg,
  family: ErrorFamily,
  law: Law,
): Promise<{ readonly key: VerifyKey; readonly thumbprint: Thumbprint } | Broken> {
  throw new Error('pending')
}
