// Clients whose tokens are bound to certificates, as they come to be: declared, registered, under a profile; and what the issuer says of it.
import { Misuse } from '@kimei/protocol'
import { type IssuerConfigInput, parseIssuerConfig } from '@kimei/server'
import { wireJwt, wireKey } from 'testkit'
import { askBound, boundAuthority, boundCertificates, ownToken, startBoundKit } from 'testkit/bound'
import { authorizeUrl, redemption, walkForms } from 'testkit/code'
import { claimsOfJwt, type KitAnswer, kitApi, kitConfig, kitRedirect, noPassword, readResponse, startIssuerKit } from 'testkit/issuer'
import { type MtlsKit, postWithCertificate } from 'testkit/mtls'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const { job, other } = boundCertificates
const key = wireKey()
const bound = (certificate: { x5t: string }) => ({ 'x5t#S256': certificate.x5t })
const cnfOf = ({ json }: KitAnswer) => claimsOfJwt(json['access_token'])['cnf']
const mistakesOf = (input: unknown): readonly string[] => {
  try {
    parseIssuerConfig(input)
    return []
  } catch (error) {
    if (!(error instanceof Misuse)) throw error
    return error.mistakes
  }
}
const sound = () => kitConfig('https://id.example', wireKey('ES256', 'k'), noPassword)
const withBinding = (binding: object, mtls?: object) => {
  const config = sound()
  return { ...config, ...(mtls && { mtls }), clients: config.clients?.map((client, at) => (at === 0 ? { ...client, binding } : client)) }
}

describe('a declaration', () => {
  it.each(['certificate', 'both'])('MTLS-3-01: binding by %s needs an issuer that asks for certificates', (by) => {
    const binding = { kind: 'required', by }
    expect(mistakesOf(withBinding(binding)).join('\n')).toMatch(
      /client "service" has tokens bound to certificates, but mtls is not configured/,
    )
    expect(mistakesOf(withBinding(binding, { url: 'https://mtls.id.example' }))).toEqual([])
  })

  it('MTLS-3-01: so do the terms of registered clients and of those by documents; another means is refused', () => {
    const binding = { kind: 'required', by: 'certificate' }
    const said = mistakesOf({
      ...sound(),
      registration: { mode: 'open', policy: { binding, apis: [kitApi] } },
      clientIdMetadataDocuments: { enabled: true, apis: [kitApi], binding },
    })
    expect(said.map((one) => one.split(' has ')[0])).toEqual(['registration.policy', 'clientIdMetadataDocuments'])
    expect(mistakesOf(withBinding({ kind: 'required', by: 'name' })).length).toBeGreaterThan(0)
    expect(mistakesOf(withBinding({ kind: 'optional', by: 'certificate', reason: 'x' })).length).toBeGreaterThan(0)
  })
})

describe('metadata', () => {
  it('MTLS-3.3-01: an issuer that asks nobody for certificates is silent about them', async () => {
    const kit = await startIssuerKit()
    const metadata = (await (await fetch(`${kit.issuer}/.well-known/oauth-authorization-server`)).json()) as object
    expect(metadata).not.toHaveProperty('tls_client_certificate_bound_access_tokens')
    expect(metadata).not.toHaveProperty('mtls_endpoint_aliases')
    await kit.close()
  })
})

describe('a registration', () => {
  let kit: MtlsKit
  beforeAll(async () => {
    const policy = {
      authentication: ['none' as const, 'self_signed_tls_client_auth' as const],
      grants: ['client_credentials' as const, 'authorization_code' as const, 'refresh_token' as const],
      scopes: ['openid', 'notes:read'],
      apis: [kitApi],
    }
    kit = await startBoundKit({ config: { registration: { mode: 'open', policy } } })
  })
  afterAll(() => kit.close())

  const send = async (url: string, method: string, body: object, headers: Record<string, string> = {}): Promise<KitAnswer> =>
    readResponse(await fetch(url, { method, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) }))
  const jwks = { keys: [{ kty: 'EC', crv: 'P-256', x: 'unused', y: 'unused', x5c: [other.der] }] }
  const wish = { token_endpoint_auth_method: 'self_signed_tls_client_auth', jwks, grant_types: ['client_credentials'], response_types: [] }
  const register = (more: object) => send(`${kit.issuer}/register`, 'POST', { ...wish, ...more })
  const ask = (client: KitAnswer, call: object = {}) =>
    postWithCertificate(kit, '/token', { ...ownToken, client_id: String(client.json['client_id']) }, { certificate: other, ...call })

  it('MTLS-3-01 MTLS-3.4-01: with tls_client_certificate_bound_access_tokens its tokens name the certificate, and it is told so', async () => {
    const client = await register({ tls_client_certificate_bound_access_tokens: true })
    expect(client.json).toMatchObject({ tls_client_certificate_bound_access_tokens: true, dpop_bound_access_tokens: false })
    expect(cnfOf(await ask(client))).toEqual(bound(other))
    const uri = String(client.json['registration_client_uri'])
    const authorization = `Bearer ${client.json['registration_access_token']}`
    const read = await readResponse(await fetch(uri, { headers: { authorization } }))
    expect(read.json).toMatchObject({ tls_client_certificate_bound_access_tokens: true })
    const change = { ...wish, client_id: client.json['client_id'], tls_client_certificate_bound_access_tokens: false }
    const changed = await send(uri, 'PUT', change, { authorization })
    expect(changed.json).toMatchObject({ tls_client_certificate_bound_access_tokens: false, dpop_bound_access_tokens: true })
    expect((await ask(client)).json['error']).toBe('invalid_dpop_proof')
  })

  it('MTLS-3-01 DPOP-5.2-01: with both flags its tokens name both', async () => {
    const client = await register({ tls_client_certificate_bound_access_tokens: true, dpop_bound_access_tokens: true })
    expect(client.json).toMatchObject({ tls_client_certificate_bound_access_tokens: true, dpop_bound_access_tokens: true })
    expect((await ask(client)).json['error']).toBe('invalid_dpop_proof')
  })

  it('MTLS-3.3-01: without the flag nothing is bound to a certificate, and a flag of another type is refused', async () => {
    expect((await register({})).json).toMatchObject({ tls_client_certificate_bound_access_tokens: false, dpop_bound_access_tokens: true })
    const answer = await register({ tls_client_certificate_bound_access_tokens: 'true' })
    expect([answer.status, answer.json['error']]).toEqual([400, 'invalid_client_metadata'])
  })

  it('MTLS-3.3-01: an issuer that takes no certificates refuses it, rather than leave the token without a name', async () => {
    const plain = await startIssuerKit({ config: { registration: { mode: 'open', policy: { apis: [kitApi] } } } })
    const sent = { redirect_uris: [kitRedirect], tls_client_certificate_bound_access_tokens: true }
    const answer = await send(`${plain.issuer}/register`, 'POST', sent)
    expect([answer.status, answer.json['error']]).toEqual([400, 'invalid_client_metadata'])
    expect(plain.audit.at(-1)).toMatchObject({ rule: 'registration.certificate-binding-is-supported' })
    expect((await send(`${plain.issuer}/register`, 'POST', { redirect_uris: [kitRedirect] })).json).not.toHaveProperty(
      'tls_client_certificate_bound_access_tokens',
    )
    await plain.close()
  })
})

describe('the profile fapi2', () => {
  let kit: MtlsKit
  const elsewhere = wireKey('ES256', 'their-key')
  const base = { kind: 'server' as const, redirectUris: [kitRedirect], scopes: ['openid', 'notes:read'], apis: [kitApi] }
  const certified = { authentication: 'tls_client_auth' as const, tlsClientAuth: { subjectDn: 'CN=job' } }
  const vouched = 'urn:ietf:params:oauth:grant-type:jwt-bearer' as const
  beforeAll(async () => {
    kit = await startBoundKit({
      extend: (config: IssuerConfigInput) => ({
        ...config,
        profile: 'fapi2',
        assertionIssuers: [
          {
            issuer: 'https://idp.example',
            jwks: { keys: [{ ...elsewhere.publicJwk, kty: 'EC' as const, kid: 'their-key', alg: 'ES256' }] },
            subjects: 'username',
            scopes: ['notes:read'],
            apis: [kitApi],
            clients: ['bank'],
          },
        ],
        clients: [
          {
            ...base,
            ...certified,
            clientId: 'bank',
            name: 'Bank',
            grants: ['authorization_code', 'refresh_token', 'client_credentials', vouched],
            binding: { kind: 'required', by: 'certificate' },
          },
          { ...base, ...certified, clientId: 'prover', name: 'Prover' },
        ],
      }),
    })
  })
  afterAll(() => kit.close())

  async function codeOf(clientId: string): Promise<Record<string, string>> {
    const open = authorizeUrl(kit, { clientId, redirectUri: kitRedirect, change: { scope: 'openid notes:read' } })
    const pushed = await postWithCertificate(kit, '/par', Object.fromEntries(new URL(open.url).searchParams), { certificate: job })
    const asked = new URLSearchParams({ client_id: clientId, request_uri: String(pushed.json['request_uri']) })
    const { landed } = await walkForms(kit, `${kit.issuer}/authorize?${asked}`)
    return { ...redemption(kit, open, landed.searchParams.get('code') ?? ''), client_id: clientId }
  }

  it('FAPI2-5.3.2.1-01 MTLS-3-01: counts a certificate as a name: no proof is needed beside it', async () => {
    const answer = await postWithCertificate(kit, '/token', await codeOf('bank'), { certificate: job })
    expect([answer.status, answer.json['token_type'], cnfOf(answer)]).toEqual([200, 'Bearer', bound(job)])
  })

  it('FAPI2-5.3.2.1-01: a client that authenticates by certificate and is bound by a key sends proofs to the alias', async () => {
    const form = await codeOf('prover')
    expect((await postWithCertificate(kit, '/token', form, { certificate: job })).json['error']).toBe('invalid_dpop_proof')
    const answer = await askBound(kit, 'job', form, { certificate: job, key })
    expect([answer.status, answer.json['token_type'], cnfOf(answer)]).toEqual([200, 'DPoP', { jkt: key.jkt }])
  })

  it('MTLS-3-01 PKJWT-2.1-01: what somebody vouched for is bound to the certificate of whoever brings it', async () => {
    const now = kit.now()
    const assertion = wireJwt(
      { typ: 'authorization-grant+jwt', alg: 'ES256', kid: 'their-key' },
      { iss: 'https://idp.example', sub: 'hanako', aud: kit.issuer, iat: now, exp: now + 60, jti: 'vouched-1' },
      elsewhere,
    )
    const form = { grant_type: vouched, assertion, scope: 'notes:read', client_id: 'bank' }
    const answer = await postWithCertificate(kit, '/token', form, { certificate: job })
    expect([answer.status, cnfOf(answer)]).toEqual([200, bound(job)])
  })

  it('FAPI2-5.3.2.1-01: a certificate that only authenticates binds nothing: a declaration without a name is refused', () => {
    const client = { ...base, ...certified, clientId: 'bank', name: 'Bank', binding: { kind: 'optional' as const, reason: 'old' } }
    const mtls = { url: 'https://mtls.id.example', trustAnchors: [boundAuthority.cert] }
    for (const loose of [{ revocation: { dangerouslyNeverAsk: true } }, { dangerouslyTrustPublicAuthorities: true }])
      expect(mistakesOf({ ...sound(), profile: 'fapi2', mtls: { ...mtls, ...loose } }).join('\n')).toMatch(
        /mtls has a key that begins with dangerously/,
      )
    expect(mistakesOf({ ...sound(), clients: [client], profile: 'fapi2', mtls }).join('\n')).toMatch(
      /client "bank" must have its tokens bound/,
    )
  })
})
