// Auth0: applications as its management API and its export print them.
import { known, type OldClient } from './old-setup.ts'
import { flag, has, member, type Place, text, texts } from './place.ts'

export function isAuth0(place: Place): boolean {
  return has(place, 'app_type', 'callbacks', 'jwt_configuration', 'oidc_conformant')
}

const apps: Readonly<Record<string, 'spa' | 'mobile'>> = { spa: 'spa', native: 'mobile' }
const passwordRealm = 'http://auth0.com/oauth/grant-type/password-realm'

export function readAuth0Client(place: Place): OldClient {
  const method = text(member(place, 'token_endpoint_auth_method'))
  const type = text(member(place, 'app_type'))?.value ?? ''
  const app = Object.hasOwn(apps, type) ? apps[type] : undefined
  const refresh = member(place, 'refresh_token')
  const rotation = text(member(refresh, 'rotation_type'))
  const expiration = text(member(refresh, 'expiration_type'))
  const isPublic = method?.value === 'none' || (method === undefined && app !== undefined)
  return {
    at: place.at,
    id: text(member(place, 'client_id'))?.value ?? text(member(place, 'name'))?.value ?? place.at,
    kind: isPublic ? 'public' : 'confidential',
    grants: texts(member(place, 'grant_types')).map(({ value, at }) => ({ value: value === passwordRealm ? 'password' : value, at })),
    responseTypes: [],
    redirects: texts(member(place, 'callbacks')),
    scopes: [],
    ...known({
      app,
      name: text(member(place, 'name'))?.value,
      // Auth0 gives every application a secret; one that is told to use it cannot keep it in an app.
      secret: app !== undefined && !isPublic ? method : undefined,
      authMethod: method,
      rotates: rotation && { value: rotation.value === 'rotating', at: rotation.at },
      ends: expiration && { value: expiration.value === 'expiring', at: expiration.at },
      bound: flag(member(place, 'require_proof_of_possession')),
      idTokenAlg: text(member(member(place, 'jwt_configuration'), 'alg')),
    }),
  }
}
