// How a client takes part in signing out, and what people are told of it before they consent.
import type { Text } from '../ids.ts'

/** OpenID Connect RP-Initiated Logout §2, Back-Channel Logout §2.2, Front-Channel Logout §2. */
export interface ClientLogout {
  /** Where a person may be sent after signing out: compared as sent. Absent: nowhere. */
  readonly postLogoutRedirectUris?: readonly string[]
  /** Told from server to server that a sign-in ended. */
  readonly backchannelLogoutUri?: string
  /** It must be told which sign-in, not only whose. */
  readonly backchannelLogoutSessionRequired?: boolean
  /** Loaded in the browser of the person who signed out. */
  readonly frontchannelLogoutUri?: string
  readonly frontchannelLogoutSessionRequired?: boolean
  /** What becomes of offline access when the person signs out. Absent: it goes on. */
  readonly offlineOnLogout?: 'keep' | 'end'
}

/** What the consent page tells of a client beyond its name. */
export interface ClientWords {
  /** Who answers for it: a developer or an organisation. */
  readonly organisation?: Text
  /** What it wants a scope or a claim for. */
  readonly purposes?: Readonly<Record<string, Text>>
  /** Scopes that a person may leave out and still use it. */
  readonly optionalScopes?: readonly string[]
}
