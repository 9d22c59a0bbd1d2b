// The evidence that a proof gives. Only `checkProof` mints it.
import type { Seconds, Thumbprint } from '../ids.ts'
import type { SignatureAlg } from '../jose/index.ts'

declare const proven: unique symbol

/** A DPoP proof that passed every check but single use: claim `replayId` last. */
export interface VerifiedProof {
  readonly [proven]: true
  /** RFC 7638 thumbprint of the key that signed. */
  readonly jkt: Thumbprint
  readonly jti: string
  readonly htm: string
  /** Normalized, without query and fragment. */
  readonly htu: string
  /** As claimed, possibly with a fraction; 0 only where a Law waived its presence. */
  readonly iat: number
  readonly alg: SignatureAlg
  readonly nonce: string | undefined
  readonly ath: string | undefined
  /** Hash of owner, key, target and jti: claim it in space `proof`. */
  readonly replayId: string
  /** The last second at which this proof would still be accepted. */
  readonly replayUntil: Seconds
}
