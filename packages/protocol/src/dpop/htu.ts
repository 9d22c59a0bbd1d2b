// The one spelling of a target URI (RFC 9449 §4.3 item 9, RFC 3986 §6.2.2-6.2.3), shared by holder, issuer and guard.
// Not WHATWG URL parsing, which repairs what must be refused.

/** Normalized absolute http(s) URI without query and fragment; `undefined` where it is none or carries userinfo. */
export function normalizeHtu(uri: string): string | undefined {
  throw new Error('pending')
}
