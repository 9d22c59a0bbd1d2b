// The certification plan of FAPI 2.0 Message Signing Final (signed requests, signed responses), walked by hand, with OpenID.
import { createRemoteJWKSet, jwtVerify } from 'jose'
import { wireKey } from 'testkit'
import { formBrowser } from 'testkit/browser'
import { claimsOfJwt } from 'testkit/issuer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  authorize,
  callApi,
  errorOf,
  type Fapi,
  type FapiClient,
  push,
  pushSigned,
  redeem,
  startFapi,
  startFlow,
  useUrl,
} from './fapi-parts.ts'

let fapi: Fapi
beforeAll(async () => {
  fapi = await startFapi({ profile: 'fapi2-message-signing', scope: 'openid' })
})
afterAll(() => fapi.close())

const jarm = (change: Readonly<Record<string, unknown>> = {}) => ({ response_mode: 'jwt', ...change })

/** The signed answer, verified as a client does. */
async function readAnswer(landed: URL, { clientId }: FapiClient) {
  expect([[...landed.searchParams.keys()].filter((name) => !name.startsWith('dummy')), landed.hash]).toEqual([['response'], ''])
  const keys = createRemoteJWKSet(new URL(`${fapi.issuer}/jwks`))
  const { payload, protectedHeader } = await jwtVerify(landed.searchParams.get('response') ?? '', keys, {
    issuer: fapi.issuer,
    audience: clientId,
  })
  expect([protectedHeader.alg, typeof protectedHeader.kid]).toEqual(['ES256', 'string'])
  expect(Number(payload.exp) - fapi.now()).toBeLessThanOrEqual(600)
  return payload
}

async function run(client: FapiClient, change: Readonly<Record<string, unknown>> = {}, signing: Parameters<typeof pushSigned>[2] = {}) {
  const flow = startFlow(client, jarm(change))
  const landed = await authorize(fapi, flow, await pushSigned(fapi, flow, signing))
  return { flow, answer: await readAnswer(landed, client) }
}

describe('signed requests and answers', () => {
  it('FAPIMS-5.3-01 FAPIMS-5.4-01 JARM-2.1-01: the happy flow: one client says no typ and no iat, the other says both', async () => {
    for (const client of [fapi.one, fapi.two]) {
      const { flow, answer } = await run(client)
      expect(answer).toMatchObject({ state: 's-1', iss: fapi.issuer })
      const key = wireKey()
      const { json } = await redeem(fapi, flow, answer['code'], key)
      expect(claimsOfJwt(json['id_token'])).toMatchObject({ nonce: 'n-1', aud: client.clientId })
      expect((await callApi(fapi, json['access_token'], key)).status).toBe(200)
    }
  })

  it('JAR-4-01 FAPIMS-5.3-01: several audiences, 8 s ahead, no state, no nonce, a nonce of 64 signs, another order of scopes', async () => {
    const ahead = fapi.now() + 8
    const sound = [
      await run(fapi.one, {}, { claims: { aud: ['https://other.example', fapi.issuer] } }),
      await run(fapi.one, {}, { claims: { nbf: ahead, exp: ahead + 60 } }),
      await run(fapi.one, { nonce: undefined }),
      await run(fapi.one, { nonce: 'n'.repeat(64) }),
      await run(fapi.one, { scope: 'accounts:read openid' }),
    ]
    for (const { answer } of sound) expect(answer['code']).toEqual(expect.any(String))
    expect((await run(fapi.one, { state: undefined })).answer).not.toHaveProperty('state')
  })

  it('JAR-4-01: what stands beside the object is not used: not its state, not its nonce', async () => {
    const flow = startFlow(fapi.one, jarm({ state: 'inside', nonce: 'inside' }))
    const pushed = await pushSigned(fapi, flow)
    const landed = await authorize(fapi, { ...flow, parameters: { ...flow.parameters, state: 'outside' } }, pushed)
    expect((await readAnswer(landed, fapi.one))['state']).toBe('inside')
    const beside = startFlow(fapi.one, jarm({ state: undefined }))
    const url = `${useUrl(fapi, fapi.one, await pushSigned(fapi, beside))}&state=outside&nonce=outside`
    const browser = formBrowser(fapi.issuer)
    const { url: refused } = await browser.press(await browser.open(url), 'login-cancel')
    const told = await readAnswer(refused, fapi.one)
    expect([told['error'], 'state' in told]).toEqual(['access_denied', false])
  })

  it('OIDC-5.5-01: claims asked for by name are told', async () => {
    const claims = { userinfo: { name: { essential: true } }, id_token: { auth_time: { essential: true } } }
    const { flow, answer } = await run(fapi.one, { claims: JSON.stringify(claims) })
    const { json } = await redeem(fapi, flow, answer['code'], wireKey())
    expect(claimsOfJwt(json['id_token'])['auth_time']).toEqual(expect.any(Number))
  })
})

describe('request objects that must be refused', () => {
  const now = () => fapi.now()
  it.each([
    ['without exp', () => ({ claims: { exp: undefined } })],
    ['without nbf', () => ({ claims: { nbf: undefined } })],
    ['expired', () => ({ claims: { nbf: now() - 600, exp: now() - 300 } })],
    ['exp over an hour after nbf', () => ({ claims: { exp: now() + 3700 } })],
    ['nbf over an hour ago', () => ({ claims: { nbf: now() - 3700, exp: now() + 60 } })],
    ['nbf over a minute ahead', () => ({ claims: { nbf: now() + 70, exp: now() + 300 } })],
    ['for another audience', () => ({ claims: { aud: 'https://other.example' } })],
    ['without audience', () => ({ claims: { aud: undefined } })],
    ['alg none', () => ({ header: { alg: 'none' } })],
    ['signed with RS256', () => ({ header: { alg: 'RS256' }, key: { ...fapi.one.key, alg: 'RS256' as const } })],
    ['signed by the other client', () => ({ header: { alg: 'ES256' }, key: fapi.two.key })],
    ['typ of a client assertion', () => ({ header: { typ: 'client-authentication+jwt' } })],
    ['typ of an access token', () => ({ header: { typ: 'at+jwt' } })],
    ['with request_uri inside', () => ({ claims: { request_uri: 'urn:ietf:params:oauth:request_uri:x' } })],
    ['without redirect_uri', () => ({ claims: { redirect_uri: undefined } })],
    ['with a redirect_uri that is not registered', () => ({ claims: { redirect_uri: 'https://suite.example/other' } })],
  ])('FAPIMS-5.3-01 JAR-6.2-01 JAR-10.8-01: %s: 400', async (_what, change) => {
    const [status, error] = errorOf(await pushSigned(fapi, startFlow(fapi.one, jarm()), change()))
    expect([status, ['invalid_request_object', 'invalid_request'].includes(String(error))]).toEqual([400, true])
  })

  it('JAR-10.5-01 FAPIMS-5.3-01: unsigned, at either door', async () => {
    expect(errorOf(await push(fapi, startFlow(fapi.one, jarm())))).toEqual([400, 'invalid_request'])
    const direct = new URLSearchParams(startFlow(fapi.one, jarm()).parameters)
    const answer = await fetch(`${fapi.issuer}/authorize?${direct}`, { redirect: 'manual' })
    const told = claimsOfJwt(new URL(answer.headers.get('location') ?? '').searchParams.get('response'))
    expect(told['error']).toMatch(/^invalid_request/)
  })
})
