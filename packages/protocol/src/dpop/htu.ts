// The one spelling of a target URI (RFC 9449 §4.3 item 9, RFC 3986 §6.2.2-6.2.3), shared by holder, issuer and guard.
// Not WHATWG URL parsing, which repairs what must be refused.

/** Scheme, host, port, path. Userinfo has no place; query and fragment were cut off before. */
const absolute = /^(https?):\/\/(\[[0-9a-f:.]+\]|[a-z0-9._~!$&'()*+,;=%-]+)(?::([0-9]*))?(\/[a-z0-9._~!$&'()*+,;=:@/%-]*)?$/i
const escapes = /%([0-9a-f]{2})/gi
const looseEscape = /%(?![0-9a-f]{2})/i
const dotSegment = /(?:^|\/)\.{1,2}(?:\/|$)/

/** Normalized absolute http(s) URI without query and fragment; `undefined` where it is none or carries userinfo. */
export function normalizeHtu(uri: string): string | undefined {
  const end = uri.search(/[?#]/)
  const parts = absolute.exec(end < 0 ? uri : uri.slice(0, end))
  if (parts === null) return undefined
  const scheme = parts[1]!.toLowerCase()
  const host = withFewestEscapes(parts[2]!)?.toLowerCase()
  const path = withFewestEscapes(parts[4] ?? '/')
  if (host === undefined || path === undefined) return undefined
  const port = parts[3] ?? ''
  const isDefault = port === '' || (scheme === 'https' ? port === '443' : port === '80')
  return `${scheme}://${host}${isDefault ? '' : `:${port}`}${withoutDots(path)}`
}

/** Unreserved characters stand for themselves, other escapes in capitals (RFC 3986 §6.2.2.1, §6.2.2.2). */
function withFewestEscapes(text: string): string | undefined {
  if (!text.includes('%')) return text
  if (looseEscape.test(text)) return undefined
  return text.replace(escapes, (triplet, hex: string) => {
    const character = String.fromCharCode(Number.parseInt(hex, 16))
    return /[A-Za-z0-9\-._~]/.test(character) ? character : triplet.toUpperCase()
  })
}

/** RFC 3986 §5.2.4, for a path that begins with a slash. */
function withoutDots(path: string): string {
  if (!dotSegment.test(path)) return path
  const kept: string[] = []
  const segments = path.split('/').slice(1)
  for (const [index, segment] of segments.entries()) {
    const last = index === segments.length - 1
    if (segment === '..') kept.pop()
    if (segment !== '.' && segment !== '..') kept.push(segment)
    else if (last) kept.push('')
  }
  return `/${kept.join('/')}`
}

const loopbackHost = /^http:\/\/(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?\//

/** RFC 9449 §2: https, or plain http that never leaves the machine. For a normalized URI. */
export function isProtectedTransport(htu: string): boolean {
  return htu.startsWith('https://') || loopbackHost.test(htu)
}
