// The callback of the demo app in a real Chromium: a clean address, no stranger's script, no referrer, and no token within reach.
import type { Browser } from 'playwright-core'
import { launchChromium } from 'testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type DemoKit, startDemoKit } from './demo-kit.ts'

let browser: Browser
let kit: DemoKit
beforeAll(async () => {
  browser = await launchChromium()
  kit = await startDemoKit()
})
afterAll(async () => {
  await browser.close()
  await kit.close()
})

it('O21-2.3.6-01 BCP-4.2-01: the callback page has one script of its own, nothing from elsewhere, and tells no referrer', async () => {
  const answer = await fetch(`${kit.app}/callback?code=x&state=y`)
  const text = await answer.text()
  expect(answer.headers.get('referrer-policy')).toBe('no-referrer')
  for (const [, address = ''] of text.matchAll(/(?:src|href)="(?!data:)([^"]+)"/g)) expect(new URL(address, kit.app).origin).toBe(kit.app)
  expect(answer.headers.get('content-security-policy')).toContain("script-src 'self';")
})

it('O21-2.3.6-01 O21-7.1.3-01: after signing in, no address, cookie, storage or referrer holds code or token', async () => {
  const context = await browser.newContext({ locale: 'en-US' })
  const page = await context.newPage()
  const tokens: string[] = []
  const leaks: string[] = []
  page.on('response', async (response) => {
    if (response.request().method() !== 'POST' || !response.url().endsWith('/token')) return
    const told = (await response.json()) as Record<string, unknown>
    for (const name of ['access_token', 'refresh_token', 'id_token']) if (told[name]) tokens.push(String(told[name]))
  })
  page.on('request', (request) => {
    const headers = request.headers()
    if (/[?&#]code=|access_token=/.test(headers['referer'] ?? '') || /access_token=/.test(request.url())) leaks.push(request.url())
  })
  await page.goto(kit.app)
  await page.click('#sign-in')
  await page.fill('[name=username]', 'demo')
  await page.fill('[name=password]', kit.password)
  await page.click('#login-submit')
  await page.click('#consent-allow')
  await page.waitForURL(`${kit.app}/`)
  await page.waitForSelector('#ticket')
  expect(tokens.length).toBeGreaterThan(0)
  const inReach = await page.evaluate('JSON.stringify([location.href, document.cookie, {...localStorage}, {...sessionStorage}])')
  const cookies = JSON.stringify((await context.cookies(kit.app)).map(({ value }) => value))
  for (const token of tokens) expect(`${inReach}${cookies}`).not.toContain(token)
  expect(leaks).toEqual([])
  // Going back leads to no address that holds a code.
  await page.goBack().catch(() => undefined)
  expect(page.url()).not.toMatch(/[?&]code=/)
  await context.close()
})
