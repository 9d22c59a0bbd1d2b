// Devices that wait for a person to allow them elsewhere (RFC 8628).
import type { Issuer, Seconds, SecretHash, Thumbprint } from '../ids.ts'

/** One device authorization request, from its codes to its collection. Both codes appear only as hashes. */
export interface DeviceCodeRecord {
  readonly issuer: Issuer
  readonly deviceHash: SecretHash
  /** Keyed, because a user code is short enough to be tried out. */
  readonly userHash: SecretHash
  readonly clientId: string
  readonly scopes: readonly string[]
  readonly resources: readonly string[]
  /** The key proven with the request: the tokens are collected with it. */
  readonly dpopJkt: Thumbprint | null
  /** The certificate shown with the request of a public client whose tokens are bound to one: the tokens are collected with it. Absent: none. */
  readonly x5t?: Thumbprint
  /** Address the device asked from, for the person to compare. */
  readonly requestedFrom: string | null
  readonly createdAt: Seconds
  readonly expiresAt: Seconds
  /** Least time between two polls; grows with each that comes too early. */
  readonly intervalSeconds: number
  readonly lastPolledAt: Seconds | null
  readonly decision: 'allowed' | 'denied' | null
  /** What the person allowed. */
  readonly grantId: string | null
  readonly collectedAt: Seconds | null
}
