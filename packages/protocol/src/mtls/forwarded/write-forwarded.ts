// The header values of RFC 9440, for whoever terminates TLS itself: the guard's proxy, a lab, a test.
import { toBase64 } from './encodings.ts'

/** RFC 9440 §2.2. */
export function renderClientCert(der: Uint8Array): string {
  return `:${toBase64(der)}:`
}

/** RFC 9440 §2.3: the further certificates, in the order in which they came. */
export function renderClientCertChain(chain: readonly Uint8Array[]): string {
  return chain.map(renderClientCert).join(', ')
}
