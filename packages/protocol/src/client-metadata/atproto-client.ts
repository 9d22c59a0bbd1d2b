// What the atproto OAuth profile demands of a client's own document, beyond what every document must say; and its client for development,
// which has no document at all.
import { isJsonObject, strictJson } from '../jose/index.ts'
import { type Broken, judge, type Law, rulesFor } from '../rule.ts'
import type { ClientDraft, ClientTerms } from './client-of-metadata.ts'
import { redirectUriKind } from './redirect-uri.ts'

const unseen = 'demanded under the profile atproto, of a document that the issuer fetches from the client'

export interface AtprotoClientFacts {
  readonly clientId: string
  readonly bound: unknown
  readonly scope: unknown
  readonly grants: unknown
  readonly responses: unknown
  readonly redirectUris: readonly string[]
}

const lists = (value: unknown, name: string): boolean => Array.isArray(value) && value.includes(name)

export const atprotoClientRules = rulesFor<AtprotoClientFacts>()('client', {
  'atproto-client.id-has-no-port': {
    cite: 'atproto-OAuth§Clients',
    level: 'MUST',
    says: 'under atproto a client id names no port',
    rows: ['ATP-CLIENT-01'],
    unseen,
    holds: ({ clientId }) => !/^https:\/\/[^/]*:/.test(clientId),
  },
  'atproto-client.binds-its-tokens': {
    cite: 'atproto-OAuth§Clients',
    level: 'MUST',
    says: 'under atproto the document says dpop_bound_access_tokens: true',
    rows: ['ATP-CLIENT-01', 'ATP-DPOP-01'],
    unseen,
    holds: ({ bound }) => bound === true,
  },
  'atproto-client.names-its-flow': {
    cite: 'atproto-OAuth§Clients',
    level: 'MUST',
    says: 'under atproto the document names the grant authorization_code and the response type code',
    rows: ['ATP-CLIENT-01'],
    unseen,
    holds: ({ grants, responses }) => lists(grants, 'authorization_code') && lists(responses, 'code'),
  },
  'atproto-client.asks-for-atproto': {
    cite: 'atproto-OAuth§Clients',
    level: 'MUST',
    says: 'under atproto the document names the scope atproto',
    rows: ['ATP-CLIENT-01', 'ATP-TOK-01'],
    unseen,
    holds: ({ scope }) => typeof scope === 'string' && scope.split(' ').includes('atproto'),
  },
  'atproto-client.returns-to-itself': {
    cite: 'atproto-OAuth§Request-Fields',
    level: 'MUST',
    says: 'under atproto a client is answered at its own origin, at loopback, or under a scheme that is its host in reverse',
    rows: ['ATP-CLIENT-02'],
    unseen,
    holds: ({ clientId, redirectUris }) => redirectUris.every((uri) => isItsOwn(uri, new URL(clientId))),
  },
})

function isItsOwn(uri: string, { origin, hostname }: URL): boolean {
  const kind = redirectUriKind(uri)
  if (kind === 'loopback') return true
  if (kind === 'https') return URL.canParse(uri) && new URL(uri).origin === origin
  return kind === 'private-use' && uri.startsWith(`${hostname.split('.').reverse().join('.')}:/`)
}

export function checkAtprotoClient(text: string, draft: ClientDraft, law: Law): Broken | undefined {
  const read = strictJson(text)
  const document = isJsonObject(read) ? read : {}
  return judge(
    atprotoClientRules,
    {
      clientId: draft.clientId,
      bound: document['dpop_bound_access_tokens'],
      scope: document['scope'],
      grants: document['grant_types'],
      responses: document['response_types'],
      redirectUris: draft.redirectUris,
    },
    law,
  )
}

/** `http://localhost`, with neither port nor path, and a query of `redirect_uri` and `scope` alone. */
export function atprotoDevelopmentClient(terms: ClientTerms): ClientDraft | undefined {
  const query = /^http:\/\/localhost\/?(?:\?([^#]*))?$/.exec(terms.clientId)
  if (!query) return undefined
  const parameters = new URLSearchParams(query[1] ?? '')
  const sent = parameters.getAll('redirect_uri')
  const scope = parameters.get('scope')?.split(' ') ?? ['atproto']
  const numeric = sent.every((uri) => redirectUriKind(uri) === 'loopback' && !uri.startsWith('http://localhost'))
  const known = [...parameters.keys()].every((name) => name === 'redirect_uri' || name === 'scope')
  if (!numeric || !known || parameters.getAll('scope').length > 1 || !scope.includes('atproto')) return undefined
  return {
    issuer: terms.issuer,
    clientId: terms.clientId,
    source: 'document',
    kind: 'mobile',
    name: { ja: '開発中のアプリ', en: 'An app in development' },
    redirectUris: sent.length > 0 ? sent : ['http://127.0.0.1/', 'http://[::1]/'],
    authentication: 'none',
    jwks: [],
    grants: ['authorization_code', 'refresh_token'],
    scopes: terms.scopes.filter((name) => scope.includes(name)),
    resources: terms.resources,
    binding: { kind: 'required' },
    idTokenAlg: 'ES256',
    dangerouslyAcceptTokenEndpointAudience: false,
    origins: [],
    disabled: false,
  }
}
