// The kinds of JWT this product speaks, and the `typ` of each (RFC 8725 §3.11, §3.12): no kind passes for another.

export type JwtKind =
  | 'access-token'
  | 'id-token'
  | 'dpop-proof'
  | 'client-assertion'
  | 'grant-assertion'
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
  'grant-assertion': 'authorization-grant+jwt',
  'request-object': 'oauth-authz-req+jwt',
  'logout-token': 'logout+jwt',
  'security-event': 'secevent+jwt',
  introspection: 'token-introspection+jwt',
}

/** RFC 7515 §4.1.9: a media type without its `application/`, in any case of letters. */
function typeName(typ: unknown): string | undefined {
  if (typeof typ !== 'string') return undefined
  const lower = typ.toLowerCase()
  return lower.startsWith('application/') ? lower.slice('application/'.length) : lower
}

/** Whether a header's `typ` names this kind. */
export function isTypOf(kind: JwtKind, typ: unknown): boolean {
  return typeName(typ) === jwtTypes[kind].toLowerCase()
}

/** Whether the header says no kind: no `typ`, or plain `JWT`. ID tokens are sent so, and older assertions. */
export function isUntyped(typ: unknown): boolean {
  return typ === undefined || typeName(typ) === 'jwt'
}
