// Every page as a real Chromium lays it out: narrow, zoomed, dark, printed; letters to be read, targets to be hit, nothing cut off.
import type { Page } from 'playwright-core'
import { postForm } from 'testkit/issuer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ChromiumRoom, longClientId, openChromium, password, signIn } from './open-chromium.ts'

let room: ChromiumRoom
beforeAll(async () => {
  room = await openChromium()
})
afterAll(() => room?.close())

/** Walks through every page there is and looks at each. */
async function walk(page: Page, look: (name: string) => Promise<void>): Promise<void> {
  const callback = `http://localhost:${room.app.port}/callback`
  await page.goto(room.authorizeUrl(callback, { scope: 'openid profile offline_access notes:read notes:write', prompt: 'consent' }))
  await look('sign-in')
  await page.fill('#username', `not-${'hanako'.repeat(9)}`)
  await page.fill('#password', 'wrong')
  await page.click('#login-submit')
  await look('sign-in, wrong')
  await page.fill('#username', 'hanako')
  await page.fill('#password', password)
  await page.click('#login-submit')
  await page.waitForSelector('#consent-allow')
  await look('consent')
  await page.goto(
    room.authorizeUrl(`http://127.0.0.1:${room.app.port}/callback`, { dpop_jkt: '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I' }),
  )
  await page.click('summary')
  await look('consent, unfolded')
  await page.goto(room.authorizeUrl(callback, { client_id: longClientId, scope: 'openid notes:read' }))
  await look('consent, long client id')
  await page.goto(room.authorizeUrl(callback, { prompt: 'select_account' }))
  await look('choosing an account')
  await page.goto(room.authorizeUrl('https://elsewhere.example/'))
  await page.click('summary')
  await look('error')
  const { json } = await postForm(room.kit, '/device_authorization', { client_id: 'tv', scope: 'openid notes:read notes:write' })
  await page.goto(`${room.kit.issuer}/device`)
  await look('device')
  await page.fill('#user-code', 'AEIO-UAEI')
  await page.click('#device-continue')
  await look('device, wrong code')
  await page.fill('#user-code', String(json['user_code']).toLowerCase())
  await page.click('#device-continue')
  await page.waitForSelector('#device-allow')
  await look('device, decision')
  await page.click('#device-allow')
  await look('device, done')
  await page.goto(room.authorizeUrl(callback, { scope: 'openid profile offline_access', prompt: 'consent' }))
  await page.click('#consent-allow')
  await page.waitForURL(/\/callback\?/)
  await page.goto(`${room.kit.issuer}/account`)
  await look('account')
  await page.goto(`${room.kit.issuer}/logout?client_id=ledger&post_logout_redirect_uri=${encodeURIComponent(callback)}`)
  await look('signing out at the wish of an app')
  await page.goto(`${room.kit.issuer}/signed-out`)
  await look('signing out')
  await page.click('#logout-submit')
  await look('signed out')
  await page.goto(`${room.kit.issuer}/account`)
  await look('signing in for the account')
}

/** Runs in the page: boxes that are too small to hit, and anything wider than the window. */
function misfits(): string[] {
  const found: string[] = []
  const { scrollWidth, clientWidth } = document.documentElement
  if (scrollWidth > clientWidth) found.push(`wider than the window by ${scrollWidth - clientWidth}`)
  for (const target of document.querySelectorAll<HTMLElement>('a:not(.skip), button, summary, input:not([type=hidden])')) {
    const { width, height } = target.getBoundingClientRect()
    if (width < 24 || height < 24) found.push(`${target.tagName} ${target.textContent} ${width}×${height}`)
  }
  return found
}

/** Runs in the page: text whose contrast with what is behind it is under 4.5 (WCAG 2.2, 1.4.3). */
function faintText(): string[] {
  const channels = (color: string) => (color.match(/[\d.]+/g) ?? []).map(Number)
  const luminance = (color: readonly number[]) => {
    const [r = 0, g = 0, b = 0] = color.map((value) => {
      const part = value / 255
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
    })
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
  }
  const behind = (element: Element | null): number[] => {
    if (!element) return [255, 255, 255]
    if (element instanceof SVGElement) {
      const paper = element.closest('svg')?.querySelector('.ticket-paper')
      if (paper) return channels(getComputedStyle(paper).fill)
    }
    const color = channels(getComputedStyle(element).backgroundColor)
    return color.length === 4 && color[3] === 0 ? behind(element.parentElement) : color
  }
  const found: string[] = []
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement
    if (!element || texts.currentNode.textContent?.trim() === '') continue
    const style = getComputedStyle(element)
    const [a, b] = [luminance(channels(element instanceof SVGElement ? style.fill : style.color)), luminance(behind(element))]
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)
    if (ratio < 4.5) found.push(`${ratio.toFixed(2)} ${texts.currentNode.textContent}`)
  }
  return found
}

for (const locale of ['ja-JP', 'en-GB']) {
  describe(`pages in ${locale}`, () => {
    it('fit 320 pixels, and every target is 24 pixels or more', () =>
      room.visit({ locale, viewport: { width: 320, height: 640 } }, async ({ page, complaints }) => {
        await walk(page, async (name) => expect(await page.evaluate(misfits), name).toEqual([]))
        expect(complaints.filter((text) => !text.includes('status of 4'))).toEqual([])
      }))

    it('fit a small window with letters of twice the size', () =>
      room.visit({ locale, viewport: { width: 640, height: 480 } }, async ({ page, context }) => {
        const session = await context.newCDPSession(page)
        await session.send('Page.enable')
        await session.send('Page.setFontSizes', { fontSizes: { standard: 32, fixed: 26 } })
        await walk(page, async (name) => expect(await page.evaluate(misfits), name).toEqual([]))
        expect(await page.evaluate(() => getComputedStyle(document.body).fontSize)).toBe('32px')
      }))

    for (const colorScheme of ['light', 'dark'] as const) {
      it(`can be read in ${colorScheme}: contrast 4.5 or more`, () =>
        room.visit({ locale, colorScheme }, async ({ page }) => {
          const papers = new Set<string>()
          await walk(page, async (name) => {
            expect(await page.evaluate(faintText), name).toEqual([])
            papers.add(await page.evaluate(() => getComputedStyle(document.body).backgroundColor))
          })
          expect([...papers]).toEqual([colorScheme === 'dark' ? 'rgb(27, 26, 23)' : 'rgb(250, 247, 240)'])
        }))
    }
  })
}

it('printed: black on white, without buttons and switch', () =>
  room.visit({ colorScheme: 'dark' }, async ({ page }) => {
    await page.goto(room.authorizeUrl(`http://localhost:${room.app.port}/callback`))
    await signIn(page)
    await page.emulateMedia({ media: 'print' })
    expect(await page.isVisible('#consent-allow')).toBe(false)
    expect(await page.isVisible('nav.languages')).toBe(false)
    expect(await page.isVisible('svg.ticket')).toBe(true)
    expect(await page.evaluate(faintText)).toEqual([])
  }))

it('nothing moves, and nothing comes from anywhere else', () =>
  room.visit({}, async ({ page }) => {
    const asked: string[] = []
    // Where the person goes is one thing, what a page loads another.
    page.on('request', (request) => request.isNavigationRequest() || asked.push(new URL(request.url()).origin))
    await walk(page, async (name) => {
      expect(await page.evaluate(() => document.getAnimations().length), name).toBe(0)
      expect(await page.evaluate(() => document.scripts.length), name).toBe(0)
    })
    expect([...new Set(asked)]).toEqual([room.kit.issuer])
  }))
