// The page of the lab in a browser and by plain requests: without script, in both languages, for this machine alone.
import type { Browser } from 'playwright-core'
import { launchChromium } from 'testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findScenario, type LabPage, openLabPage } from '../src/index.ts'

let page: LabPage
let browser: Browser
beforeAll(async () => {
  page = await openLabPage({ port: 0, scenario: findScenario('admin-exception')! })
  browser = await launchChromium()
}, 60_000)
afterAll(async () => {
  await browser.close()
  await page.close()
})

async function open(options: { readonly width: number; readonly script: boolean; readonly locale: string }) {
  const context = await browser.newContext({
    viewport: { width: options.width, height: 800 },
    javaScriptEnabled: options.script,
    locale: options.locale,
  })
  const tab = await context.newPage()
  const faults: string[] = []
  tab.on('pageerror', ({ message }) => faults.push(message))
  tab.on('console', (entry) => entry.type() === 'error' && faults.push(entry.text()))
  await tab.goto(page.url)
  return { tab, faults, close: () => context.close() }
}

describe('the page of the lab', { timeout: 60_000 }, () => {
  it('plays the theft without script, in Japanese, at 320 pixels', async () => {
    const { tab, faults, close } = await open({ width: 320, script: false, locale: 'ja-JP' })
    expect(await tab.locator('html').getAttribute('lang')).toBe('ja')
    await tab.click('form[action="/attack"] button')
    expect(await tab.locator('li.thief-passed').first().textContent()).toContain('盗める')
    expect(await tab.locator('.api .state.stolen').count()).toBe(1)
    expect(await tab.locator('svg.ticket-named').count()).toBe(1)
    const width = await tab.evaluate('document.documentElement.scrollWidth')
    expect(width).toBeLessThanOrEqual(320)
    expect(faults).toEqual([])
    await close()
  })

  it('flips a switch, plays the thief by hand and asks the observer, with script, in English', async () => {
    const { tab, faults, close } = await open({ width: 1400, script: true, locale: 'en-GB' })
    await tab.selectOption('select[name="demand.admin"]', 'as-issued')
    await tab.selectOption('select[name="demand.batch"]', 'exception')
    await tab.click('form#switches button')
    await tab.waitForSelector('h2:has-text("Your own mix")')
    for (const move of ['holder:get-ticket', 'holder:use-ticket', 'thief:ticket-alone']) {
      const before = await tab.locator('ol.steps > li').count()
      await tab.selectOption('select[name="api"]', 'batch')
      await tab.click(`button[value="${move}"]`)
      await tab.locator('ol.steps > li').nth(before).waitFor()
    }
    expect(await tab.locator('#last').textContent()).toContain('stolen')
    await tab.click('form[action="/ask"] button')
    await tab.waitForSelector('.observed')
    expect(((await tab.locator('.observed code').textContent()) ?? '').replaceAll('\u200b', '')).toBe(
      'mixed+yes+partial+partial_api+jti_yes+mixed+confirmed',
    )
    expect(await tab.content()).not.toMatch(/eyJ[\w-]{10,}/)
    expect(faults).toEqual([])
    await close()
  })

  it('mends the hole, and says so', async () => {
    const form = (path: string, fields: Record<string, string> = {}) =>
      fetch(new URL(path, page.url), {
        method: 'POST',
        headers: { origin: new URL(page.url).origin, 'accept-language': 'en' },
        body: new URLSearchParams(fields),
      })
    await form('/scenario', { scenario: 'replay-store-per-node' })
    await form('/mend')
    const html = await (await form('/attack')).text()
    expect(html).toContain('You are looking at the repaired lab.')
    expect(html).not.toContain('thief-passed')
  })

  it('switches to certificates, where a stolen ticket is waste paper and a forged header is none', async () => {
    const { tab, faults, close } = await open({ width: 1000, script: false, locale: 'en-GB' })
    await tab.check('input[name="mode"][value="mtls"]')
    await tab.click('form#switches button')
    for (const move of ['holder:get-ticket', 'holder:use-ticket', 'thief:other-certificate', 'thief:certificate-in-header']) {
      await tab.selectOption('select[name="api"]', 'payments')
      await tab.click(`button[value="${move}"]`)
    }
    expect(await tab.locator('li.holder-passed').count()).toBe(2)
    expect(await tab.locator('li.thief-refused').count()).toBe(2)
    expect(await tab.locator('ul.events').allTextContents()).toEqual([
      'token_issued mtls',
      'api_access mtls',
      'binding_mismatch binding.certificate-is-named-certificate',
      'mtls_missing binding.certificate-comes-along',
    ])
    expect(faults).toEqual([])
    await close()
  })

  it('SEED-TB-62: answers an unknown mode with the three there are, and goes on with the lab it has', async () => {
    const response = await fetch(new URL('/switch', page.url), {
      method: 'POST',
      headers: { origin: new URL(page.url).origin },
      body: new URLSearchParams({ mode: 'dopp' }),
    })
    expect(response.status).toBe(422)
    expect(await response.text()).toContain('is none of bearer, dpop, mtls')
    expect((await fetch(page.url)).status).toBe(200)
  })

  it('is moved by nobody else: no foreign form, no foreign name, no script of others', async () => {
    const url = new URL('/mend', page.url)
    expect((await fetch(url, { method: 'POST', headers: { origin: 'https://evil.example' } })).status).toBe(403)
    expect((await fetch(url, { method: 'POST' })).status).toBe(403)
    const port = new URL(page.url).port
    const { request } = await import('node:http')
    const status = await new Promise((resolve, reject) => {
      request({ host: '127.0.0.1', port, path: '/', headers: { host: `evil.example:${port}` } }, (response) => {
        response.resume()
        resolve(response.statusCode)
      })
        .on('error', reject)
        .end()
    })
    expect(status).toBe(403)
    const { headers } = await fetch(page.url)
    expect(headers.get('content-security-policy')).toMatch(/^default-src 'none'; .*frame-ancestors 'none'$/)
    expect(headers.get('kimei-lab')).toBe('page')
    expect((await fetch(new URL('/nothing', page.url), { method: 'POST', headers: { origin: new URL(page.url).origin } })).status).toBe(404)
  })
})
