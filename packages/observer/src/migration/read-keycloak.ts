// Keycloak: the export of a realm, and clients exported alone. Clients of other protocols and switched-off ones are left out.
import { known, type OldClient, type OldServer } from './old-setup.ts'
import { flag, items, member, type Place, type Said, seconds, text, texts } from './place.ts'

export function readKeycloakRealm(top: Place): { readonly server: OldServer; readonly clients: readonly OldClient[] } {
  const server: OldServer = {
    at: top.at,
    grants: [],
    responseTypes: [],
    authMethods: [],
    idTokenAlgs: [],
    ...known({ accessSeconds: seconds(member(top, 'accessTokenLifespan')) }),
  }
  return { server, clients: readKeycloakClients(items(member(top, 'clients')), top) }
}

export function readKeycloakClients(places: readonly Place[], realm?: Place): readonly OldClient[] {
  const read = places.filter((place) => {
    const protocol = text(member(place, 'protocol'))?.value ?? 'openid-connect'
    return protocol === 'openid-connect' && flag(member(place, 'enabled'))?.value !== false
  })
  return read.map((place) => readClient(place, realm))
}

function readClient(place: Place, realm: Place | undefined): OldClient {
  const attributes = member(place, 'attributes')
  const bearerOnly = flag(member(place, 'bearerOnly'))?.value === true
  const isPublic = flag(member(place, 'publicClient'))?.value === true
  const method = text(member(place, 'clientAuthenticatorType'))
  const roots = texts(member(place, 'redirectUris'))
  return {
    at: place.at,
    id: text(member(place, 'clientId'))?.value ?? place.at,
    kind: bearerOnly ? 'bearer-only' : isPublic ? 'public' : 'confidential',
    grants: bearerOnly ? [] : grantsOf(place, attributes),
    responseTypes: [],
    redirects: bearerOnly ? [] : roots,
    scopes: [],
    ...known({
      app: isPublic ? appOf(roots) : undefined,
      name: text(member(place, 'name'))?.value,
      secret: isPublic ? text(member(place, 'secret')) : undefined,
      authMethod: isPublic || bearerOnly || !method ? undefined : { value: methods[method.value] ?? method.value, at: method.at },
      pkce: bearerOnly ? undefined : pkceOf(place, attributes),
      rotates: realm && rotationOf(realm),
      ends: realm && endOf(realm),
      bound: flag(member(attributes, 'dpop.bound.access.tokens')) ?? flag(member(attributes, 'tls.client.certificate.bound.access.tokens')),
      accessSeconds: seconds(member(attributes, 'access.token.lifespan')),
      idTokenAlg: text(member(attributes, 'id.token.signed.response.alg')),
    }),
  }
}

const methods: Readonly<Record<string, string>> = {
  'client-secret': 'client_secret_basic',
  'client-secret-jwt': 'client_secret_jwt',
  'client-jwt': 'private_key_jwt',
  'client-x509': 'tls_client_auth',
}

const switches: readonly (readonly [name: string, grant: string])[] = [
  ['standardFlowEnabled', 'authorization_code'],
  ['implicitFlowEnabled', 'implicit'],
  ['directAccessGrantsEnabled', 'password'],
  ['serviceAccountsEnabled', 'client_credentials'],
]

function grantsOf(place: Place, attributes: Place): readonly Said<string>[] {
  const on = switches.flatMap(([name, grant]) => {
    const found = flag(member(place, name))
    return found?.value ? [{ value: grant, at: found.at }] : []
  })
  const device = flag(member(attributes, 'oauth2.device.authorization.grant.enabled'))
  const refresh = member(attributes, 'use.refresh.tokens')
  const refreshes = flag(refresh)?.value !== false && on.some(({ value }) => value === 'authorization_code' || value === 'password')
  return [
    ...on,
    ...(device?.value ? [{ value: 'urn:ietf:params:oauth:grant-type:device_code', at: device.at }] : []),
    ...(refreshes ? [{ value: 'refresh_token', at: refresh.at }] : []),
  ]
}

function pkceOf(place: Place, attributes: Place): Said<'S256' | 'plain' | 'none'> | undefined {
  if (flag(member(place, 'standardFlowEnabled'))?.value === false) return undefined
  const wanted = member(attributes, 'pkce.code.challenge.method')
  const value = wanted.value === 'S256' ? 'S256' : wanted.value === 'plain' ? 'plain' : 'none'
  return { value, at: wanted.at }
}

/** A realm rotates when a used refresh token is revoked and may not be used again. */
function rotationOf(realm: Place): Said<boolean> {
  const revoked = member(realm, 'revokeRefreshToken')
  const reuse = seconds(member(realm, 'refreshTokenMaxReuse'))
  if (flag(revoked)?.value === true && (reuse?.value ?? 0) > 0) return { value: false, at: reuse?.at ?? revoked.at }
  return { value: flag(revoked)?.value === true, at: revoked.at }
}

function endOf(realm: Place): Said<boolean> {
  const limited = member(realm, 'offlineSessionMaxLifespanEnabled')
  return { value: flag(limited)?.value === true, at: limited.at }
}

function appOf(redirects: readonly Said<string>[]): 'spa' | 'mobile' {
  return redirects.some(({ value }) => /^[a-z][a-z0-9+.-]*:/i.test(value) && !/^https?:/i.test(value)) ? 'mobile' : 'spa'
}
