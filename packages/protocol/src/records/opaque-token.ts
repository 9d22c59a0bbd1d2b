// Access tokens that say nothing by themselves: what each stands for is remembered. The token appears only as its hash.
import type { Issuer, Seconds, SecretHash } from '../ids.ts'

/** Revoked through the access token record of the same `jti`, alone or with its grant. */
export interface OpaqueTokenRecord {
  readonly issuer: Issuer
  readonly tokenHash: SecretHash
  /** What a JWT access token in its place would say (RFC 9068 §2.2), `cnf` included. */
  readonly claims: Readonly<Record<string, unknown>>
  readonly expiresAt: Seconds
}
