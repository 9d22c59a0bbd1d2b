// Authentication levels over real HTTP: acr_values and essential acr, the second factor, what tokens say and what stays unchanged.
import { createMemoryStorage } from '@kimei/storage'
import { wireKey } from 'testkit'
import { type FormBrowser, formBrowser } from 'testkit/browser'
import { authorizeUrl, type CodeAsk, kitPassword, redemption, refresh, startCodeKit } from 'testkit/code'
import { askAbout, claimsOfJwt, type IssuerKit, postForm, tokenProof } from 'testkit/issuer'
import { mfaLevel, pwdLevel, totpAt, totpSecret, walkLevels, withSecondFactor } from 'testkit/levels'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'

let now = 1_800_000_000
const clock = () => now
let kit: IssuerKit
beforeAll(async () => {
  kit = await startCodeKit({ clock, extend: withSecondFactor })
})
afterAll(() => kit.close())
// A new half minute, and no wait of an earlier test.
beforeEach(() => {
  now += 3600
})

const walk = (url: string, browser = formBrowser(kit.issuer), username = 'hanako') =>
  walkLevels(browser, url, { username, password: kitPassword, now: clock })

async function tokensOf(ask: CodeAsk, browser?: FormBrowser, username?: string, at = kit) {
  const key = wireKey()
  const open = authorizeUrl(at, { key, ...ask })
  const walked = await walkLevels(browser ?? formBrowser(at.issuer), open.url, {
    username: username ?? 'hanako',
    password: kitPassword,
    now: clock,
  })
  const code = walked.landed.searchParams.get('code') ?? ''
  // How often consent is asked for is another matter.
  const pages = walked.pages.filter((page) => page !== 'consent')
  const answer = await postForm(at, '/token', redemption(at, open, code), { dpop: tokenProof(at, key) })
  return {
    ...walked,
    pages,
    key,
    open,
    answer,
    access: code ? claimsOfJwt(answer.json['access_token']) : {},
    id: code ? claimsOfJwt(answer.json['id_token']) : {},
  }
}
const isThrough = (page: { status: number; text: string }) => page.status === 0 || page.text.includes('id="consent-allow"')
const wanting = (acr_values: string, more: Record<string, string> = {}): CodeAsk => ({ change: { acr_values, ...more } })
const demanding = (acr: object): CodeAsk => ({ change: { claims: JSON.stringify({ id_token: { acr: { essential: true, ...acr } } }) } })

describe('what is reached', () => {
  it('OIDC-2-02 STEP-5-01: without a wish it is the password level; ID token, access token and introspection say so', async () => {
    const { id, access, answer, pages } = await tokensOf({})
    expect(pages).toEqual(['signin'])
    expect(id).toMatchObject({ acr: pwdLevel, amr: ['pwd'], auth_time: now })
    expect(access).toMatchObject({ acr: pwdLevel, auth_time: now })
    expect((await askAbout(kit, answer.json['access_token'])).json).toMatchObject({ acr: pwdLevel, amr: ['pwd'], auth_time: now })
  })

  it('OIDC-15.1-01 STEP-5-01: acr_values of the second level asks for the code after the password, and every token says it', async () => {
    const { id, access, answer, pages } = await tokensOf(wanting(mfaLevel))
    expect(pages).toEqual(['signin', 'second-factor'])
    expect(id).toMatchObject({ acr: mfaLevel, amr: ['pwd', 'otp'] })
    expect(access).toMatchObject({ acr: mfaLevel, amr: ['pwd', 'otp'] })
    expect((await askAbout(kit, answer.json['access_token'])).json).toMatchObject({ acr: mfaLevel, amr: ['pwd', 'otp'] })
  })

  it('STEP-5-01 OIDC-12.2-01: acr, amr and auth_time stay what they are at a refresh', async () => {
    const held = await tokensOf(wanting(mfaLevel))
    const { auth_time } = held.access
    now += 200
    const renewed = await refresh(kit, held, held.answer.json['refresh_token'])
    for (const token of ['access_token', 'id_token'])
      expect(claimsOfJwt(renewed.json[token])).toMatchObject({ acr: mfaLevel, amr: ['pwd', 'otp'], auth_time })
  })

  it('the order of acr_values is preference, and a stronger sign-in answers a wish for less by its name', async () => {
    const browser = formBrowser(kit.issuer)
    expect((await tokensOf(wanting(`${pwdLevel} ${mfaLevel}`), browser)).pages).toEqual(['signin'])
    const raised = await tokensOf(wanting(`urn:unknown ${mfaLevel} ${pwdLevel}`), browser)
    expect([raised.pages, raised.id['acr']]).toEqual([['second-factor'], mfaLevel])
    expect((await tokensOf(wanting(pwdLevel), browser)).id['acr']).toBe(pwdLevel)
    expect((await tokensOf({}, browser)).id['acr']).toBe(mfaLevel)
  })

  it('the metadata names the levels, weakest first', async () => {
    const metadata = (await (await fetch(`${kit.issuer}/.well-known/openid-configuration`)).json()) as Record<string, unknown>
    expect(metadata['acr_values_supported']).toEqual([pwdLevel, mfaLevel])
  })
})

describe('raising a sign-in', () => {
  it('asks for the code alone; auth_time stays that of the password', async () => {
    const browser = formBrowser(kit.issuer)
    const first = await tokensOf({}, browser)
    now += 600
    const second = await tokensOf(wanting(mfaLevel), browser)
    expect(second.pages).toEqual(['second-factor'])
    expect(second.id).toMatchObject({ auth_time: first.id['auth_time'], acr: mfaLevel, sid: first.id['sid'] })
    expect((await refresh(kit, first, first.answer.json['refresh_token'])).status).toBe(200)
  })

  it('OIDC-3.1.2.1-02: asks for both where max_age or prompt=login demands a new sign-in', async () => {
    const browser = formBrowser(kit.issuer)
    await tokensOf(wanting(mfaLevel), browser)
    now += 400
    const aged = await tokensOf(wanting(mfaLevel, { max_age: '300' }), browser)
    expect([aged.pages, aged.id['auth_time']]).toEqual([['signin', 'second-factor'], now])
    now += 60
    expect((await tokensOf(wanting(mfaLevel, { prompt: 'login' }), browser)).pages).toEqual(['signin', 'second-factor'])
  })

  it('OIDC-3.1.2.1-01: prompt=none at a level that is not reached is login_required, at one that is goes through', async () => {
    const browser = formBrowser(kit.issuer)
    const ask = (acr_values: string) =>
      walk(authorizeUrl(kit, { clientId: 'web', ...wanting(acr_values, { prompt: 'none' }) }).url, browser)
    await walk(authorizeUrl(kit, { clientId: 'web' }).url, browser)
    expect((await ask(mfaLevel)).landed.searchParams.get('error')).toBe('login_required')
    expect((await ask(pwdLevel)).landed.searchParams.get('code')).toBeTruthy()
    await walk(authorizeUrl(kit, { clientId: 'web', ...wanting(mfaLevel) }).url, browser)
    expect((await ask(mfaLevel)).landed.searchParams.get('code')).toBeTruthy()
  })
})

describe('what cannot be reached', () => {
  it('OIDC-15.1-01: a mere wish goes on with the level that is reached: unknown, or without the means', async () => {
    expect((await tokensOf(wanting('urn:unknown'))).id['acr']).toBe(pwdLevel)
    const taro = await tokensOf(wanting(mfaLevel), undefined, 'taro')
    expect([taro.pages, taro.id['acr']]).toEqual([['signin'], pwdLevel])
  })

  it('OIDC-5.5-01 STEP-5-01: an essential acr that nobody knows is unmet_authentication_requirements at once', async () => {
    for (const acr of [{ value: 'urn:unknown' }, { values: ['urn:unknown', 'urn:other'] }]) {
      const { landed, pages } = await walk(authorizeUrl(kit, demanding(acr)).url)
      expect([pages, landed.searchParams.get('error'), landed.searchParams.get('iss')]).toEqual([
        [],
        'unmet_authentication_requirements',
        kit.issuer,
      ])
      const pushed = await postForm(kit, '/par', new URL(authorizeUrl(kit, demanding(acr)).url).search.slice(1))
      expect([pushed.status, pushed.json['error']]).toEqual([400, 'unmet_authentication_requirements'])
    }
  })

  it('OIDC-5.5-01: an essential acr is met with the second factor; without values it only has to be there', async () => {
    const met = await tokensOf(demanding({ values: ['urn:unknown', mfaLevel] }))
    expect([met.pages, met.id['acr']]).toEqual([['signin', 'second-factor'], mfaLevel])
    expect((await tokensOf(demanding({}))).id['acr']).toBe(pwdLevel)
  })

  it('OIDC-5.5-01 STEP-5-01: a person without the means is sent back with unmet_authentication_requirements, signed in before or not', async () => {
    const browser = formBrowser(kit.issuer)
    const { url } = authorizeUrl(kit, demanding({ value: mfaLevel }))
    const first = await walk(url, browser, 'taro')
    expect([first.pages, first.landed.searchParams.get('error')]).toEqual([['signin'], 'unmet_authentication_requirements'])
    const second = await walk(authorizeUrl(kit, demanding({ value: mfaLevel })).url, browser)
    expect([second.pages, second.landed.searchParams.get('error')]).toEqual([[], 'unmet_authentication_requirements'])
  })

  it('STEP-5-01: where the issuer says so, acr_values is a demand, too', async () => {
    const strict = await startCodeKit({ clock, config: { authentication: { unmetAcrValues: 'refuse' } }, extend: withSecondFactor })
    const taro = await tokensOf(wanting(mfaLevel), undefined, 'taro', strict)
    expect(taro.landed.searchParams.get('error')).toBe('unmet_authentication_requirements')
    expect((await tokensOf(wanting(mfaLevel), undefined, 'hanako', strict)).id['acr']).toBe(mfaLevel)
    await strict.close()
  })
})

describe('the second factor', () => {
  const atCode = async (browser = formBrowser(kit.issuer), language = 'en') => {
    const page = await browser.open(`${authorizeUrl(kit, wanting(mfaLevel, { prompt: 'consent' })).url}&ui_locales=${language}`)
    return {
      browser,
      page: page.text.includes('login-submit')
        ? await browser.press(page, 'login-submit', { username: 'hanako', password: kitPassword })
        : page,
    }
  }

  it('is one plain field made for codes, in both languages, and can be left', async () => {
    const { browser, page } = await atCode()
    for (const part of ['id="otp"', 'autocomplete="one-time-code"', 'inputmode="numeric"', 'One-time code', 'Signed in as hanako'])
      expect(page.text).toContain(part)
    expect(page.headers.get('cache-control')).toBe('no-store')
    expect((await atCode(formBrowser(kit.issuer), 'ja')).page.text).toContain('確認コード')
    const back = await browser.press(page, 'otp-cancel')
    expect(back.url.searchParams.get('error')).toBe('access_denied')
  })

  it('takes the codes of this half minute and its neighbours, typed with spaces or in full width, each once', async () => {
    for (const [moved, otp] of [
      [0, totpAt(now)],
      [3600, totpAt(now + 3600 - 30)],
      [3600, `${totpAt(now + 7200 + 30).slice(0, 3)} ${totpAt(now + 7200 + 30).slice(3)}`],
      [3600, totpAt(now + 10_800).replace(/\d/g, (digit) => String.fromCharCode(0xff10 + Number(digit)))],
    ] as const) {
      now += moved
      const { browser, page } = await atCode()
      expect(isThrough(await browser.press(page, 'otp-submit', { otp })), otp).toBe(true)
      const again = await atCode()
      const used = await again.browser.press(again.page, 'otp-submit', { otp })
      expect([used.status, used.text.includes('used before')]).toEqual([422, true])
    }
  })

  const wrong = { 'another code': '000000', 'too old': -60, 'too early': 60, 'no code': '', 'no digits': 'abcdef', 'too long': '1234567' }
  for (const [why, code] of Object.entries(wrong)) {
    it(`refuses ${why} with the page again, and the session stays as it was`, async () => {
      const { browser, page } = await atCode()
      const otp = typeof code === 'number' ? totpAt(now + code) : code
      const answer = await browser.press(page, 'otp-submit', { otp })
      expect([answer.status, answer.text.includes('role="alert"')]).toEqual([422, true])
      expect((await tokensOf({}, browser)).id['acr']).toBe(pwdLevel)
    })
  }

  it('waits after repeated failures, also for the right code', async () => {
    const { browser, page } = await atCode()
    let answer = page
    for (let tries = 0; tries < 3; tries += 1) answer = await browser.press(answer, 'otp-submit', { otp: '000000' })
    answer = await browser.press(answer, 'otp-submit', { otp: totpAt(now) })
    expect([answer.status, Number(answer.headers.get('retry-after')) > 0]).toEqual([429, true])
    expect(kit.audit.at(-1)).toMatchObject({ event: 'login_failed', rule: 'signin.waits-after-failures' })
    now += 60
    expect(isThrough(await browser.press(answer, 'otp-submit', { otp: totpAt(now) }))).toBe(true)
  })

  it('64 posts of one code at once: it raises one session once', async () => {
    const { browser, page } = await atCode()
    const fields = Object.fromEntries(
      [...page.text.matchAll(/type="hidden" name="([^"]+)" value="([^"]*)"/g)].map(([, name = '', value = '']) => [name, value]),
    )
    const before = kit.audit.filter(({ amr }) => amr === 'pwd otp').length
    const all = await Promise.all(
      Array.from({ length: 64 }, (_, at) =>
        browser.post(`${kit.issuer}/second-factor`, { ...fields, otp: totpAt(now), do: 'confirm', try: String(at) }),
      ),
    )
    expect(all.every(({ status }) => [303, 422, 429].includes(status))).toBe(true)
    expect(kit.audit.filter(({ amr }) => amr === 'pwd otp').length - before).toBe(1)
  })

  it('a form of another page, another person or no form at all is refused', async () => {
    const { browser, page } = await atCode()
    const id = page.url.searchParams.get('interaction') ?? ''
    const forged = await browser.post(`${kit.issuer}/second-factor`, { interaction: id, otp: totpAt(now), do: 'confirm', form_token: 'x' })
    expect([forged.status, forged.text.includes('page.form-is-ours')]).toEqual([400, true])
    const stranger = formBrowser(kit.issuer)
    expect((await stranger.open(page.url)).status).toBe(400)
    expect((await browser.open(`${kit.issuer}/second-factor?interaction=nothing`)).status).toBe(400)
  })

  it('whoever is not half way is sent where they belong: to the password, or on', async () => {
    const browser = formBrowser(kit.issuer)
    const signIn = await browser.open(authorizeUrl(kit, wanting(mfaLevel)).url)
    const early = await browser.open(`${kit.issuer}/second-factor${signIn.url.search}`)
    expect(early.url.pathname).toBe('/signin')
    const { browser: done, page } = await atCode()
    const consent = await done.press(page, 'otp-submit', { otp: totpAt(now) })
    expect((await done.open(`${kit.issuer}/second-factor${consent.url.search}`)).url.pathname).toBe('/consent')
    const skipped = await atCode()
    expect((await skipped.browser.open(`${kit.issuer}/consent${skipped.page.url.search}`)).url.pathname).toBe('/second-factor')
  })

  it('its secret rests sealed, and neither code nor secret reaches the audit log', async () => {
    const storage = createMemoryStorage()
    const serverKeys = [{ id: 'k1', key: Buffer.alloc(32, 7).toString('base64url') }]
    const start = () => startCodeKit({ clock, storage, config: { issuer: 'http://127.0.0.1:1', serverKeys }, extend: withSecondFactor })
    const sealed = await start()
    const before = await storage.records.user('http://127.0.0.1:1', 'user-hanako')
    expect(before?.sealedTotpSecret).toMatch(/^sealed\.k1\./)
    await sealed.close()
    const again = await start()
    expect(await storage.records.user('http://127.0.0.1:1', 'user-hanako')).toEqual(before)
    await again.close()
    const text = JSON.stringify(kit.audit)
    for (const secret of [totpSecret, totpAt(now), kitPassword]) expect(text).not.toContain(secret)
  })
})
