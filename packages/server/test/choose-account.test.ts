// prompt in all its values, over real HTTP: above all select_account, which offers to go on as somebody or as another.
import { formBrowser } from 'testkit/browser'
import { authorizeUrl, kitPassword, startCodeKit, walkForms } from 'testkit/code'
import type { IssuerKit } from 'testkit/issuer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

let kit: IssuerKit
let passed = 0
beforeAll(async () => {
  kit = await startCodeKit({ clock: () => Math.floor(Date.now() / 1000) + passed })
})
afterAll(() => kit.close())

const asked = (change: Record<string, string> = {}) => authorizeUrl(kit, { change: { prompt: 'select_account', ...change } }).url
const signedIn = async (language = 'en') => {
  const { browser } = await walkForms(kit, authorizeUrl(kit).url, formBrowser(kit.issuer, { 'accept-language': language }))
  return browser
}
const taro = { username: 'taro', password: kitPassword }

describe('prompt=select_account', () => {
  it('OIDC-3.1.2.1-01: offers to go on as the person who is signed in, without a password, in both languages', async () => {
    const browser = await signedIn()
    const page = await browser.open(asked())
    expect(page.text).toContain('Continue as hanako')
    expect(page.text).toContain('Use another account')
    expect((await browser.press(page, 'account-continue')).url.searchParams.get('code')).toBeTruthy()
    const japanese = await (await signedIn('ja')).open(asked())
    expect(japanese.text).toContain('「hanako」で続ける')
    expect(japanese.headers.get('cache-control')).toBe('no-store')
  })

  it('OIDC-3.1.2.1-01: or to sign in as another; or to go back to the client', async () => {
    const browser = await signedIn()
    const form = await browser.press(await browser.open(asked()), 'account-other')
    expect(form.text).toContain('login-submit')
    expect(form.text).not.toContain('value="hanako"')
    const consent = await browser.press(form, 'login-submit', taro)
    expect(consent.text).toContain('Signed in as taro')
    const back = await browser.press(await browser.open(asked()), 'account-cancel')
    expect(back.url.searchParams.get('error')).toBe('access_denied')
  })

  it('OIDC-3.1.2.1-02: nobody signed in, prompt=login beside it, or a sign-in that is too old: the form, and no account to go on with', async () => {
    expect((await formBrowser(kit.issuer).open(asked())).text).toContain('login-submit')
    const browser = await signedIn()
    expect((await browser.open(asked({ prompt: 'select_account login' }))).text).toContain('login-submit')
    expect((await browser.open(asked({ max_age: '0' }))).text).toContain('login-submit')
    const page = await browser.open(asked({ max_age: '60' }))
    expect(page.text).toContain('account-continue')
    passed += 61
    expect((await browser.press(page, 'account-continue')).text).toContain('login-submit')
  })

  it('OIDC-3.1.2.1-01: with prompt=consent the choice comes first, and the question after it', async () => {
    const browser = await signedIn()
    const consent = await browser.press(await browser.open(asked({ prompt: 'select_account consent' })), 'account-continue')
    expect((await browser.press(consent, 'consent-allow')).url.searchParams.get('code')).toBeTruthy()
  })

  it('O21-7.12-01: a choice without its token, from elsewhere, or of a person who is no longer the one signed in is none', async () => {
    const browser = await signedIn()
    const page = await browser.open(asked())
    const stranger = await browser.press(page, 'account-continue', { form_token: 'x' })
    expect([stranger.status, stranger.text.includes('page.form-is-ours')]).toEqual([400, true])
    const elsewhere = await browser.post(`${kit.issuer}/signin`, { interaction: 'x', do: 'continue' }, { origin: 'https://evil.example' })
    expect(elsewhere.status).toBe(400)
    const other = await browser.press(await browser.open(asked()), 'account-other')
    await browser.press(other, 'login-submit', taro)
    const stale = await browser.press(page, 'account-continue')
    expect([stale.status, stale.url.searchParams.get('code')]).toEqual([400, null])
  })
})

describe('prompt otherwise', () => {
  it('OIDC-3.1.2.1-01: none stands alone; unknown values and prompt=create are ignored', async () => {
    const browser = await signedIn()
    for (const prompt of ['none login', 'none consent', 'none select_account', 'none create']) {
      expect((await browser.open(asked({ prompt }))).url.searchParams.get('error'), prompt).toBe('invalid_request')
    }
    for (const prompt of ['create', 'unknown', 'unknown create']) {
      expect((await browser.open(asked({ prompt }))).url.searchParams.get('code'), prompt).toBeTruthy()
    }
  })

  it('OIDC-3.1.2.1-02: login_hint is written into the form, never trusted', async () => {
    const page = await formBrowser(kit.issuer).open(authorizeUrl(kit, { change: { login_hint: '"><script>taro' } }).url)
    expect(page.text).toContain('value="&quot;&gt;&lt;script&gt;taro"')
    const { landed } = await walkForms(kit, authorizeUrl(kit, { change: { login_hint: 'taro' } }).url)
    expect(landed.searchParams.get('code')).toBeTruthy()
  })

  it('ui_locales chooses the language of the pages, in the order of preference', async () => {
    const open = async (locales: string) =>
      (await formBrowser(kit.issuer).open(authorizeUrl(kit, { change: { ui_locales: locales } }).url)).text
    expect(await open('fr ja-JP en')).toContain('<html lang="ja">')
    expect(await open('en-GB ja')).toContain('<html lang="en">')
  })
})
