// Clients as RFC 7591 describes them: registrations, Hydra's lists, and the clients of an oidc-provider configuration.
import { known, type OldClient, type OldServer } from './old-setup.ts'
import { flag, has, isRecord, items, member, type Place, type Said, seconds, text, texts } from './place.ts'

/** What holds for all clients of one file. */
export interface Surroundings {
  readonly rotates?: Said<boolean> | undefined
  readonly accessSeconds?: Said<number> | undefined
}

export function readRegisteredClient(place: Place, around: Surroundings = {}): OldClient {
  const method = text(member(place, 'token_endpoint_auth_method'))
  const grants = texts(member(place, 'grant_types'))
  const responseTypes = texts(member(place, 'response_types'))
  const native = text(member(place, 'application_type'))?.value === 'native'
  const kind = method?.value === 'none' ? 'public' : 'confidential'
  const secret = text(member(place, 'client_secret'))
  const app = native ? 'mobile' : kind === 'public' ? 'spa' : undefined
  return {
    at: place.at,
    id: text(member(place, 'client_id'))?.value ?? text(member(place, 'client_name'))?.value ?? place.at,
    kind,
    // RFC 7591 §2: where nothing is said, code alone.
    grants: has(place, 'grant_types') ? grants : [{ value: 'authorization_code', at: member(place, 'grant_types').at }],
    responseTypes,
    redirects: texts(member(place, 'redirect_uris')),
    scopes: text(member(place, 'scope'))?.value.split(' ').filter(Boolean) ?? [],
    ...known({
      app,
      secret,
      name: text(member(place, 'client_name'))?.value,
      authMethod: method,
      idTokenAlg: text(member(place, 'id_token_signed_response_alg')),
      responseMode: text(member(place, 'default_response_mode')),
      bound: flag(member(place, 'dpop_bound_access_tokens')) ?? flag(member(place, 'tls_client_certificate_bound_access_tokens')),
      rotates: around.rotates,
      accessSeconds: seconds(member(place, 'authorization_code_grant_access_token_lifespan')) ?? around.accessSeconds,
    }),
  }
}

const hydraOnly = ['skip_consent', 'skip_logout_consent', 'authorization_code_grant_access_token_lifespan', 'subject_type_supported']

export function isHydra(place: Place): boolean {
  return has(place, ...hydraOnly)
}

/** Hydra always rotates refresh tokens. */
export function readHydraClient(place: Place): OldClient {
  return readRegisteredClient(place, { rotates: { value: true, at: place.at } })
}

/** The JSON part of an oidc-provider configuration. Functions are not in it, and what they decide is not known. */
export function readOidcProvider(top: Place): { readonly server: OldServer; readonly clients: readonly OldClient[] } {
  const features = member(top, 'features')
  const query = flag(member(top, 'acceptQueryParamAccessTokens'))
  const dpop = flag(member(member(features, 'dPoP'), 'enabled'))
  const mtls = member(features, 'mTLS')
  const pkce = member(top, 'pkce')
  const methods = member(pkce, 'methods')
  const off = flag(member(pkce, 'required'))?.value === false
  const around = { rotates: flag(member(top, 'rotateRefreshToken')), accessSeconds: seconds(member(member(top, 'ttl'), 'AccessToken')) }
  const server: OldServer = {
    at: top.at,
    grants: [],
    responseTypes: texts(member(top, 'responseTypes')),
    authMethods: texts(member(top, 'clientAuthMethods')),
    idTokenAlgs: texts(member(member(top, 'enabledJWA'), 'idTokenSigningAlgValues')),
    ...known({
      challengeMethods: off
        ? { value: [], at: member(pkce, 'required').at }
        : isRecord(pkce.value) && Array.isArray(methods.value)
          ? { value: texts(methods).map(({ value }) => value), at: methods.at }
          : undefined,
      queryTokens: query?.value ? { value: 'query', at: query.at } : undefined,
      bindsTokens: dpop && { value: dpop.value || flag(member(mtls, 'certificateBoundAccessTokens'))?.value === true, at: dpop.at },
      accessSeconds: around.accessSeconds,
    }),
  }
  return { server, clients: items(member(top, 'clients')).map((one) => readRegisteredClient(one, { rotates: around.rotates })) }
}
