// Authorization requests that wait: for a browser, or for a person.
import type { Issuer, Seconds, SecretHash } from '../ids.ts'

/** An authorization request waiting for its user. Bound to one browser by `browserHash`. */
export interface InteractionRecord {
  readonly issuer: Issuer
  readonly interactionHash: SecretHash
  readonly browserHash: SecretHash
  /** The checked request, as the authorization endpoint accepted it. */
  readonly request: Readonly<Record<string, unknown>>
  readonly subject: string | null
  readonly authTime: Seconds | null
  readonly createdAt: Seconds
  readonly expiresAt: Seconds
  readonly version: number
}

/** An authorization request that its client pushed, before any person has seen it (RFC 9126). */
export interface PushedRequestRecord {
  readonly issuer: Issuer
  readonly requestHash: SecretHash
  readonly clientId: string
  /** The accepted parameters as a form, without credentials; `dpop_jkt` also where a proof took its place. */
  readonly parameters: string
  readonly createdAt: Seconds
  /** From then on nobody can begin with it. */
  readonly expiresAt: Seconds
  /** The last second at which somebody who began in time can complete it. */
  readonly takeUntil: Seconds
}
