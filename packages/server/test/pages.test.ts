// The pages as pure functions: hostile input stays text, both languages are whole, ids and words that others rely on are there.
import { expect, it } from 'vitest'
import { renderAccount } from '../src/pages/account-page.ts'
import { renderConsent } from '../src/pages/consent-page.ts'
import { constantSentence, renderErrorPage } from '../src/pages/error-page.ts'
import type { PageFrame } from '../src/pages/layout.ts'
import { renderSignIn } from '../src/pages/sign-in-page.ts'
import { renderSignedOut, renderSignOutQuestion } from '../src/pages/signed-out-page.ts'

const hostile = `"><script>alert('x')</script><img src=x onerror=alert(1)>&amp;`
const frameOf = (language: 'ja' | 'en', words = 'Kimei'): PageFrame => ({
  language,
  issuerName: words,
  stylesheet: '/assets/kimei.css',
  icon: '/assets/kimei.svg',
  self: `/signin?interaction=${encodeURIComponent(words)}`,
})

function signOutPages(frame: PageFrame, words: string): string[] {
  const form = { frame, action: words, formToken: words }
  const question = { ...form, userName: words, ends: [words], goesOn: [words], others: 2, accountUrl: words, after: words }
  const moment = { text: words, iso: words }
  const account = {
    ...form,
    userName: words,
    signOutUrl: words,
    signIns: [
      { sessionId: words, here: true, since: moment, until: moment },
      { sessionId: words, here: false, since: moment, until: moment },
    ],
    apps: [{ clientId: words, name: words, organisation: words, permissions: [words], since: moment, offline: true }],
    reads: [{ app: words, claims: [words], hour: moment }],
    moreReads: true,
    keptDays: 90,
    downloads: { json: words, csv: words },
  }
  return [
    renderSignOutQuestion(question),
    renderSignOutQuestion({ ...question, asker: { name: words, host: words } }),
    renderSignedOut({ frame }),
    renderSignedOut({ frame, frames: [words], returnTo: { url: words, name: words, host: words } }),
    renderAccount(account),
    renderAccount({ ...account, apps: [], reads: [], signIns: [] }),
  ]
}

function everyPage(language: 'ja' | 'en', words: string): string[] {
  const frame = frameOf(language, words)
  const form = { frame, action: words, fields: { interaction: words }, interaction: words, formToken: words }
  const consent = {
    ...form,
    clientName: words,
    clientId: words,
    redirectUri: words,
    userName: words,
    redirectHost: words,
    loopback: true,
    organisation: words,
    accountUrl: words,
    permissions: [{ scope: words, description: words, purpose: words, claims: [{ name: words, purpose: words }], optional: true }],
    details: [{ name: words, rows: [words, words] }],
    apis: [{ identifier: words, name: words }],
    accessMinutes: 5,
    renewal: { days: 90 },
    ticket: { kind: 'bearer' } as const,
  }
  return [
    renderSignIn({ ...form, clientName: words, username: words, reason: 'other', problem: 'wrong' }),
    renderSignIn({ ...form, clientName: words, username: '', reason: 'again', problem: { waitSeconds: 4 } }),
    renderConsent(consent),
    renderConsent({ ...consent, renewal: null, loopback: false, apis: [], ticket: { kind: 'named', thumbprint: words } }),
    renderErrorPage({ frame, requestId: words, rule: words, says: words }),
    ...signOutPages(frame, words),
  ]
}

it('O21-7.12-01: whatever is shown is text: no tag, no attribute and no entity of it survives', () => {
  for (const language of ['ja', 'en'] as const) {
    for (const page of everyPage(language, hostile)) {
      expect(page).not.toContain('<script')
      expect(page).not.toContain('<img')
      expect(page).not.toMatch(/onerror=alert\(1\)>/)
      expect(page).toContain('&amp;amp;')
    }
  }
})

it('every page says its language, has one heading, a title, and no style or script of its own', () => {
  for (const language of ['ja', 'en'] as const) {
    for (const page of everyPage(language, 'Kimei')) {
      expect(page).toContain(`<html lang="${language}">`)
      expect(page.match(/<h1>/g)).toHaveLength(1)
      expect(page).toMatch(/<title>[^<]+<\/title>/)
      expect(page).not.toMatch(/<script|<style| style=| on[a-z]+=/)
      expect(page).not.toContain('undefined')
      expect(page).not.toContain('[object')
    }
  }
})

it('ids that people’s tools and tests rely on are on the pages', () => {
  const [signIn = '', , consent = ''] = everyPage('en', 'Kimei')
  for (const id of ['username', 'password', 'login-submit']) expect(signIn).toContain(`id="${id}"`)
  for (const id of ['consent-allow', 'consent-deny']) expect(consent).toContain(`id="${id}"`)
  expect(signIn).toContain('autocomplete="username"')
  expect(signIn).toContain('autocomplete="current-password"')
})

it('the error page has the constant sentence in both languages, the rule only in the fold', () => {
  for (const language of ['ja', 'en'] as const) {
    const page = renderErrorPage({
      frame: frameOf(language),
      requestId: 'r-1',
      rule: 'authorize.client-is-known',
      says: 'the client is known',
    })
    expect(page).toContain(constantSentence)
    expect(page).toContain('r-1')
    expect(page.indexOf('authorize.client-is-known')).toBeGreaterThan(page.indexOf('<details>'))
  }
})

it('OIDC-16.18-3: access that goes on while the person is away is said so', () => {
  const [, , away = '', online = ''] = everyPage('en', 'Kimei')
  expect(away).toContain('This continues while you are away')
  expect(away).toContain('up to 90 days')
  expect(online).not.toContain('while you are away')
  expect(online).toContain('asked to sign in again')
})
