// What is loose about a redirect URI, as it was registered or sent.
import type { Finding, FindingId } from './finding.ts'
import type { Said } from './place.ts'

/** The first three end the judgement: what is no URI needs no more words. */
export function judgeRedirects(redirects: readonly Said<string>[]): readonly Finding[] {
  return redirects.flatMap(({ value, at }) => {
    const id = looseness(value)
    return id ? [{ id, at, seen: value.slice(0, 120) }] : []
  })
}

function looseness(uri: string): FindingId | undefined {
  if (isPattern(uri)) return 'redirect-is-exact'
  if (uri.includes('#')) return 'redirect-has-no-fragment'
  if (/^urn:ietf:wg:oauth:2\.0:oob/i.test(uri)) return 'redirect-is-exact'
  const scheme = uri.slice(0, uri.indexOf(':')).toLowerCase()
  if (scheme === 'https') return undefined
  if (scheme !== 'http') return scheme.includes('.') ? undefined : 'redirect-scheme-is-owned'
  const host = new URL(uri).hostname
  if (host === 'localhost') return 'redirect-uses-loopback-address'
  return host === '127.0.0.1' || host === '[::1]' ? undefined : 'redirect-is-https'
}

/** Wildcards, regular expressions, templates, and addresses that are not whole. */
function isPattern(uri: string): boolean {
  if (/[*^$|\\{}]|\.\+|\(\?/.test(uri)) return true
  return !/^[a-z][a-z0-9+.-]*:/i.test(uri) || !URL.canParse(uri)
}
