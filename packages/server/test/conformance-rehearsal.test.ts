// The basic, form-post and config plans of OpenID Connect certification, walked by hand against an issuer set up for them.
import { createPublicKey, verify } from 'node:crypto'
import { segment } from 'testkit'
import { formBrowser } from 'testkit/browser'
import { claimsOfJwt, type KitAnswer, postForm, readResponse } from 'testkit/issuer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { askUrl, callback, type Rp, redeem, registerRp, type Suite, startSuite, tokensOf, userinfo, walk } from './conformance-parts.ts'

let suite: Suite
let rp: Rp
beforeAll(async () => {
  suite = await startSuite()
  rp = await registerRp(suite)
})
afterAll(() => suite.close())

const errorOf = ({ status, json }: KitAnswer) => [status, json['error']]
const idOf = (answer: KitAnswer) => claimsOfJwt(answer.json['id_token'])

describe('config', () => {
  it('DISC-3-01: the document has every member that is checked, each with a value that is taken', async () => {
    const answer = await readResponse(await fetch(`${suite.issuer}/.well-known/openid-configuration`))
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/json'])
    const said = answer.json as Record<string, string[] & string>
    expect(said['issuer']).toBe(suite.issuer)
    for (const name of ['authorization_endpoint', 'token_endpoint', 'userinfo_endpoint', 'jwks_uri', 'registration_endpoint'])
      expect(said[name], name).toMatch(new RegExp(`^${suite.issuer}/`))
    expect(said['response_types_supported']).toContain('code')
    expect(said['grant_types_supported']).toEqual(expect.arrayContaining(['authorization_code', 'refresh_token']))
    expect(said['subject_types_supported']).toEqual(expect.arrayContaining(['public', 'pairwise']))
    expect(said['id_token_signing_alg_values_supported']).toContain('RS256')
    expect(said['scopes_supported']).toEqual(expect.arrayContaining(['openid', 'profile', 'email', 'address', 'phone', 'offline_access']))
    expect(said['claims_supported']).toEqual(expect.arrayContaining(['sub', 'name', 'email']))
    expect(said['code_challenge_methods_supported']).toEqual(['S256'])
    for (const name of ['claims_parameter_supported', 'request_parameter_supported', 'request_uri_parameter_supported'])
      expect(typeof said[name], name).toBe('boolean')
    expect(said['request_object_signing_alg_values_supported']).not.toContain('none')
    for (const tag of said['ui_locales_supported'] ?? []) expect(Intl.getCanonicalLocales(tag)).toEqual([tag])
  })

  it('OIDC-10.1-01: the keys are public, have a kid each, and one of them signed the ID token', async () => {
    const { keys } = (await (await fetch(`${suite.issuer}/jwks`)).json()) as { keys: Record<string, string>[] }
    expect(new Set(keys.map(({ kid }) => kid)).size).toBe(keys.length)
    for (const key of keys) for (const member of ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k']) expect(member in key).toBe(false)
    const { answer } = await tokensOf(suite, rp)
    const [header = '', claims = '', signature = ''] = String(answer.json['id_token']).split('.')
    const { alg, kid } = JSON.parse(Buffer.from(header, 'base64url').toString())
    const jwk = keys.find((key) => key['kid'] === kid) ?? {}
    expect([alg, jwk['kty'], jwk['use']]).toEqual(['RS256', 'RSA', 'sig'])
    const key = createPublicKey({ key: jwk, format: 'jwk' })
    expect(verify('sha256', Buffer.from(`${header}.${claims}`), key, Buffer.from(signature, 'base64url'))).toBe(true)
  })
})

describe('the code flow', () => {
  it.each(['client_secret_basic', 'client_secret_post', 'private_key_jwt'])(
    'O21-4.1.3-01: %s, from registration to UserInfo',
    async (method) => {
      const own = await registerRp(suite, { token_endpoint_auth_method: method })
      const { landed, answer } = await tokensOf(suite, own, { scope: 'openid profile email' })
      expect([landed.searchParams.get('state'), landed.searchParams.get('iss')]).toEqual(['s1', suite.issuer])
      expect([answer.status, answer.json['token_type'], answer.headers.get('cache-control')]).toEqual([200, 'Bearer', 'no-store'])
      expect(idOf(answer)).toMatchObject({ iss: suite.issuer, aud: own.clientId, sub: 'user-hanako', nonce: 'n1' })
      const info = await userinfo(suite, answer.json['access_token'])
      expect(info.json).toMatchObject({ sub: 'user-hanako', name: '花子', email: 'hanako@example.test', email_verified: true })
    },
  )

  it('O21-4.1.2-01: a long state with every printable sign comes back whole', async () => {
    const state = `${Array.from({ length: 95 }, (_, at) => String.fromCharCode(32 + at)).join('')}${'x'.repeat(128)}`
    expect((await walk(suite, rp, { state })).landed.searchParams.get('state')).toBe(state)
  })

  it('OIDC-3.1.2.1-01: no nonce is no error, and the ID token has none', async () => {
    const { answer } = await tokensOf(suite, rp, { nonce: undefined })
    expect([answer.status, 'nonce' in idOf(answer)]).toEqual([200, false])
  })

  it('OIDC-3.1.2.1-01: prompt=none without a sign-in is login_required; with one, a code for the same person', async () => {
    const stranger = (await walk(suite, rp, { prompt: 'none' })).landed.searchParams
    expect([stranger.get('error'), stranger.get('state'), stranger.get('code')]).toEqual(['login_required', 's1', null])
    const first = await tokensOf(suite, rp)
    const second = await tokensOf(suite, rp, { prompt: 'none' }, first.browser)
    for (const claim of ['sub', 'auth_time']) expect(idOf(second.answer)[claim]).toEqual(idOf(first.answer)[claim])
  })

  it.each([
    ['prompt=login', { prompt: 'login' }],
    ['max_age=1 after two seconds', { max_age: '1' }],
  ])('OIDC-3.1.2.1-02: %s asks for the password again, and auth_time says so', async (_what, change) => {
    const first = await tokensOf(suite, rp, { max_age: '15000' })
    suite.wait(2)
    const page = await first.browser.open(askUrl(suite, rp, change))
    expect(page.text).toContain('id="login-submit"')
    const { answer } = await tokensOf(suite, rp, change, first.browser)
    expect(Number(idOf(answer)['auth_time'])).toBeGreaterThan(Number(idOf(first.answer)['auth_time']))
  })

  it('OIDC-3.1.2.1-02: max_age=10000 within that time asks nothing, and auth_time is there and stays', async () => {
    const first = await tokensOf(suite, rp, { max_age: '10000' })
    const second = await tokensOf(suite, rp, { max_age: '10000', prompt: 'none' }, first.browser)
    expect(idOf(first.answer)['auth_time']).toEqual(expect.any(Number))
    expect(idOf(second.answer)['auth_time']).toBe(idOf(first.answer)['auth_time'])
  })

  it('OIDC-3.1.2.1-01: id_token_hint with prompt=none gives the same person; of another one no code', async () => {
    const first = await tokensOf(suite, rp)
    const hint = String(first.answer.json['id_token'])
    const second = await tokensOf(suite, rp, { prompt: 'none', id_token_hint: hint }, first.browser)
    expect(idOf(second.answer)['sub']).toBe('user-hanako')
    expect((await walk(suite, rp, { prompt: 'none', id_token_hint: hint })).landed.searchParams.get('error')).toBe('login_required')
  })

  it.each([
    ['display=page', { display: 'page' }],
    ['display=popup', { display: 'popup' }],
    ['ui_locales', { ui_locales: 'se' }],
    ['claims_locales', { claims_locales: 'se' }],
    ['acr_values nobody knows', { acr_values: '1 2' }],
    ['login_hint', { login_hint: 'buffy@suite.example' }],
    ['an unknown parameter', { extra: 'foobar' }],
    ['PKCE', { code_challenge: undefined }],
    ['every scope', { scope: 'openid email phone address profile' }],
  ])('OIDC-3.1.2.1-01: %s is no error', async (_what, change) => {
    expect((await tokensOf(suite, rp, change)).answer.status).toBe(200)
  })

  it('OIDC-5.5-01: an essential claim asked for at UserInfo is answered there', async () => {
    const claims = JSON.stringify({ userinfo: { name: { essential: true } } })
    const { answer } = await tokensOf(suite, rp, { claims })
    expect((await userinfo(suite, answer.json['access_token'])).json).toMatchObject({ sub: 'user-hanako', name: '花子' })
  })

  it('O21-3.1-01: the request by POST works as the one by GET', async () => {
    const browser = formBrowser(suite.issuer)
    const fields = Object.fromEntries(new URL(askUrl(suite, rp)).searchParams)
    const posted = await browser.post(`${suite.issuer}/authorize`, fields)
    expect([303, 200]).toContain(posted.status)
    const page = await browser.open(new URL(posted.headers.get('location') ?? '', suite.issuer))
    expect(page.text).toContain('id="login-submit"')
  })

  it('O21-4.1.3-02: a code redeemed again, also after 31 s, is invalid_grant, and its access token dies', async () => {
    for (const seconds of [0, 31]) {
      const { landed, answer } = await tokensOf(suite, rp)
      suite.wait(seconds)
      expect((await userinfo(suite, answer.json['access_token'])).status).toBe(200)
      expect(errorOf(await redeem(suite, rp, landed))).toEqual([400, 'invalid_grant'])
      expect(errorOf(await userinfo(suite, answer.json['access_token']))).toEqual([401, 'invalid_token'])
    }
  })
})

describe('what must be refused', () => {
  it.each([
    ['no redirect_uri', { redirect_uri: undefined }],
    ['another redirect_uri', { redirect_uri: `${callback}/other` }],
    ['a query added to the redirect_uri', { redirect_uri: `${callback}?foo=bar` }],
    ['an unknown client', { client_id: 'nobody' }],
  ])('O21-2.3.2-01 O21-4.1.2.1-01: %s is an error page that leads nowhere', async (_what, change) => {
    const answer = await fetch(askUrl(suite, rp, change), { redirect: 'manual' })
    expect([answer.status, answer.headers.get('location')]).toEqual([400, null])
    expect(answer.headers.get('content-type')).toContain('text/html')
  })

  it('O21-2.3.1-01: a registered query must be there as registered', async () => {
    const own = await registerRp(suite, { redirect_uris: [`${callback}?foo=bar`] })
    for (const query of ['', '?foo=baz', '?foo=bar&more=1'])
      expect((await fetch(askUrl(suite, own, { redirect_uri: `${callback}${query}` }), { redirect: 'manual' })).status).toBe(400)
    const { landed } = await walk(suite, own, { redirect_uri: `${callback}?foo=bar` })
    expect([landed.searchParams.get('foo'), landed.searchParams.has('code')]).toEqual(['bar', true])
  })

  it.each([
    ['no response_type', { response_type: undefined }, ['invalid_request', 'unsupported_response_type']],
    [
      'an unsigned request object',
      { request: `${segment({ alg: 'none' })}.${segment({ state: 'x' })}.` },
      ['invalid_request_object', 'request_not_supported'],
    ],
    [
      'a request_uri of its own',
      { request_uri: 'https://suite.example/r.jwt' },
      ['request_uri_not_supported', 'invalid_request_uri', 'invalid_request'],
    ],
  ])('OIDC-3.1.2.6-01: %s: an error that the plan takes', async (_what, change, errors) => {
    const answer = await fetch(askUrl(suite, rp, change), { redirect: 'manual' })
    const location = answer.headers.get('location')
    if (location === null) expect(answer.status).toBe(400)
    else expect(errors).toContain(new URL(location).searchParams.get('error'))
  })
})

describe('UserInfo', () => {
  it('OIDC-5.3-01: GET and POST with the header; in the body, which is optional, or without a token 401', async () => {
    const { answer } = await tokensOf(suite, rp)
    const token = String(answer.json['access_token'])
    expect((await userinfo(suite, token)).json['sub']).toBe('user-hanako')
    expect((await postForm(suite, '/userinfo', {}, { authorization: `Bearer ${token}` })).json['sub']).toBe('user-hanako')
    expect((await postForm(suite, '/userinfo', { access_token: token })).status).toBe(401)
    expect((await fetch(`${suite.issuer}/userinfo`)).status).toBe(401)
  })
})

describe('form_post', () => {
  it('FORMPOST-2-01: answers and errors are posted, nothing stands in the URL', async () => {
    const sound = await walk(suite, rp, { response_mode: 'form_post' })
    expect(sound.posted).toMatchObject({ state: 's1', iss: suite.issuer, code: expect.any(String) })
    expect((await redeem(suite, rp, sound.posted?.['code'] ?? '')).status).toBe(200)
    const refused = await walk(suite, rp, { response_mode: 'form_post', prompt: 'none' })
    expect(refused.posted).toMatchObject({ error: 'login_required', state: 's1' })
  })
})
