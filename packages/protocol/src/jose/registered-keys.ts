// Which of a client's registered keys may have signed a message, and whether one of them did.
// Keys inside a message are never looked at; where the registered ones come from is for the caller.
import type { PublicJwk } from '../ids.ts'
import { type ErrorFamily, isBroken, type Law } from '../rule.ts'
import { algorithmRows, isSignatureAlg, type SignatureAlg } from './algorithms.ts'
import type { ParsedJws } from './compact-jws.ts'
import { checkJwk } from './jwk.ts'
import { verify } from './platform.ts'

const mostKeys = 8

/** Duplicate kids happen: what fits by kty, crv, use and alg is tried (FAPI 2.0 SP §5.4.3). Empty: none fits. */
export function fittingKeys(jwks: readonly PublicJwk[], alg: unknown, kid: unknown): readonly PublicJwk[] {
  if (!isSignatureAlg(alg)) return []
  const row = algorithmRows[alg]
  const fits = jwks.filter(
    (jwk) =>
      jwk.kty === row.kty &&
      (row.crv === undefined || jwk.crv === row.crv) &&
      (jwk.use === undefined || jwk.use === 'sig') &&
      (jwk.alg === undefined || jwk.alg === alg || (row.kty === 'OKP' && (jwk.alg === 'EdDSA' || jwk.alg === 'Ed25519'))),
  )
  // A key registered without kid may still be meant by a kid the client made up.
  return fits.filter((jwk) => kid === undefined || jwk.kid === undefined || jwk.kid === kid).slice(0, mostKeys)
}

/** Whether one of these keys made the signature. A key that breaks a rule of its own made none. */
export async function isSignedByOneOf(
  keys: readonly PublicJwk[],
  alg: SignatureAlg,
  jws: ParsedJws,
  { family, law }: { readonly family: ErrorFamily; readonly law: Law },
): Promise<boolean> {
  for (const jwk of keys) {
    const checked = await checkJwk(jwk, alg, family, law)
    if (!isBroken(checked) && (await verify(alg, checked.key, jws.signingInput, jws.signature))) return true
  }
  return false
}
