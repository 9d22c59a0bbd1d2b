// Reads the access token from raw Authorization lines (RFC 6750 §2.1, RFC 9449 §7.1). Query and body are never looked at.
// Whether the token is any good stands in `judge-request.ts`.
import { type Broken, broke, credentialRules, type Law, must } from '@kimei/protocol'

export type Scheme = 'dpop' | 'bearer'

/** `scheme` is what the peer clearly attempted, if it did: the error goes on that challenge (RFC 9449 §7.2). */
export type PresentedToken =
  | { readonly scheme: Scheme; readonly token: string; readonly broken?: undefined }
  | { readonly scheme: Scheme | undefined; readonly token?: undefined; readonly broken: Broken }

const credential = /^(dpop|bearer)(?: +|$)/i
/** A second credential folded into the line by something that joins repeated headers. */
const folded = /,\s*(?:dpop|bearer|basic)\s|^(?:dpop|bearer)\b.*,/i
/** Tokens are long and have no comma: most lines are not scanned for words. */
const isFolded = (line: string): boolean => line.includes(',') && folded.test(line)
const token68 = /^[A-Za-z0-9\-._~+/]+=*$/
const longest = 8192

const refuse = (scheme: Scheme | undefined, broken: Broken): PresentedToken => ({ scheme, broken })

/** `lines`: the value of every Authorization header line, in order. */
export function readToken(lines: readonly string[], law: Law): PresentedToken {
  const line = lines[0]
  if (line === undefined) return refuse(undefined, broke(credentialRules, 'credentials.are-present'))
  const twice = must(credentialRules, 'credentials.are-sent-once', lines.length === 1 && !isFolded(line), law)
  if (twice) return refuse(undefined, twice)
  const head = credential.exec(line)
  if (!head) return refuse(undefined, broke(credentialRules, 'credentials.are-present'))
  const scheme: Scheme = head[1]!.length === 4 ? 'dpop' : 'bearer'
  // Only a Law that waives the rule above lets a second credential come this far.
  const token = (line.includes(',') ? line.slice(0, line.indexOf(',')) : line).slice(head[0].length).trimEnd()
  const long = must(credentialRules, 'credentials.are-bounded', token.length <= longest, law)
  if (long) return refuse(scheme, long)
  if (!token68.test(token)) return refuse(scheme, broke(credentialRules, 'credentials.are-token68'))
  return { scheme, token }
}
