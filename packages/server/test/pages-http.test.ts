// The pages on the wire: headers that every one carries, cookies, languages, assets, and our own faults.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { authorizeUrl, kitPassword, startCodeKit } from '../../testkit/src/code-kit.ts'
import { formBrowser, type Page } from '../../testkit/src/form-browser.ts'
import type { IssuerKit } from '../../testkit/src/issuer-kit.ts'

let kit: IssuerKit
beforeAll(async () => {
  kit = await startCodeKit()
})
afterAll(() => kit.close())

async function everyPage(): Promise<Record<string, Page>> {
  const who = formBrowser(kit.issuer)
  const signIn = await who.open(authorizeUrl(kit, { change: { prompt: 'consent' } }).url)
  const wrong = await who.press(signIn, 'login-submit', { username: 'hanako', password: 'wrong' })
  const consent = await who.press(signIn, 'login-submit', { username: 'hanako', password: kitPassword })
  const signingOut = await who.open(`${kit.issuer}/signed-out`)
  const signedOut = await who.press(signingOut, 'logout-submit')
  const error = await who.open(`${kit.issuer}/authorize?client_id=nobody`)
  return { signIn, wrong, consent, signingOut, signedOut, error }
}

describe('every page', () => {
  it('CSP-FORMACTION-01 O21-7.11-01 BCP-4.2-01: has a strict policy without form-action, is not framed, not stored, tells no referrer', async () => {
    for (const [name, page] of Object.entries(await everyPage())) {
      const policy = page.headers.get('content-security-policy') ?? ''
      expect(policy, name).toContain("default-src 'none'")
      expect(policy, name).toContain("frame-ancestors 'none'")
      expect(policy, name).toContain("base-uri 'none'")
      expect(policy, name).not.toMatch(/form-action|unsafe|script-src|https?:/)
      expect(page.headers.get('x-frame-options'), name).toBe('DENY')
      expect(page.headers.get('referrer-policy'), name).toBe('no-referrer')
      expect(page.headers.get('cache-control'), name).toBe('no-store')
      expect(page.headers.get('x-content-type-options'), name).toBe('nosniff')
      expect(page.headers.get('content-type'), name).toBe('text/html; charset=utf-8')
      expect(page.headers.get('access-control-allow-origin'), name).toBeNull()
      expect(page.text, name).not.toMatch(/<script|<style| style=| on[a-z]+=/)
    }
  })

  it('has the status that its words say', async () => {
    const { signIn, wrong, consent, signingOut, signedOut, error } = await everyPage()
    expect([signIn, consent, signingOut, signedOut].map((page) => page?.status)).toEqual([200, 200, 200, 200])
    expect(wrong?.status).toBe(422)
    expect(error?.status).toBe(400)
  })
})

describe('cookies', () => {
  it('are HttpOnly and Lax, of this issuer’s own names; on https they are Secure and held to the host', async () => {
    const lines = async (issuer: IssuerKit, url: string) =>
      (await issuer.server.fetch(new Request(url))).headers.getSetCookie().map((line) => line.replace(/=[^;]{43}/, '=…'))
    const port = new URL(kit.issuer).port
    expect(await lines(kit, authorizeUrl(kit).url)).toEqual([`kimei-browser-${port}=…; Path=/; HttpOnly; SameSite=Lax; Max-Age=900`])
    const secure = await startCodeKit({ config: { issuer: 'https://id.example/a' } })
    const url = authorizeUrl({ ...secure, issuer: 'https://id.example/a' }).url
    expect(await lines(secure, url)).toEqual(['__Host-kimei-browser-a=…; Path=/; HttpOnly; SameSite=Lax; Max-Age=900; Secure'])
    await secure.close()
  })
})

describe('error pages', () => {
  it('speak the language that the request asks for, and always carry the constant sentence and a request number', async () => {
    const open = (query: string, language: string) =>
      formBrowser(kit.issuer, { 'accept-language': language }).open(`${kit.issuer}/authorize?${query}`)
    const japanese = await open('client_id=nobody&ui_locales=ja', 'en')
    expect(japanese.text).toContain('<html lang="ja">')
    expect(japanese.text).toContain('Request cannot be processed')
    expect(japanese.text).toMatch(/お問い合わせ番号<\/dt><dd><code>[A-Za-z0-9_-]+-[a-z0-9]+<\/code>/)
    expect((await open('client_id=nobody', 'ja')).text).toContain('<html lang="ja">')
    expect((await open('client_id=nobody&ui_locales=en', 'ja')).text).toContain('<html lang="en">')
  })

  it('O21-7.12-01: echo nothing of the request', async () => {
    const hostile = encodeURIComponent('"><script>alert(1)</script>')
    for (const query of [`client_id=${hostile}`, `client_id=spa&redirect_uri=${hostile}&state=${hostile}`, `ui_locales=${hostile}`]) {
      expect((await formBrowser(kit.issuer).open(`${kit.issuer}/authorize?${query}`)).text).not.toContain('alert(1)')
    }
    for (const path of ['signin', 'consent']) {
      const page = await formBrowser(kit.issuer).open(`${kit.issuer}/${path}?interaction=${hostile}&lang=${hostile}`)
      expect(page.status).toBe(400)
      expect(page.text).not.toContain('alert(1)')
    }
  })

  it('O21-7.12-01: a hostile state or login_hint passes through sign-in and consent as text', async () => {
    const hostile = `"><script>alert('x')</script>`
    const who = formBrowser(kit.issuer)
    const page = await who.open(authorizeUrl(kit, { change: { state: hostile, login_hint: hostile, prompt: 'consent' } }).url)
    expect(page.text).not.toContain('<script')
    expect(page.text).toContain('value="&quot;&gt;&lt;script&gt;')
    const consent = await who.press(page, 'login-submit', { username: 'hanako', password: kitPassword })
    expect(consent.text).not.toContain('<script')
    const answer = await who.press(consent, 'consent-allow')
    expect(answer.url.searchParams.get('state')).toBe(hostile)
  })
})

describe('assets', () => {
  it('are kept for long under their own tag only, and answered by 304 where they are known', async () => {
    const page = await formBrowser(kit.issuer).open(authorizeUrl(kit).url)
    for (const [path, type] of [
      ['kimei.css', 'text/css; charset=utf-8'],
      ['kimei.svg', 'image/svg+xml'],
    ]) {
      const url = new RegExp(`href="(/assets/${path}\\?v=[A-Za-z0-9_-]+)"`).exec(page.text)?.[1] ?? ''
      const response = await fetch(`${kit.issuer}${url}`)
      expect(response.status).toBe(200)
      expect(response.headers.get('content-type')).toBe(type)
      expect(response.headers.get('cache-control')).toContain('immutable')
      const etag = response.headers.get('etag') ?? ''
      expect((await fetch(`${kit.issuer}${url}`, { headers: { 'if-none-match': `W/${etag}, "x"` } })).status).toBe(304)
      const bare = await fetch(`${kit.issuer}/assets/${path}`)
      expect(bare.headers.get('cache-control')).toBe('public, no-cache')
    }
  })
})
