// Signing out at a client's request: who is asked, who is sent where, and what each wrong request gets. Plain forms over real HTTP.
import { allowInsecureRequests, buildEndSessionUrl, discovery } from 'openid-client'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { refresh } from '../../testkit/src/code-kit.ts'
import { formBrowser, type Page } from '../../testkit/src/form-browser.ts'
import { wireJwt, wireKey } from '../../testkit/src/hostile-jwt.ts'
import { claimsOfJwt, type IssuerKit } from '../../testkit/src/issuer-kit.ts'
import {
  bye,
  idTokenOf,
  isQuestion,
  isSignedIn,
  type Listener,
  logoutUrl,
  startListener,
  startLogoutKit,
  tokensFor,
} from './logout-parts.ts'

let now = 1_800_000_000
let kit: IssuerKit
let listener: Listener
beforeAll(async () => {
  listener = await startListener()
  kit = await startLogoutKit(listener, { clock: () => now })
})
beforeEach(() => {
  now += 60
  listener.told.length = 0
})
afterAll(async () => {
  await kit.close()
  await listener.close()
})

/** An error page that names the rule, and nobody is sent anywhere or signed out. */
async function refused(page: Page, rule: string): Promise<void> {
  expect(page.status, page.text).toBe(400)
  expect(page.text).toContain('Request cannot be processed')
  expect(page.text).toContain(rule)
}

describe('a hint that names the sign-in of this browser', () => {
  it('RPLO-3-01: signs out without asking and goes back with state', async () => {
    const held = await tokensFor(kit, 'spa')
    const page = await held.browser.open(
      logoutUrl(kit, { id_token_hint: idTokenOf(held), post_logout_redirect_uri: bye, state: 'a b&c', client_id: 'spa' }),
    )
    expect(page.url.href).toBe(`${bye}?state=a%20b%26c`)
    expect(await isSignedIn(kit, held.browser)).toBe(false)
    expect(kit.audit.findLast(({ event }) => event === 'logout')).toMatchObject({ by: 'spa', clients: ['spa'] })
  })

  it('RPLO-3-01: a registered query stays', async () => {
    const held = await tokensFor(kit, 'spa')
    const uri = `${bye}?from=issuer`
    const page = await held.browser.open(logoutUrl(kit, { id_token_hint: idTokenOf(held), post_logout_redirect_uri: uri, state: 's' }))
    expect(page.url.href).toBe(`${uri}&state=s`)
  })

  it('RPLO-2-01: may have expired', async () => {
    const held = await tokensFor(kit, 'spa')
    now += 3600
    await held.browser.open(logoutUrl(kit, { id_token_hint: idTokenOf(held) }))
    expect(await isSignedIn(kit, held.browser)).toBe(false)
  })

  it('RPLO-2-01: works by POST, also from another site, where the cookies come only after a turn by GET', async () => {
    const held = await tokensFor(kit, 'spa')
    const fields = { id_token_hint: idTokenOf(held), post_logout_redirect_uri: bye }
    const foreign = formBrowser(kit.issuer)
    const turn = await foreign.post(`${kit.issuer}/logout`, fields, { origin: 'https://app.example', 'sec-fetch-site': 'cross-site' })
    expect(turn.status).toBe(303)
    expect(turn.headers.get('location')).toContain(`${kit.issuer}/logout?`)
    const page = await held.browser.open(turn.headers.get('location') ?? '')
    expect(page.url.href).toBe(bye)
    expect(await isSignedIn(kit, held.browser)).toBe(false)
    const again = await tokensFor(kit, 'spa')
    const direct = await again.browser.post(`${kit.issuer}/logout`, { id_token_hint: idTokenOf(again) })
    expect([direct.status, direct.headers.get('location')]).toEqual([303, `${kit.issuer}/signed-out`])
    expect(await isSignedIn(kit, again.browser)).toBe(false)
  })

  it('RPLO-4-01: nobody signed in is no error: the same answer a second time', async () => {
    const held = await tokensFor(kit, 'spa')
    const url = logoutUrl(kit, { id_token_hint: idTokenOf(held), post_logout_redirect_uri: bye, state: 's' })
    for (let time = 0; time < 2; time += 1) expect((await held.browser.open(url)).url.href).toBe(`${bye}?state=s`)
    const page = await held.browser.open(logoutUrl(kit, {}))
    expect([page.status, page.text.includes('You are signed out')]).toEqual([200, true])
  })

  it('OIDC-RPInitiated: openid-client builds the request from our metadata', async () => {
    const held = await tokensFor(kit, 'spa')
    const config = await discovery(new URL(kit.issuer), 'spa', undefined, undefined, { execute: [allowInsecureRequests] })
    expect(config.serverMetadata()).toMatchObject({
      end_session_endpoint: `${kit.issuer}/logout`,
      backchannel_logout_supported: true,
      backchannel_logout_session_supported: true,
      frontchannel_logout_supported: true,
      frontchannel_logout_session_supported: true,
    })
    const url = buildEndSessionUrl(config, { id_token_hint: idTokenOf(held), post_logout_redirect_uri: bye, state: 's-9' })
    expect((await held.browser.open(url)).url.href).toBe(`${bye}?state=s-9`)
  })
})

describe('the person is asked', () => {
  it.each([
    ['without a hint', {}],
    ['with client_id alone', { client_id: 'spa' }],
    ['where logout_hint names somebody else', { logout_hint: 'taro' }],
  ])('RPLO-2-02 ASVS-10.6.2: %s; the link alone ends nothing', async (_when, parameters) => {
    const held = await tokensFor(kit, 'spa')
    const hint: Record<string, string> = 'logout_hint' in parameters ? { id_token_hint: idTokenOf(held) } : {}
    const page = await held.browser.open(logoutUrl(kit, { ...(parameters as Record<string, string>), ...hint }))
    expect(isQuestion(page)).toBe(true)
    expect(await isSignedIn(kit, held.browser)).toBe(true)
    const after = await held.browser.press(page, 'logout-submit')
    expect(after.text).toContain('You are signed out')
    expect(await isSignedIn(kit, held.browser)).toBe(false)
  })

  it('RPLO-2-02: where the hint is of another sign-in of the same person', async () => {
    const [one, other] = [await tokensFor(kit, 'spa'), await tokensFor(kit, 'spa')]
    const page = await one.browser.open(logoutUrl(kit, { id_token_hint: idTokenOf(other), post_logout_redirect_uri: bye }))
    expect(isQuestion(page)).toBe(true)
    expect(await isSignedIn(kit, one.browser)).toBe(true)
  })

  it('RPLO-3-01: and goes back only after confirming, to the host that was shown', async () => {
    const held = await tokensFor(kit, 'spa')
    const page = await held.browser.open(logoutUrl(kit, { client_id: 'spa', post_logout_redirect_uri: bye, state: 's' }))
    for (const part of ['Notes app asks you to sign out', 'app.example', 'Apps that end with it']) expect(page.text).toContain(part)
    const after = await held.browser.press(page, 'logout-submit')
    expect(after.url.href).toBe(`${bye}?state=s`)
  })

  it('RPLO-3-01: without hint and sign-in nobody is sent anywhere', async () => {
    const page = await formBrowser(kit.issuer).open(logoutUrl(kit, { client_id: 'spa', post_logout_redirect_uri: bye }))
    expect([page.status, page.url.pathname]).toEqual([200, '/signed-out'])
    const nameless = await tokensFor(kit, 'spa')
    const question = await nameless.browser.open(logoutUrl(kit, { post_logout_redirect_uri: bye }))
    expect(question.text).not.toContain('Then you go to')
    expect((await nameless.browser.press(question, 'logout-submit')).url.pathname).toBe('/signed-out')
  })

  it('in the language that ui_locales asks for, what ends and what goes on by name', async () => {
    const online = await tokensFor(kit, 'quiet')
    await tokensFor(kit, 'spa', online.browser, 'openid offline_access notes:read')
    const page = await online.browser.open(logoutUrl(kit, { ui_locales: 'ja-JP en', client_id: 'spa' }))
    for (const part of ['サインアウトしますか', '一緒に終了するアプリ', 'Quiet', '引き続き使えるアプリ', 'メモ帳'])
      expect(page.text).toContain(part)
  })

  it('OAuth 2.1 §7.12: a forged answer ends nothing', async () => {
    const held = await tokensFor(kit, 'spa')
    const forged = await held.browser.post(`${kit.issuer}/signed-out`, { form_token: 'A'.repeat(43), which: 'all' }, { origin: kit.issuer })
    expect(forged.status).toBe(400)
    const page = await held.browser.open(`${kit.issuer}/signed-out`)
    const token = /name="form_token" value="([^"]+)"/.exec(page.text)?.[1] ?? ''
    const cross = await held.browser.post(`${kit.issuer}/signed-out`, { form_token: token }, { 'sec-fetch-site': 'cross-site' })
    expect(cross.status).toBe(400)
    expect(await isSignedIn(kit, held.browser)).toBe(true)
    // What happens afterwards is sealed: a made-up address is worth nothing.
    const moved = await held.browser.press(page, 'logout-submit', {
      after: Buffer.from('{"returnTo":"https://evil.example/"}').toString('base64url'),
    })
    expect(moved.url.pathname).toBe('/signed-out')
  })
})

describe('a request that is refused', () => {
  it.each([
    ['another address', 'https://evil.example/'],
    ['a longer one', `${bye}/more`],
    ['another query', `${bye}?from=else`],
    ['another case', 'https://APP.example/bye'],
    ['a redirect URI that is not for this', 'https://app.example/callback'],
    ['script', 'javascript:alert(1)'],
  ])('RPLO-3-01: %s than the registered one', async (_what, uri) => {
    const held = await tokensFor(kit, 'spa')
    const page = await held.browser.open(logoutUrl(kit, { id_token_hint: idTokenOf(held), post_logout_redirect_uri: uri }))
    await refused(page, 'logout.redirect-is-registered')
    expect(await isSignedIn(kit, held.browser)).toBe(true)
  })

  it('RPLO-3-01: a client that registered none', async () => {
    const held = await tokensFor(kit, 'quiet')
    const page = await held.browser.open(logoutUrl(kit, { id_token_hint: idTokenOf(held), post_logout_redirect_uri: bye }))
    await refused(page, 'logout.redirect-is-registered')
  })

  it('RPLO-2-01: client_id is not the client of the hint', async () => {
    const held = await tokensFor(kit, 'spa')
    const page = await held.browser.open(
      logoutUrl(kit, { id_token_hint: idTokenOf(held), client_id: 'quiet', post_logout_redirect_uri: bye }),
    )
    await refused(page, 'logout.client-agrees')
  })

  it('RPLO-2-01: a client that nobody knows', async () => {
    await refused(await formBrowser(kit.issuer).open(logoutUrl(kit, { client_id: 'nobody' })), 'logout.client-is-known')
  })

  it.each([
    ['no JWT', () => 'not.a.token'],
    ['empty parts', () => '..'],
    ['very long', () => 'a'.repeat(9000)],
    ['unsigned', (right: string) => `${Buffer.from('{"alg":"none"}').toString('base64url')}.${right.split('.')[1]}.`],
    ['signed by somebody else', (right: string) => wireJwt({ alg: 'ES256', typ: 'JWT', kid: 'x' }, claimsOfJwt(right), wireKey())],
    [
      'of another issuer',
      (right: string) => wireJwt({ alg: 'ES256', kid: 'x' }, { ...claimsOfJwt(right), iss: 'https://other.example' }, wireKey()),
    ],
  ])('RPLO-2-01: a hint that is not ours: %s', async (_what, make) => {
    const held = await tokensFor(kit, 'spa')
    const page = await held.browser.open(logoutUrl(kit, { id_token_hint: make(idTokenOf(held)), post_logout_redirect_uri: bye }))
    await refused(page, 'logout.hint-is-ours')
    expect(await isSignedIn(kit, held.browser)).toBe(true)
  })

  it('RPLO-2-01 ASVS-9.2.2: an access token is no hint', async () => {
    const held = await tokensFor(kit, 'spa')
    await refused(
      await held.browser.open(logoutUrl(kit, { id_token_hint: String(held.answer.json['access_token']) })),
      'logout.hint-is-ours',
    )
  })

  it('O21-3.1-01: a parameter sent twice', async () => {
    const page = await formBrowser(kit.issuer).open(`${kit.issuer}/logout?state=1&state=2`)
    await refused(page, 'form.names-do-not-repeat')
  })
})

it('each client knows a sign-in by a name of its own, the same for all of it', async () => {
  const first = await tokensFor(kit, 'spa')
  const other = await tokensFor(kit, 'quiet', first.browser)
  const same = await tokensFor(kit, 'spa', first.browser)
  const sid = (held: typeof first) => claimsOfJwt(idTokenOf(held))['sid']
  expect(sid(same)).toBe(sid(first))
  expect(sid(other)).not.toBe(sid(first))
  const again = await refresh(kit, first, first.answer.json['refresh_token'])
  expect(claimsOfJwt(again.json['id_token'])['sid']).toBe(sid(first))
})
