// A client certificate as evidence, and its thumbprint (RFC 8705 §3.1). Chain validation is not done for binding (§6.2).
import type { Thumbprint } from '../ids.ts'
import type { Awaitable } from '../jose/index.ts'

declare const presented: unique symbol

/** The certificate whose private key the TLS layer saw used in this connection. */
export interface PresentedCertificate {
  readonly [presented]: true
  /** base64url SHA-256 of the DER of the whole certificate. */
  readonly x5t: Thumbprint
}

/** Only for DER that the TLS layer, or a trusted hop, vouches for. */
export function presentCertificate(der: Uint8Array): Awaitable<PresentedCertificate> {
  throw new Error('pending')
}
