// Signing in and consenting over real HTTP with plain forms: who is asked, what is refused, what is remembered.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type FormBrowser, formBrowser, type Page } from '../../testkit/src/form-browser.ts'
import { type IssuerKit, kitRedirect, pkcePair, startIssuerKit } from '../../testkit/src/issuer-kit.ts'
import { hashPassword, verifyPassword } from '../src/accounts/passwords.ts'
import { createSignInDelay } from '../src/accounts/sign-in-delay.ts'

const password = 'a quiet horse by the river'
let now = 1_800_000_000
let kit: IssuerKit
beforeAll(async () => {
  kit = await startIssuerKit({ clock: () => now, passwordHash: await hashPassword(password) })
})
afterAll(() => kit.close())

function authorizeUrl(more: Record<string, string> = {}, clientId = 'spa'): string {
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: clientId,
    redirect_uri: kitRedirect,
    scope: 'openid notes:read',
    state: 'state-1',
    code_challenge: pkcePair().challenge,
    code_challenge_method: 'S256',
    // An earlier consent of the same person would answer for the test before.
    prompt: 'consent',
    ...more,
  })
  return `${kit.issuer}/authorize?${query}`
}

const person = (language = 'en') => formBrowser(kit.issuer, { 'accept-language': language })
const signIn = (who: FormBrowser, page: Page, secret = password, username = 'hanako') =>
  who.press(page, 'login-submit', { username, password: secret })

describe('a person signs in and consents', () => {
  it('OIDC-16.22-2 SEED-O21-16 O21-4.1.2-02: every POST is answered by 303, the last one at the client with code, state and iss', async () => {
    const who = person()
    const form = await who.open(authorizeUrl())
    expect(form.status).toBe(200)
    const consent = await signIn(who, form)
    expect(consent.url.pathname).toBe('/consent')
    expect(consent.text).toContain('id="consent-allow"')
    const answer = await who.press(consent, 'consent-allow')
    expect(answer.url.origin + answer.url.pathname).toBe(kitRedirect)
    expect(answer.url.searchParams.get('code')).toMatch(/^[A-Za-z0-9_-]{43}$/)
    expect(answer.url.searchParams.get('state')).toBe('state-1')
    expect(answer.url.searchParams.get('iss')).toBe(kit.issuer)
  })

  it('O21-4.1.2.1-02: a person who does not allow it sends access_denied, with iss', async () => {
    const who = person()
    const consent = await signIn(who, await who.open(authorizeUrl()))
    const answer = await who.press(consent, 'consent-deny')
    expect(answer.url.searchParams.get('error')).toBe('access_denied')
    expect(answer.url.searchParams.get('iss')).toBe(kit.issuer)
    expect(answer.url.searchParams.has('code')).toBe(false)
  })

  it('a person who goes back from signing in sends access_denied', async () => {
    const who = person()
    const answer = await who.press(await who.open(authorizeUrl()), 'login-cancel')
    expect(answer.url.searchParams.get('error')).toBe('access_denied')
  })

  it('the answer is taken once: pressed twice it is the same code, pressed again later an error page', async () => {
    const who = person()
    const consent = await signIn(who, await who.open(authorizeUrl()))
    const [first, second] = await Promise.all([who.press(consent, 'consent-allow'), who.press(consent, 'consent-allow')])
    expect(first.url.searchParams.get('code')).toMatch(/^[A-Za-z0-9_-]{43}$/)
    expect(second.url.href).toBe(first.url.href)
    expect((await who.press(consent, 'consent-deny')).text).toContain('Request cannot be processed')
    now += 11
    const late = await who.press(consent, 'consent-allow')
    expect(late.status).toBe(400)
    expect(late.text).toContain('Request cannot be processed')
  })

  it('a sign-in pressed twice is one sign-in: one session, one line in the log', async () => {
    const who = person()
    const page = await who.open(authorizeUrl())
    const before = kit.audit.filter(({ event }) => event === 'login').length
    const [first, second] = await Promise.all([signIn(who, page), signIn(who, page)])
    expect([first.url.pathname, second.url.pathname]).toEqual(['/consent', '/consent'])
    expect(kit.audit.filter(({ event }) => event === 'login').length).toBe(before + 1)
  })

  it('O21-7.9-01 OIDC-16.18-3 ASVS-10.7.2: the consent page shows who, the redirect host, what in words, how long, and the kind of ticket', async () => {
    const who = person()
    const { text: html } = await signIn(who, await who.open(authorizeUrl()))
    for (const part of [
      'Spa',
      'app.example',
      'Read notes',
      'notes:read',
      'minutes at a time',
      'while this sign-in lasts, up to 24 hours',
      'Named: useless without the key',
    ]) {
      expect(html).toContain(part)
    }
  })
})

describe('what signing in refuses', () => {
  it('OIDC-16.12-1: a wrong password and an unknown user get the same page', async () => {
    const who = person()
    const page = await who.open(authorizeUrl())
    const wrong = await signIn(who, page, 'wrong')
    const unknown = await signIn(who, page, 'wrong', 'nobody')
    expect(wrong.status).toBe(422)
    expect(unknown.status).toBe(422)
    const unnamed = (html: string, name: string) => html.replaceAll(name, '')
    expect(unnamed(wrong.text, 'hanako')).toBe(unnamed(unknown.text, 'nobody'))
    expect(who.cookies.has([...who.cookies.keys()].find((name) => name.includes('session')) ?? 'none')).toBe(false)
  })

  it('after repeated failures the account waits, and the right password works again afterwards', async () => {
    const who = person()
    const page = await who.open(authorizeUrl())
    for (let tries = 0; tries < 4; tries++) await signIn(who, page, 'wrong', 'taro')
    const slowed = await signIn(who, page, password, 'taro')
    expect(slowed.status).toBe(429)
    expect(Number(slowed.headers.get('retry-after'))).toBeGreaterThan(0)
    now += 61
    expect((await signIn(who, page, password, 'taro')).text).toContain('id="consent-allow"')
  })

  it('O21-7.12-01: a form without our token, with another request’s token or from a foreign page is refused', async () => {
    const who = person()
    const page = await who.open(authorizeUrl())
    const other = await who.open(authorizeUrl())
    const interaction = /name="interaction" value="([^"]+)"/.exec(page.text)?.[1] ?? ''
    const foreignToken = /name="form_token" value="([^"]+)"/.exec(other.text)?.[1] ?? ''
    const token = /name="form_token" value="([^"]+)"/.exec(page.text)?.[1] ?? ''
    const fields = { interaction, username: 'hanako', password, do: 'sign-in' }
    expect((await who.post(`${kit.issuer}/signin`, fields)).status).toBe(400)
    expect((await who.post(`${kit.issuer}/signin`, { ...fields, form_token: foreignToken })).status).toBe(400)
    expect((await who.post(`${kit.issuer}/signin`, { ...fields, form_token: token }, { 'sec-fetch-site': 'cross-site' })).status).toBe(400)
    expect((await who.post(`${kit.issuer}/signin`, { ...fields, form_token: token }, { origin: 'https://evil.example' })).status).toBe(400)
    expect((await who.post(`${kit.issuer}/signin`, { ...fields, form_token: token }, { 'sec-fetch-site': 'same-origin' })).status).toBe(303)
  })

  it('ASVS-10.1.2 BCPU-2.3-01: a request opened in one browser cannot be continued in another', async () => {
    const page = await person().open(authorizeUrl())
    const stranger = await person().open(page.url)
    expect(stranger.status).toBe(400)
    expect(stranger.text).toContain('authorize.interaction-is-open')
  })

  it('a session cookie is new at every sign-in: one that was planted before is worth nothing', async () => {
    const who = person()
    const page = await who.open(authorizeUrl())
    const name = `kimei-session-${new URL(kit.issuer).port}`
    who.cookies.set(name, 'A'.repeat(43))
    await signIn(who, page)
    expect(who.cookies.get(name)).toMatch(/^[A-Za-z0-9_-]{43}$/)
    expect(who.cookies.get(name)).not.toBe('A'.repeat(43))
  })
})

describe('a person who is signed in already', () => {
  const signedIn = async () => {
    const who = person()
    const consent = await signIn(who, await who.open(authorizeUrl()))
    await who.press(consent, 'consent-allow')
    return who
  }

  it('ASVS-10.7.1 O21-7.3-01: a confidential client is answered from an earlier consent, without asking again', async () => {
    const who = person()
    const consent = await signIn(who, await who.open(authorizeUrl({}, 'web')))
    await who.press(consent, 'consent-allow')
    const answer = await who.open(authorizeUrl({ prompt: 'none' }, 'web'))
    expect(answer.url.searchParams.get('code')).toMatch(/^[A-Za-z0-9_-]{43}$/)
  })

  it('OIDC-3.1.2.1-01: prompt=none without a session answers login_required, shows no page', async () => {
    const answer = await person().open(authorizeUrl({ prompt: 'none' }))
    expect(answer.url.searchParams.get('error')).toBe('login_required')
  })

  it('OIDC-3.1.2.1-02: prompt=login asks again, and the new auth_time is later', async () => {
    const who = await signedIn()
    now += 30
    const page = await who.open(authorizeUrl({ prompt: 'login consent' }))
    expect(page.text).toContain('id="login-submit"')
    expect(page.text).toContain('once more')
    expect((await signIn(who, page)).text).toContain('id="consent-allow"')
  })

  it('OIDC-3.1.2.1-02: max_age that has passed asks again; max_age that has not does not', async () => {
    const who = await signedIn()
    now += 100
    expect((await who.open(authorizeUrl({ max_age: '1000' }))).text).toContain('id="consent-allow"')
    expect((await who.open(authorizeUrl({ max_age: '50' }))).text).toContain('id="login-submit"')
  })

  it('RPLO-2-02: signing out asks first, then the session is gone', async () => {
    const who = await signedIn()
    const question = await who.open(`${kit.issuer}/signed-out`)
    expect(question.text).toContain('id="logout-submit"')
    const after = await who.press(question, 'logout-submit')
    expect(after.text).toContain('You are signed out')
    expect((await who.open(authorizeUrl({ prompt: 'none' }))).url.searchParams.get('error')).toBe('login_required')
  })

  it('a session ends by itself when it was not used', async () => {
    const who = await signedIn()
    now += 9 * 3600
    expect((await who.open(authorizeUrl({ prompt: 'none' }))).url.searchParams.get('error')).toBe('login_required')
  })
})

describe('the language of pages', () => {
  it('OIDC-15.1-01: ui_locales wins over the browser, unknown ones are no error, the switch wins over both and is remembered', async () => {
    const who = person()
    const page = await who.open(authorizeUrl({ ui_locales: 'tlh ja' }))
    expect(page.text).toContain('<html lang="ja">')
    expect(page.text).toContain('サインイン')
    const switched = await who.open(`${page.url}&lang=en`)
    expect(switched.text).toContain('<html lang="en">')
    expect((await person('ja').open(authorizeUrl({ ui_locales: 'tlh' }))).text).toContain('<html lang="ja">')
    who.cookies.set(`kimei-language-${new URL(kit.issuer).port}`, 'ja')
    expect((await who.open(authorizeUrl())).text).toContain('<html lang="ja">')
  })
})

describe('passwords', () => {
  it('are argon2id PHC strings that only the right password opens', async () => {
    const stored = await hashPassword(password)
    expect(stored).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
    expect(await verifyPassword(password, stored)).toBe(true)
    expect(await verifyPassword(`${password} `, stored)).toBe(false)
    expect(await verifyPassword(password, 'plain')).toBe(false)
    expect(await hashPassword(password)).not.toBe(stored)
  })

  it('the delay doubles to a bound, forgets, and never locks an account out', () => {
    const delay = createSignInDelay()
    for (let tries = 0; tries < 30; tries++) delay.failed('hanako', undefined, 1000)
    expect(delay.wait('hanako', undefined, 1000)).toBe(60)
    expect(delay.wait('HANAKO', undefined, 1000)).toBe(60)
    expect(delay.wait('taro', undefined, 1000)).toBe(0)
    expect(delay.wait('hanako', undefined, 1060)).toBe(0)
    expect(delay.wait('hanako', undefined, 1000 + 3600)).toBe(0)
  })
})
