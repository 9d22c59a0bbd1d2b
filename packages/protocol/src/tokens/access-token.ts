// JWT access tokens (RFC 9068): built by the issuer, checked by the guard.
import type { Confirmation, Issuer, Seconds } from '../ids.ts'
import type { Awaitable, JsonObject, SignatureAlg, Signer, VerifyKey } from '../jose/index.ts'
import type { Broken, Law } from '../rule.ts'

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

/** Which key a token's header asks for. `kid` is a name to look up among keys already trusted, nothing else. */
export interface KeyQuestion {
  readonly kid: string | undefined
  readonly alg: SignatureAlg
}

export interface TokenExpectation {
  readonly issuer: Issuer
  readonly keyFor: (question: KeyQuestion) => Awaitable<VerifyKey | undefined>
  readonly now: Seconds
  readonly leewaySeconds: number
  readonly algorithms: readonly SignatureAlg[]
  /** Remembers what was verified, by the token's hash, until `exp`. One per issuer and guard. */
  readonly memory?: AccessTokenMemory
}

/** Bounded. Holds hashes of tokens, never tokens. */
export interface AccessTokenMemory {
  readonly size: number
}

export function makeAccessTokenMemory(entries = 5000): AccessTokenMemory {
  throw new Error('pending')
}

export async function checkAccessToken(token: string, expect: TokenExpectation, law: Law): Promise<VerifiedAccessToken | Broken> {
  throw new Error('pending')
}

/** RFC 9068 §4: one of the token's audiences is one of ours, byte by byte. */
export function checkAudience(token: VerifiedAccessToken, audiences: readonly string[], law: Law): Broken | undefined {
  throw new Error('pending')
}

export function buildAccessToken(claims: AccessTokenClaims, signer: Signer): Promise<string> {
  throw new Error('pending')
}
