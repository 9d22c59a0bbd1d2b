// Certificates that a client registers with its keys (RFC 8705 §2.2.2, RFC 7517 §4.7).
import type { PublicJwk } from '../ids.ts'
import { b64u } from '../jose/index.ts'

/** `x5c` is base64, not base64url, the certificate of the key first. `undefined`: none that could be one. */
export function certificateOf({ x5c }: PublicJwk): string | undefined {
  const first: unknown = Array.isArray(x5c) ? x5c[0] : undefined
  return typeof first === 'string' && /^[A-Za-z0-9+/]{64,44000}={0,2}$/.test(first) ? first : undefined
}

/** Certificates are registered: the members of the key beside them are not what is compared. */
export function holdsCertificate(jwk: PublicJwk, der: Uint8Array): boolean {
  return certificateOf(jwk)?.replace(/=+$/, '').replaceAll('+', '-').replaceAll('/', '_') === b64u(der)
}
