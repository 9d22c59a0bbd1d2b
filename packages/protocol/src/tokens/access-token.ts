// JWT access tokens (RFC 9068): built by the issuer, checked by the guard.
import type { Confirmation, Issuer, Seconds } from '../ids.ts'
import { type JsonObject, jwtTypes, type Signer, signJwt } from '../jose/index.ts'
import { type Broken, isBroken, judge, type Law } from '../rule.ts'
import { readConfirmation } from '../sender-constraint/index.ts'
import { checkSignature, type SignatureExpectation } from './signed-token.ts'
import { accessTokenRules, audienceRules } from './token-rules.ts'
import { toldTokenRules } from './told-token-rules.ts'

declare const verified: unique symbol

export interface AccessTokenClaims {
  readonly iss: Issuer
  readonly exp: Seconds
  readonly aud: string | readonly string[]
  readonly sub: string
  readonly client_id: string
  readonly iat: Seconds
  readonly jti: string
  readonly scope?: string
  readonly cnf?: Confirmation
  readonly auth_time?: Seconds
  readonly acr?: string
  readonly amr?: readonly string[]
  readonly nbf?: Seconds
  readonly [more: string]: unknown
}

/** A token whose signature, issuer, type and times were judged. Its audience is judged by `checkAudience`. */
export interface VerifiedAccessToken {
  readonly [verified]: true
  readonly issuer: Issuer
  readonly subject: string
  readonly clientId: string
  readonly jti: string
  readonly audience: readonly string[]
  readonly scopes: readonly string[]
  readonly issuedAt: Seconds
  readonly expiresAt: Seconds
  /** What it is bound to; `undefined`: a bearer token. */
  readonly confirmation: Confirmation | undefined
  readonly claims: JsonObject
}

export interface TokenExpectation extends SignatureExpectation {
  readonly issuer: Issuer
  readonly now: Seconds
  /** For clocks that differ: at most a few minutes (RFC 9068 §4). */
  readonly leewaySeconds: number
}

/** Everything about the token alone. Whom it is for is {@link checkAudience}, who presents it `checkBinding`. */
export async function checkAccessToken(token: string, expect: TokenExpectation, law: Law): Promise<VerifiedAccessToken | Broken> {
  const signed = await checkSignature(token, expect, 'access-token', law)
  if (isBroken(signed)) return signed
  const { issuer, now, leewaySeconds } = expect
  const broken = judge(accessTokenRules, { typ: signed.header['typ'], claims: signed.claims, issuer, now, leewaySeconds }, law)
  if (broken !== undefined) return broken
  const confirmation = readConfirmation(signed.claims['cnf'], law)
  return isBroken(confirmation) ? confirmation : evidence(signed.claims, issuer, confirmation)
}

/**
 * The same for a token whose issuer told what it stands for (RFC 7662 §2.2): `told` is the whole answer, or what the issuer
 * itself remembers of an opaque token with `active: true`.
 */
export function checkToldToken(
  told: JsonObject,
  expect: Omit<TokenExpectation, keyof SignatureExpectation>,
  law: Law,
): VerifiedAccessToken | Broken {
  const { issuer, now, leewaySeconds } = expect
  const untold = judge(toldTokenRules, { told }, law)
  if (untold !== undefined) return untold
  const broken = judge(accessTokenRules, { typ: undefined, claims: told, issuer, now, leewaySeconds, told: true }, law)
  if (broken !== undefined) return broken
  const confirmation = readConfirmation(told['cnf'], law)
  // A token that is nobody's is its client's own (RFC 9068 §2.2).
  return isBroken(confirmation) ? confirmation : evidence({ ...told, sub: told['sub'] ?? told['client_id'] }, issuer, confirmation)
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '')
const seconds = (value: unknown): Seconds => (typeof value === 'number' ? value : 0)

/** Empty where a Law waived the claim. */
function evidence(claims: JsonObject, issuer: Issuer, confirmation: Confirmation | undefined): VerifiedAccessToken {
  const token: Omit<VerifiedAccessToken, symbol> = {
    issuer,
    subject: text(claims['sub']),
    clientId: text(claims['client_id']),
    jti: text(claims['jti']),
    audience: audienceOf(claims['aud']),
    scopes: text(claims['scope'])
      .split(' ')
      .filter((scope) => scope !== ''),
    issuedAt: seconds(claims['iat']),
    expiresAt: seconds(claims['exp']),
    confirmation,
    claims,
  }
  return token as VerifiedAccessToken
}

/** RFC 7519 §4.1.3: one text, or several. */
function audienceOf(aud: unknown): readonly string[] {
  if (typeof aud === 'string') return [aud]
  return Array.isArray(aud) ? aud.filter((one) => typeof one === 'string') : []
}

/** RFC 9068 §4: one of the token's audiences is one of ours, byte by byte. */
export function checkAudience(token: VerifiedAccessToken, audiences: readonly string[], law: Law): Broken | undefined {
  return judge(audienceRules, { audience: token.audience, ours: audiences }, law)
}

/** RFC 9068 §2. */
export function buildAccessToken(claims: AccessTokenClaims, signer: Signer): Promise<string> {
  return signJwt({ typ: jwtTypes['access-token'] }, claims, signer)
}
