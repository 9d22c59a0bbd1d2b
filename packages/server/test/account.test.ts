// The account page: sign-ins seen and ended, permissions seen and taken back, what apps read, to see and to take away.
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { getTokens, type HeldTokens, kitPassword, refresh } from '../../testkit/src/code-kit.ts'
import { type FormBrowser, formBrowser, type Page } from '../../testkit/src/form-browser.ts'
import { wireProof } from '../../testkit/src/hostile-jwt.ts'
import type { IssuerKit } from '../../testkit/src/issuer-kit.ts'
import { isSignedIn, type Listener, startListener, startLogoutKit, tokensFor } from './logout-parts.ts'

let now: number
let kit: IssuerKit
let listener: Listener
beforeEach(async () => {
  now = 1_800_000_000
  listener = await startListener()
  kit = await startLogoutKit(listener, { clock: () => now })
})
afterEach(async () => {
  await kit.close()
  await listener.close()
})

const open = (browser: FormBrowser, language = 'en') => browser.open(`${kit.issuer}/account?lang=${language}`)
const words = (page: Page) => page.text.replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' ')
const refreshed = async (held: HeldTokens) => (await refresh(kit, held, held.answer.json['refresh_token'])).status

async function readUserinfo({ key, answer }: HeldTokens): Promise<number> {
  const token = String(answer.json['access_token'])
  const url = `${kit.issuer}/userinfo`
  const proof = wireProof(key, { method: 'GET', url, now, accessToken: token })
  const response = await fetch(url, { headers: { authorization: `DPoP ${token}`, dpop: proof } })
  await response.body?.cancel()
  return response.status
}

describe('signing in for the account page alone', () => {
  it('opens the page without any app, in both languages', async () => {
    for (const [language, title] of [
      ['en', 'Sign in to continue'],
      ['ja', '続けるには、サインインしてください'],
    ] as const) {
      const browser = formBrowser(kit.issuer)
      const form = await open(browser, language)
      expect(words(form)).toContain(title)
      const page = await browser.press(form, 'login-submit', { username: 'hanako', password: kitPassword })
      expect([page.status, page.url.pathname]).toEqual([200, '/account'])
      expect(words(page)).toContain(language === 'en' ? 'Signed in as hanako' : 'サインイン中：hanako')
    }
  })

  it('tells a wrong password, and counts it as at the other page', async () => {
    const browser = formBrowser(kit.issuer)
    let page = await open(browser)
    const statuses: number[] = []
    for (let time = 0; time < 8; time += 1) {
      page = await browser.press(page, 'login-submit', { username: 'taro', password: 'wrong' })
      statuses.push(page.status)
    }
    expect(statuses[0]).toBe(422)
    expect(statuses).toContain(429)
    expect((await browser.press(page, 'login-submit', { username: '', password: '' })).status).toBe(422)
  })

  it('O21-7.12-01: a form from elsewhere, or of another browser, signs nobody in', async () => {
    const [mine, other] = [formBrowser(kit.issuer), formBrowser(kit.issuer)]
    const token = /name="form_token" value="([^"]+)"/.exec((await open(other)).text)?.[1] ?? ''
    await open(mine)
    const fields = { page: 'account', form_token: token, username: 'hanako', password: kitPassword }
    expect((await mine.post(`${kit.issuer}/signin`, fields, { origin: kit.issuer })).status).toBe(400)
    const cross = await other.post(`${kit.issuer}/signin`, fields, { 'sec-fetch-site': 'cross-site' })
    expect(cross.status).toBe(400)
  })
})

describe('sign-ins', () => {
  it('are listed, this one first; one, or all others, can be ended, and apps are told', async () => {
    const [here, second, third] = [await tokensFor(kit, 'spa'), await tokensFor(kit, 'spa'), await tokensFor(kit, 'quiet')]
    const page = await open(here.browser)
    expect(page.text.match(/Another browser/g)).toHaveLength(2)
    expect(page.text.indexOf('This browser')).toBeLessThan(page.text.indexOf('Another browser'))
    await here.browser.press(page, 'end-1')
    const left = [await isSignedIn(kit, second.browser), await isSignedIn(kit, third.browser)]
    expect(left.filter(Boolean)).toHaveLength(1)
    await here.browser.press(await open(here.browser), 'end-others')
    expect(await Promise.all([second, third].map(({ browser }) => isSignedIn(kit, browser)))).toEqual([false, false])
    expect(await isSignedIn(kit, here.browser)).toBe(true)
    expect(await Promise.all([here, second, third].map(refreshed))).toEqual([200, 400, 400])
    await kit.server.sweep()
    expect(new Set(listener.told.map(({ path }) => path))).toEqual(new Set(['/spa']))
  })

  it('can all be ended, this one too', async () => {
    const [here, other] = [await tokensFor(kit, 'spa'), await tokensFor(kit, 'spa')]
    const page = await here.browser.press(await open(here.browser), 'end-all')
    expect(words(page)).toContain('You are signed out')
    expect(await Promise.all([here, other].map(({ browser }) => isSignedIn(kit, browser)))).toEqual([false, false])
  })

  it('of other people are not seen and cannot be ended', async () => {
    const mine = await tokensFor(kit, 'spa')
    const theirs = await getTokens(kit, { clientId: 'spa' }, formBrowser(kit.issuer), 'taro')
    const [session] = await kit.storage.records.sessionsOf(kit.issuer, 'user-taro', now)
    const page = await open(mine.browser)
    expect(page.text).not.toContain(session?.sessionId)
    const token = /name="form_token" value="([^"]+)"/.exec(page.text)?.[1] ?? ''
    const send = (fields: Record<string, string>) =>
      mine.browser.post(`${kit.issuer}/account`, { form_token: token, ...fields }, { origin: kit.issuer })
    expect((await send({ do: 'end', sid: session?.sessionId ?? '' })).status).toBe(303)
    expect((await send({ do: 'nonsense' })).status).toBe(303)
    expect((await send({ do: 'revoke', client: 'nobody' })).status).toBe(303)
    expect((await send({ do: 'end-others', form_token: 'x' })).status).toBe(400)
    expect(await isSignedIn(kit, theirs.browser)).toBe(true)
    expect(await refreshed(theirs)).toBe(200)
  })
})

describe('what apps were allowed', () => {
  it('OIDC-16.18-4 ASVS-10.7.2 O21-7.9-01: is listed with what, since when and how it ends', async () => {
    const { browser } = await tokensFor(kit, 'spa', undefined, 'openid offline_access notes:read')
    await tokensFor(kit, 'quiet', browser, 'openid email')
    const text = words(await open(browser))
    for (const part of [
      'Notes app',
      'Read notes',
      'It may go on while you are away',
      'Quiet',
      'See your e-mail address',
      'It ends when you sign out',
      '15 Jan 2027',
    ])
      expect(text).toContain(part)
    const japanese = words(await open(browser, 'ja'))
    for (const part of ['許可したアプリ', 'メモ帳', 'メモを読む', 'あなたがいない間も使えます', '2027年1月15日'])
      expect(japanese).toContain(part)
  })

  it('OIDC-5.5-01 O21-7.9-01: what was allowed by name is listed, too', async () => {
    const change = { scope: 'openid notes:read', claims: JSON.stringify({ userinfo: { email: null } }) }
    const { browser } = await getTokens(kit, { clientId: 'spa', change })
    expect(words(await open(browser))).toContain('Read notes e-mail address Allowed:')
  })

  it('OIDC-16.18-4: is taken back for one app alone, which is told, asked for again, and gets nothing more', async () => {
    const spa = await tokensFor(kit, 'spa', undefined, 'openid profile offline_access notes:read')
    const quiet = await tokensFor(kit, 'quiet', spa.browser)
    const page = await spa.browser.press(await open(spa.browser), 'revoke-spa')
    expect(words(page)).not.toContain('Notes app')
    expect(words(page)).toContain('Quiet')
    expect(await Promise.all([spa, quiet].map(refreshed))).toEqual([400, 200])
    await kit.server.sweep()
    expect(listener.told.map(({ path }) => path)).toEqual(['/spa'])
    expect(kit.audit.findLast(({ event }) => event === 'consent')).toMatchObject({
      decision: 'revoked',
      clientId: 'spa',
      subject: 'user-hanako',
    })
    await expect(isSignedIn(kit, spa.browser)).resolves.toBe(true)
  })
})

describe('what apps have read', () => {
  it('OIDC-17.2-1: names what was read, by whom and in which hour, once for each; values never', async () => {
    const held = await tokensFor(kit, 'spa', undefined, 'openid profile email notes:read')
    expect(words(await open(held.browser))).toContain('Nothing has been read yet')
    for (let time = 0; time < 3; time += 1) expect(await readUserinfo(held)).toBe(200)
    const page = await open(held.browser)
    expect(page.text.match(/<tr>/g)).toHaveLength(2)
    expect(words(page)).toContain('Notes app e-mail address, whether the e-mail address was verified, full name')
    expect(words(page)).toContain('lines go after 90 days')
    expect(page.text).not.toContain('hanako@example.test')
    expect(words(await open(held.browser, 'ja'))).toContain('メールアドレス、メールアドレスが確認済みかどうか、氏名')
    const other = await getTokens(kit, { clientId: 'spa' }, formBrowser(kit.issuer), 'taro')
    expect(words(await open(other.browser))).toContain('Nothing has been read yet')
  })

  it('OIDC-17.2-1: can be taken away as JSON and as CSV, by its person alone', async () => {
    const held = await tokensFor(kit, 'spa')
    await readUserinfo(held)
    const json = await held.browser.open(`${kit.issuer}/account/history.json`)
    expect(json.headers.get('content-disposition')).toContain('attachment')
    expect(json.headers.get('cache-control')).toBe('no-store')
    expect(JSON.parse(json.text)).toEqual([
      { from: '2027-01-15T08:00:00.000Z', to: '2027-01-15T09:00:00.000Z', client_id: 'spa', application: 'Notes app', claims: ['name'] },
    ])
    const csv = await held.browser.open(`${kit.issuer}/account/history.csv`)
    expect(csv.headers.get('content-type')).toBe('text/csv; charset=utf-8')
    expect(csv.text).toBe(
      '"from","to","client_id","application","claims"\r\n"2027-01-15T08:00:00.000Z","2027-01-15T09:00:00.000Z","spa","Notes app","name"\r\n',
    )
    const stranger = await formBrowser(kit.issuer).open(`${kit.issuer}/account/history.json`)
    expect(words(stranger)).toContain('Sign in to continue')
  })

  it('OIDC-17.2-1: goes when its time is over', async () => {
    const held = await tokensFor(kit, 'spa')
    await readUserinfo(held)
    now += 91 * 86_400
    const { browser } = await tokensFor(kit, 'quiet')
    expect(JSON.parse((await browser.open(`${kit.issuer}/account/history.json`)).text)).toEqual([])
  })
})
