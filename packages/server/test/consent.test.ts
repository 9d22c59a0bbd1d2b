// What the consent page says of each kind of request, and what a person’s answer may and may not do. Plain forms over real HTTP.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { authorizeUrl, type CodeAsk, kitPassword, startCodeKit } from '../../testkit/src/code-kit.ts'
import { type FormBrowser, formBrowser, type Page } from '../../testkit/src/form-browser.ts'
import { wireKey } from '../../testkit/src/hostile-jwt.ts'
import type { IssuerKit } from '../../testkit/src/issuer-kit.ts'

let now = 1_800_000_000
let kit: IssuerKit
beforeAll(async () => {
  kit = await startCodeKit({ clock: () => now })
})
afterAll(() => kit.close())

const signIn = (who: FormBrowser, page: Page, username = 'hanako') => who.press(page, 'login-submit', { username, password: kitPassword })

async function consentOf(ask: CodeAsk, language = 'en'): Promise<{ readonly who: FormBrowser; readonly page: Page }> {
  const who = formBrowser(kit.issuer, { 'accept-language': language })
  return { who, page: await signIn(who, await who.open(authorizeUrl(kit, ask).url)) }
}

/** Text of the page, without its markup. */
const words = (page: Page) =>
  page.text
    .replace(/<details>[\s\S]*<\/details>/, '')
    .replace(/<[^>]+>/g, ' ')
    .replace(/\s+/g, ' ')

describe('the consent page says', () => {
  it('ASVS-10.7.2 O21-7.9-01: who asks, for what, at which API and for how long, in both languages', async () => {
    const ask = { change: { scope: 'openid notes:read notes:write' } }
    const { page } = await consentOf(ask)
    for (const part of ['Spa asks for your permission', 'Read notes', 'Write notes', 'Notes', '5 minutes at a time', 'up to 24 hours']) {
      expect(words(page)).toContain(part)
    }
    const japanese = await consentOf(ask, 'ja')
    for (const part of ['「Spa」が次の許可を求めています', 'メモを読む', 'メモを書く', '5 分間', '最長 24 時間']) {
      expect(words(japanese.page)).toContain(part)
    }
  })

  it('CIMD-8.5-01: the client’s id and the host that receives the answer; a program on this computer with a warning', async () => {
    const web = await consentOf({})
    expect(words(web.page)).toContain('Returns to app.example')
    expect(words(web.page)).toContain('( spa )')
    expect(web.page.text).not.toContain('role="note"')
    const program = await consentOf({ clientId: 'cli' })
    expect(words(program.page)).toContain('Returns to 127.0.0.1:49152')
    expect(words(program.page)).toContain('on your own computer')
  })

  it('whether the ticket will be named: with its stamp where the key is known, as bearer where the client may stay unbound', async () => {
    const named = await consentOf({})
    expect(named.page.text).toContain('class="ticket ticket-named"')
    expect(words(named.page)).toContain('useless without the key of this app')
    const key = wireKey('ES256')
    const stamped = await consentOf({ key })
    expect(stamped.page.text).toContain(`>${key.jkt.slice(0, 4)}</text>`)
    expect(stamped.page.text).toContain(`>${key.jkt.slice(4, 8)}</text>`)
    const unbound = await consentOf({ clientId: 'old-spa' })
    expect(unbound.page.text).toContain('class="ticket ticket-bearer"')
    expect(words(unbound.page)).toContain('whoever gets hold of it can use it')
  })

  it('OIDC-16.18-3 OIDC-17.4-1: that access goes on while the person is away, only where it does', async () => {
    const scope = 'openid offline_access notes:read'
    const away = await consentOf({ change: { scope, prompt: 'consent' } })
    expect(words(away.page)).toContain('up to 90 days')
    expect(words(away.page)).toContain('while you are away')
    const ignored = await consentOf({ change: { scope } })
    expect(words(ignored.page)).not.toContain('while you are away')
    expect(words(ignored.page)).toContain('up to 24 hours')
  })
})

describe('an answer', () => {
  it('by somebody who signed out meanwhile goes back to signing in', async () => {
    const { who, page } = await consentOf({ change: { prompt: 'consent' } })
    const session = [...who.cookies.keys()].find((name) => name.includes('session')) ?? ''
    who.cookies.delete(session)
    const answer = await who.press(page, 'consent-allow')
    expect(answer.url.pathname).toBe('/signin')
    const consent = await signIn(who, answer)
    expect((await who.press(consent, 'consent-allow')).url.searchParams.get('code')).toMatch(/^[A-Za-z0-9_-]{43}$/)
  })

  it('by one person is not that of the next who signs in on the same browser', async () => {
    const { who, page } = await consentOf({ change: { prompt: 'consent' } })
    const again = await who.open(authorizeUrl(kit, { change: { prompt: 'login' } }).url)
    await signIn(who, again, 'taro')
    const answer = await who.press(page, 'consent-allow')
    expect(answer.status).toBe(400)
    expect(answer.text).toContain('page.form-is-ours')
  })

  it('OIDC-3.1.2.1-02: that comes after max_age has passed goes back to signing in, and the request is still open', async () => {
    const who = formBrowser(kit.issuer, { 'accept-language': 'en' })
    await signIn(who, await who.open(authorizeUrl(kit, {}).url))
    const page = await who.open(authorizeUrl(kit, { change: { max_age: '60', prompt: 'consent' } }).url)
    expect(page.text).toContain('id="consent-allow"')
    now += 61
    const back = await who.press(page, 'consent-allow')
    expect(back.url.pathname).toBe('/signin')
    const consent = await signIn(who, back)
    expect((await who.press(consent, 'consent-allow')).url.searchParams.get('code')).toMatch(/^[A-Za-z0-9_-]{43}$/)
  })

  it('O21-3.1-01: with a field sent twice is refused and consumes nothing', async () => {
    const { who, page } = await consentOf({ change: { prompt: 'consent' } })
    const fields = Object.fromEntries(
      [...page.text.matchAll(/type="hidden" name="([^"]+)" value="([^"]*)"/g)].map(([, name = '', value = '']) => [name, value]),
    )
    const body = `${new URLSearchParams(fields)}&do=deny&do=allow`
    const cookie = [...who.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const response = await fetch(`${kit.issuer}/consent`, {
      method: 'POST',
      redirect: 'manual',
      headers: { 'content-type': 'application/x-www-form-urlencoded', cookie },
      body,
    })
    expect(response.status).toBe(400)
    expect(await response.text()).toContain('form.names-do-not-repeat')
    expect((await who.press(page, 'consent-allow')).url.searchParams.get('code')).toBeTruthy()
  })
})

describe('who has to sign in', () => {
  it('prompt=select_account asks for an account without suggesting the one that is signed in', async () => {
    const { who } = await consentOf({})
    const choice = await who.open(authorizeUrl(kit, { change: { prompt: 'select_account' } }).url)
    const page = await who.press(choice, 'account-other')
    expect(words(page)).toContain('Sign in with the account that you want to use')
    expect(page.text).toContain('name="username" value=""')
  })

  it('OIDC-3.1.2.1-02: prompt=login suggests the person who is signed in', async () => {
    const { who } = await consentOf({})
    const page = await who.open(authorizeUrl(kit, { change: { prompt: 'login' } }).url)
    expect(page.text).toContain('name="username" value="hanako"')
    expect(words(page)).toContain('once more')
  })
})
