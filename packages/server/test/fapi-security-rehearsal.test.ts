// The certification plans of FAPI 2.0 Security Profile Final (private_key_jwt with DPoP), walked by hand: plain OAuth, OpenID,
// client credentials, with nonces and without.
import { wireKey, wireProof } from 'testkit'
import { type FormBrowser, formBrowser, type Page } from 'testkit/browser'
import { kitPassword, walkForms } from 'testkit/code'
import { claimsOfJwt } from 'testkit/issuer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  askToken,
  assertionOf,
  authorize,
  callApi,
  codeOf,
  errorOf,
  type Fapi,
  push,
  redeem,
  startFapi,
  startFlow,
  useUrl,
} from './fapi-parts.ts'

let fapi: Fapi
beforeAll(async () => {
  fapi = await startFapi({ profile: 'fapi2', scope: 'plain' })
})
afterAll(() => fapi.close())

const par = (key = wireKey(), at = fapi) => wireProof(key, { method: 'POST', url: `${at.issuer}/par`, now: at.now() })
const denied = { authorization: [400, 'invalid_request'], client: [401, 'invalid_client'], grant: [400, 'invalid_grant'] }

describe.each([
  ['plain OAuth', { profile: 'fapi2', scope: 'plain' }],
  ['OpenID, with nonces', { profile: 'fapi2', scope: 'openid', nonces: true }],
] as const)('%s', (_what, options) => {
  let own: Fapi
  beforeAll(async () => {
    own = await startFapi(options)
  })
  afterAll(() => own.close())
  const openid = options.scope === 'openid'

  it('FAPI2-5.4.1-01: the metadata of OAuth and of OpenID says what the plans look for', async () => {
    for (const path of ['oauth-authorization-server', 'openid-configuration']) {
      const said = (await (await fetch(`${own.issuer}/.well-known/${path}`)).json()) as Record<string, string[]>
      const strong = ['PS256', 'ES256', 'EdDSA', 'Ed25519']
      for (const name of ['dpop', 'id_token', 'token_endpoint_auth', 'userinfo'])
        for (const alg of said[`${name}_signing_alg_values_supported`] ?? [name]) expect(strong).toContain(alg)
      expect(said['token_endpoint_auth_methods_supported']).toContain('private_key_jwt')
      expect(said['code_challenge_methods_supported']).toEqual(['S256'])
      expect(said['grant_types_supported']).toContain('client_credentials')
    }
  })

  it('FAPI2-5.3.2.1-01 FAPI2-5.3.2.2-01 FAPI2-5.3.4-01: the happy flow of both clients, down to the API', async () => {
    for (const client of [own.one, own.two]) {
      const { flow, landed, code } = await codeOf(own, client)
      expect([landed.searchParams.get('state'), landed.searchParams.get('iss'), landed.hash]).toEqual(['s-1', own.issuer, ''])
      expect(landed.href.startsWith(client.redirectUri)).toBe(true)
      expect(code.length).toBeGreaterThan(20)
      const key = wireKey('PS256')
      const { status, json } = await redeem(own, flow, code, key)
      expect([status, json['token_type'], 'id_token' in json]).toEqual([200, 'DPoP', openid])
      expect(json['expires_in']).toBeGreaterThan(0)
      const answer = await callApi(own, json['access_token'], key)
      expect([answer.status, answer.headers.has('date')]).toEqual([200, true])
      if (openid) expect(claimsOfJwt(json['id_token'])).toMatchObject({ aud: client.clientId, nonce: 'n-1', iss: own.issuer })
    }
  })

  it('FAPI2-5.3.2.1-02 DPOP-5-04: a refresh token works, twice, with other keys, half a minute apart, and for nobody else', async () => {
    const change = openid ? { scope: `${own.one.scope} offline_access`, prompt: 'consent' } : {}
    const { flow, code } = await codeOf(own, own.one, change)
    const { json } = await redeem(own, flow, code, wireKey())
    const form = { grant_type: 'refresh_token', refresh_token: String(json['refresh_token']) }
    expect(errorOf(await askToken(own, { ...form, ...assertionOf(own, own.two) }, wireKey()))).toEqual(denied.grant)
    for (let times = 0; times < 2; times += 1) {
      own.wait(31)
      const key = wireKey()
      const again = await askToken(own, { ...form, ...assertionOf(own, own.one) }, key)
      expect([again.status, again.json['token_type']]).toEqual([200, 'DPoP'])
      expect((await callApi(own, again.json['access_token'], key)).status).toBe(200)
    }
  })

  it('FAPI2-5.3.2.1-01 SEED-O21-21: client credentials: a bound token for the API, and no refresh token', async () => {
    const key = wireKey()
    const form = { grant_type: 'client_credentials', scope: 'accounts:read', ...assertionOf(own, own.one) }
    const { status, json } = await askToken(own, form, key)
    expect([status, json['token_type'], 'refresh_token' in json]).toEqual([200, 'DPoP', false])
    expect((await callApi(own, json['access_token'], key)).status).toBe(200)
    const bare = { ...form, ...assertionOf(own, own.one) }
    expect((await askToken(own, bare, undefined)).status).toBe(400)
  })

  it('FAPI2-5.3.4-01 O21-5.1-01: the scheme is the same in capitals and small letters, and is never Bearer', async () => {
    const { flow, code } = await codeOf(own)
    const key = wireKey()
    const { json } = await redeem(own, flow, code, key)
    for (const scheme of ['DPoP', 'dpop', 'DPOP', 'dPoP'])
      expect((await callApi(own, json['access_token'], key, { scheme })).status).toBe(200)
    for (const scheme of ['Bearer', 'bearer']) expect((await callApi(own, json['access_token'], key, { scheme })).status).toBe(401)
  })
})

describe('clocks and parameters that must be taken', () => {
  it('DPOP-11.1-01: proofs of a clock ten seconds off, with nbf and exp, with more members, at both doors', async () => {
    const now = fapi.now()
    for (const claims of [{ iat: now - 10 }, { iat: now + 10 }, { nbf: now, exp: now + 300 }, { extra: 'x', other: 1 }]) {
      const { flow, code } = await codeOf(fapi)
      const key = wireKey()
      const proof = { claims, header: { more: 'y' } }
      const { status, json } = await redeem(fapi, flow, code, key, { proof })
      expect(status, JSON.stringify(claims)).toBe(200)
      expect((await callApi(fapi, json['access_token'], key, { proof })).status).toBe(200)
    }
  })

  it('PKJWT-3-05: assertions whose iat and nbf are 8 s ahead are taken, more than 60 s ahead not', async () => {
    const ahead = (seconds: number) => ({
      claims: { iat: fapi.now() + seconds, nbf: fapi.now() + seconds, exp: fapi.now() + seconds + 60 },
    })
    expect((await push(fapi, startFlow(fapi.one), { assertion: ahead(8) })).status).toBe(201)
    expect(errorOf(await push(fapi, startFlow(fapi.one), { assertion: ahead(70) }))).toEqual(denied.client)
  })

  it('O21-4.1.2-01 FAPI2-5.3.2.2-02: no state, a state of 384 characters, an unknown parameter', async () => {
    expect((await codeOf(fapi, fapi.one, { state: undefined })).landed.searchParams.has('state')).toBe(false)
    const state = 's'.repeat(384)
    expect((await codeOf(fapi, fapi.one, { state })).landed.searchParams.get('state')).toBe(state)
    expect((await codeOf(fapi, fapi.one, { unknown: 'parameter' })).code).not.toBe('')
  })

  it('PAR-4-01: a request that was begun and left is begun again, elsewhere too, and after its answer is spent', async () => {
    const flow = startFlow(fapi.one)
    const url = useUrl(fapi, fapi.one, await push(fapi, flow))
    const browser = formBrowser(fapi.issuer)
    expect((await browser.open(url)).text).toContain('id="login-submit"')
    expect((await formBrowser(fapi.issuer).open(url)).text).toContain('id="login-submit"')
    const { landed } = await walkForms(fapi, url, browser)
    expect(landed.searchParams.get('code')).toBeTruthy()
    const spent = await fetch(url, { redirect: 'manual' })
    const told = spent.headers.get('location')
    if (told === null) expect(spent.status).toBe(400)
    else expect(new URL(told).searchParams.get('code')).toBeNull()
  })

  it('O21-4.1.2.1-02: a person who says no, at the sign-in or to the consent: the client is told access_denied', async () => {
    const pressNo = [
      (browser: FormBrowser, page: Page) => browser.press(page, 'login-cancel'),
      async (browser: FormBrowser, page: Page) =>
        browser.press(await browser.press(page, 'login-submit', { username: 'taro', password: kitPassword }), 'consent-deny'),
    ]
    for (const press of pressNo) {
      const browser = formBrowser(fapi.issuer)
      const { url } = await press(browser, await browser.open(useUrl(fapi, fapi.one, await push(fapi, startFlow(fapi.one)))))
      const told = ['error', 'state', 'iss', 'code'].map((name) => url.searchParams.get(name))
      expect(told).toEqual(['access_denied', 's-1', fapi.issuer, null])
    }
  })
})

describe('codes and keys', () => {
  it('DPOP-10-01 DPOP-10-02 FAPI2-5.3.2.1-03: dpop_jkt or a proof at the push binds the code; another key is invalid_grant', async () => {
    const key = wireKey()
    for (const [change, headers] of [
      [{ dpop_jkt: key.jkt }, {}],
      [{}, { dpop: par(key) }],
      [{ dpop_jkt: key.jkt }, { dpop: par(key) }],
    ] as const) {
      const flow = startFlow(fapi.one, change)
      const landed = await authorize(fapi, flow, await push(fapi, flow, { headers }))
      const code = landed.searchParams.get('code')
      expect(errorOf(await redeem(fapi, flow, code, wireKey()))).toEqual(denied.grant)
      expect((await redeem(fapi, flow, code, key)).status).toBe(200)
    }
  })

  it('DPOP-10.1-02: dpop_jkt and a proof of another key: the push is refused', async () => {
    const answer = await push(fapi, startFlow(fapi.one, { dpop_jkt: wireKey().jkt }), { headers: { dpop: par() } })
    expect(errorOf(answer)).toEqual([400, 'invalid_dpop_proof'])
  })

  it('FAPI2-5.3.2.1-01: no proof, no token; the code still works', async () => {
    const { flow, code } = await codeOf(fapi)
    expect((await redeem(fapi, flow, code, undefined)).status).toBe(400)
    expect((await redeem(fapi, flow, code, wireKey())).status).toBe(200)
  })

  it('O21-4.1.3-02: a code of another client, with a wrong verifier or none, redeemed again, or too old', async () => {
    const { flow, code } = await codeOf(fapi)
    expect(errorOf(await redeem(fapi, flow, code, wireKey(), { as: fapi.two }))).toEqual(denied.grant)
    expect(errorOf(await redeem(fapi, flow, code, wireKey(), { form: { code_verifier: 'w'.repeat(43) } }))).toEqual(denied.grant)
    expect((await redeem(fapi, flow, code, wireKey(), { form: { code_verifier: undefined } })).status).toBe(400)
    expect((await redeem(fapi, flow, code, wireKey())).status).toBe(200)
    fapi.wait(1)
    expect(errorOf(await redeem(fapi, flow, code, wireKey()))).toEqual(denied.grant)
    const late = await codeOf(fapi)
    fapi.wait(61)
    expect(errorOf(await redeem(fapi, late.flow, late.code, wireKey()))).toEqual(denied.grant)
  })
})

describe('assertions that must be refused', () => {
  const token = () => `${fapi.issuer}/token`
  const past = () => fapi.now() - 300
  it.each([
    ['for the token endpoint', () => ({ claims: { aud: token() } })],
    ['for the push endpoint', () => ({ claims: { aud: `${fapi.issuer}/par` } })],
    ['for a list with the push endpoint', () => ({ claims: { aud: [`${fapi.issuer}/par`, fapi.issuer] } })],
    ['for somebody else', () => ({ claims: { aud: 'https://other.example' } })],
    ['that expired five minutes ago', () => ({ claims: { iat: past() - 60, exp: past() } })],
    ['without sub', () => ({ claims: { sub: undefined } })],
    ['without exp', () => ({ claims: { exp: undefined } })],
    ['signed with RS256', () => ({ header: { alg: 'RS256' }, key: { ...fapi.one.key, alg: 'RS256' as const } })],
    ['signed by the other client', () => ({ header: { alg: 'ES256' }, key: fapi.two.key })],
  ])('PKJWT-3-01 PKJWT-3-02 FAPI2-5.4.1-01: %s: 401 invalid_client, at the push and for a token', async (_what, change) => {
    expect(errorOf(await push(fapi, startFlow(fapi.one), { assertion: change() }))).toEqual(denied.client)
    const form = { grant_type: 'client_credentials', scope: 'accounts:read', ...assertionOf(fapi, fapi.one, change()) }
    expect(errorOf(await askToken(fapi, form, wireKey()))).toEqual(denied.client)
  })

  it('PKJWT-2.2-01: none at all, and one that is not of client_id', async () => {
    const none = { client_assertion: undefined, client_assertion_type: undefined }
    const { flow, code } = await codeOf(fapi)
    for (const answer of [await push(fapi, startFlow(fapi.one), { form: none }), await redeem(fapi, flow, code, wireKey(), { form: none })])
      expect([400, 401]).toContain(answer.status)
    const other = await redeem(fapi, flow, code, wireKey(), { form: { client_id: fapi.two.clientId } })
    expect([400, 401]).toContain(other.status)
    expect((await redeem(fapi, flow, code, wireKey())).status).toBe(200)
  })
})

describe('requests that must be refused', () => {
  it.each([
    ['a redirect URI that is not registered', { redirect_uri: 'https://suite.example/test/a/kimei/callback?unregistered=1' }],
    ['no redirect URI', { redirect_uri: undefined }],
    ['response type code id_token', { response_type: 'code id_token' }],
    ['response type token', { response_type: 'token' }],
    ['no challenge', { code_challenge: undefined, code_challenge_method: undefined }],
    ['challenge method plain', { code_challenge_method: 'plain' }],
    ['a challenge without method', { code_challenge_method: undefined }],
    ['request_uri in the push', { request_uri: 'urn:ietf:params:oauth:request_uri:x' }],
  ])('PAR-2-01 PAR-2.3-01: %s: JSON with 400, no request_uri', async (_what, change) => {
    const { status, json } = await push(fapi, startFlow(fapi.one, change))
    expect(status).toBe(400)
    expect(['invalid_request', 'unsupported_response_type', 'unauthorized_client']).toContain(json['error'])
    expect(json).not.toHaveProperty('request_uri')
  })

  it('PAR-2.3-01: another method is 405', async () => {
    for (const method of ['GET', 'PUT', 'DELETE', 'PATCH']) expect((await fetch(`${fapi.issuer}/par`, { method })).status, method).toBe(405)
  })

  it('PAR-6-01 PAR-4-02: not pushed, pushed by another client, or too old: nobody signs in', async () => {
    const direct = new URLSearchParams(startFlow(fapi.one).parameters)
    const flow = startFlow(fapi.one)
    const pushed = await push(fapi, flow)
    const answers = [await fetch(`${fapi.issuer}/authorize?${direct}`, { redirect: 'manual' })]
    answers.push(await fetch(useUrl(fapi, fapi.two, pushed), { redirect: 'manual' }))
    fapi.wait(Number(pushed.json['expires_in']) + 1)
    answers.push(await fetch(useUrl(fapi, fapi.one, pushed), { redirect: 'manual' }))
    for (const answer of answers) {
      const told = answer.headers.get('location')
      if (told === null) expect(answer.status).toBe(400)
      else expect(new URL(told).searchParams.get('error')).toMatch(/^invalid_request/)
    }
  })
})
