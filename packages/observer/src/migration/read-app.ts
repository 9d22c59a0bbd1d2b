// What an application has: the address that it sends people to, or its own small configuration.
import { known, type OldClient } from './old-setup.ts'
import { firstMember, flag, isRecord, member, type Place, type Said, text, texts } from './place.ts'

/** An authorization request is only read, never sent. `undefined`: the text is no such address. */
export function readAuthorizationRequest(address: string): OldClient | undefined {
  if (!/^https?:\/\//i.test(address) || !URL.canParse(address)) return undefined
  const { searchParams: query } = new URL(address)
  if (!query.has('response_type') && !query.has('client_id')) return undefined
  const said = (name: string): Said<string> | undefined => {
    const value = query.get(name)
    return value === null || value === '' ? undefined : { value, at: `?${name}` }
  }
  const types = said('response_type')
  const usesCode = types === undefined || types.value.split(' ').includes('code')
  const redirect = said('redirect_uri')
  const pushed = query.has('request_uri') || query.has('request')
  return {
    at: '',
    id: said('client_id')?.value ?? '?',
    kind: 'unknown',
    grants: [],
    responseTypes: types ? [types] : [],
    redirects: redirect ? [redirect] : [],
    scopes: said('scope')?.value.split(' ').filter(Boolean) ?? [],
    ...known({
      secret: said('client_secret'),
      responseMode: said('response_mode'),
      pkce: pushed || !usesCode ? undefined : challengeOf(query),
      resource: pushed ? undefined : { value: said('resource')?.value, at: '?resource' },
    }),
  }
}

/** RFC 7636 §4.3: without a method, plain. */
function challengeOf(query: URLSearchParams): Said<'S256' | 'plain' | 'none'> {
  if (!query.get('code_challenge')) return { value: 'none', at: '?code_challenge' }
  return { value: query.get('code_challenge_method') === 'S256' ? 'S256' : 'plain', at: '?code_challenge_method' }
}

const clientNames = ['client_id', 'clientId', 'clientID']
const appNames = [
  'authority',
  'issuer',
  'domain',
  'authorizationEndpoint',
  'authorization_endpoint',
  'authorizationUrl',
  'redirect_uri',
  'redirectUri',
  'response_type',
  'responseType',
  'tokenUrl',
]

export function isApp(place: Place): boolean {
  return isRecord(place.value) && text(firstMember(place, clientNames)) !== undefined && firstMember(place, appNames).value !== undefined
}

/** Names as the widespread client libraries have them, in both spellings. */
export function readApp(place: Place): OldClient {
  const first = (...names: readonly string[]): Place => firstMember(place, names)
  const types = text(first('response_type', 'responseType'))
  const secret = text(first('client_secret', 'clientSecret'))
  const scope = first('scope', 'scopes')
  const parameters = first('authorizationParams', 'extraQueryParams')
  const resource = text(first('resource', 'audience')) ?? text(member(parameters, 'resource')) ?? text(member(parameters, 'audience'))
  const browser =
    first('silent_redirect_uri', 'silentRedirectUri', 'userStore', 'cacheLocation', 'automaticSilentRenew').value !== undefined
  return {
    at: place.at,
    id: text(firstMember(place, clientNames))?.value ?? '?',
    kind: browser ? 'public' : secret ? 'confidential' : 'unknown',
    grants: texts(first('grant_types', 'grantTypes', 'grant_type', 'grantType', 'flow')),
    responseTypes: types ? [types] : [],
    redirects: [...texts(first('redirect_uri', 'redirectUri', 'redirectURI')), ...texts(first('redirect_uris', 'redirectUris'))],
    scopes: texts(scope).flatMap(({ value }) => value.split(' ').filter(Boolean)),
    ...known({
      app: browser ? ('spa' as const) : undefined,
      secret,
      responseMode: text(first('response_mode', 'responseMode')),
      pkce: pkceOf(place),
      bound: flag(first('dpop', 'useDpop', 'dpop_bound_access_tokens')),
      assertionAudience: text(first('client_assertion_audience', 'clientAssertionAudience', 'assertionAudience')),
      authMethod: text(first('token_endpoint_auth_method', 'tokenEndpointAuthMethod', 'client_authentication')),
      resource: { value: resource?.value, at: first('resource').at },
    }),
  }
}

function pkceOf(place: Place): Said<'S256' | 'plain' | 'none'> | undefined {
  const disabled = flag(firstMember(place, ['disablePKCE', 'disablePkce', 'disable_pkce']))
  if (disabled?.value) return { value: 'none', at: disabled.at }
  const used = flag(firstMember(place, ['pkce', 'usePKCE', 'usePkce', 'use_pkce']))
  if (used && !used.value) return { value: 'none', at: used.at }
  const method = text(firstMember(place, ['code_challenge_method', 'codeChallengeMethod', 'pkceMethod']))
  return method && { value: method.value === 'S256' ? 'S256' : 'plain', at: method.at }
}
