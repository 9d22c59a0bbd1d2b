// The evidence that something may be issued, and to whom. Only the decide functions of this folder mint it.
import type { Seconds } from '../ids.ts'
import type { JsonObject } from '../jose/index.ts'
import type { Authentication, AuthorizationDetail, ClaimAsks, GrantType } from '../records.ts'

declare const matched: unique symbol

export interface MatchedGrant {
  readonly [matched]: true
  readonly grantType: GrantType
  /** Claims granted by name for the ID token. Absent: none. */
  readonly namedClaims?: ClaimAsks | undefined
  /** The person, or the client's own id for client credentials (RFC 9068 §2.2). */
  readonly subject: string
  readonly scopes: readonly string[]
  /** Exactly the `aud` of the access token. */
  readonly audience: readonly string[]
  /** Of the access token, fit for its audience (RFC 9396 §7). Absent: none. */
  readonly details?: readonly AuthorizationDetail[]
  /** Present where a person granted it. */
  readonly person: PersonGrant | undefined
  /** No token of this grant outlives it; absent: as long as its APIs allow. */
  readonly notAfter?: Seconds
  /** Who acts for the subject (RFC 8693 §4.1). */
  readonly act?: JsonObject
}

export interface PersonGrant {
  readonly grantId: string
  readonly authTime: Seconds
  /** Of the sign-in, unchanged in everything that descends from it (RFC 9470 §6). */
  readonly authentication?: Authentication
  readonly sessionId: string | null
  /** Copied into the ID token; `null` where there is none to copy. */
  readonly nonce: string | null
}

/** For the decide functions of this folder alone. */
export function mintGrant(grant: Omit<MatchedGrant, typeof matched>): MatchedGrant {
  return grant as MatchedGrant
}
