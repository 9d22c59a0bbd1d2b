// Checks of the grants that are off until configured: what clients are registered for must be served.
import type { GrantType } from '@kimei/protocol'
import { builtInScopes } from './built-in-scopes.ts'
import { isListed } from './outbound-schema.ts'
import type { IssuerConfig } from './schema.ts'

/** Which grants this issuer serves. */
export function servedGrants(config: IssuerConfig): readonly GrantType[] {
  return [
    'authorization_code',
    'refresh_token',
    'client_credentials',
    ...(config.clients.some(({ exchange }) => exchange) ? (['urn:ietf:params:oauth:grant-type:token-exchange'] as const) : []),
    ...(config.assertionIssuers.length > 0 ? (['urn:ietf:params:oauth:grant-type:jwt-bearer'] as const) : []),
    ...(config.deviceAuthorization ? (['urn:ietf:params:oauth:grant-type:device_code'] as const) : []),
  ]
}

export function checkGrants(config: IssuerConfig): readonly string[] {
  return [...checkServed(config), ...checkDevice(config), ...checkExchanges(config), ...checkAssertionIssuers(config)]
}

function checkServed(config: IssuerConfig): readonly string[] {
  const served = servedGrants(config)
  return config.clients.flatMap(({ clientId, grants = [] }) =>
    grants
      .filter((grant) => !served.includes(grant))
      .map((grant) => `client "${clientId}" is registered for ${grant}, which is not configured: ${howTo[grant] ?? ''}`),
  )
}

const howTo: Readonly<Partial<Record<GrantType, string>>> = {
  'urn:ietf:params:oauth:grant-type:device_code': 'add deviceAuthorization, with the risk assessment it asks for',
  'urn:ietf:params:oauth:grant-type:token-exchange': 'say under exchange which tickets it may trade for which',
  'urn:ietf:params:oauth:grant-type:jwt-bearer': 'add assertionIssuers',
}

function checkDevice({ deviceAuthorization, scopes }: IssuerConfig): readonly string[] {
  const known = new Set([...scopes, ...builtInScopes].map((scope) => scope.scope))
  return (deviceAuthorization?.scopes ?? [])
    .filter((scope) => !known.has(scope))
    .map((scope) => `deviceAuthorization.scopes has "${scope}", which is not declared`)
}

function checkExchanges({ clients, apis }: IssuerConfig): readonly string[] {
  const known = new Set(apis.map((api) => api.identifier))
  return clients.flatMap(({ clientId, exchange }) =>
    [...(exchange?.from ?? []), ...(exchange?.to ?? [])]
      .filter((api) => !known.has(api))
      .map((api) => `client "${clientId}" exchanges tickets of API "${api}", which is not declared`),
  )
}

function checkAssertionIssuers({ assertionIssuers, apis, scopes, clients, issuer, outbound }: IssuerConfig): readonly string[] {
  const known = {
    apis: new Set(apis.map((api) => api.identifier)),
    scopes: new Set(scopes.map((scope) => scope.scope)),
    clients: new Set(clients.map((client) => client.clientId)),
  }
  return assertionIssuers.flatMap((one, at) => {
    const where = `assertion issuer "${one.issuer}"`
    const said: (readonly [wrong: boolean, says: string])[] = [
      [one.issuer === issuer, 'is this issuer itself'],
      [assertionIssuers.findIndex((other) => other.issuer === one.issuer) !== at, 'is declared twice'],
      [(one.jwks === undefined) === (one.jwksUri === undefined), 'needs its keys one way: jwks or jwksUri'],
      [
        isPlainHttp(one.jwksUri) && !isListed(outbound, one.jwksUri ?? ''),
        'has a plain http jwksUri whose origin is not listed in outbound.allow',
      ],
      ...one.apis.filter((api) => !known.apis.has(api)).map((api) => [true, `speaks for API "${api}", which is not declared`] as const),
      ...one.scopes
        .filter((scope) => !known.scopes.has(scope))
        .map((scope) => [true, `speaks for scope "${scope}", which is not declared`] as const),
      ...(one.clients ?? [])
        .filter((id) => !known.clients.has(id))
        .map((id) => [true, `names client "${id}", which is not declared`] as const),
      ...(one.jwks?.keys ?? [])
        .filter((key) => 'd' in key || 'k' in key)
        .map(() => [true, 'has a private or symmetric key among its keys'] as const),
    ]
    return said.filter(([wrong]) => wrong).map(([, says]) => `${where} ${says}`)
  })
}

function isPlainHttp(uri: string | undefined): boolean {
  return uri?.startsWith('http:') ?? false
}
