// Metadata of authorization servers (RFC 8414, OpenID Discovery) and of protected resources (RFC 9728).
import { known, type OldServer } from './old-setup.ts'
import { flag, member, type Place, text, texts } from './place.ts'

export function readServerMetadata(top: Place): OldServer {
  const grants = member(top, 'grant_types_supported')
  const binds = [
    flag(member(top, 'tls_client_certificate_bound_access_tokens'))?.value,
    member(top, 'dpop_signing_alg_values_supported').value,
  ]
  const methods = member(top, 'code_challenge_methods_supported')
  const named = member(top, 'authorization_response_iss_parameter_supported')
  // RFC 8414 §2: where nothing is said, the code and the implicit grant.
  const implied = grants.value === undefined ? [{ value: 'implicit', at: grants.at }] : []
  const asksPeople = text(member(top, 'authorization_endpoint')) !== undefined
  return {
    at: top.at,
    grants: [...texts(grants), ...(asksPeople ? implied : [])],
    responseTypes: texts(member(top, 'response_types_supported')),
    authMethods: texts(member(top, 'token_endpoint_auth_methods_supported')),
    idTokenAlgs: texts(member(top, 'id_token_signing_alg_values_supported')),
    bindsTokens: { value: binds.some((one) => one !== undefined && one !== false), at: 'dpop_signing_alg_values_supported' },
    ...(asksPeople && {
      challengeMethods: { value: texts(methods).map(({ value }) => value), at: methods.at },
      namesItself: { value: flag(named)?.value === true, at: named.at },
    }),
  }
}

export function readResourceMetadata(top: Place): OldServer {
  const query = texts(member(top, 'bearer_methods_supported')).find(({ value }) => value === 'query')
  const bound = member(top, 'dpop_bound_access_tokens_required')
  return {
    at: top.at,
    grants: [],
    responseTypes: [],
    authMethods: [],
    idTokenAlgs: [],
    ...known({
      queryTokens: query,
      bindsTokens: {
        value: flag(bound)?.value === true || flag(member(top, 'tls_client_certificate_bound_access_tokens'))?.value === true,
        at: bound.at,
      },
    }),
  }
}
