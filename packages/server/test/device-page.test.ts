// What a person meets at /device: sign-in, the code, the comparison, the decision; and how few guesses there are.
import { wireKey } from 'testkit'
import { formBrowser, type Page } from 'testkit/browser'
import { atDevicePage, decideAtPage, pollDevice, startDeviceKit, type Waiting, waitingDevice } from 'testkit/device'
import { type IssuerKit, kitApi } from 'testkit/issuer'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'

let passed = 0
const clock = () => Math.floor(Date.now() / 1000) + passed
let kit: IssuerKit
beforeEach(async () => {
  kit = await startDeviceKit({ clock })
})
afterEach(() => kit.close())

const type = async (at: Awaited<ReturnType<typeof atDevicePage>>, userCode: string): Promise<Page> =>
  at.browser.press(at.page, 'device-continue', { user_code: userCode })
const isDecision = (page: Page) => page.text.includes('id="device-allow"')
const isEntry = (page: Page) => page.text.includes('id="device-continue"')
const errorOfPoll = async (device: Waiting) => (await pollDevice(kit, device, wireKey())).json['error']

describe('the way to a decision', () => {
  it('SEED-O21-24 DEV-3.3-01: the link prefills the code, asks for sign-in, and approves nothing by itself', async () => {
    const device = await waitingDevice(kit)
    const browser = formBrowser(kit.issuer, { 'accept-language': 'en' })
    const first = await browser.open(device.completeUri)
    expect(first.url.pathname).toBe('/signin')
    expect(first.text).toContain('Sign in to continue')
    expect(first.text).not.toContain('id="login-cancel"')
    const { page } = await atDevicePage(kit, { url: device.completeUri, browser })
    expect(page.url.pathname + page.url.search).toBe(`/device?user_code=${device.userCode}`)
    expect(page.text).toContain(`value="${device.userCode}"`)
    expect(page.text).toContain('inputmode="text"')
    expect(page.headers.get('cache-control')).toBe('no-store')
    expect(await errorOfPoll(device)).toBe('authorization_pending')
    const compare = await browser.press(page, 'device-continue')
    expect(isDecision(compare)).toBe(true)
    passed += 6
    expect(await errorOfPoll(device)).toBe('authorization_pending')
  })

  it('DEV-3.3-01 BCP247-2-01: the decision shows app, scopes, code, time, place and a warning, in both languages', async () => {
    const device = await waitingDevice(kit, { change: { scope: 'notes:read notes:write', resource: kitApi } })
    for (const [language, words] of Object.entries({
      en: ['Television', 'Read notes', 'Write notes', 'just now', 'the network that you are on', 'Only continue if you started this'],
      ja: [
        'テレビ',
        'メモを読む',
        'メモを書く',
        'たった今',
        'いまお使いのネットワークと同じです',
        '自分で始めた操作でなければ許可しないでください',
      ],
    })) {
      const browser = formBrowser(kit.issuer, { 'accept-language': language })
      const page = await type(await atDevicePage(kit, { browser }), device.userCode)
      for (const text of [...words, device.userCode, '127.0.0.1', 'UTC']) expect(page.text).toContain(text)
    }
  })

  it('DEV-5.1-01: the code is compared without case, hyphen, space and full-width forms', async () => {
    const device = await waitingDevice(kit)
    const at = await atDevicePage(kit)
    const plain = device.userCode.replace('-', '')
    const wide = [...plain].map((letter) => String.fromCharCode(letter.charCodeAt(0) + 0xfee0)).join('')
    for (const typed of [plain, plain.toLowerCase(), ` ${plain.slice(0, 2)} ${plain.slice(2)} `, wide, plain.replace(/^(.{4})/, '$1–')]) {
      expect(isDecision(await type(at, typed))).toBe(true)
    }
  })

  it('SEED-O21-24: allowed, the device collects; denied, it is told; the done pages say so', async () => {
    const allowed = await waitingDevice(kit)
    const { page, browser } = await decideAtPage(kit, allowed)
    expect([page.url.pathname, page.status]).toEqual(['/device/allowed', 200])
    expect((await pollDevice(kit, allowed, wireKey())).status).toBe(200)
    const denied = await waitingDevice(kit)
    expect((await decideAtPage(kit, denied, 'device-deny', browser)).page.url.pathname).toBe('/device/denied')
    expect(await errorOfPoll(denied)).toBe('access_denied')
    const told = kit.audit
      .filter(({ event }) => event === 'consent')
      .map(({ decision, subject, clientId }) => [decision, subject, clientId])
    expect(told).toEqual([
      ['allowed', 'user-hanako', 'tv'],
      ['denied', 'user-hanako', 'tv'],
    ])
  })

  it('a decided, an expired and an unknown code look alike, and none of them shows the app', async () => {
    const decided = await waitingDevice(kit)
    const { browser } = await decideAtPage(kit, decided, 'device-deny')
    const expired = await waitingDevice(kit)
    passed += 600
    for (const code of [decided.userCode, expired.userCode, 'BCDF-GHJK']) {
      const page = await type(await atDevicePage(kit, { browser }), code)
      expect([page.status, isEntry(page), page.text.includes('テレビ') || page.text.includes('Television')]).toEqual([422, true, false])
    }
  })

  it('nobody decides twice: the second press of another person is told that the code does not work', async () => {
    const device = await waitingDevice(kit)
    const one = await type(await atDevicePage(kit), device.userCode)
    const other = await atDevicePage(kit, { username: 'taro' })
    const otherPage = await type(other, device.userCode)
    expect(isDecision(one) && isDecision(otherPage)).toBe(true)
    await decideAtPage(kit, device)
    const late = await other.browser.press(otherPage, 'device-allow')
    expect([late.status, isEntry(late)]).toEqual([422, true])
  })
})

describe('forms that nobody filled in', () => {
  it('O21-7.12-01: without the token of the comparison nothing is decided, not even with that of the entry', async () => {
    const device = await waitingDevice(kit)
    const at = await atDevicePage(kit)
    const entryToken = /name="form_token" value="([^"]+)"/.exec(at.page.text)?.[1] ?? ''
    for (const form_token of ['', 'x'.repeat(43), entryToken]) {
      const page = await at.browser.post(`${kit.issuer}/device`, { do: 'allow', user_code: device.userCode, form_token })
      expect(page.status).toBe(400)
    }
    expect((await at.browser.post(`${kit.issuer}/device`, { do: 'check', user_code: device.userCode })).status).toBe(400)
    const foreign = { 'sec-fetch-site': 'cross-site' }
    const page = await at.browser.post(`${kit.issuer}/device`, { do: 'check', user_code: device.userCode, form_token: entryToken }, foreign)
    expect(page.status).toBe(400)
    expect(await errorOfPoll(device)).toBe('authorization_pending')
  })

  it('a field twice is 400; signed out, the code is asked for again after signing in', async () => {
    const device = await waitingDevice(kit)
    const signedOut = await formBrowser(kit.issuer).post(`${kit.issuer}/device`, { do: 'allow', user_code: device.userCode })
    expect(signedOut.status).toBe(303)
    expect(signedOut.headers.get('location')).toBe(`${kit.issuer}/signin?page=device&user_code=${device.userCode}`)
    const at = await atDevicePage(kit)
    const twice = await fetch(`${kit.issuer}/device`, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        cookie: [...at.browser.cookies].map(([name, value]) => `${name}=${value}`).join('; '),
      },
      body: 'user_code=a&user_code=b',
    })
    expect(twice.status).toBe(400)
  })

  it('the sign-in for a page: wrong password, no token, an unknown page', async () => {
    const browser = formBrowser(kit.issuer)
    const page = await browser.open(`${kit.issuer}/device?user_code=x"><script>`)
    expect(page.text).not.toContain('<script>')
    expect((await browser.press(page, 'login-submit', { username: 'hanako', password: 'wrong' })).status).toBe(422)
    expect((await browser.press(page, 'login-submit', { username: '', password: '' })).status).toBe(422)
    expect((await browser.press(page, 'login-submit', { form_token: 'x' })).status).toBe(400)
    expect((await formBrowser(kit.issuer).press(page, 'login-submit')).status).toBe(400)
    expect((await browser.open(`${kit.issuer}/signin?page=https://evil.example/`)).status).toBe(400)
    expect((await browser.post(`${kit.issuer}/signin`, { page: 'constructor' })).status).toBe(400)
  })
})

describe('guessing', () => {
  const wrong = ['BBBB-BBBB', 'BBBB-BBBC', 'BBBB-BBBD', 'BBBB-BBBF', 'BBBB-BBBG', 'BBBB-BBBH']

  it('DEV-5.1-01: the sixth wrong code of one person is a 429 page with Retry-After, and so is then a right one; each is audited', async () => {
    const device = await waitingDevice(kit)
    const at = await atDevicePage(kit)
    const statuses: number[] = []
    for (const code of wrong) statuses.push((await type(at, code)).status)
    expect(statuses).toEqual([422, 422, 422, 422, 422, 429])
    const blocked = await type(at, device.userCode)
    expect([blocked.status, isEntry(blocked)]).toEqual([429, true])
    expect(Number(blocked.headers.get('retry-after'))).toBeGreaterThan(500)
    const guessed = kit.audit.filter(({ event }) => event === 'device_code_guessed')
    expect(guessed.map(({ rule }) => rule)).toEqual([
      ...Array(5).fill('device.user-code-is-live'),
      ...Array(2).fill('device.guesses-are-few'),
    ])
    expect(guessed[0]).toMatchObject({ subject: 'user-hanako' })
    expect(JSON.stringify(guessed)).not.toContain('BBBB')
    // Another session of the same person has no more tries; another person has.
    expect((await type(await atDevicePage(kit), device.userCode)).status).toBe(429)
    expect(isDecision(await type(await atDevicePage(kit, { username: 'taro' }), device.userCode))).toBe(true)
    passed += 600
    expect((await type(await atDevicePage(kit), wrong[0] as string)).status).toBe(422)
  })

  it('DEV-5.1-01: guesses at the decision are counted too, and 32 at once pass the door no more often than five', async () => {
    const at = await atDevicePage(kit)
    const all = await Promise.all(
      Array.from({ length: 32 }, (_, i) =>
        at.browser.post(`${kit.issuer}/device`, { do: 'allow', user_code: `BBBBBB${'BCDFGHJKLMNPQRST'[i % 16]}${i < 16 ? 'B' : 'C'}` }),
      ),
    )
    expect(all.filter(({ status }) => status === 422)).toHaveLength(5)
    expect(all.filter(({ status }) => status === 429)).toHaveLength(27)
  })

  it('what cannot be a code is no guess; a right code costs no try', async () => {
    const at = await atDevicePage(kit)
    for (let i = 0; i < 8; i += 1)
      expect((await type(at, ['', 'AEIO-UAEI', '12345678', 'x'.repeat(5000)][i % 4] as string)).status).toBe(422)
    for (let i = 0; i < 8; i += 1) expect(isDecision(await type(at, (await waitingDevice(kit)).userCode))).toBe(true)
  })
})

describe('what an operator chooses', () => {
  const open: IssuerKit[] = []
  beforeAll(() => open.splice(0))
  afterAll(() => Promise.all(open.map((one) => one.close())))
  const start = async (device: Parameters<typeof startDeviceKit>[1]) => {
    const started = await startDeviceKit({ clock, extend: (config) => ({ ...config, forwarded: { peers: ['127.0.0.1'] } }) }, device)
    open.push(started)
    return started
  }
  const from = (address: string) => ({ 'x-forwarded-for': address })

  it('BCP247-2-01: with proximity the person must be where the device is; otherwise the page only warns', async () => {
    const near = await start({ proximity: 'same-network' })
    const device = await waitingDevice(near, { headers: from('198.51.100.7') })
    const far = formBrowser(near.issuer, from('203.0.113.9'))
    const refused = await type(await atDevicePage(near, { browser: far }), device.userCode)
    expect([refused.status, isEntry(refused)]).toEqual([403, true])
    expect(near.audit.at(-1)).toMatchObject({ event: 'consent', rule: 'device.person-is-nearby', subject: 'user-hanako' })
    const here = formBrowser(near.issuer, from('198.51.100.7'))
    expect((await decideAtPage(near, device, 'device-allow', here)).page.url.pathname).toBe('/device/allowed')
    const warning = await start({})
    const told = await waitingDevice(warning, { headers: from('198.51.100.7') })
    const page = await type(
      await atDevicePage(warning, { browser: formBrowser(warning.issuer, { ...from('203.0.113.9'), 'accept-language': 'en' }) }),
      told.userCode,
    )
    expect(page.text).toContain('Not the network that you are on')
  })

  it('BCP247-2-01: the same /64 of IPv6 is one network', async () => {
    const near = await start({ proximity: 'same-network' })
    const device = await waitingDevice(near, { headers: from('2001:db8:1:2::10') })
    const page = await type(await atDevicePage(near, { browser: formBrowser(near.issuer, from('2001:db8:1:2:ffff::1')) }), device.userCode)
    expect(isDecision(page)).toBe(true)
    const other = await type(await atDevicePage(near, { browser: formBrowser(near.issuer, from('2001:db8:1:3::1')) }), device.userCode)
    expect(other.status).toBe(403)
  })
})
