// A real Chromium signs in and consents at a real issuer on loopback, with and without script, and always reaches the client.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { appScheme } from '../../testkit/src/callback-app.ts'
import { type ChromiumRoom, openChromium, password, signIn } from './open-chromium.ts'

let room: ChromiumRoom
beforeAll(async () => {
  room = await openChromium()
})
afterAll(() => room?.close())

for (const javaScriptEnabled of [true, false]) {
  describe(`Chromium ${javaScriptEnabled ? 'with' : 'without'} script`, () => {
    it('CSP-FORMACTION-01 O21-4.1.2-02: signs in, consents, and reaches a client on another origin with code, state and iss', () =>
      room.visit({ javaScriptEnabled }, async ({ page, complaints }) => {
        await page.goto(room.authorizeUrl(`http://localhost:${room.app.port}/callback`))
        await signIn(page)
        await page.click('#consent-allow')
        await page.waitForURL(`http://localhost:${room.app.port}/callback?**`)
        const answer = new URL(page.url()).searchParams
        expect(answer.get('code')).toMatch(/^[A-Za-z0-9_-]{43}$/)
        expect(answer.get('state')).toBe('state-1')
        expect(answer.get('iss')).toBe(room.kit.issuer)
        expect(complaints).toEqual([])
      }))

    it('CSP-FORMACTION-01: reaches a program at 127.0.0.1 and any port', () =>
      room.visit({ javaScriptEnabled }, async ({ page, complaints }) => {
        await page.goto(room.authorizeUrl(`http://127.0.0.1:${room.app.port}/callback`))
        await signIn(page)
        expect(await page.textContent('[role=note]')).toContain('your own computer')
        await page.click('#consent-allow')
        await page.waitForURL(`http://127.0.0.1:${room.app.port}/callback?code=**`)
        expect(complaints).toEqual([])
      }))

    it('CSP-FORMACTION-01: a callback that redirects on to an app’s own scheme is followed to the end', () =>
      room.visit({ javaScriptEnabled }, async ({ page, complaints }) => {
        await page.goto(room.authorizeUrl(`http://localhost:${room.app.port}/onward`))
        await signIn(page)
        // No program is registered for the scheme, so the browser gives up there, but not before.
        const onward = page.waitForEvent('requestfailed', (request) => request.url().startsWith(appScheme))
        await page.click('#consent-allow')
        expect(new URL((await onward).url()).searchParams.get('code')).toMatch(/^[A-Za-z0-9_-]{43}$/)
        expect(complaints).toEqual([])
      }))

    it('a person who does not allow it, and one who goes back, reach the client with access_denied', () =>
      room.visit({ javaScriptEnabled }, async ({ page, complaints }) => {
        const callback = `http://localhost:${room.app.port}/callback`
        await page.goto(room.authorizeUrl(callback))
        await page.click('#login-cancel')
        await page.waitForURL(`${callback}?error=access_denied**`)
        await page.goto(room.authorizeUrl(callback))
        await signIn(page)
        await page.click('#consent-deny')
        await page.waitForURL(`${callback}?error=access_denied**`)
        expect(complaints).toEqual([])
      }))

    it('a button that is pressed twice on a slow line reaches the client, not an error', () =>
      room.visit({ javaScriptEnabled }, async ({ page }) => {
        const callback = `http://localhost:${room.app.port}/callback`
        await page.goto(room.authorizeUrl(callback))
        await signIn(page)
        const release = room.holdAnswers()
        let presses = 0
        page.on('request', (request) => {
          presses += request.method() === 'POST' ? 1 : 0
          if (presses === 2) release()
        })
        await page.locator('#consent-allow').dblclick({ delay: 20 })
        // The first press is cancelled by the second: only a page that stays is waited for.
        await page.waitForSelector('#landed')
        expect(page.url()).toContain(`${callback}?code=`)
        expect(presses).toBe(2)
      }))
  })
}

describe('Chromium', () => {
  it('CSP-FORMACTION-01: does stop a redirect where the page’s policy has form-action, so the cases above could fail', () =>
    room.visit({}, async ({ page, complaints }) => {
      const to = `http://127.0.0.1:${room.app.port}/never`
      await page.goto(`http://localhost:${room.app.port}/self-only?to=${encodeURIComponent(to)}`)
      const complaint = page.waitForEvent('console', (message) => message.text().includes('form-action'))
      await page.locator('#go').click({ noWaitAfter: true })
      await complaint
      expect(complaints.join()).toContain('form-action')
      expect(room.app.seen).not.toContain('/never')
    }))

  it('a client’s popup still knows the page that opened it when it comes back', () =>
    room.visit({}, async ({ page, context }) => {
      const callback = `http://localhost:${room.app.port}/callback`
      await page.goto(`http://localhost:${room.app.port}/start`)
      const opened = context.waitForEvent('page')
      await page.evaluate((url) => void window.open(url, 'sign-in', 'width=480,height=640'), room.authorizeUrl(callback))
      const popup = await opened
      await signIn(popup)
      await popup.click('#consent-allow')
      await popup.waitForURL(`${callback}?code=**`)
      expect(await popup.evaluate(() => window.opener !== null)).toBe(true)
    }))

  it('O21-7.11-01: does not show the pages inside a foreign page', () =>
    room.visit({}, async ({ page, complaints }) => {
      await page.goto(`http://localhost:${room.app.port}/start`)
      const refused = page.waitForEvent('console', (message) => message.text().includes('frame-ancestors'))
      await page.evaluate(
        (url) => {
          const frame = document.createElement('iframe')
          frame.src = url
          document.body.append(frame)
        },
        room.authorizeUrl(`http://localhost:${room.app.port}/callback`),
      )
      await refused
      expect(complaints.join()).toContain('frame-ancestors')
      for (const frame of page.frames().slice(1)) expect(await frame.locator('#username').count()).toBe(0)
    }))

  it('the whole way goes by keyboard alone, and the focus is always to be seen', () =>
    room.visit({}, async ({ page }) => {
      await page.goto(room.authorizeUrl(`http://localhost:${room.app.port}/callback`))
      const focused = () =>
        page.evaluate(() => {
          const at = document.activeElement as HTMLElement
          return { id: at.id, outline: getComputedStyle(at).outlineStyle !== 'none' && getComputedStyle(at).outlineWidth !== '0px' }
        })
      expect(await focused()).toEqual({ id: 'username', outline: true })
      await page.keyboard.type('hanako')
      await page.keyboard.press('Tab')
      expect(await focused()).toEqual({ id: 'password', outline: true })
      await page.keyboard.type(password)
      await page.keyboard.press('Enter')
      await page.waitForSelector('#consent-allow')
      for (let tabs = 0; tabs < 10 && (await focused()).id !== 'consent-allow'; tabs++) {
        await page.keyboard.press('Tab')
        expect((await focused()).outline).toBe(true)
      }
      expect((await focused()).id).toBe('consent-allow')
      await page.keyboard.press('Enter')
      await page.waitForURL(`http://localhost:${room.app.port}/callback?code=**`)
    }))

  it('the language switch keeps the request, outweighs ui_locales on every page after it, and is remembered', () =>
    room.visit({ locale: 'en-GB' }, async ({ page }) => {
      const callback = `http://localhost:${room.app.port}/callback`
      await page.goto(room.authorizeUrl(callback, { ui_locales: 'en' }))
      await page.click('a[hreflang=ja]')
      expect(await page.textContent('h1')).toBe('サインイン')
      await signIn(page)
      expect(await page.textContent('h1')).toBe('「家計簿」が次の許可を求めています')
      await page.click('#consent-allow')
      await page.waitForURL(`${callback}?code=**`)
      await page.goto(room.authorizeUrl(callback, { prompt: 'login' }))
      expect(await page.getAttribute('html', 'lang')).toBe('ja')
    }))
})
