// The demo app in a real Chromium: sign in, consent, look at the ticket, call, steal; on three origins, under its strict CSP.
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { launchChromium } from 'testkit'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type DemoKit, startDemoKit } from './demo-kit.ts'

let browser: Browser
const kits: DemoKit[] = []
const contexts: BrowserContext[] = []
beforeAll(async () => {
  browser = await launchChromium()
})
afterAll(async () => {
  await browser.close()
  await Promise.all(kits.map((kit) => kit.close()))
})
afterEach(async () => {
  await Promise.all(contexts.splice(0).map((context) => context.close()))
})

const usual: DemoKit[] = []

/** The usual kit is shared: every visit is a browser of its own. */
async function start(options?: Parameters<typeof startDemoKit>[0]): Promise<DemoKit> {
  if (options === undefined && usual[0]) return usual[0]
  const kit = await startDemoKit(options)
  kits.push(kit)
  if (options === undefined) usual.push(kit)
  return kit
}

interface Visit {
  readonly page: Page
  /** What the console complained about, and script that the policy stopped. */
  readonly complaints: string[]
}

async function visit(kit: DemoKit, look: { locale?: string; width?: number } = {}): Promise<Visit> {
  const context = await browser.newContext({ viewport: { width: look.width ?? 1280, height: 900 }, locale: look.locale ?? 'en-US' })
  contexts.push(context)
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) complaints.push(message.text())
  })
  await page.goto(kit.app)
  return { page, complaints }
}

async function signIn(kit: DemoKit, page: Page, allow = true): Promise<void> {
  await page.click('#sign-in')
  await page.fill('[name=username]', 'demo')
  await page.fill('[name=password]', kit.password)
  await page.click('#login-submit')
  await page.click(allow ? '#consent-allow' : '#consent-deny')
  await page.waitForURL(`${kit.app}/`)
}

describe('the demo app', () => {
  it.each([{ nonce: 'off' as const }, { nonce: 'required' as const }])(
    'SEED-DPOP-01: the whole story, nonces $nonce',
    async ({ nonce }) => {
      const kit = await start({ nonce })
      const { page, complaints } = await visit(kit)
      await signIn(kit, page)
      await page.waitForSelector('#ticket')
      expect(await page.textContent('#greeting')).toContain('Demo')
      const jkt = await page.textContent('#jkt')
      expect(jkt).toMatch(/^[\w-]{43}$/)
      expect(await page.textContent('#ticket svg')).toContain(jkt?.slice(0, 4))
      expect(page.url()).toBe(`${kit.app}/`)

      await page.click('#take-key')
      expect(await page.textContent('#key-result .verdict')).toBe('The browser refused')
      expect(await page.textContent('#key-result pre')).toContain('InvalidAccessError')

      await page.click('#write')
      await page.waitForSelector('#answer:has-text("201")')
      await page.click('#read')
      await page.waitForSelector('#answer:has-text("Written at")')
      expect(await page.textContent('#use-result')).toContain(`"htu": "${kit.api}/notes"`)

      await page.click('#steal')
      await page.waitForSelector('#steal-verdict')
      expect(await page.textContent('#steal-verdict')).toBe('All 5 ways were refused.')
      const rules = await page.$$eval('li[data-theft]', (items) =>
        items.map((item) => [item.getAttribute('data-theft'), item.textContent ?? '']),
      )
      const expected: Record<string, string> = {
        bearer: 'binding.named-token-is-not-bearer',
        'no-proof': 'dpop.proof-is-present',
        'other-key': 'binding.proof-key-is-named-key',
        replay: 'dpop.jti-is-first-use',
        elsewhere: 'dpop.htm-is-request-method',
      }
      expect(rules.map(([name]) => name)).toEqual(Object.keys(expected))
      for (const [name, words] of rules) expect(words).toContain(expected[name as string])
      expect(complaints).toEqual([])
    },
  )

  it('a reload keeps the ticket, renewing keeps its name, handing it back ends it', async () => {
    const kit = await start()
    const { page } = await visit(kit)
    await signIn(kit, page)
    const jkt = await page.textContent('#jkt')
    await page.reload()
    expect(await page.textContent('#jkt')).toBe(jkt)
    await page.click('#renew')
    await page.waitForSelector('#ticket-result:has-text("new one")')
    expect(await page.textContent('#jkt')).toBe(jkt)
    await page.click('#sign-out')
    await page.waitForSelector('#sign-in')
    await page.reload()
    await page.waitForSelector('#sign-in')
    expect(await page.textContent('main')).not.toContain(jkt?.slice(0, 8))
  })

  it.each([-2, 2])('a browser whose clock is %i hours off signs in, calls and renews all the same', async (hours) => {
    const kit = await start()
    const { page } = await visit(kit)
    await page.clock.setFixedTime(Date.now() + hours * 3_600_000)
    await page.reload()
    await signIn(kit, page)
    await page.waitForSelector('#ticket')
    await page.click('#read')
    await page.waitForSelector('#answer:has-text("200")')
    await page.click('#renew')
    await page.waitForSelector('#ticket-result:has-text("new one")')
  })

  it('saying no, and coming back twice, end in a sentence and not in a ticket', async () => {
    const kit = await start()
    const { page } = await visit(kit)
    await signIn(kit, page, false)
    await page.waitForSelector('[role=alert]')
    expect(await page.textContent('[role=alert]')).toContain('holder.sign-in-is-granted')
    expect(page.url()).toBe(`${kit.app}/`)
    await page.goto(`${kit.app}/callback?code=x&state=${'s'.repeat(43)}&iss=${encodeURIComponent(kit.issuer)}`)
    await page.waitForSelector('[role=alert]')
    expect(await page.textContent('[role=alert]')).toContain('holder.state-is-ours')
    expect(await page.$('#ticket')).toBeNull()
  })

  it.each(['ja-JP', 'en-US'])('in %s, at 320 px, nothing sticks out, and every button can be reached and read', async (locale) => {
    const kit = await start()
    const { page } = await visit(kit, { locale, width: 320 })
    expect(await page.getAttribute('html', 'lang')).toBe(locale.slice(0, 2))
    const sticksOut = (): Promise<number> =>
      page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
    expect(await sticksOut()).toBe(0)
    await signIn(kit, page)
    await page.waitForSelector('#ticket')
    for (const id of ['take-key', 'write', 'steal']) await page.click(`#${id}`)
    await page.waitForSelector('#steal-verdict')
    expect(await sticksOut()).toBe(0)
    const small = await page.$$eval('button', (buttons) => buttons.filter((button) => button.getBoundingClientRect().height < 44).length)
    expect(small).toBe(0)
    await page.click(locale === 'ja-JP' ? 'nav.languages [lang=en]' : 'nav.languages [lang=ja]')
    await page.waitForSelector('#ticket')
    expect(await page.getAttribute('html', 'lang')).toBe(locale === 'ja-JP' ? 'en' : 'ja')
    await page.goto(kit.app)
    expect(await page.getAttribute('html', 'lang')).toBe(locale === 'ja-JP' ? 'en' : 'ja')
  })

  it('DPOP-11.4-01: the policy of the page keeps strangers’ script out', async () => {
    const kit = await start()
    const { page } = await visit(kit)
    await page.waitForSelector('#sign-in')
    const stopped = await page.evaluate(async () => {
      const seen: string[] = []
      document.addEventListener('securitypolicyviolation', (event) => seen.push(event.effectiveDirective))
      const inline = document.createElement('script')
      try {
        inline.textContent = 'window.stranger = 1'
      } catch {
        seen.push('trusted types: script text')
      }
      document.body.append(inline)
      try {
        document.body.innerHTML += '<img src=x onerror="window.stranger = 1">'
      } catch {
        seen.push('trusted types: markup')
      }
      await fetch('https://collector.example.test/').catch(() => undefined)
      await new Promise((later) => setTimeout(later, 50))
      return { seen, stranger: 'stranger' in window }
    })
    expect(stopped.stranger).toBe(false)
    expect(stopped.seen).toEqual(expect.arrayContaining(['trusted types: script text', 'trusted types: markup', 'connect-src']))
  })
})
