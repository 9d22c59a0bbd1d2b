// Pushed authorization requests over real HTTP (RFC 9126), and the key that a push binds its code to (RFC 9449 §10.1).
import { Misuse } from '@kimei/protocol'
import { type WireKey, wireKey, wireProof } from 'testkit'
import { formBrowser } from 'testkit/browser'
import { authorizeUrl, type CodeAsk, type OpenAsk, redemption, startCodeKit, walkForms } from 'testkit/code'
import { asKeyClient, assertionType, basicHeader, claimsOfJwt, type IssuerKit, kitRedirect, postForm, tokenProof } from 'testkit/issuer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseIssuerConfig } from '../src/index.ts'

let kit: IssuerKit
let passed = 0
const clock = () => Math.floor(Date.now() / 1000) + passed
beforeAll(async () => {
  kit = await startCodeKit({ clock })
})
afterAll(async () => {
  await kit.close()
})

const parProof = (key: WireKey, url = `${kit.issuer}/par`) => wireProof(key, { method: 'POST', url, now: kit.now() })
const formOf = (open: OpenAsk): Record<string, string> => Object.fromEntries(new URL(open.url).searchParams)
const errorOf = (answer: { status: number; json: Record<string, unknown> }) => [answer.status, answer.json['error']]

/** Pushes a sound request, but for what is changed. */
async function push(ask: CodeAsk = {}, extra: Record<string, string> = {}, key?: WireKey) {
  const open = authorizeUrl(kit, ask)
  const answer = await postForm(kit, '/par', { ...formOf(open), ...extra }, key ? { dpop: parProof(key) } : {})
  return { open, answer, requestUri: String(answer.json['request_uri']) }
}
const useUrl = (requestUri: string, clientId = 'spa', more: Record<string, string> = {}) =>
  `${kit.issuer}/authorize?${new URLSearchParams({ client_id: clientId, request_uri: requestUri, ...more })}`
const page = async (url: string) => {
  const response = await fetch(url, { redirect: 'manual' })
  return { status: response.status, location: response.headers.get('location'), text: await response.text() }
}
const redeem = (open: OpenAsk, landed: URL, key: WireKey) =>
  postForm(kit, '/token', redemption(kit, open, landed.searchParams.get('code') ?? ''), { dpop: tokenProof(kit, key) })

describe('the push', () => {
  it('PAR-2.2-01 PAR-2.2-02: 201 with an unguessable request_uri, expires_in 60, no-store; a second push gets another', async () => {
    const { answer, requestUri } = await push()
    expect(answer.status).toBe(201)
    expect(Object.keys(answer.json).sort()).toEqual(['expires_in', 'request_uri'])
    expect(requestUri).toMatch(/^urn:ietf:params:oauth:request_uri:[A-Za-z0-9_-]{43}$/)
    expect(answer.json['expires_in']).toBe(60)
    expect(answer.headers.get('cache-control')).toBe('no-store')
    expect((await push()).requestUri).not.toBe(requestUri)
  })

  it('PAR-2-01: request_uri in the body is 400 invalid_request', async () => {
    const { requestUri } = await push()
    expect(errorOf((await push({}, { request_uri: requestUri })).answer)).toEqual([400, 'invalid_request'])
  })

  it('PAR-2-01: the client authenticates as at the token endpoint, or gets 401 invalid_client', async () => {
    const form = formOf(authorizeUrl(kit, { clientId: 'web' }))
    expect((await postForm(kit, '/par', { ...form, ...asKeyClient(kit, 'web') })).status).toBe(201)
    const assertion = asKeyClient(kit, 'web')
    expect((await postForm(kit, '/par', { ...form, ...assertion })).status).toBe(201)
    expect(errorOf(await postForm(kit, '/par', { ...form, ...assertion }))).toEqual([401, 'invalid_client'])
    const changes: Record<string, string>[] = [
      {},
      { client_id: 'nobody' },
      { client_assertion: 'e30.e30.e30', client_assertion_type: assertionType },
    ]
    for (const change of changes) {
      expect(errorOf(await postForm(kit, '/par', { ...form, ...change }))).toEqual([401, 'invalid_client'])
    }
    const basic = await postForm(kit, '/par', { ...form, client_id: 'basic' }, { authorization: basicHeader('basic', 'wrong') })
    expect([basic.status, basic.headers.get('www-authenticate')?.slice(0, 5)]).toEqual([401, 'Basic'])
  })

  it('PAR-2-01 PAR-2.3-01: GET is 405 with Allow, JSON is 400, too much is 413, always as JSON', async () => {
    const got = await fetch(`${kit.issuer}/par`)
    expect([got.status, got.headers.get('allow'), got.headers.get('content-type')]).toEqual([405, 'POST', 'application/json'])
    expect(errorOf(await postForm(kit, '/par', '{}', { 'content-type': 'application/json' }))).toEqual([400, 'invalid_request'])
    expect(errorOf(await postForm(kit, '/par', `a=${'x'.repeat(70_000)}`))).toEqual([413, 'invalid_request'])
    expect(errorOf(await postForm(kit, '/par', 'client_id=spa&scope=a&scope=b'))).toEqual([400, 'invalid_request'])
  })

  const refused: Record<string, [CodeAsk['change'], string]> = {
    'PAR-7.2-01 a redirect URI that is not registered': [{ redirect_uri: 'https://evil.example/' }, 'invalid_request'],
    'no redirect URI where several are registered': [{ redirect_uri: undefined }, 'invalid_request'],
    'response_type token': [{ response_type: 'token' }, 'unsupported_response_type'],
    'response_mode web_message': [{ response_mode: 'web_message' }, 'invalid_request'],
    'no PKCE': [{ code_challenge: undefined }, 'invalid_request'],
    'plain PKCE': [{ code_challenge_method: 'plain' }, 'invalid_request'],
    'a scope that is not assigned': [{ scope: 'openid admin' }, 'invalid_scope'],
    'an unknown resource': [{ resource: 'https://unknown.example/' }, 'invalid_target'],
    'a malformed dpop_jkt': [{ dpop_jkt: 'abc' }, 'invalid_request'],
    'JAR-10.5-01 an unsigned request object': [{ request: 'eyJhbGciOiJub25lIn0.e30.' }, 'invalid_request_object'],
    'a foreign id_token_hint': [{ id_token_hint: 'e30.e30.e30' }, 'invalid_request'],
  }
  for (const [why, [change, error]] of Object.entries(refused)) {
    it(`PAR-2-01 PAR-2.3-01: ${why}: 400 ${error} as JSON, never a redirect`, async () => {
      const { answer } = await push({ change })
      expect(errorOf(answer)).toEqual([400, error])
      expect(answer.headers.get('location')).toBeNull()
    })
  }

  it('PAR-2.3-01: what only a person can settle is no matter of the push: prompt=none is taken', async () => {
    const { answer, requestUri } = await push({ change: { prompt: 'none' } })
    expect(answer.status).toBe(201)
    const { location } = await page(useUrl(requestUri))
    expect(new URL(location ?? '').searchParams.get('error')).toBe('login_required')
  })

  it('browsers of registered origins may push, others may not read', async () => {
    const ask = (origin: string) => fetch(`${kit.issuer}/par`, { method: 'OPTIONS', headers: { origin } })
    const known = await ask('https://app.example')
    expect(known.headers.get('access-control-allow-origin')).toBe('https://app.example')
    expect(known.headers.get('access-control-allow-headers')).toContain('DPoP')
    expect((await ask('https://evil.example')).headers.get('access-control-allow-origin')).toBeNull()
  })
})

describe('how long it lives', () => {
  it('PAR-2.2-02: 5 to 599 seconds can be configured, no more and no less', async () => {
    for (const pushedRequestSeconds of [4, 600]) {
      expect(() => parseIssuerConfig({ issuer: 'https://id.example', lifetimes: { pushedRequestSeconds } })).toThrow(Misuse)
    }
    const short = await startCodeKit({ config: { lifetimes: { pushedRequestSeconds: 5 } } })
    const answer = await postForm(short, '/par', formOf(authorizeUrl(short)))
    expect([answer.status, answer.json['expires_in']]).toEqual([201, 5])
    await short.close()
  })
})

describe('its use', () => {
  it('PAR-4-02: what stands beside client_id and request_uri in the front channel is not used', async () => {
    const { open, requestUri } = await push({ change: { scope: 'openid notes:read', state: 'pushed-state' } })
    const beside = {
      scope: 'openid notes:write',
      state: 'other',
      redirect_uri: 'https://evil.example/',
      code_challenge: 'x',
      prompt: 'none',
    }
    const { landed } = await walkForms(kit, useUrl(requestUri, 'spa', beside))
    expect(`${landed.origin}${landed.pathname}`).toBe(kitRedirect)
    expect([landed.searchParams.get('state'), landed.searchParams.get('iss')]).toEqual(['pushed-state', kit.issuer])
    const tokens = await redeem(open, landed, wireKey())
    expect([tokens.status, tokens.json['scope']]).toEqual([200, 'openid notes:read'])
  })

  it('PAR-4-01: reload and link previews before the answer keep it; the second completion is an error page', async () => {
    const { requestUri } = await push()
    for (let i = 0; i < 3; i += 1) expect((await page(useUrl(requestUri))).status).toBe(303)
    const [first, second] = [formBrowser(kit.issuer), formBrowser(kit.issuer)]
    const waiting = await second.open(useUrl(requestUri))
    const { landed } = await walkForms(kit, useUrl(requestUri), first)
    expect(landed.searchParams.get('code')).toBeTruthy()
    const fields = { username: 'hanako', password: 'correct horse battery staple' }
    const consent = await second.press(waiting, 'login-submit', fields)
    const late = consent.text.includes('id="consent-allow"') ? await second.press(consent, 'consent-allow') : consent
    expect(late.status).toBe(400)
    expect(late.text).toContain('Request cannot be processed')
    expect(late.text).toContain('par.request-is-unused')
    const again = await page(useUrl(requestUri))
    expect([again.status, again.location]).toEqual([400, null])
  })

  it('PAR-4-01: a refusal by the person uses it up, too', async () => {
    const { requestUri } = await push()
    const browser = formBrowser(kit.issuer)
    const signIn = await browser.open(useUrl(requestUri))
    const consent = await browser.press(signIn, 'login-submit', { username: 'taro', password: 'correct horse battery staple' })
    const denied = await browser.press(consent, 'consent-deny')
    expect(denied.url.searchParams.get('error')).toBe('access_denied')
    expect((await page(useUrl(requestUri))).status).toBe(400)
  })

  it('PAR-2.2-01: another client, an unknown one and an unknown request_uri get an error page; the request is not harmed', async () => {
    const { requestUri } = await push()
    for (const [uri, client] of [
      [requestUri, 'cli'],
      [requestUri, 'nobody'],
      [`${requestUri}x`, 'spa'],
      ['urn:ietf:params:oauth:request_uri:', 'spa'],
    ] as const) {
      const { status, location, text } = await page(useUrl(uri, client))
      expect([status, location, text.includes('Request cannot be processed')], `${uri} ${client}`).toEqual([400, null, true])
    }
    expect((await page(`${useUrl(requestUri)}&client_id=spa`)).status).toBe(400)
    expect((await page(`${kit.issuer}/authorize?request_uri=${encodeURIComponent(requestUri)}`)).status).toBe(400)
    expect((await page(useUrl(requestUri))).status).toBe(303)
  })

  it('PAR-4-02 PAR-2.2-02: expired is an error page, but who began in time may take the time to sign in', async () => {
    const { requestUri } = await push()
    const browser = formBrowser(kit.issuer)
    passed += 59
    const waiting = await browser.open(useUrl(requestUri))
    passed += 1
    const late = await page(useUrl(requestUri))
    expect([late.status, late.location, late.text.includes('par.request-is-not-expired')]).toEqual([400, null, true])
    passed += 300
    const consent = await browser.press(waiting, 'login-submit', { username: 'taro', password: 'correct horse battery staple' })
    const done = await browser.press(consent, 'consent-allow')
    expect(done.url.searchParams.get('code')).toBeTruthy()
  })
})

describe('the key', () => {
  it('DPOP-10.1-01: a proof at the push binds the code as dpop_jkt does: another key is 400 invalid_grant, its own gets the tokens', async () => {
    const key = wireKey()
    const { open, answer, requestUri } = await push({}, {}, key)
    expect(answer.status).toBe(201)
    const { landed } = await walkForms(kit, useUrl(requestUri))
    expect(errorOf(await redeem(open, landed, wireKey()))).toEqual([400, 'invalid_grant'])
    const tokens = await redeem(open, landed, key)
    expect([tokens.status, claimsOfJwt(tokens.json['access_token'])['cnf']]).toEqual([200, { jkt: key.jkt }])
  })

  it('DPOP-10.1-01: par.proof-names-the-key is what does it: without that rule a proven push leaves the code to any key', async () => {
    const whole = kit
    kit = await startCodeKit({ law: { waives: (id) => id === 'par.proof-names-the-key' } })
    try {
      const key = wireKey()
      const { open, requestUri } = await push({}, {}, key)
      const { landed } = await walkForms(kit, useUrl(requestUri))
      expect((await redeem(open, landed, wireKey())).status).toBe(200)
      // What the request says by itself is kept to all the same.
      const named = await push({ key }, {}, key)
      const { landed: back } = await walkForms(kit, useUrl(named.requestUri))
      expect(errorOf(await redeem(named.open, back, wireKey()))).toEqual([400, 'invalid_grant'])
    } finally {
      await kit.close()
      kit = whole
    }
  })

  it('DPOP-10.1-01: dpop_jkt alone binds it, too', async () => {
    const key = wireKey()
    const { open, requestUri } = await push({ key })
    const { landed } = await walkForms(kit, useUrl(requestUri))
    expect(errorOf(await redeem(open, landed, wireKey()))).toEqual([400, 'invalid_grant'])
    expect((await redeem(open, landed, key)).status).toBe(200)
  })

  it('DPOP-10.1-01: a proof for the token endpoint, a broken one or a used one is 400 invalid_dpop_proof', async () => {
    const key = wireKey()
    const form = formOf(authorizeUrl(kit))
    const used = parProof(key)
    expect((await postForm(kit, '/par', form, { dpop: used })).status).toBe(201)
    for (const dpop of [tokenProof(kit, key), used, 'e30.e30.e30', parProof(key, `${kit.issuer}/authorize`)]) {
      const answer = await postForm(kit, '/par', form, { dpop })
      expect(errorOf(answer)).toEqual([400, 'invalid_dpop_proof'])
      expect(answer.json['request_uri']).toBeUndefined()
    }
  })

  it('DPOP-10.1-02: dpop_jkt of another key beside a proof is 400 invalid_dpop_proof, without request_uri; of the same key it is fine', async () => {
    const key = wireKey()
    const { answer } = await push({ key: wireKey() }, {}, key)
    expect(errorOf(answer)).toEqual([400, 'invalid_dpop_proof'])
    expect(answer.json['request_uri']).toBeUndefined()
    expect((await push({ key }, {}, key)).answer.status).toBe(201)
  })

  it('a push is told to the audit log, with its key and without the request_uri', async () => {
    const key = wireKey()
    const { requestUri } = await push({}, {}, key)
    const event = kit.audit.findLast(({ event: name }) => name === 'request_pushed')
    expect([event?.clientId, event?.jkt]).toEqual(['spa', key.jkt])
    expect(JSON.stringify(kit.audit)).not.toContain(requestUri)
  })
})
