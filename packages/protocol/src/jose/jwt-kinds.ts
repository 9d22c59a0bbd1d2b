// The kinds of JWT this product speaks, and the `typ` of each (RFC 8725 §3.11, §3.12): no kind passes for another.

export type JwtKind =
  | 'access-token'
  | 'id-token'
  | 'dpop-proof'
  | 'client-assertion'
  | 'request-object'
  | 'logout-token'
  | 'security-event'
  | 'introspection'

/** As sent. Compared without case and without `application/` (RFC 7515 §4.1.9). */
export const jwtTypes: Readonly<Record<JwtKind, string>> = {
  'access-token': 'at+jwt',
  'id-token': 'JWT',
  'dpop-proof': 'dpop+jwt',
  'client-assertion': 'client-authentication+jwt',
  'request-object': 'oauth-authz-req+jwt',
  'logout-token': 'logout+jwt',
  'security-event': 'secevent+jwt',
  introspection: 'token-introspection+jwt',
}

/** Whether a header's `typ` names this kind. An absent `typ` names none but an ID token. */
export function isTypOf(kind: JwtKind, typ: unknown): boolean {
  throw new Error('pending')
}

/** Whether a header has no `typ` of a kind of its own: absent or plain `JWT`. Older assertions are sent so. */
export function isUntyped(typ: unknown): boolean {
  throw new Error('pending')
}
