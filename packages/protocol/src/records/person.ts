// People and their sign-ins.
import type { Issuer, Seconds, SecretHash } from '../ids.ts'

export interface UserRecord {
  readonly issuer: Issuer
  /** `sub`: never reassigned, at most 255 ASCII characters. */
  readonly subject: string
  readonly username: string
  /** PHC string, argon2id. */
  readonly passwordHash: string
  /** Secret of the second factor (RFC 6238), base32, sealed under the server's key. Absent: there is none. */
  readonly sealedTotpSecret?: string
  readonly claims: Readonly<Record<string, unknown>>
  readonly disabled: boolean
  readonly version: number
}

/** How strongly a person signed in (OIDC Core §2); unchanged as long as tokens descend from it (RFC 9470 §6). */
export interface Authentication {
  readonly acr?: string
  readonly amr: readonly string[]
}

/** One sign-in of one browser. */
export interface SessionRecord {
  readonly issuer: Issuer
  readonly sessionHash: SecretHash
  /** Public id of the sign-in (`sid`). */
  readonly sessionId: string
  readonly subject: string
  readonly authTime: Seconds
  readonly amr: readonly string[]
  /** When each method that came after the first was used. */
  readonly methodTimes?: Readonly<Record<string, Seconds>>
  readonly createdAt: Seconds
  readonly expiresAt: Seconds
  readonly endedAt: Seconds | null
  readonly version: number
}
