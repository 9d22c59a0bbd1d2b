// Front-channel logout as a real Chromium does it: every app of this sign-in is loaded in a frame, then the person goes on.
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type ChromiumRoom, longClientId, openChromium, signIn } from './open-chromium.ts'

let room: ChromiumRoom
beforeAll(async () => {
  room = await openChromium()
})
afterAll(() => room?.close())
beforeEach(() => {
  room.app.seen.length = 0
})

const callback = () => `http://localhost:${room.app.port}/callback`
const fronts = () => room.app.seen.filter((path) => path.startsWith('/front'))

async function useApp(page: Page, clientId: string): Promise<void> {
  await page.goto(room.authorizeUrl(callback(), { client_id: clientId, scope: 'openid notes:read' }))
  if (await page.isVisible('#login-submit')) await signIn(page)
  await page.click('#consent-allow')
  await page.waitForSelector('#landed')
}

/** Asks as the app does, and confirms on the page. */
async function signOut(page: Page): Promise<void> {
  const query = new URLSearchParams({ client_id: 'ledger', post_logout_redirect_uri: callback(), state: 'after' })
  await page.goto(`${room.kit.issuer}/logout?${query}`)
  await page.click('#logout-submit')
}

describe('front-channel logout in Chromium', () => {
  it('loads each app of the sign-in in a frame, with iss and sid where demanded, then goes on to the app', () =>
    room.visit({}, async ({ page, complaints }) => {
      await useApp(page, 'ledger')
      await useApp(page, longClientId)
      const opened = page.waitForResponse((response) => response.url().includes('/signed-out?ended='))
      await signOut(page)
      const policy = (await opened).headers()['content-security-policy'] ?? ''
      await page.waitForSelector('#logout-return')
      expect(policy).toContain(`frame-src http://localhost:${room.app.port}`)
      expect(policy.split('frame-src ')[1]?.split(';')[0]).toBe(`http://localhost:${room.app.port}`)
      expect(await page.textContent('main')).toContain('You go back to Ledger in a moment')
      await page.waitForURL(`${callback()}?state=after`)
      const [plain, named] = fronts().sort((a, b) => a.length - b.length)
      expect(fronts()).toHaveLength(2)
      expect(plain).toBe('/front-plain')
      const told = new URL(named ?? '', callback()).searchParams
      expect([...told.keys()].sort()).toEqual(['iss', 'of', 'sid'])
      expect([told.get('of'), told.get('iss')]).toEqual(['ledger', room.kit.issuer])
      expect(told.get('sid')).toMatch(/^[A-Za-z0-9_-]{43}$/)
      expect(complaints).toEqual([])
    }))

  it('an app that this sign-in never used is not loaded', () =>
    room.visit({ locale: 'ja-JP' }, async ({ page, complaints }) => {
      await useApp(page, 'ledger')
      await signOut(page)
      await page.waitForSelector('#logout-return')
      expect(await page.textContent('main')).toContain('まもなく「家計簿」に戻ります。')
      await page.click('#logout-return')
      await page.waitForSelector('#landed')
      expect(fronts().every((path) => path.startsWith('/front?of=ledger&iss='))).toBe(true)
      expect(complaints).toEqual([])
    }))

  it('every sign-in has a name of its own', () =>
    room.visit({}, async ({ page }) => {
      await useApp(page, 'ledger')
      await signOut(page)
      await page.waitForURL(`${callback()}?state=after`)
      await useApp(page, 'ledger')
      await signOut(page)
      await page.waitForURL(`${callback()}?state=after`)
      const sids = fronts().map((path) => new URL(path, callback()).searchParams.get('sid'))
      expect(new Set(sids).size).toBe(2)
    }))
})
