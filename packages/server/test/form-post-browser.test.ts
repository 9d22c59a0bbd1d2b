// A real Chromium brings a posted answer to a client on another origin: by the page's own script, and without script by its button.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { appScheme } from '../../testkit/src/callback-app.ts'
import { type ChromiumRoom, openChromium, signIn } from './open-chromium.ts'

let room: ChromiumRoom
beforeAll(async () => {
  room = await openChromium()
})
afterAll(() => room?.close())

const callback = () => `http://localhost:${room.app.port}/callback`
const asked = (more: Record<string, string> = {}) => room.authorizeUrl(callback(), { response_mode: 'form_post', ...more })
const lastPost = () => Object.fromEntries(new URLSearchParams(room.app.posted.at(-1)))

describe('Chromium with script', () => {
  it('FORMPOST-2-01 CSP-FORMACTION-01: allowing posts code, state and iss to the client, and nothing stands in its address', () =>
    room.visit({}, async ({ page, complaints }) => {
      const state = `"><script>document.title='run'</script>`
      await page.goto(asked({ state }))
      await signIn(page)
      await page.click('#consent-allow')
      await page.waitForSelector('#landed')
      expect(page.url()).toBe(callback())
      expect(lastPost()).toEqual({ code: expect.stringMatching(/^[A-Za-z0-9_-]{43}$/), state, iss: room.kit.issuer })
      expect(complaints).toEqual([])
    }))

  it('FORMPOST-2-01: errors are posted as well, without any page of ours in between', () =>
    room.visit({}, async ({ page, complaints }) => {
      await page.goto(asked({ prompt: 'none' }), { waitUntil: 'commit' })
      await page.waitForSelector('#landed')
      expect(lastPost()).toMatchObject({ error: 'login_required', state: 'state-1', iss: room.kit.issuer })
      expect(complaints).toEqual([])
    }))

  it('CSP-FORMACTION-01: a client that redirects the post on to an app’s own scheme is followed to the end', () =>
    room.visit({}, async ({ page, complaints }) => {
      await page.goto(room.authorizeUrl(`http://localhost:${room.app.port}/onward`, { response_mode: 'form_post' }))
      await signIn(page)
      const onward = page.waitForEvent('requestfailed', (request) => request.url().startsWith(appScheme))
      await page.click('#consent-allow')
      expect((await onward).url()).toContain(appScheme)
      expect(lastPost()['code']).toMatch(/^[A-Za-z0-9_-]{43}$/)
      expect(complaints).toEqual([])
    }))
})

describe('Chromium without script', () => {
  it.each([
    ['en-GB', 'Continue to Ledger'],
    ['ja-JP', '「家計簿」に進む'],
  ])('FORMPOST-2-01: in %s the button does it', (locale, words) =>
    room.visit({ javaScriptEnabled: false, locale }, async ({ page, complaints }) => {
      await page.goto(asked())
      await signIn(page)
      await page.click('#consent-allow')
      await page.waitForSelector('#form-post-submit')
      expect(await page.textContent('#form-post-submit')).toBe(words)
      await page.click('#form-post-submit')
      await page.waitForSelector('#landed')
      expect(page.url()).toBe(callback())
      expect(lastPost()).toMatchObject({ code: expect.any(String), iss: room.kit.issuer })
      expect(complaints).toEqual([])
    }),
  )

  it('the page fits a small screen, and the keyboard alone reaches its button', () =>
    room.visit({ javaScriptEnabled: false, viewport: { width: 320, height: 480 } }, async ({ page }) => {
      await page.goto(asked({ prompt: 'none' }))
      const button = page.locator('#form-post-submit')
      expect((await button.boundingBox())?.width).toBeLessThanOrEqual(320)
      for (let presses = 0; presses < 6 && (await page.locator('#form-post-submit:focus').count()) === 0; presses += 1)
        await page.keyboard.press('Tab')
      await page.keyboard.press('Enter')
      await page.waitForSelector('#landed')
      expect(lastPost()['error']).toBe('login_required')
    }))
})
