// The ID token that comes beside the code through the browser (OpenID Connect Core §3.3.2.11). No access token is with it.
import type { Issuer, Seconds } from '../ids.ts'
import type { Authentication } from '../records.ts'
import { type IdTokenClaims, tokenHash } from '../tokens/index.ts'

export interface FrontIdToken {
  readonly issuer: Issuer
  readonly clientId: string
  /** As in the ID token that the token endpoint will give for this code (OIDC Core §3.3.3.6). */
  readonly subject: string
  readonly authTime: Seconds
  readonly authentication: Authentication
  readonly sid: string
  readonly nonce: string | null
  readonly now: Seconds
  readonly idTokenSeconds: number
  readonly code: string
  readonly state: string | null
  /** That it will be signed with. */
  readonly alg: 'RS256' | 'ES256'
}

/**
 * Who signed in and when, and nothing else about the person: OIDC Core §3.3.3.6 leaves that to the token endpoint's.
 * `c_hash` ties it to the code, `s_hash` to the request; `at_hash` belongs there, too.
 */
export async function issueFrontIdToken(order: FrontIdToken): Promise<IdTokenClaims> {
  const { issuer, clientId, subject, authTime, authentication, sid, nonce, now, idTokenSeconds, code, state, alg } = order
  return {
    iss: issuer,
    sub: subject,
    aud: clientId,
    iat: now,
    exp: now + idTokenSeconds,
    auth_time: authTime,
    ...authentication,
    ...(nonce !== null && { nonce }),
    c_hash: await tokenHash(code, alg),
    ...(state !== null && { s_hash: await tokenHash(state, alg) }),
    sid,
  }
}
