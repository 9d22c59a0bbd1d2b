// A client certificate as evidence, and its thumbprint (RFC 8705 §3.1). Chain validation is not done for binding (§6.2).
import type { Thumbprint } from '../ids.ts'
import { type Awaitable, b64u, sha256Bytes } from '../jose/index.ts'

declare const presented: unique symbol

/** The certificate whose private key the TLS layer saw used in this connection. */
export interface PresentedCertificate {
  readonly [presented]: true
  /** base64url SHA-256 of the DER of the whole certificate. */
  readonly x5t: Thumbprint
}

/** Only for DER that the TLS layer, or a trusted hop, vouches for. */
export function presentCertificate(der: Uint8Array): Awaitable<PresentedCertificate> {
  const hash = sha256Bytes(der)
  return hash instanceof Uint8Array ? evidence(hash) : hash.then(evidence)
}

function evidence(hash: Uint8Array): PresentedCertificate {
  return { x5t: b64u(hash) } as PresentedCertificate
}
