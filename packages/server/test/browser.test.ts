// A real Chromium signs in and consents at a real issuer on loopback, with and without script; the pages are looked at as a browser sees them.
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { launchChromium } from 'testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type CallbackApp, startCallbackApp } from '../../testkit/src/callback-app.ts'
import { type IssuerKit, pkcePair, startIssuerKit } from '../../testkit/src/issuer-kit.ts'
import { hashPassword } from '../src/accounts/passwords.ts'

const password = 'a quiet horse by the river'
let kit: IssuerKit
let app: CallbackApp
let browser: Browser
beforeAll(async () => {
  ;[app, browser] = await Promise.all([startCallbackApp(), launchChromium()])
  const client = {
    kind: 'spa' as const,
    name: { ja: '家計簿', en: 'Ledger' },
    scopes: ['openid', 'profile', 'notes:read'],
    apis: ['https://api.example/'],
  }
  const redirectUris = [`http://localhost:${app.port}/callback`, 'http://127.0.0.1/callback', `http://localhost:${app.port}/onward`]
  kit = await startIssuerKit({
    passwordHash: await hashPassword(password),
    config: { clients: [{ clientId: 'ledger', redirectUris, ...client }] },
  })
})
afterAll(async () => {
  await browser?.close()
  await Promise.all([kit?.close(), app?.close()])
})

function authorizeUrl(redirectUri: string, more: Readonly<Record<string, string>> = {}): string {
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: 'ledger',
    redirect_uri: redirectUri,
    scope: 'openid profile notes:read',
    state: 'state-1',
    code_challenge: pkcePair().challenge,
    code_challenge_method: 'S256',
    ...more,
  })
  return `${kit.issuer}/authorize?${query}`
}

interface Visit {
  readonly page: Page
  /** What the browser complained about: CSP reports land here. */
  readonly complaints: string[]
}

async function withPage(
  options: Parameters<Browser['newContext']>[0],
  use: (visit: Visit, context: BrowserContext) => Promise<void>,
): Promise<void> {
  const context = await browser.newContext({ locale: 'en-GB', ...options })
  try {
    const page = await context.newPage()
    const complaints: string[] = []
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()))
    page.on('pageerror', (error) => complaints.push(String(error)))
    await use({ page, complaints }, context)
  } finally {
    await context.close()
  }
}

async function signIn(page: Page): Promise<void> {
  await page.fill('#username', 'hanako')
  await page.fill('#password', password)
  await page.click('#login-submit')
  await page.waitForSelector('#consent-allow')
}

for (const javaScriptEnabled of [true, false]) {
  describe(`Chromium ${javaScriptEnabled ? 'with' : 'without'} script`, () => {
    it('CSP-FORMACTION-01 O21-4.1.2-02: signs in, consents, and reaches a client on another origin with code, state and iss', () =>
      withPage({ javaScriptEnabled }, async ({ page, complaints }) => {
        await page.goto(authorizeUrl(`http://localhost:${app.port}/callback`))
        await signIn(page)
        await page.click('#consent-allow')
        await page.waitForURL(`http://localhost:${app.port}/callback?**`)
        const answer = new URL(page.url()).searchParams
        expect(answer.get('code')).toMatch(/^[A-Za-z0-9_-]{43}$/)
        expect(answer.get('state')).toBe('state-1')
        expect(answer.get('iss')).toBe(kit.issuer)
        expect(complaints).toEqual([])
      }))
  })
}
