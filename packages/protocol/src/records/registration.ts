// What is remembered of a client that registered itself (RFC 7591), beside its ClientRecord.
import type { Issuer, Seconds, SecretHash } from '../ids.ts'

export interface RegistrationRecord {
  readonly issuer: Issuer
  readonly clientId: string
  /** Of the registration access token (RFC 7592 §3). */
  readonly tokenHash: SecretHash
  /** What is registered, defaults included, in the words of the wire. */
  readonly metadata: Readonly<Record<string, unknown>>
  /** The initial access token it came with. Absent: none was asked for. */
  readonly initialTokenId?: string
  readonly createdAt: Seconds
  /** Coarse: not every request is written down. */
  readonly lastUsedAt: Seconds
  /** Swept after this, with its client, unless it is used before. */
  readonly keepUntil: Seconds
  readonly version: number
}
