// What metadata says of mutual TLS (RFC 8705 §3.3, §5): derived from the endpoints that are served, at the origin for certificates.

/** Endpoints that clients call themselves. A browser is never sent to one: the authorization endpoint has no alias. */
const aliased = [
  'token_endpoint',
  'revocation_endpoint',
  'introspection_endpoint',
  'pushed_authorization_request_endpoint',
  'device_authorization_endpoint',
  'userinfo_endpoint',
  'registration_endpoint',
] as const

/** `url` stands for the issuer at the other origin. Without it nothing is said: the default of the flag is false. */
export function mtlsMembers(
  issuer: string,
  url: string | undefined,
  served: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  if (url === undefined) return {}
  const endpoints = aliased.flatMap((member) => {
    const endpoint = served[member]
    return typeof endpoint === 'string' && endpoint.startsWith(`${issuer}/`) ? [[member, url + endpoint.slice(issuer.length)]] : []
  })
  return { mtls_endpoint_aliases: Object.fromEntries(endpoints), tls_client_certificate_bound_access_tokens: true }
}
