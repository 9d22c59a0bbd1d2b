// ID tokens (OpenID Connect Core §2, §3.1.3): built by the issuer, checked by clients and as hints.
import type { Issuer, Seconds } from '../ids.ts'
import type { Awaitable, JsonObject, SignatureAlg, Signer, VerifyKey } from '../jose/index.ts'
import type { Broken, Law } from '../rule.ts'
import type { KeyQuestion } from './access-token.ts'

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

export interface IdTokenExpectation {
  readonly issuer: Issuer
  /** The client that must be in `aud`. */
  readonly clientId: string
  readonly keyFor: (question: KeyQuestion) => Awaitable<VerifyKey | undefined>
  readonly now: Seconds
  readonly leewaySeconds: number
  readonly algorithms: readonly SignatureAlg[]
  /** `login`: everything holds now. `hint`: it may have expired (`id_token_hint`). */
  readonly purpose: 'login' | 'hint'
  /** The request's nonce: then it must be there and equal. */
  readonly nonce?: string
  /** The access token that came beside it: then `at_hash`, where present, must be its hash. */
  readonly accessToken?: string
  /** The request's `max_age`: then `auth_time` must be there and young enough. */
  readonly maxAgeSeconds?: number
}

export async function checkIdToken(token: string, expect: IdTokenExpectation, law: Law): Promise<VerifiedIdToken | Broken> {
  throw new Error('pending')
}

export function buildIdToken(claims: IdTokenClaims, signer: Signer): Promise<string> {
  throw new Error('pending')
}
