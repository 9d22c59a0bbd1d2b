// Profiles: what each fills in, which configurations contradict it, and what it demands on the wire.
import { Misuse, profileNames } from '@kimei/protocol'
import { type IssuerConfigInput, parseIssuerConfig } from '@kimei/server'
import { wireKey } from 'testkit'
import { authorizeUrl, redemption, startCodeKit, walkForms } from 'testkit/code'
import { asKeyClient, type IssuerKit, kitApi, kitAssertion, kitRedirect, postForm, tokenProof } from 'testkit/issuer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const issuer = 'https://id.example'
const mistakesOf = (input: unknown): readonly string[] => {
  try {
    parseIssuerConfig(input)
    return []
  } catch (error) {
    if (!(error instanceof Misuse)) throw error
    return error.mistakes
  }
}
const apis = [{ identifier: kitApi, name: 'Notes', scopes: ['notes:read'] }]
const scopes = [{ scope: 'notes:read', description: { ja: '読む', en: 'Read' } }]
const jwks = { keys: [{ ...wireKey().publicJwk, kty: 'EC' as const }] }
const web = {
  clientId: 'web',
  kind: 'server',
  name: 'Web',
  jwks,
  redirectUris: [kitRedirect],
  scopes: ['openid', 'notes:read'],
  apis: [kitApi],
}
const spa = { clientId: 'spa', kind: 'spa', name: 'Spa', redirectUris: [kitRedirect], scopes: ['openid'], apis: [kitApi] }
const base = { issuer, apis, scopes, clients: [web] }

describe('a profile and a configuration', () => {
  it('FAPI2-5.3.2.1-01, FAPI2-5.4.1-01: fapi2 fills in what is silent, and what is left stands', () => {
    const config = parseIssuerConfig({ ...base, profile: 'fapi2', lifetimes: { codeSeconds: 30 }, dpop: { algorithms: ['ES256'] } })
    expect(config).toMatchObject({
      requirePushedAuthorizationRequests: true,
      lifetimes: { codeSeconds: 30 },
      dpop: { algorithms: ['ES256'] },
    })
    expect(config.clients[0]).toMatchObject({ idTokenAlg: 'ES256', introspectionAlg: 'ES256', binding: 'required' })
    expect(parseIssuerConfig({ ...base, profile: 'fapi2' }).dpop.algorithms).toEqual(['ES256', 'PS256', 'EdDSA', 'Ed25519'])
  })

  it('FAPI2-5.3.2.1-01, FAPI2-5.3.2.1-03, FAPI2-5.4.1-01: fapi2 names every contradiction at once', () => {
    const mistakes = mistakesOf({
      ...base,
      profile: 'fapi2',
      requirePushedAuthorizationRequests: false,
      lifetimes: { codeSeconds: 61 },
      dpop: { algorithms: ['ES384'] },
      dangerouslyAllowLongAccessTokens: true,
      clients: [
        { ...web, idTokenAlg: 'RS256', introspectionAlg: 'RS256', binding: { kind: 'optional', reason: 'old' } },
        { ...web, clientId: 'aud', dangerouslyAcceptTokenEndpointAudience: true },
        { ...web, clientId: 'secret', jwks: undefined, secretHashes: ['A'.repeat(43)] },
        spa,
      ],
    }).join('\n')
    for (const part of [
      'requirePushedAuthorizationRequests must be true',
      'lifetimes.codeSeconds is 61: at most 60',
      'dpop.algorithms may name PS256, ES256, EdDSA, Ed25519',
      'dangerouslyAllowLongAccessTokens is not allowed',
      'client "web" must have its tokens bound',
      'client "web" must have idTokenAlg ES256',
      'client "web" must have introspectionAlg ES256',
      'client "aud" has dangerouslyAcceptTokenEndpointAudience',
      'client "secret" must authenticate by private_key_jwt or by certificate',
      'client "spa" is of kind spa',
    ]) {
      expect(mistakes, part).toContain(`profile fapi2: ${part}`)
    }
  })

  it('ATP-META-01, ATP-TOK-02, ATP-DPOP-01: atproto fills in nonces and lifetimes, and refuses what is longer or looser', () => {
    const atproto = { ...base, profile: 'atproto', scopes: [...scopes, { scope: 'atproto', description: 'x' }] }
    expect(parseIssuerConfig(atproto)).toMatchObject({
      requirePushedAuthorizationRequests: true,
      dpop: { algorithms: ['ES256'], nonce: { token: 'required', userinfo: 'required' }, nonceLifetimeSeconds: 300 },
      lifetimes: { refreshIdleSeconds: 86_400, refreshAbsoluteSeconds: 604_800 },
    })
    const mistakes = mistakesOf({
      ...atproto,
      clientIdMetadataDocuments: { enabled: false },
      issuer: `${issuer}/path`,
      scopes,
      dpop: { nonce: { token: 'off' }, nonceLifetimeSeconds: 301 },
      lifetimes: { accessTokenSeconds: 1800, refreshAbsoluteSeconds: 15 * 86_400 },
      dangerouslyAllowLongAccessTokens: true,
      clients: [{ ...web, binding: { kind: 'optional', reason: 'old' } }, spa],
    }).join('\n')
    for (const part of [
      'issuer must be an origin',
      'dpop.nonce must be required everywhere',
      'dpop.nonceLifetimeSeconds is 301',
      'access tokens of 1800 s',
      'clientIdMetadataDocuments must be enabled',
      'client "web" must have its tokens bound',
      'client "spa" is public: lifetimes.refreshAbsoluteSeconds',
    ]) {
      expect(mistakes, part).toContain(`profile atproto: ${part}`)
    }
  })

  it('MCP-RT-01: mcp refuses tickets without a name that live longer than 15 minutes', () => {
    expect(mistakesOf({ ...base, profile: 'mcp', lifetimes: { accessTokenSeconds: 901 }, dangerouslyAllowLongAccessTokens: true })).toEqual(
      ['profile mcp: access tokens of 901 s: at most 900'],
    )
  })

  it('an unknown profile, and one of another type, are mistakes like others', () => {
    expect(mistakesOf({ ...base, profile: 'fapi3' }).join()).toContain('profile')
    expect(mistakesOf({ ...base, profile: 7 }).join()).toContain('profile')
    expect(mistakesOf('fapi2')).toHaveLength(1)
    for (const profile of profileNames) expect(mistakesOf({ ...base, profile, dpop: 'x', clients: [7] }).length, profile).toBeGreaterThan(1)
  })
})

const clientsOf = (kit: { clientKey: ReturnType<typeof wireKey> }): NonNullable<IssuerConfigInput['clients']> => [
  {
    ...web,
    kind: 'server',
    jwks: { keys: [{ ...kit.clientKey.publicJwk, kty: 'EC', kid: kit.clientKey.kid }] },
    scopes: ['openid', 'profile', 'offline_access', 'notes:read'],
  },
]

describe('fapi2 on the wire', () => {
  let kit: IssuerKit
  const clientKey = wireKey('ES256', 'client-key')
  beforeAll(async () => {
    kit = await startCodeKit({ clientKey, config: { profile: 'fapi2', clients: clientsOf({ clientKey }) } })
  })
  afterAll(() => kit.close())

  const push = (change: Record<string, string | undefined> = {}, assertion: Record<string, string> = asKeyClient(kit, 'web')) => {
    const open = authorizeUrl(kit, { clientId: 'web', change })
    return postForm(kit, '/par', { ...Object.fromEntries(new URL(open.url).searchParams), ...assertion }).then((answer) => ({
      open,
      answer,
    }))
  }

  it('FAPI2-5.3.2.2-01, FAPI2-5.3.2.1-02: a pushed request, bound tokens, an ES256 ID token, no rotation', async () => {
    const { open, answer } = await push()
    expect(answer.status).toBe(201)
    const use = new URLSearchParams({ client_id: 'web', request_uri: String(answer.json['request_uri']) })
    const { landed } = await walkForms(kit, `${kit.issuer}/authorize?${use}`)
    expect(landed.searchParams.get('iss')).toBe(kit.issuer)
    const key = wireKey()
    const form = redemption(kit, open, landed.searchParams.get('code') ?? '')
    const tokens = await postForm(kit, '/token', form, { dpop: tokenProof(kit, key) })
    expect(tokens.json).toMatchObject({ token_type: 'DPoP' })
    expect(JSON.parse(Buffer.from(String(tokens.json['id_token']).split('.')[0] ?? '', 'base64url').toString())).toMatchObject({
      alg: 'ES256',
    })
    const again = { grant_type: 'refresh_token', refresh_token: String(tokens.json['refresh_token']), ...asKeyClient(kit, 'web') }
    const renewed = await postForm(kit, '/token', again, { dpop: tokenProof(kit, wireKey()) })
    expect(renewed.status).toBe(200)
    expect(renewed.json).not.toHaveProperty('refresh_token')
  })

  it('FAPI2-5.4.1-01, JARM-2.1-01: a signed answer is signed with an algorithm of the profile', async () => {
    const { answer } = await push({ response_mode: 'jwt' })
    const use = new URLSearchParams({ client_id: 'web', request_uri: String(answer.json['request_uri']) })
    const { landed } = await walkForms(kit, `${kit.issuer}/authorize?${use}`)
    const [header = ''] = landed.searchParams.get('response')?.split('.') ?? []
    expect(JSON.parse(Buffer.from(header, 'base64url').toString())).toMatchObject({ alg: 'ES256' })
  })

  it('FAPI2-5.3.2.2-01: a direct request, and a push without redirect_uri, are refused', async () => {
    const direct = await fetch(authorizeUrl(kit, { clientId: 'web' }).url, { redirect: 'manual' })
    expect(new URL(direct.headers.get('location') ?? '').searchParams.get('error')).toBe('invalid_request')
    const { answer } = await push({ redirect_uri: undefined, scope: 'notes:read' })
    expect([answer.status, answer.json['error']]).toEqual([400, 'invalid_request'])
    expect(kit.audit.at(-1)).toMatchObject({ rule: 'profile.redirect-uri-is-sent' })
  })

  it('FAPI2-5.3.2.2-02: a nonce of 64 characters is taken', async () => {
    expect((await push({ nonce: 'n'.repeat(64) })).answer.status).toBe(201)
  })

  it('PKJWT-3-02: an audience in a list of one is 401 invalid_client', async () => {
    const assertion = { ...asKeyClient(kit, 'web'), client_assertion: kitAssertion(kit, 'web', { claims: { aud: [kit.issuer] } }) }
    const { answer } = await push({}, assertion)
    expect([answer.status, answer.json['error']]).toEqual([401, 'invalid_client'])
    expect(kit.audit.at(-1)).toMatchObject({ rule: 'assertion.aud-is-a-plain-string' })
  })

  it('FAPI2-5.4.1-01: the metadata offers what the profile allows and nothing else', async () => {
    const document = (await (await fetch(`${kit.issuer}/.well-known/openid-configuration`)).json()) as Record<string, unknown>
    expect(document).toMatchObject({
      require_pushed_authorization_requests: true,
      token_endpoint_auth_methods_supported: ['private_key_jwt'],
      token_endpoint_auth_signing_alg_values_supported: ['ES256', 'PS256', 'EdDSA', 'Ed25519'],
      id_token_signing_alg_values_supported: ['ES256'],
      authorization_signing_alg_values_supported: ['ES256'],
      userinfo_signing_alg_values_supported: ['ES256'],
      response_types_supported: ['code'],
      dpop_signing_alg_values_supported: ['ES256', 'PS256', 'EdDSA', 'Ed25519'],
    })
  })
})

describe('algorithms of assertions under fapi2', () => {
  it('FAPI2-5.4.1-01: an assertion by ES384 is refused there, and taken elsewhere', async () => {
    const clientKey = wireKey('ES384', 'client-key')
    const jwk = { ...clientKey.publicJwk, kty: 'EC' as const, kid: clientKey.kid }
    for (const [profile, status] of [
      ['fapi2', 401],
      ['oauth21', 200],
    ] as const) {
      const service = {
        clientId: 'service',
        kind: 'server' as const,
        name: 'Service',
        jwks: { keys: [jwk] },
        scopes: ['notes:read'],
        apis: [kitApi],
      }
      const kit = await startCodeKit({ clientKey, config: { profile, clients: [service] } })
      const answer = await postForm(
        kit,
        '/token',
        {
          grant_type: 'client_credentials',
          ...asKeyClient(kit, 'service'),
          client_assertion: kitAssertion(kit, 'service', { header: { alg: 'ES384' } }),
        },
        { dpop: tokenProof(kit, wireKey()) },
      )
      expect(answer.status, profile).toBe(status)
      if (status === 401) expect(kit.audit.at(-1)).toMatchObject({ rule: 'assertion.alg-is-allowed' })
      await kit.close()
    }
  })
})
