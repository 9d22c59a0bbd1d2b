// Checks of the grants that are off until configured: what clients are registered for must be served.
import type { GrantType } from '@kimei/protocol'
import { builtInScopes } from './built-in-scopes.ts'
import type { IssuerConfig } from './schema.ts'

/** Which grants this issuer serves. */
export function servedGrants(config: IssuerConfig): readonly GrantType[] {
  return [
    'authorization_code',
    'refresh_token',
    'client_credentials',
    ...(config.deviceAuthorization ? (['urn:ietf:params:oauth:grant-type:device_code'] as const) : []),
  ]
}

export function checkGrants(config: IssuerConfig): readonly string[] {
  return [...checkServed(config), ...checkDevice(config)]
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
}

function checkDevice({ deviceAuthorization, scopes }: IssuerConfig): readonly string[] {
  const known = new Set([...scopes, ...builtInScopes].map((scope) => scope.scope))
  return (deviceAuthorization?.scopes ?? [])
    .filter((scope) => !known.has(scope))
    .map((scope) => `deviceAuthorization.scopes has "${scope}", which is not declared`)
}
