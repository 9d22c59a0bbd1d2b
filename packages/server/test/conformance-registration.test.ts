// The dynamic, logout and refresh plans of certification, and what the suites of bound tokens do with proofs and pushed requests.
import { checkLogoutToken, importVerifyKey, isBroken, type PublicJwk, wholeLaw } from '@kimei/protocol'
import * as openid from 'openid-client'
import { wireKey, wireProof } from 'testkit'
import { formBrowser } from 'testkit/browser'
import { walkForms } from 'testkit/code'
import { basicHeader, claimsOfJwt, type KitAnswer, pkcePair, postForm, readResponse, tokenProof } from 'testkit/issuer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  askToken,
  askUrl,
  authenticate,
  callback,
  redeem,
  registerRp,
  type Suite,
  sendRegistration,
  startSuite,
  suiteMetadata,
  tokensOf,
  userinfo,
  walk,
} from './conformance-parts.ts'

let suite: Suite
beforeAll(async () => {
  suite = await startSuite()
})
afterAll(() => suite.close())

const errorOf = ({ status, json }: KitAnswer) => [status, json['error']]
const refreshing = { grant_types: ['authorization_code', 'refresh_token'] }

describe('dynamic registration', () => {
  it('DCR-2-01: keys by jwks_uri, fetched from the relying party, sign its assertions', async () => {
    suite.host.documents['/jwks.json'] = { keys: [] }
    const rp = await registerRp(suite, { token_endpoint_auth_method: 'private_key_jwt', jwks_uri: `${suite.host.origin}/jwks.json` })
    suite.host.documents['/jwks.json'] = { keys: [{ ...rp.key.publicJwk, kid: rp.key.kid, use: 'sig', alg: 'RS256' }] }
    expect((await tokensOf(suite, rp)).answer.status).toBe(200)
  })

  it('OIDC-8.1-01: a sector document that lists the redirect URI is taken, one that does not is refused', async () => {
    const sector = { subject_type: 'pairwise', sector_identifier_uri: `${suite.host.origin}/redirect_uris.json` }
    suite.host.documents['/redirect_uris.json'] = [callback]
    const rp = await registerRp(suite, sector)
    expect(claimsOfJwt((await tokensOf(suite, rp)).answer.json['id_token'])['sub']).not.toBe('user-hanako')
    suite.host.documents['/redirect_uris.json'] = ['https://suite.example/other']
    expect(errorOf(await sendRegistration(suite, suiteMetadata(sector)))).toEqual([400, 'invalid_client_metadata'])
  })

  it.each([
    ['logo_uri', 'https://suite.example/images/logo.png'],
    ['policy_uri', 'https://suite.example/policy.html'],
    ['tos_uri', 'https://suite.example/tos.html'],
    ['client_uri', 'https://suite.example/'],
  ])('DCR-2-01: %s is registered, and the request leads to the sign-in page', async (member, uri) => {
    const rp = await registerRp(suite, { [member]: uri })
    expect(rp.registered[member]).toBe(uri)
    expect((await formBrowser(suite.issuer).open(askUrl(suite, rp))).text).toContain('id="login-submit"')
  })

  it('DCR-2-01: a redirect URI with a fragment is refused, and RS256 for the ID token is the default', async () => {
    expect(errorOf(await sendRegistration(suite, suiteMetadata({ redirect_uris: [`${callback}#x`] })))).toEqual([
      400,
      'invalid_redirect_uri',
    ])
    expect((await registerRp(suite)).registered['id_token_signed_response_alg']).toBe('RS256')
  })

  it('DCRM-2.3-01: the relying party ends its registration when a module is over', async () => {
    const { registered } = await registerRp(suite)
    const headers = { authorization: `Bearer ${registered['registration_access_token']}` }
    const ended = await fetch(String(registered['registration_client_uri']), { method: 'DELETE', headers })
    expect(ended.status).toBe(204)
  })

  it('DCR-3-01: openid-client registers itself and signs somebody in', async () => {
    const config = await openid.dynamicClientRegistration(
      new URL(suite.issuer),
      suiteMetadata({ token_endpoint_auth_method: 'client_secret_post' }) as Partial<openid.ClientMetadata>,
      undefined,
      {
        execute: [openid.allowInsecureRequests],
      },
    )
    const verifier = openid.randomPKCECodeVerifier()
    const url = openid.buildAuthorizationUrl(config, {
      redirect_uri: callback,
      scope: 'openid email',
      state: 's-1',
      code_challenge: await openid.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    })
    const { landed } = await walkForms(suite, url.href)
    const tokens = await openid.authorizationCodeGrant(config, landed, { pkceCodeVerifier: verifier, expectedState: 's-1' })
    const info = await openid.fetchUserInfo(config, tokens.access_token, tokens.claims()?.sub ?? '')
    expect(info.email).toBe('hanako@example.test')
  })
})

describe('signing out', () => {
  const bye = 'https://suite.example/test/a/kimei/post_logout_redirect'

  it('RPLO-3-01 BCLO-2.4-01: the page leads back with the whole state, the relying party is told, the sign-in is gone', async () => {
    const backchannel = { backchannel_logout_uri: `${suite.host.origin}/backchannel_logout`, backchannel_logout_session_required: true }
    const rp = await registerRp(suite, { ...backchannel, post_logout_redirect_uris: [bye] })
    const { browser, answer } = await tokensOf(suite, rp)
    const idToken = String(answer.json['id_token'])
    const state = 'r'.repeat(128)
    const query = new URLSearchParams({ id_token_hint: idToken, post_logout_redirect_uri: bye, state })
    const page = await browser.open(`${suite.issuer}/logout?${query}`)
    expect(page.url.href).toBe(`${bye}?state=${state}`)
    await suite.server.sweep()
    const told = suite.host.posted.filter(({ path }) => path === '/backchannel_logout')
    expect(told).toHaveLength(1)
    const { keys } = (await (await fetch(`${suite.issuer}/jwks`)).json()) as { keys: PublicJwk[] }
    const keyFor = async ({ kid }: { kid: string | undefined }) =>
      importVerifyKey(keys.find((key) => key.kid === kid) as PublicJwk, 'RS256')
    const expected = { issuer: suite.issuer, clientId: rp.clientId, now: suite.now(), leewaySeconds: 5, algorithms: ['RS256'] as const }
    const token = told[0]?.form.get('logout_token') ?? ''
    expect(isBroken(await checkLogoutToken(token, { ...expected, keyFor: keyFor as never }, wholeLaw))).toBe(false)
    expect(claimsOfJwt(token)).toMatchObject({ sid: claimsOfJwt(idToken)['sid'], sub: 'user-hanako', aud: rp.clientId })
    const after = await walk(suite, rp, { prompt: 'none' }, browser)
    expect(after.landed.searchParams.get('error')).toBe('login_required')
  })

  it.each([
    ['a URI that is not registered', (hint: string) => ({ id_token_hint: hint, post_logout_redirect_uri: `${bye}/other` })],
    ['a query added', (hint: string) => ({ id_token_hint: hint, post_logout_redirect_uri: `${bye}?more=1` })],
    [
      'a hint that was changed',
      (hint: string) => ({ id_token_hint: `${hint.slice(0, -20)}${'A'.repeat(20)}`, post_logout_redirect_uri: bye }),
    ],
    ['a hint that is none', () => ({ id_token_hint: 'none.at.all', post_logout_redirect_uri: bye })],
    ['no hint', () => ({ post_logout_redirect_uri: bye })],
    ['nothing at all', () => ({})],
    ['state alone', () => ({ state: 'x' })],
    ['no redirect', (hint: string) => ({ id_token_hint: hint })],
  ])('RPLO-3-01: %s: a page of the issuer, and nobody is sent away', async (_what, change) => {
    const rp = await registerRp(suite, { post_logout_redirect_uris: [bye] })
    const { browser, answer } = await tokensOf(suite, rp)
    const query = new URLSearchParams(change(String(answer.json['id_token'])) as Record<string, string>)
    const page = await browser.open(`${suite.issuer}/logout?${query}`)
    expect([page.url.origin, [200, 400].includes(page.status)]).toEqual([new URL(suite.issuer).origin, true])
  })
})

describe('refresh and proofs', () => {
  it('O21-4.3-01: a refresh token works, its ID token names the same person, and no other client can use it', async () => {
    const [rp, other] = [await registerRp(suite, refreshing), await registerRp(suite, refreshing)]
    const first = (await tokensOf(suite, rp, { scope: 'openid offline_access', prompt: 'consent' })).answer
    const form = { grant_type: 'refresh_token', refresh_token: String(first.json['refresh_token']) }
    expect(errorOf(await askToken(suite, other, form))).toEqual([400, 'invalid_grant'])
    const second = await askToken(suite, rp, form)
    expect([second.status, (await userinfo(suite, second.json['access_token'])).status]).toEqual([200, 200])
    if (second.json['id_token'] !== undefined) {
      const [old, fresh] = [claimsOfJwt(first.json['id_token']), claimsOfJwt(second.json['id_token'])]
      for (const claim of ['iss', 'sub', 'aud', 'auth_time']) expect(fresh[claim]).toEqual(old[claim])
    }
  })

  it('DPOP-5-04: a confidential client refreshes twice, 31 s apart, each time with a new proof key', async () => {
    const rp = await registerRp(suite, { ...refreshing, token_endpoint_auth_method: 'private_key_jwt', dpop_bound_access_tokens: true })
    const proof = () => ({ dpop: tokenProof(suite, wireKey()) })
    const { landed } = await walk(suite, rp, { scope: 'openid offline_access', prompt: 'consent' })
    const first = await redeem(suite, rp, landed, proof())
    expect([first.status, first.json['token_type']]).toEqual([200, 'DPoP'])
    const form = { grant_type: 'refresh_token', refresh_token: String(first.json['refresh_token']) }
    for (let times = 0; times < 2; times += 1) {
      suite.wait(31)
      const again = await askToken(suite, rp, form, proof())
      expect([again.status, again.json['token_type']]).toEqual([200, 'DPoP'])
    }
  })

  it('DPOP-11.1-01: proofs of a clock ten seconds off, and with nbf and exp of their own, are taken', async () => {
    const rp = await registerRp(suite, { dpop_bound_access_tokens: true })
    const now = suite.now()
    for (const claims of [{ iat: now - 10 }, { iat: now + 10 }, { nbf: now, exp: now + 60 }]) {
      const key = wireKey()
      const answer = await redeem(suite, rp, (await walk(suite, rp)).landed, { dpop: tokenProof(suite, key, { claims }) })
      expect(answer.status, JSON.stringify(claims)).toBe(200)
      const token = String(answer.json['access_token'])
      const own = wireProof(key, { url: `${suite.issuer}/userinfo`, now, accessToken: token, claims })
      const info = await readResponse(await fetch(`${suite.issuer}/userinfo`, { headers: { authorization: `DPoP ${token}`, dpop: own } }))
      expect(info.json['sub']).toBe('user-hanako')
    }
  })

  it('PKJWT-3-01: assertions addressed to the issuer or to the token endpoint are taken, to another host not', async () => {
    const rp = await registerRp(suite, { token_endpoint_auth_method: 'private_key_jwt' })
    for (const [aud, status] of [
      [suite.issuer, 200],
      [`${suite.issuer}/token`, 200],
      ['https://other.example', 401],
    ] as const) {
      const code = (await walk(suite, rp)).landed.searchParams.get('code') ?? ''
      const own = authenticate(suite, rp, { aud })
      const form = { grant_type: 'authorization_code', code, redirect_uri: callback, ...own.form }
      expect((await postForm(suite, '/token', form, own.headers)).status, aud).toBe(status)
    }
  })

  it('PAR-2.2-01: a pushed request outlasts a reload of the page it leads to, and works once it is answered', async () => {
    const rp = await registerRp(suite)
    const { verifier, challenge } = pkcePair()
    const parameters = Object.fromEntries(new URL(askUrl(suite, rp)).searchParams)
    const form = { ...parameters, code_challenge: challenge, code_challenge_method: 'S256' }
    const pushed = await postForm(suite, '/par', form, { authorization: basicHeader(rp.clientId, rp.secret) })
    expect(pushed.status).toBe(201)
    const use = new URLSearchParams({ client_id: rp.clientId, request_uri: String(pushed.json['request_uri']) })
    const url = `${suite.issuer}/authorize?${use}`
    const browser = formBrowser(suite.issuer)
    for (let loads = 0; loads < 2; loads += 1) expect((await browser.open(url)).text).toContain('id="login-submit"')
    const { landed } = await walkForms(suite, url, browser)
    const redemption = { grant_type: 'authorization_code', code: landed.searchParams.get('code') ?? '', code_verifier: verifier }
    expect((await askToken(suite, rp, { ...redemption, redirect_uri: callback })).status).toBe(200)
  })
})
