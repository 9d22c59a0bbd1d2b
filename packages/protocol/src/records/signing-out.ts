// What outlives a sign-in: notices to clients that it ended, and which app read what of a person.
import type { Issuer, Seconds } from '../ids.ts'

/** A client that has yet to be told that a sign-in ended (OpenID Connect Back-Channel Logout §2.5). The token is made when it is sent. */
export interface LogoutNoticeRecord {
  readonly issuer: Issuer
  readonly noticeId: string
  readonly clientId: string
  readonly subject: string
  /** Of the sign-in; `null`: all of the person. */
  readonly sessionId: string | null
  readonly createdAt: Seconds
  /** Nobody tries before. Moved on before each try, so that two processes do not try at once. */
  readonly dueAt: Seconds
  readonly attempts: number
  /** From then on nobody tries any more. */
  readonly giveUpAt: Seconds
  readonly version: number
}

/** That one app read these claims of one person within one hour. */
export interface ClaimReadRecord {
  readonly issuer: Issuer
  readonly subject: string
  readonly clientId: string
  /** Beginning of the hour. */
  readonly hour: Seconds
  /** Names only, sorted. */
  readonly claims: readonly string[]
  readonly keepUntil: Seconds
}
