// From the words of configuration to records: clients, APIs, scopes. Users come with their subject from storage.
import {
  type AccessTokenFormat,
  type BindingPolicy,
  type ClientAuthMethod,
  type ClientRecord,
  type ClientTerms,
  type GrantType,
  type Issuer,
  originsOf,
  type ResourceRecord,
  type ScopeRecord,
} from '@kimei/protocol'
import { builtInScopes } from './built-in-scopes.ts'
import { declareLogout } from './client-logout-schema.ts'
import { declareOutside, declarePrivate } from './client-outside-schema.ts'
import { declareExchange } from './grant-records.ts'
import { declareResponses } from './response-keys.ts'
import type { ApiConfig, ClientConfig, IssuerConfig } from './schema.ts'

/** Without `version`: storage says which it becomes. */
export type ClientDeclaration = Omit<ClientRecord, 'version'>

export function declareClient(issuer: Issuer, client: ClientConfig): ClientDeclaration {
  return {
    issuer,
    clientId: client.clientId,
    kind: client.kind,
    name: client.name,
    redirectUris: client.redirectUris,
    authentication: client.authentication ?? defaultAuthentication(client),
    secretHashes: client.secretHashes,
    jwks: client.jwks?.keys ?? [],
    ...(client.tlsClientAuth && { tlsClientAuth: client.tlsClientAuth }),
    grants: client.grants ?? defaultGrants(client),
    scopes: client.scopes,
    resources: client.apis,
    binding: declareBinding(client.binding),
    idTokenAlg: client.idTokenAlg,
    ...(client.authenticationAlg !== undefined && { authenticationAlg: client.authenticationAlg }),
    ...declareResponses(client),
    ...(client.introspects.length > 0 && { introspects: client.introspects, introspectionAlg: client.introspectionAlg }),
    dangerouslyAcceptTokenEndpointAudience: client.dangerouslyAcceptTokenEndpointAudience,
    ...(client.dangerouslyAllowWithoutPkce && { dangerouslyAllowWithoutPkce: true }),
    origins: originsOf(client.redirectUris),
    ...(client.authorizationDetailsTypes.length > 0 && { authorizationDetailsTypes: client.authorizationDetailsTypes }),
    ...(client.requirePushedAuthorizationRequests && { requirePushedAuthorizationRequests: true }),
    ...(client.requireSignedRequestObject && { requireSignedRequestObject: true }),
    ...(client.requestObjectSigningAlg && { requestObjectSigningAlg: client.requestObjectSigningAlg }),
    ...(client.requestObjects && { requestObjects: client.requestObjects }),
    ...(client.requestUris.length > 0 && { requestUris: client.requestUris }),
    ...declareLogout(client),
    ...declareOutside(client),
    ...declareExchange(client),
    disabled: client.disabled,
  }
}

function defaultAuthentication(client: ClientConfig): ClientAuthMethod {
  if (client.kind !== 'server') return 'none'
  return client.secretHashes.length > 0 && !client.jwks && !client.jwksUri ? 'client_secret_basic' : 'private_key_jwt'
}

function defaultGrants(client: ClientConfig): readonly GrantType[] {
  // The server of an API only asks about the tickets of others, unless it says that it wants its own.
  if (client.introspects.length > 0 && client.apis.length === 0 && client.redirectUris.length === 0) return []
  const forPeople = client.kind !== 'server' || client.redirectUris.length > 0
  return forPeople ? ['authorization_code', 'refresh_token'] : ['client_credentials']
}

export function declareBinding(binding: ClientConfig['binding']): BindingPolicy {
  if (binding === 'required') return { kind: 'required' }
  if (binding.kind === 'required') return binding.by === 'key' ? { kind: 'required' } : binding
  if (binding.kind !== 'bearer') return binding
  const { kind, reason, until } = binding
  return until === undefined ? { kind, reason } : { kind, reason, until: Math.floor(Date.parse(until) / 1000) }
}

export function formatOf(config: IssuerConfig, api: ApiConfig): AccessTokenFormat {
  return api.accessTokenFormat ?? config.accessTokenFormat
}

/** What the operator gives every client that comes by a document. */
export function documentTerms({ issuer, clientIdMetadataDocuments: given }: IssuerConfig, clientId: string): ClientTerms {
  const privateClaims = declarePrivate(given.pairwiseClaims)
  return {
    issuer,
    clientId,
    source: 'document',
    scopes: given.scopes,
    resources: given.apis,
    binding: declareBinding(given.binding),
    dangerouslyAcceptTokenEndpointAudience: false,
    dangerouslyAllowWithoutPkce: false,
    ...(privateClaims && { privateClaims }),
  }
}

export function declareResource(config: IssuerConfig, api: ApiConfig): ResourceRecord {
  return {
    issuer: config.issuer,
    resource: api.identifier,
    name: api.name,
    scopes: api.scopes,
    accessTokenLifetimeSeconds: api.accessTokenLifetimeSeconds ?? config.lifetimes.accessTokenSeconds,
    ...(formatOf(config, api) === 'opaque' && { accessTokenFormat: 'opaque' }),
  }
}

/** The declared scopes, and the built-in ones that were not replaced. */
export function declareScopes(config: IssuerConfig): readonly ScopeRecord[] {
  const own = new Set(config.scopes.map((scope) => scope.scope))
  const all = [...builtInScopes.filter((scope) => !own.has(scope.scope)), ...config.scopes]
  return all.map(({ scope, description, claims }) => ({ issuer: config.issuer, scope, description, claims }))
}
