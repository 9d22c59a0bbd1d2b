// The endpoints that an issuer publishes and that probes ask beside the token endpoint.

export function endpointFacts(members: Readonly<Record<string, unknown>>): Readonly<Record<string, string | undefined>> {
  const read = (name: string) => (typeof members[name] === 'string' ? members[name] : undefined)
  return {
    revocationEndpoint: read('revocation_endpoint'),
    introspectionEndpoint: read('introspection_endpoint'),
    userinfoEndpoint: read('userinfo_endpoint'),
    registrationEndpoint: read('registration_endpoint'),
    authorizationEndpoint: read('authorization_endpoint'),
    endSessionEndpoint: read('end_session_endpoint'),
  }
}
