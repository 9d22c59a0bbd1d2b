// People and their sign-ins.
import type { Issuer, Seconds, SecretHash } from '../ids.ts'

export interface UserRecord {
  readonly issuer: Issuer
  /** `sub`: never reassigned, at most 255 ASCII characters. */
  readonly subject: string
  readonly username: string
  /** PHC string, argon2id. */
  readonly passwordHash: string
  readonly claims: Readonly<Record<string, unknown>>
  readonly disabled: boolean
  readonly version: number
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
  readonly createdAt: Seconds
  readonly expiresAt: Seconds
  readonly endedAt: Seconds | null
  readonly version: number
}
