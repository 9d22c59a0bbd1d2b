// The addresses a client may declare for signing out, and the words it declares for the consent page.
import type { ClientKind, ClientLogout, ClientWords } from '../records.ts'
import { type Broken, rulesFor } from '../rule.ts'
import { redirectUriKind } from './redirect-uri.ts'

export interface LogoutUriFacts extends ClientLogout, ClientWords {
  readonly kind: ClientKind
  readonly redirectUris: readonly string[]
  readonly scopes: readonly string[]
}

const unseen = 'judged when a client is declared, before the issuer serves anything'
const loopbackHost = /^http:\/\/(127\.0\.0\.1|\[::1\]|localhost)(:\d{1,5})?(\/|$)/

/** https, or http on this machine; printable, no fragment, no user information. */
function isServerAddress(uri: string): boolean {
  if (!/^[\x21\x23-\x5B\x5D-\x7E]{1,2000}$/.test(uri) || uri.includes('#') || !URL.canParse(uri)) return false
  const { username, password } = new URL(uri)
  return (uri.startsWith('https://') || loopbackHost.test(uri)) && username === '' && password === ''
}

const originOf = (uri: string): string => (URL.canParse(uri) ? new URL(uri).origin : '')

export const logoutUriRules = rulesFor<LogoutUriFacts>()('client-metadata', {
  'client-metadata.post-logout-uris-are-sound': {
    cite: 'OIDC-RPInitiated§3.1',
    level: 'MUST',
    says: 'a post-logout redirect URI has the form of a redirect URI: https, loopback or a private-use scheme, no fragment',
    rows: ['RPLO-3-01'],
    unseen,
    holds: ({ postLogoutRedirectUris = [] }) =>
      postLogoutRedirectUris.every(
        (uri) => /^[\x21\x23-\x5B\x5D-\x7E]{1,2000}$/.test(uri) && !uri.includes('#') && redirectUriKind(uri) !== undefined,
      ),
    seen: ({ postLogoutRedirectUris }) => ({ expected: 'https, loopback or private-use', received: postLogoutRedirectUris }),
  },
  'client-metadata.backchannel-uri-is-sound': {
    cite: 'OIDC-BackChannel§2.2',
    level: 'MUST',
    says: 'backchannelLogoutUri is an https address without fragment (http on a loopback host only)',
    rows: ['BCLO-2.5-01'],
    unseen,
    holds: ({ backchannelLogoutUri }) => backchannelLogoutUri === undefined || isServerAddress(backchannelLogoutUri),
  },
  'client-metadata.frontchannel-uri-is-of-a-redirect-origin': {
    cite: 'OIDC-FrontChannel§2',
    level: 'MUST',
    says: 'frontchannelLogoutUri has scheme, host and port of one of the redirect URIs, and no fragment',
    unseen,
    holds: ({ frontchannelLogoutUri, redirectUris }) =>
      frontchannelLogoutUri === undefined ||
      (isServerAddress(frontchannelLogoutUri) && redirectUris.some((uri) => originOf(uri) === originOf(frontchannelLogoutUri))),
  },
  'client-metadata.optional-scopes-are-its-own': {
    cite: 'OAuth2.1§7.9',
    level: 'PRODUCT',
    says: 'a scope that may be left out is one of the client, and neither openid nor offline_access',
    rows: ['O21-7.9-01'],
    unseen,
    holds: ({ optionalScopes = [], scopes }) =>
      optionalScopes.every((scope) => !['openid', 'offline_access'].includes(scope) && scopes.includes(scope)),
  },
})

export function checkLogoutUris(facts: LogoutUriFacts): readonly (Broken & { readonly says: string })[] {
  return logoutUriRules.list
    .filter(([, rule]) => !rule.holds(facts))
    .map(([id, rule]) => ({ broken: id, family: logoutUriRules.family, says: rule.says }))
}
