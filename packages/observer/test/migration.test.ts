// The checker of old setups: what each kind of file says, what it is silent about, and files that are none.
import { describe, expect, it } from 'vitest'
import { checkOldSetup, findingKinds, renderChecked } from '../src/migration/index.ts'

const check = (input: unknown) => checkOldSetup('input', typeof input === 'string' ? input : JSON.stringify(input))
const found = (input: unknown): string[] => check(input).findings.map(({ id, at }) => `${id} ${at}`.trim())
const sorted = (lines: readonly string[]): string[] => lines.toSorted()

describe('servers', () => {
  const good = {
    issuer: 'https://id.example',
    authorization_endpoint: 'https://id.example/authorize',
    token_endpoint: 'https://id.example/token',
    grant_types_supported: ['authorization_code', 'refresh_token', 'client_credentials'],
    response_types_supported: ['code', 'code id_token'],
    code_challenge_methods_supported: ['S256'],
    authorization_response_iss_parameter_supported: true,
    dpop_signing_alg_values_supported: ['ES256'],
    id_token_signing_alg_values_supported: ['ES256'],
  }

  it('metadata of OAuth 2.1 has nothing to find', () => {
    expect(check(good)).toEqual({ source: 'input', kind: 'server-metadata', clients: 0, findings: [] })
  })

  it('SEED-O21-26: removed flows, PKCE, iss, binding and signatures, each with its place', () => {
    const old = {
      ...good,
      grant_types_supported: ['authorization_code', 'implicit', 'password'],
      response_types_supported: ['code', 'token', 'id_token token', 'code token', 'code id_token token', 'id_token'],
      code_challenge_methods_supported: ['plain'],
      authorization_response_iss_parameter_supported: undefined,
      dpop_signing_alg_values_supported: undefined,
      id_token_signing_alg_values_supported: ['none', 'RS256'],
    }
    expect(sorted(found(old))).toEqual([
      'hybrid-carries-no-tokens response_types_supported[3]',
      'hybrid-carries-no-tokens response_types_supported[4]',
      'implicit-is-gone grant_types_supported[1]',
      'implicit-is-gone response_types_supported[1]',
      'implicit-is-gone response_types_supported[2]',
      'issuer-is-named authorization_response_iss_parameter_supported',
      'password-is-gone grant_types_supported[2]',
      'pkce-is-s256 code_challenge_methods_supported',
      'pkce-is-used code_challenge_methods_supported',
      'response-types-are-served response_types_supported[5]',
      'signatures-are-real id_token_signing_alg_values_supported[0]',
      'tokens-can-be-named dpop_signing_alg_values_supported',
    ])
  })

  it('silence about grants means the implicit one (RFC 8414 §2); silence about PKCE means none', () => {
    const { grant_types_supported: _, code_challenge_methods_supported: __, ...silent } = good
    expect(sorted(found(silent))).toEqual(['implicit-is-gone grant_types_supported', 'pkce-is-used code_challenge_methods_supported'])
  })

  it('SEED-O21-10: an API that takes tokens from the query', () => {
    const api = {
      resource: 'https://api.example/',
      authorization_servers: ['https://id.example'],
      bearer_methods_supported: ['header', 'query'],
    }
    expect(check({ ...api, dpop_bound_access_tokens_required: true }).kind).toBe('resource-metadata')
    expect(found({ ...api, dpop_bound_access_tokens_required: true })).toEqual(['token-not-in-query bearer_methods_supported[1]'])
    expect(found({ ...api, bearer_methods_supported: ['header'] })).toEqual(['tokens-can-be-named dpop_bound_access_tokens_required'])
  })
})

describe('lists of clients', () => {
  it('SEED-O21-05, SEED-O21-20: a Keycloak realm', () => {
    const spa = { clientId: 'spa', publicClient: true, standardFlowEnabled: true, redirectUris: ['https://app.example/*'] }
    const api = { clientId: 'api', bearerOnly: true }
    const web = {
      clientId: 'web',
      clientAuthenticatorType: 'client-jwt',
      standardFlowEnabled: true,
      redirectUris: ['https://web.example/cb'],
    }
    const s256 = { 'pkce.code.challenge.method': 'S256' }
    const realm = {
      realm: 'demo',
      accessTokenLifespan: 3600,
      revokeRefreshToken: false,
      offlineSessionMaxLifespanEnabled: true,
      clients: [
        { ...spa, implicitFlowEnabled: true, directAccessGrantsEnabled: true },
        api,
        { ...web, attributes: s256 },
        { clientId: 'saml', protocol: 'saml' },
        { ...spa, clientId: 'bound', redirectUris: [], attributes: { ...s256, 'dpop.bound.access.tokens': 'true' } },
        { ...spa, clientId: 'off', enabled: false },
      ],
    }
    expect(check(realm)).toMatchObject({ kind: 'keycloak-realm', clients: 4 })
    expect(sorted(found(realm))).toEqual([
      'access-tokens-are-short accessTokenLifespan',
      'bearer-only-is-an-api clients[1]',
      'implicit-is-gone clients[0].implicitFlowEnabled',
      'password-is-gone clients[0].directAccessGrantsEnabled',
      'pkce-is-used clients[0].attributes["pkce.code.challenge.method"]',
      'redirect-is-exact clients[0].redirectUris[0]',
      'refresh-is-constrained revokeRefreshToken',
    ])
    expect(found({ ...realm, revokeRefreshToken: true, refreshTokenMaxReuse: 2 })).toContain('refresh-is-constrained refreshTokenMaxReuse')
    expect(found({ ...realm, revokeRefreshToken: true, clients: [{ ...spa, redirectUris: [], attributes: s256 }] })).toEqual([
      'access-tokens-are-short accessTokenLifespan',
    ])
  })

  it.each([
    ['https://app.example/cb', undefined],
    ['com.example.app:/cb', undefined],
    ['http://127.0.0.1/cb', undefined],
    ['http://[::1]:8080/cb', undefined],
    ['http://localhost:3000/cb', 'redirect-uses-loopback-address'],
    ['http://app.example/cb', 'redirect-is-https'],
    ['http://127.0.0.1.evil.example/cb', 'redirect-is-https'],
    ['https://app.example/cb#here', 'redirect-has-no-fragment'],
    ['https://*.app.example/cb', 'redirect-is-exact'],
    ['/cb', 'redirect-is-exact'],
    ['+', 'redirect-is-exact'],
    ['^https://app[.]example/.*$', 'redirect-is-exact'],
    ['https://', 'redirect-is-exact'],
    ['urn:ietf:wg:oauth:2.0:oob', 'redirect-is-exact'],
    ['myapp://cb', 'redirect-scheme-is-owned'],
  ])('SEED-O21-03: redirect %s: %s', (uri, expected) => {
    const client = { client_id: 'a', token_endpoint_auth_method: 'private_key_jwt', redirect_uris: [uri] }
    expect(found(client)).toEqual(expected ? [`${expected} redirect_uris[0]`] : [])
  })

  it('SEED-O21-12: registrations: a secret in a native app, a shared secret, refresh tokens that nobody speaks of', () => {
    const registered = [
      {
        client_id: 'n',
        application_type: 'native',
        client_secret: 'hunter2',
        token_endpoint_auth_method: 'client_secret_basic',
        redirect_uris: [],
      },
      { client_id: 's', token_endpoint_auth_method: 'client_secret_post', redirect_uris: [] },
      { client_id: 'p', token_endpoint_auth_method: 'none', redirect_uris: [], grant_types: ['authorization_code', 'refresh_token'] },
    ]
    expect(check(registered).kind).toBe('registered-clients')
    expect(sorted(found(registered))).toEqual([
      'app-holds-no-secret [0].client_secret',
      'refresh-constraint-is-known [2].grant_types[1]',
      'secret-becomes-a-key [1].token_endpoint_auth_method',
    ])
    expect(JSON.stringify(check(registered))).not.toContain('hunter2')
  })

  it('Hydra rotates, and writes spans', () => {
    const hydra = {
      client_id: 'h',
      skip_consent: true,
      token_endpoint_auth_method: 'none',
      grant_types: ['refresh_token'],
      redirect_uris: [],
    }
    expect(check([{ ...hydra, authorization_code_grant_access_token_lifespan: '1h30m0s' }])).toMatchObject({
      kind: 'hydra-clients',
      findings: [{ id: 'access-tokens-are-short', seen: '5400 s' }],
    })
  })

  it('Auth0: rotation, expiry and the password realm', () => {
    const auth0 = {
      clients: [
        {
          client_id: 'x',
          name: 'Shop',
          app_type: 'spa',
          token_endpoint_auth_method: 'none',
          callbacks: ['https://shop.example/cb'],
          grant_types: ['authorization_code', 'refresh_token', 'http://auth0.com/oauth/grant-type/password-realm'],
          refresh_token: { rotation_type: 'non-rotating', expiration_type: 'non-expiring' },
        },
      ],
    }
    expect(check(auth0).kind).toBe('auth0-clients')
    expect(sorted(found(auth0))).toEqual([
      'password-is-gone clients[0].grant_types[2]',
      'refresh-ends clients[0].refresh_token.expiration_type',
      'refresh-is-constrained clients[0].refresh_token.rotation_type',
    ])
  })

  it('oidc-provider: its own settings and its clients', () => {
    const configuration = {
      acceptQueryParamAccessTokens: true,
      responseTypes: ['code', 'id_token token'],
      rotateRefreshToken: false,
      ttl: { AccessToken: 7200 },
      pkce: { required: false },
      features: { dPoP: { enabled: false } },
      clients: [{ client_id: 'p', token_endpoint_auth_method: 'none', grant_types: ['refresh_token'], redirect_uris: [] }],
    }
    expect(check(configuration).kind).toBe('oidc-provider')
    expect(sorted(found(configuration))).toEqual([
      'access-tokens-are-short ttl.AccessToken',
      'implicit-is-gone responseTypes[1]',
      'pkce-is-used pkce.required',
      'refresh-is-constrained rotateRefreshToken',
      'token-not-in-query acceptQueryParamAccessTokens',
      'tokens-can-be-named features.dPoP.enabled',
    ])
  })
})

describe('what an application has', () => {
  const good =
    'https://id.example/authorize?response_type=code&client_id=a&redirect_uri=https%3A%2F%2Fapp.example%2Fcb&resource=https%3A%2F%2Fapi.example&code_challenge=x&code_challenge_method=S256'

  it.each(['', '&response_mode=query', '&response_mode=jwt'])('SEED-O21-15: a good request: %j', (more) => {
    expect(check(`${good}${more}`)).toMatchObject({ kind: 'authorization-request', findings: [] })
  })

  it.each(['fragment', 'form_post'])('SEED-O21-27, SEED-O21-17: response_mode=%s whatever the client', (mode) => {
    expect(found(`${good}&response_mode=${mode}`)).toEqual(['response-mode-is-query ?response_mode'])
  })

  it('SEED-O21-27: implicit, plain by omission, a secret in the address', () => {
    expect(found('https://id.example/authorize?response_type=token&client_id=a&resource=r')).toEqual(['implicit-is-gone ?response_type'])
    expect(found(good.replace('&code_challenge_method=S256', ''))).toEqual(['pkce-is-s256 ?code_challenge_method'])
    const leaking = check(`${good}&client_secret=hunter2`)
    expect(leaking.findings.map(({ id }) => id)).toEqual(['token-not-in-query'])
    expect(JSON.stringify(leaking)).not.toContain('hunter2')
  })

  it('settings of a browser app', () => {
    const app = {
      authority: 'https://id.example',
      client_id: 'a',
      redirect_uri: 'https://app.example/cb',
      response_type: 'code',
      userStore: {},
    }
    expect(check(app).kind).toBe('app')
    expect(sorted(found({ ...app, disablePKCE: true, client_secret: 'hunter2' }))).toEqual([
      'app-holds-no-secret client_secret',
      'pkce-is-used disablePKCE',
      'resource-is-named resource',
    ])
  })

  it('the audience of an assertion', () => {
    const app = { issuer: 'https://id.example', clientId: 'a', resource: 'r', assertionAudience: 'https://id.example/oauth2/token' }
    expect(found(app)).toEqual(['assertion-is-for-the-issuer assertionAudience'])
    expect(found({ ...app, assertionAudience: 'https://id.example' })).toEqual([])
  })
})

describe('what cannot be read', () => {
  it.each([
    ['', /empty/],
    ['{"issuer": "https://id.exa', /cut off/],
    ['{"issuer": "https://id.example", hunter2}', /no JSON/],
    ['[]', /none of the kinds/],
    ['{}', /none of the kinds/],
    ['null', /none of the kinds/],
    ['7', /none of the kinds/],
    ['["a", 1, null]', /none of the kinds/],
    ['{"__proto__": {"realm": 1, "clients": []}}', /none of the kinds/],
    ['[{"kind": "Deployment", "spec": {}}]', /none of the kinds/],
    [`${'['.repeat(100_000)}`, /nested deeper/],
    [`{"a":${'{"a":'.repeat(100)}1${'}'.repeat(101)}`, /nested deeper/],
    [`"${'x'.repeat(21 * 1024 * 1024)}"`, /larger than 20 MiB/],
  ])('case %#', (input, says) => {
    expect(() => check(input)).toThrow(says)
  })

  it('the words of the reader never quote the file', () => {
    expect(() => check('{"client_secret": "hunter2" x}')).toThrow(/^(?!.*hunter2)/s)
  })

  it('members of a wrong kind are as good as absent', () => {
    const odd = { issuer: 1, token_endpoint: [], response_types_supported: 'token', grant_types_supported: { a: 1 } }
    expect(found(odd)).toContain('implicit-is-gone response_types_supported')
    expect(() => check({ realm: 1, clients: [1, null, 'x', { clientId: {}, redirectUris: { a: 1 }, attributes: 7 }] })).not.toThrow()
  })
})

describe('as a person reads it', () => {
  it('every finding has its sentences, in both languages', () => {
    for (const kind of Object.values(findingKinds)) {
      for (const { ja, en } of [kind.what, kind.why, kind.todo]) {
        expect(ja).toMatch(/[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}]/u)
        expect(en).toMatch(/^[\x20-\x7e’…]+$/)
      }
    }
  })

  it('control characters of a file do not reach the terminal', () => {
    const client = { client_id: 'a\u001b[2J', redirect_uris: ['http://x.example/\u001b[31m'], token_endpoint_auth_method: 'none' }
    expect(renderChecked(check(client), 'ja')).not.toContain('\u001b')
  })
})
