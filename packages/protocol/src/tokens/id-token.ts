// ID tokens (OpenID Connect Core §2, §3.1.3): built by the issuer, checked by clients and as hints.
import type { Issuer, Seconds } from '../ids.ts'
import { isSignatureAlg, type JsonObject, jwtTypes, type Signer, signJwt } from '../jose/index.ts'
import { type Broken, isBroken, judge, type Law } from '../rule.ts'
import { checkSignature, type SignatureExpectation } from './signed-token.ts'
import { tokenHash } from './token-hash.ts'
import { idTokenRules } from './token-rules.ts'

declare const verified: unique symbol

export interface IdTokenClaims {
  readonly iss: Issuer
  readonly sub: string
  readonly aud: string
  readonly exp: Seconds
  readonly iat: Seconds
  readonly auth_time?: Seconds
  readonly nonce?: string
  readonly at_hash?: string
  readonly c_hash?: string
  readonly acr?: string
  readonly amr?: readonly string[]
  readonly sid?: string
  readonly [more: string]: unknown
}

export interface VerifiedIdToken {
  readonly [verified]: true
  readonly issuer: Issuer
  readonly subject: string
  readonly audience: readonly string[]
  readonly authTime: Seconds | undefined
  readonly sessionId: string | undefined
  readonly claims: JsonObject
}

export interface IdTokenExpectation extends SignatureExpectation {
  readonly issuer: Issuer
  /** The client that must be in `aud`. */
  readonly clientId: string
  readonly now: Seconds
  readonly leewaySeconds: number
  /** `login`: everything holds now. `hint`: it may have expired (`id_token_hint`). */
  readonly purpose: 'login' | 'hint'
  /** The request's nonce: then it must be there and equal. */
  readonly nonce?: string
  /** The access token that came beside it: then `at_hash`, where present, must be its hash. */
  readonly accessToken?: string
  /** The request's `max_age`: then `auth_time` must be there and young enough. */
  readonly maxAgeSeconds?: number
}

/** OIDC Core §3.1.3.7. The same for every reason: the sign-in did not happen. */
export async function checkIdToken(token: string, expect: IdTokenExpectation, law: Law): Promise<VerifiedIdToken | Broken> {
  const signed = await checkSignature(token, expect, 'request', law)
  if (isBroken(signed)) return signed
  const { header, claims } = signed
  const { issuer, clientId, now, leewaySeconds, purpose, nonce, accessToken, maxAgeSeconds } = expect
  const alg = header['alg']
  const hash = accessToken !== undefined && isSignatureAlg(alg) ? await tokenHash(accessToken, alg) : undefined
  const facts = { typ: header['typ'], claims, issuer, clientId, now, leewaySeconds, mayHaveExpired: purpose === 'hint' }
  const broken = judge(idTokenRules, { ...facts, nonce, tokenHash: hash, maxAgeSeconds }, law)
  return broken ?? evidence(claims, issuer)
}

function evidence(claims: JsonObject, issuer: Issuer): VerifiedIdToken {
  const { sub, aud, auth_time, sid } = claims
  const token: Omit<VerifiedIdToken, symbol> = {
    issuer,
    subject: typeof sub === 'string' ? sub : '',
    audience: (Array.isArray(aud) ? aud : [aud]).filter((one) => typeof one === 'string'),
    authTime: typeof auth_time === 'number' ? auth_time : undefined,
    sessionId: typeof sid === 'string' ? sid : undefined,
    claims,
  }
  return token as VerifiedIdToken
}

/** OIDC Core §2. */
export function buildIdToken(claims: IdTokenClaims, signer: Signer): Promise<string> {
  return signJwt({ typ: jwtTypes['id-token'] }, claims, signer)
}
