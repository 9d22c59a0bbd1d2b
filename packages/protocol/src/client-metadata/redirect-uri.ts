// Redirect URIs: what may be registered, and when a requested one is a registered one.
// Strings are compared as sent; nothing is normalized (OAuth 2.1 §2.3.1).
import type { ClientKind } from '../records.ts'
import { type RuleId, rulesFor } from '../rule.ts'

const loopback = /^http:\/\/(127\.0\.0\.1|\[::1\]|localhost)(?::(\d{1,5}))?(\/[\x21-\x7E]*)?$/
const responseNames = ['code', 'state', 'iss', 'error', 'error_description', 'error_uri', 'response']

interface LoopbackUri {
  readonly host: string
  readonly rest: string
}

/** `undefined`: not a loopback redirect. The port is left out: it may differ (RFC 8252 §7.3). */
export function readLoopback(uri: string): LoopbackUri | undefined {
  const found = loopback.exec(uri)
  if (!found || (found[2] !== undefined && !(Number(found[2]) >= 1 && Number(found[2]) <= 65_535))) return undefined
  return { host: found[1] as string, rest: found[3] ?? '' }
}

/** Simple string comparison; a loopback URI may differ in its port alone (OAuth 2.1 §2.3.1, §8.4.2). */
export function matchesRegistered(registered: readonly string[], requested: string): boolean {
  if (registered.includes(requested)) return true
  const asked = readLoopback(requested)
  if (!asked) return false
  return registered.some((uri) => {
    const known = readLoopback(uri)
    return known !== undefined && known.host === asked.host && known.rest === asked.rest
  })
}

export type RedirectUriKind = 'https' | 'loopback' | 'private-use'

/** By scheme only; the rules below say what each may look like. */
export function redirectUriKind(uri: string): RedirectUriKind | undefined {
  if (uri.startsWith('https://')) return 'https'
  if (readLoopback(uri)) return 'loopback'
  // RFC 8252 §7.1: a reversed domain name under the owner's control.
  return /^[a-z][a-z0-9+-]*(\.[a-z0-9+-]+)+:\/(?!\/)[\x21-\x7E]*$/.test(uri) ? 'private-use' : undefined
}

export interface RedirectUriFacts {
  readonly uri: string
  readonly client: ClientKind
}

const declared = 'judged when a client is declared, before the issuer serves anything'

/** What a client may register. */
export const redirectUriRules = rulesFor<RedirectUriFacts>()('redirect-uri', {
  'redirect-uri.is-printable': {
    cite: 'OAuth2.1§2.3',
    level: 'MUST',
    says: 'a redirect URI is printable ASCII without spaces, quotes and backslashes, at most 2000 characters',
    rows: ['O21-2.3-01'],
    unseen: declared,
    holds: ({ uri }) => uri.length <= 2000 && /^[\x21\x23-\x5B\x5D-\x7E]+$/.test(uri),
  },
  'redirect-uri.has-no-fragment': {
    cite: 'OAuth2.1§2.3',
    level: 'MUST',
    says: 'a redirect URI has no fragment',
    rows: ['O21-2.3-01'],
    unseen: declared,
    holds: ({ uri }) => !uri.includes('#'),
  },
  'redirect-uri.has-no-wildcard': {
    cite: 'RFC9700§4.1.3',
    level: 'MUST',
    says: 'a redirect URI is one URI, not a pattern',
    rows: ['ASVS-10.4.1'],
    unseen: declared,
    holds: ({ uri }) => !uri.includes('*'),
  },
  'redirect-uri.scheme-is-safe': {
    cite: 'OAuth2.1§1.5',
    level: 'MUST',
    says: 'a redirect URI is https, http on a loopback host, or a private-use scheme in reverse-domain form with one slash',
    rows: ['O21-1.5-01', 'O21-2.3.1-02', 'FAPI2-5.3.2.2-02'],
    unseen: declared,
    holds: ({ uri }) => redirectUriKind(uri) !== undefined,
  },
  'redirect-uri.private-scheme-is-of-an-app': {
    cite: 'RFC8252§7.1',
    level: 'MUST',
    says: 'only a mobile or desktop app has a private-use scheme',
    unseen: declared,
    holds: ({ uri, client }) => redirectUriKind(uri) !== 'private-use' || client === 'mobile',
  },
  'redirect-uri.host-is-plain': {
    cite: 'OAuth2.1§2.3',
    level: 'MUST',
    says: 'an https redirect URI names a host and carries no user information; it is a URL that every browser reads',
    rows: ['O21-2.3-01'],
    unseen: declared,
    holds: ({ uri }) =>
      redirectUriKind(uri) === undefined ||
      (URL.canParse(uri) && (redirectUriKind(uri) !== 'https' || /^https:\/\/[A-Za-z0-9.[\]:-]+(?=[/?]|$)/.test(uri))),
  },
  'redirect-uri.query-leaves-room': {
    cite: 'OAuth2.1§4.1.2',
    level: 'PRODUCT',
    says: 'the query of a redirect URI uses no name of the response: code, state, iss, error',
    unseen: declared,
    holds: ({ uri }) => !queryNames(uri).some((name) => responseNames.includes(name)),
  },
})

function queryNames(uri: string): readonly string[] {
  const at = uri.indexOf('?')
  return at < 0
    ? []
    : uri
        .slice(at + 1)
        .split('&')
        .map((pair) => pair.split('=', 1)[0] as string)
}

export type RedirectUriRuleId = keyof typeof redirectUriRules.rules & RuleId
