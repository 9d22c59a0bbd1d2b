// Says which of the known kinds a text is, and reads it. What cannot be read is said in one sentence.
import { Misuse } from '@kimei/protocol'
import type { OldClient, OldSetup } from './old-setup.ts'
import { has, isRecord, items, member, type Place } from './place.ts'
import { isApp, readApp, readAuthorizationRequest } from './read-app.ts'
import { isAuth0, readAuth0Client } from './read-auth0.ts'
import { readKeycloakClients, readKeycloakRealm } from './read-keycloak.ts'
import { isHydra, readHydraClient, readOidcProvider, readRegisteredClient } from './read-registered.ts'
import { readResourceMetadata, readServerMetadata } from './read-server.ts'

/** Realms with thousands of clients fit; nothing honest is larger. */
export const largestOldSetup = 20 * 1024 * 1024
const deepest = 64

/** @throws Misuse where the text is none of the kinds, or cannot be read. */
export function readOldSetup(source: string): OldSetup {
  const text = source.replace(/^\uFEFF/, '').trim()
  if (text === '') throw new Misuse(['it is empty'])
  if (text.length > largestOldSetup) throw new Misuse([`it is larger than ${largestOldSetup / 1024 / 1024} MiB`])
  const request = readAuthorizationRequest(text)
  if (request) return { kind: 'authorization-request', clients: [request] }
  const setup = recognize({ value: parse(text), at: '' })
  if (!setup) throw new Misuse([`it is none of the kinds that are read: ${kindsInWords}`])
  return setup
}

const kindsInWords =
  'server metadata, resource metadata, a Keycloak realm or its clients, an oidc-provider configuration, clients of Auth0, Hydra or RFC 7591, an authorization URL, the settings of an app'

function parse(text: string): unknown {
  if (isDeep(text)) throw new Misuse([`it is nested deeper than ${deepest} levels`])
  try {
    return JSON.parse(text)
  } catch (error) {
    const end = /Unexpected end|Unterminated/.test((error as Error).message)
    // The library's own words quote the text, which may hold secrets.
    const at = /at position (\d+)/.exec((error as Error).message)?.[1]
    throw new Misuse([end ? 'it is cut off: the JSON does not end' : `it is no JSON${at ? ` (character ${at})` : ''}`])
  }
}

/** Counts brackets outside of strings, before anything is built. */
function isDeep(text: string): boolean {
  let depth = 0
  let quoted = false
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index]
    if (quoted) {
      if (character === '\\') index += 1
      else if (character === '"') quoted = false
    } else if (character === '"') quoted = true
    else if (character === '{' || character === '[') depth += 1
    else if (character === '}' || character === ']') depth -= 1
    if (depth > deepest) return true
  }
  return false
}

function recognize(top: Place): OldSetup | undefined {
  if (Array.isArray(top.value)) return recognizeClients(items(top))
  if (!isRecord(top.value)) return undefined
  if (has(top, 'realm') && has(top, 'clients', 'accessTokenLifespan', 'revokeRefreshToken')) {
    return { kind: 'keycloak-realm', ...readKeycloakRealm(top) }
  }
  if (has(top, 'issuer') && has(top, 'authorization_endpoint', 'token_endpoint')) {
    return { kind: 'server-metadata', server: readServerMetadata(top), clients: [] }
  }
  if (has(top, 'resource') && has(top, 'authorization_servers', 'bearer_methods_supported')) {
    return { kind: 'resource-metadata', server: readResourceMetadata(top), clients: [] }
  }
  const inside = items(member(top, 'clients'))
  if (inside.length > 0 && !has(top, 'features', 'ttl', 'pkce', 'responseTypes')) {
    const kind = recognizeClients(inside)
    if (kind && kind.kind !== 'registered-clients') return kind
  }
  if (
    has(top, 'features', 'ttl', 'responseTypes', 'acceptQueryParamAccessTokens', 'clientDefaults', 'rotateRefreshToken') ||
    inside.length > 0
  ) {
    return { kind: 'oidc-provider', ...readOidcProvider(top) }
  }
  return recognizeClients([top])
}

type ClientKind = readonly [kind: OldSetup['kind'], is: (place: Place) => boolean, read: (places: readonly Place[]) => readonly OldClient[]]

const clientKinds: readonly ClientKind[] = [
  ['keycloak-clients', (one) => has(one, 'clientId') && has(one, ...keycloakOnly), readKeycloakClients],
  ['auth0-clients', (one) => has(one, 'client_id', 'name') && isAuth0(one), (places) => places.map(readAuth0Client)],
  ['hydra-clients', (one) => has(one, 'client_id') && isRegistered(one) && isHydra(one), (places) => places.map(readHydraClient)],
  ['registered-clients', isRegistered, (places) => places.map((one) => readRegisteredClient(one))],
  ['app', isApp, (places) => places.map(readApp)],
]

const keycloakOnly = [
  'publicClient',
  'standardFlowEnabled',
  'implicitFlowEnabled',
  'directAccessGrantsEnabled',
  'bearerOnly',
  'redirectUris',
]

function isRegistered(place: Place): boolean {
  return has(place, 'redirect_uris', 'grant_types', 'token_endpoint_auth_method', 'client_id_issued_at')
}

/** A list is of the first kind that one of its members is of. */
function recognizeClients(places: readonly Place[]): OldSetup | undefined {
  for (const [kind, is, read] of clientKinds) {
    if (places.some((one) => isRecord(one.value) && is(one))) return { kind, clients: read(places.filter((one) => isRecord(one.value))) }
  }
  return undefined
}
