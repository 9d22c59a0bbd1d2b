// Old setup in, findings out. Pure. A file that is silent is not accused of what it does not say.
import type { Finding, FindingId } from './finding.ts'
import type { OldClient, OldServer, OldSetup } from './old-setup.ts'
import type { Said } from './place.ts'
import { judgeRedirects } from './redirects.ts'

/** Kimei's own bound (`dangerouslyAllowLongAccessTokens` lifts it). */
const longestAccessSeconds = 600

export function judgeSetup(setup: OldSetup): readonly Finding[] {
  const ofServer = setup.server ? judgeServer(setup.server) : []
  return [...ofServer, ...setup.clients.flatMap((client) => judgeClient(client).map((finding) => ({ ...finding, client: client.id })))]
}

const here = (id: FindingId, said: Said<unknown> | undefined, seen = shown(said?.value)): readonly Finding[] =>
  said ? [{ id, at: said.at, ...(seen !== undefined && { seen }) }] : []

function shown(value: unknown): string | undefined {
  if (typeof value === 'string') return value.slice(0, 120)
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined
}

const when = (condition: boolean | undefined, findings: readonly Finding[]): readonly Finding[] => (condition === true ? findings : [])

function judgeServer(server: OldServer): readonly Finding[] {
  const { challengeMethods, bindsTokens, namesItself } = server
  return [
    ...server.grants.flatMap(judgeGrant),
    ...server.responseTypes.flatMap(judgeResponseType),
    ...when(challengeMethods && !challengeMethods.value.includes('S256'), here('pkce-is-used', challengeMethods)),
    ...when(challengeMethods?.value.includes('plain'), here('pkce-is-s256', challengeMethods, 'plain')),
    ...server.idTokenAlgs.filter(({ value }) => value === 'none').flatMap((alg) => here('signatures-are-real', alg)),
    ...when(namesItself?.value === false, here('issuer-is-named', namesItself)),
    ...when(bindsTokens?.value === false, here('tokens-can-be-named', bindsTokens)),
    ...here('token-not-in-query', server.queryTokens),
    ...judgeLifetime(server.accessSeconds),
  ]
}

function judgeGrant(grant: Said<string>): readonly Finding[] {
  if (grant.value === 'implicit') return here('implicit-is-gone', grant)
  return when(grant.value === 'password', here('password-is-gone', grant))
}

function judgeResponseType(type: Said<string>): readonly Finding[] {
  const parts = type.value.split(' ')
  if (parts.includes('token')) return here(parts.includes('code') ? 'hybrid-carries-no-tokens' : 'implicit-is-gone', type)
  return when(parts.includes('id_token') && !parts.includes('code'), here('response-types-are-served', type))
}

function judgeLifetime(lifetime: Said<number> | undefined): readonly Finding[] {
  return when(lifetime && lifetime.value > longestAccessSeconds, here('access-tokens-are-short', lifetime, `${lifetime?.value} s`))
}

export function judgeClient(client: OldClient): readonly Finding[] {
  if (client.kind === 'bearer-only') return [{ id: 'bearer-only-is-an-api', at: client.at }]
  return [
    ...client.grants.flatMap(judgeGrant),
    ...client.responseTypes.flatMap(judgeResponseType),
    ...when(client.pkce?.value === 'none', here('pkce-is-used', client.pkce)),
    ...when(client.pkce?.value === 'plain', here('pkce-is-s256', client.pkce)),
    ...judgeRedirects(client.redirects),
    ...judgeRefresh(client),
    ...judgeSecret(client),
    ...when(client.bound?.value === false, here('tokens-can-be-named', client.bound)),
    ...judgeLifetime(client.accessSeconds),
    ...when(client.responseMode && isOther(client.responseMode.value), here('response-mode-is-query', client.responseMode)),
    ...when(client.resource && client.resource.value === undefined, here('resource-is-named', client.resource)),
    ...when(client.idTokenAlg?.value === 'none', here('signatures-are-real', client.idTokenAlg)),
    ...when(isTokenEndpoint(client.assertionAudience?.value), here('assertion-is-for-the-issuer', client.assertionAudience)),
  ]
}

/** Signed responses (JARM) travel by query as well. */
function isOther(mode: string): boolean {
  return !['query', 'query.jwt', 'jwt'].includes(mode)
}

function isTokenEndpoint(audience: string | undefined): boolean {
  return audience !== undefined && URL.canParse(audience) && /\/(token|oauth2?\/(v\d\/)?token)\/?$/i.test(new URL(audience).pathname)
}

function judgeRefresh(client: OldClient): readonly Finding[] {
  const refresh = client.grants.find(({ value }) => value === 'refresh_token')
  if (!refresh) return []
  const open = client.kind === 'public' && client.bound?.value !== true
  return [
    ...when(open && client.rotates?.value === false, here('refresh-is-constrained', client.rotates)),
    ...when(open && client.rotates === undefined, here('refresh-constraint-is-known', refresh)),
    ...when(client.ends?.value === false, here('refresh-ends', client.ends)),
  ]
}

const secretMethods = ['client_secret_basic', 'client_secret_post', 'client_secret_jwt']

/** What is seen never says the secret itself. */
function judgeSecret(client: OldClient): readonly Finding[] {
  const { secret, authMethod } = client
  if (secret?.at.startsWith('?')) return here('token-not-in-query', secret, 'client_secret')
  const bySecret = authMethod !== undefined && secretMethods.includes(authMethod.value)
  if (client.app !== undefined) return when(secret !== undefined || bySecret, here('app-holds-no-secret', secret ?? authMethod, ''))
  return when(bySecret, here('secret-becomes-a-key', authMethod))
}
