// A client certificate as evidence, and its thumbprint (RFC 8705 §3.1). Chain validation is not done for binding (§6.2).
import type { Thumbprint } from '../ids.ts'
import { type Awaitable, b64u, sha256Bytes } from '../jose/index.ts'

declare const presented: unique symbol

/** The certificate whose private key the TLS layer saw used in this connection. */
export interface PresentedCertificate {
  readonly [presented]: true
  /** base64url SHA-256 of the DER of the whole certificate. */
  readonly x5t: Thumbprint
  /** DER of the certificate. Absent where a trusted hop tells its digest alone: enough for binding, not for authentication. */
  readonly der?: Uint8Array
  /** DER of the further certificates that came with it: anybody's word, until a chain is checked. */
  readonly chain: readonly Uint8Array[]
}

/** Only for DER that the TLS layer, or a trusted hop, vouches for. */
export function presentCertificate(der: Uint8Array, chain: readonly Uint8Array[] = []): Awaitable<PresentedCertificate> {
  const hash = sha256Bytes(der)
  const evidence = (digest: Uint8Array) => ({ x5t: b64u(digest), der, chain }) as unknown as PresentedCertificate
  return hash instanceof Uint8Array ? evidence(hash) : hash.then(evidence)
}

/** Only for a digest that a trusted hop vouches for, where it forwards nothing else. */
export function presentThumbprint(x5t: Thumbprint): PresentedCertificate {
  return { x5t, chain: [] as readonly Uint8Array[] } as unknown as PresentedCertificate
}
