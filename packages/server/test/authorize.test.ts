// The authorization endpoint over real HTTP: trust first, then what is asked, then the person.

import { wireJwt, wireKey } from 'testkit'
import { formBrowser } from 'testkit/browser'
import { authorizeUrl, type CodeAsk, getTokens, kitPassword, redemption, startCodeKit, walkForms } from 'testkit/code'
import { claimsOfJwt, type IssuerKit, kitApi, kitRedirect, postForm, tokenProof } from 'testkit/issuer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

let kit: IssuerKit
beforeAll(async () => {
  kit = await startCodeKit()
})
afterAll(() => kit.close())

/** Asks without cookies, follows nothing. */
const ask = async (change: CodeAsk['change'], init: CodeAsk = {}) => {
  const response = await fetch(authorizeUrl(kit, { ...init, change }).url, { redirect: 'manual' })
  const location = response.headers.get('location')
  return { response, text: await response.text(), to: location === null ? undefined : new URL(location, kit.issuer) }
}

describe('before the client is trusted: a page, never a redirect', () => {
  const cases: Record<string, CodeAsk['change']> = {
    'O21-4.1.2.1-01 an unknown client': { client_id: 'nobody' },
    'no client at all': { client_id: undefined },
    'O21-2.3.1-01 another path': { redirect_uri: `${kitRedirect}/` },
    'O21-2.3.1-01 another case': { redirect_uri: 'https://APP.example/callback' },
    'O21-2.3.1-01 a percent triplet': { redirect_uri: 'https://app.example/c%61llback' },
    'O21-2.3.1-01 a subdomain': { redirect_uri: 'https://evil.app.example/callback' },
    'a query added': { redirect_uri: `${kitRedirect}?x=1` },
    'user information': { redirect_uri: 'https://app.example@evil.example/callback' },
    script: { redirect_uri: 'javascript:alert(1)' },
    'O21-2.3.2-01 none where several are registered': { redirect_uri: undefined },
    'OIDC-3.1.2.6-01 ASVS-10.4.12 SEED-O21-17 response_mode foo': { response_mode: 'foo' },
    'OIDC-3.1.2.6-01 response_mode foo.jwt': { response_mode: 'foo.jwt' },
  }
  for (const [why, change] of Object.entries(cases)) {
    it(`${why}: 400 page`, async () => {
      const { response, text, to } = await ask(change)
      expect(response.status).toBe(400)
      expect(to).toBeUndefined()
      expect(response.headers.get('content-type')).toMatch(/^text\/html/)
      expect(text).toContain('Request cannot be processed')
    })
  }

  it('O21-3.1-01: client_id or redirect_uri twice: 400 page', async () => {
    for (const twice of ['client_id=spa', `redirect_uri=${encodeURIComponent(kitRedirect)}`]) {
      const response = await fetch(`${authorizeUrl(kit).url}&${twice}`, { redirect: 'manual' })
      expect([response.status, response.headers.get('location')]).toEqual([400, null])
    }
  })

  it('O21-7.12-01 O21-7.11-01: hostile input is not echoed, the page cannot be framed and is not stored', async () => {
    const { response, text } = await ask({ redirect_uri: 'https://evil.example/"><script>alert(1)</script>', state: '<script>' })
    expect(text).not.toContain('<script>')
    expect(text).not.toContain('evil.example')
    expect(response.headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
    expect(response.headers.get('x-frame-options')).toBe('DENY')
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(response.headers.get('referrer-policy')).toBe('no-referrer')
  })
})

describe('once it is trusted: told at its redirect URI, with state and iss', () => {
  const cases: Record<string, [CodeAsk['change'], string]> = {
    'no response_type': [{ response_type: undefined }, 'invalid_request'],
    'an unheard-of response_type': [{ response_type: 'ticket' }, 'unsupported_response_type'],
    'O21-4.1.1-02 no challenge': [{ code_challenge: undefined }, 'invalid_request'],
    'O21-4.1.1-01 no method': [{ code_challenge_method: undefined }, 'invalid_request'],
    'O21-4.1.1-01 ASVS-10.4.6 plain': [{ code_challenge_method: 'plain' }, 'invalid_request'],
    'a challenge that is no digest': [{ code_challenge: 'short' }, 'invalid_request'],
    'O21-4.1.2.1-02 an unknown scope': [{ scope: 'openid admin' }, 'invalid_scope'],
    'ASVS-10.4.11 a scope of an API the client may not ask for': [{ scope: 'other:read' }, 'invalid_scope'],
    'O21-1.4.1-01 no scope': [{ scope: undefined }, 'invalid_scope'],
    'RES-2-01 an unknown resource': [{ resource: 'https://unknown.example/' }, 'invalid_target'],
    'RES-2-01 a resource with a fragment': [{ resource: `${kitApi}#x` }, 'invalid_target'],
    'DPOP-11.8-01 a malformed dpop_jkt': [{ dpop_jkt: 'abc' }, 'invalid_request'],
    'OIDC-3.1.2.1-01 prompt none with login': [{ prompt: 'none login' }, 'invalid_request'],
    'a max_age that is no number': [{ max_age: 'soon' }, 'invalid_request'],
    'JAR-10.5-01 an unsigned request object': [{ request: 'eyJhbGciOiJub25lIn0.e30.' }, 'invalid_request_object'],
    'JAR-5.2-01 a request_uri that nobody registered': [{ request_uri: 'urn:x' }, 'invalid_request_uri'],
    'JAR-5-01 request beside request_uri': [{ request: 'e30.e30.', request_uri: 'urn:x' }, 'invalid_request'],
    'OIDC-3.1.2.6-01 registration': [{ registration: '{}' }, 'registration_not_supported'],
    'OIDC-3.1.2.1-01 prompt none without a sign-in': [{ prompt: 'none' }, 'login_required'],
  }
  for (const [why, [change, error]] of Object.entries(cases)) {
    it(`${why}: ${error}`, async () => {
      const { response, to } = await ask(change)
      expect(response.status).toBe(303)
      expect(`${to?.origin}${to?.pathname}`).toBe(kitRedirect)
      expect(to?.searchParams.get('error')).toBe(error)
      expect(to?.searchParams.get('state')).toBe('state-1')
      expect(to?.searchParams.get('iss')).toBe(kit.issuer)
      expect(to?.searchParams.get('code')).toBeNull()
    })
  }

  it('O21-3.1-01: state twice is told without a state', async () => {
    const response = await fetch(`${authorizeUrl(kit).url}&state=other`, { redirect: 'manual' })
    const to = new URL(response.headers.get('location') ?? '')
    expect([to.searchParams.get('error'), to.searchParams.get('state')]).toEqual(['invalid_request', null])
  })

  it('O21-3.1-01 OIDC-15.1-01: unknown parameters are ignored, empty ones are absent, unknown locales and prompts are no error', async () => {
    const { response, to } = await ask({
      unknown: 'x',
      login_hint: '',
      ui_locales: 'tlh xx',
      display: 'page',
      prompt: 'create',
      acr_values: '1',
      claims_locales: 'fr',
    })
    expect(response.status).toBe(303)
    expect(to?.pathname).toBe('/signin')
  })

  it('ASVS-10.4.4: a client without the code grant cannot begin', async () => {
    // `service` has no redirect URI at all, so that nothing could even be answered to it.
    expect((await ask({ client_id: 'service', redirect_uri: undefined })).response.status).toBe(400)
  })
})

describe('redirect URIs of programs on this computer', () => {
  it('NATIVE-7.3-01: the port is free, host and path are not', async () => {
    const at = async (uri: string) => (await ask({ redirect_uri: uri }, { clientId: 'cli' })).response.status
    expect(await at('http://127.0.0.1:50000/callback')).toBe(303)
    expect(await at('http://127.0.0.1/callback')).toBe(303)
    for (const uri of [
      'http://localhost:50000/callback',
      'http://[::1]:50000/callback',
      'http://127.0.0.1:50000/other',
      'http://127.0.0.2:50000/callback',
      'http://0x7f.1:50000/callback',
      'https://127.0.0.1:50000/callback',
      'http://127.0.0.1:0/callback',
      'http://127.0.0.1:99999/callback',
      'http://127.0.0.1:50000/callback?x=1',
      'http://127.0.0.1:50000@evil.example/callback',
      'http://127.0.0.1:50000/callback#x',
    ]) {
      expect(await at(uri), uri).toBe(400)
    }
  })
})

describe('the person', () => {
  it('O21-4.1.2-02 OIDC-2-02 OIDC-16.22-1: signs in, consents, comes back by 303 with code, state and iss', async () => {
    const open = authorizeUrl(kit)
    const { landed } = await walkForms(kit, open.url)
    expect(`${landed.origin}${landed.pathname}`).toBe(kitRedirect)
    expect(landed.searchParams.get('state')).toBe('state-1')
    expect(landed.searchParams.get('iss')).toBe(kit.issuer)
    expect(landed.searchParams.get('code')?.length).toBeGreaterThanOrEqual(43)
  })

  it('OIDC-15.1-01: the same by POST', async () => {
    const open = authorizeUrl(kit)
    const url = new URL(open.url)
    const response = await fetch(`${kit.issuer}/authorize`, {
      method: 'POST',
      redirect: 'manual',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: url.search.slice(1),
    })
    // Without our cookies: once more by GET, which brings them where there are any.
    expect(response.status).toBe(303)
    const { landed } = await walkForms(kit, response.headers.get('location') ?? '')
    expect(landed.searchParams.get('code')).toBeTruthy()
    const bad = await fetch(`${kit.issuer}/authorize`, {
      method: 'POST',
      redirect: 'manual',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: `${url.search.slice(1)}&scope=admin`,
    })
    expect(new URL(bad.headers.get('location') ?? '').searchParams.get('error')).toBe('invalid_request')
  })

  it('says no: access_denied with state and iss', async () => {
    const browser = formBrowser(kit.issuer)
    const page = await browser.open(authorizeUrl(kit, { change: { prompt: 'consent' } }).url)
    const consent = await browser.press(page, 'login-submit', { username: 'hanako', password: kitPassword })
    const { url } = await browser.press(consent, 'consent-deny')
    expect([url.searchParams.get('error'), url.searchParams.get('state'), url.searchParams.get('iss')]).toEqual([
      'access_denied',
      'state-1',
      kit.issuer,
    ])
  })

  it('answers an interaction once, and only in the browser that began it', async () => {
    const browser = formBrowser(kit.issuer)
    const page = await browser.open(authorizeUrl(kit, { change: { prompt: 'consent' } }).url)
    const stranger = formBrowser(kit.issuer)
    expect((await stranger.open(page.url)).status).toBe(400)
    const consent = await browser.press(page, 'login-submit', { username: 'hanako', password: kitPassword })
    expect((await browser.press(consent, 'consent-allow')).url.searchParams.get('code')).toBeTruthy()
    const again = await browser.press(consent, 'consent-deny')
    expect([again.status, again.text.includes('Request cannot be processed')]).toEqual([400, true])
  })

  it('answers 16 allowances of one interaction with one code', async () => {
    const browser = formBrowser(kit.issuer)
    const page = await browser.open(authorizeUrl(kit, { change: { prompt: 'consent' } }).url)
    const consent = await browser.press(page, 'login-submit', { username: 'hanako', password: kitPassword })
    // Each form is another, so that none is taken for a second press of the same button.
    const answers = await Promise.all(Array.from({ length: 16 }, (_, index) => browser.press(consent, 'consent-allow', { n: `${index}` })))
    expect(answers.filter(({ url }) => url.searchParams.get('code'))).toHaveLength(1)
  })

  it('O21-7.3-01 ASVS-10.7.1: an earlier consent answers for an https client, never for a program on a computer', async () => {
    const first = await walkForms(kit, authorizeUrl(kit).url)
    const again = await first.browser.open(authorizeUrl(kit).url)
    expect(again.url.searchParams.get('code')).toBeTruthy()
    const silent = await first.browser.open(authorizeUrl(kit, { change: { prompt: 'none' } }).url)
    expect(silent.url.searchParams.get('code')).toBeTruthy()
    const more = await first.browser.open(authorizeUrl(kit, { change: { prompt: 'none', scope: 'openid email' } }).url)
    expect(more.url.searchParams.get('error')).toBe('consent_required')

    const { browser } = await walkForms(kit, authorizeUrl(kit, { clientId: 'cli' }).url)
    expect((await browser.open(authorizeUrl(kit, { clientId: 'cli' }).url)).text).toContain('consent-allow')
    const quiet = await browser.open(authorizeUrl(kit, { clientId: 'cli', change: { prompt: 'none' } }).url)
    expect(quiet.url.searchParams.get('error')).toBe('consent_required')
  })

  it('OIDC-3.1.2.1-02: prompt=login and max_age=0 ask for the password again, prompt=consent for consent', async () => {
    const { browser } = await walkForms(kit, authorizeUrl(kit).url)
    for (const change of [{ prompt: 'login' }, { max_age: '0' }, { prompt: 'login select_account' }]) {
      const page = await browser.open(authorizeUrl(kit, { change }).url)
      expect(page.text, JSON.stringify(change)).toContain('login-submit')
      const { url } = await browser.press(page, 'login-submit', { username: 'hanako', password: kitPassword })
      expect(url.searchParams.get('code'), JSON.stringify(change)).toBeTruthy()
    }
    expect((await browser.open(authorizeUrl(kit, { change: { prompt: 'consent' } }).url)).text).toContain('consent-allow')
    expect((await browser.open(authorizeUrl(kit, { change: { max_age: '3600' } }).url)).url.searchParams.get('code')).toBeTruthy()
  })

  it('OIDC-3.1.2.2-01: id_token_hint is about one person; a foreign hint is refused', async () => {
    const held = await getTokens(kit)
    const hint = String(held.answer.json['id_token'])
    const same = await held.browser.open(authorizeUrl(kit, { change: { prompt: 'none', id_token_hint: hint } }).url)
    expect(same.url.searchParams.get('code')).toBeTruthy()
    const taro = await getTokens(kit, {}, undefined, 'taro')
    const other = await taro.browser.open(authorizeUrl(kit, { change: { prompt: 'none', id_token_hint: hint } }).url)
    expect(other.url.searchParams.get('error')).toBe('login_required')
    const forged = wireJwt({ alg: 'ES256', kid: 'x' }, claimsOfJwt(hint), wireKey())
    const foreign = await held.browser.open(authorizeUrl(kit, { change: { prompt: 'none', id_token_hint: forged } }).url)
    expect(foreign.url.searchParams.get('error')).toBe('invalid_request')
  })

  it('OIDC-17.4-1 OIDC-11-01: offline_access without prompt=consent or a recorded consent is left out, not an error', async () => {
    const browser = formBrowser(kit.issuer)
    const scope = 'openid email offline_access'
    const without = await getTokens(kit, { change: { scope } }, browser, 'taro')
    expect(without.answer.json['scope']).toBe('openid email')
    const asked = await getTokens(kit, { change: { scope, prompt: 'consent' } }, browser, 'taro')
    expect(asked.answer.json['scope']).toBe(scope)
    const recorded = await getTokens(kit, { change: { scope, prompt: 'none' } }, browser, 'taro')
    expect(recorded.answer.json['scope']).toBe(scope)
  })

  it('BCP-2.1.1-02: a challenge whose code was redeemed does not come again', async () => {
    const held = await getTokens(kit)
    const again = await held.browser.open(held.open.url)
    expect(again.url.searchParams.get('error')).toBe('invalid_request')
    // A request that was not answered may be loaded again.
    const open = authorizeUrl(kit)
    const browser = formBrowser(kit.issuer)
    await browser.open(open.url)
    const { landed } = await walkForms(kit, open.url, browser)
    const answer = await postForm(kit, '/token', redemption(kit, open, landed.searchParams.get('code') ?? ''), {
      dpop: tokenProof(kit, wireKey()),
    })
    expect(answer.status).toBe(200)
  })

  it('login_hint is suggested, ui_locales chooses the language', async () => {
    const browser = formBrowser(kit.issuer)
    const page = await browser.open(authorizeUrl(kit, { change: { login_hint: 'hana"><b>', ui_locales: 'ja-JP en' } }).url)
    expect(page.text).toContain('lang="ja"')
    expect(page.text).not.toContain('"><b>')
    expect((await browser.open(authorizeUrl(kit, { change: { ui_locales: 'en' } }).url)).text).toContain('lang="en"')
  })
})
