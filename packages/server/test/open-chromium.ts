// What the tests in Chromium share: an issuer with one app, a client's server to land on, and visits that note every complaint.
import type { IssuerConfigInput } from '@kimei/server'
import { createMemoryStorage, type Storage } from '@kimei/storage'
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import { launchChromium } from 'testkit'
import { type CallbackApp, startCallbackApp } from '../../testkit/src/callback-app.ts'
import { type IssuerKit, pkcePair, startIssuerKit } from '../../testkit/src/issuer-kit.ts'
import { hashPassword } from '../src/accounts/passwords.ts'

export const password = 'a quiet horse by the river'

/** As long as the address of a client's document: it has to be broken into lines somewhere. */
export const longClientId = `app-${'long'.repeat(20)}`

export interface Visit {
  readonly page: Page
  readonly context: BrowserContext
  /** What the browser complained about: CSP reports land here. */
  readonly complaints: string[]
}

export interface ChromiumRoom {
  readonly kit: IssuerKit
  readonly app: CallbackApp
  /** A fresh browser profile for the time of `use`. */
  visit(options: BrowserContextOptions, use: (visit: Visit) => Promise<void>): Promise<void>
  authorizeUrl(redirectUri: string, more?: Readonly<Record<string, string>>): string
  /** The issuer answers nothing that writes until the returned function is called: a very slow line. */
  holdAnswers(): () => void
  close(): Promise<void>
}

export async function openChromium(): Promise<ChromiumRoom> {
  const [app, browser, passwordHash] = await Promise.all([startCallbackApp(), launchChromium(), hashPassword(password)])
  const at = `http://localhost:${app.port}`
  const slow = slowStorage()
  const kit = await startIssuerKit({
    passwordHash,
    storage: slow.storage,
    config: {
      deviceAuthorization: { assessment: 'assessed for the tests' },
      clients: clientsAt(at),
    },
  })
  return {
    kit,
    app,
    visit: (options, use) => visit(browser, options, use),
    authorizeUrl(redirectUri, more = {}) {
      const query = new URLSearchParams({
        response_type: 'code',
        client_id: 'ledger',
        redirect_uri: redirectUri,
        scope: 'openid profile notes:read notes:write',
        state: 'state-1',
        code_challenge: pkcePair().challenge,
        code_challenge_method: 'S256',
        ...more,
      })
      return `${kit.issuer}/authorize?${query}`
    },
    holdAnswers: slow.hold,
    async close() {
      await browser.close()
      await Promise.all([kit.close(), app.close()])
      await slow.storage.close()
    },
  }
}

/** Apps of every kind of page, that receive at this origin. */
function clientsAt(at: string): NonNullable<IssuerConfigInput['clients']> {
  return [
    {
      clientId: 'tv',
      kind: 'mobile',
      name: { ja: '居間のテレビ', en: 'Living room television' },
      grants: ['urn:ietf:params:oauth:grant-type:device_code', 'refresh_token'],
      scopes: ['openid', 'notes:read', 'notes:write'],
      apis: ['https://api.example/'],
    },
    {
      clientId: longClientId,
      kind: 'spa',
      name: { ja: '名の長いアプリ', en: 'An app with a long name of its own' },
      redirectUris: [`${at}/callback`],
      frontchannelLogoutUri: `${at}/front-plain`,
      scopes: ['openid', 'notes:read'],
      apis: ['https://api.example/'],
    },
    {
      clientId: 'ledger',
      kind: 'spa',
      name: { ja: '家計簿', en: 'Ledger' },
      redirectUris: [`${at}/callback`, `${at}/onward`, 'http://127.0.0.1/callback'],
      postLogoutRedirectUris: [`${at}/callback`],
      frontchannelLogoutUri: `${at}/front?of=ledger`,
      frontchannelLogoutSessionRequired: true,
      optionalScopes: ['notes:write'],
      purposes: { profile: { ja: '家計簿の表紙に名前を書くため', en: 'to write your name on the cover of the ledger' } },
      scopes: ['openid', 'profile', 'offline_access', 'notes:read', 'notes:write'],
      apis: ['https://api.example/'],
    },
  ]
}

function slowStorage(): { readonly storage: Storage; readonly hold: () => () => void } {
  const real = createMemoryStorage()
  let gate: Promise<void> = Promise.resolve()
  const storage: Storage = {
    records: real.records,
    replay: real.replay,
    commit: async (plan) => {
      await gate
      return real.commit(plan)
    },
    appendAudit: (events) => real.appendAudit(events),
    sweep: (now, limit) => real.sweep(now, limit),
    close: () => real.close(),
  }
  const hold = () => {
    let open = (): void => {}
    gate = new Promise((resolve) => {
      open = resolve
    })
    return open
  }
  return { storage, hold }
}

async function visit(browser: Browser, options: BrowserContextOptions, use: (visit: Visit) => Promise<void>): Promise<void> {
  const context = await browser.newContext({ locale: 'en-GB', ...options })
  try {
    const page = await context.newPage()
    const complaints: string[] = []
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()))
    page.on('pageerror', (error) => complaints.push(String(error)))
    await use({ page, context, complaints })
  } finally {
    await context.close()
  }
}

/** Fills the form and waits for the consent page. */
export async function signIn(page: Page): Promise<void> {
  await page.fill('#username', 'hanako')
  await page.fill('#password', password)
  await page.click('#login-submit')
  await page.waitForSelector('#consent-allow')
}
