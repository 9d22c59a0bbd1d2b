// Signing in and consenting over real HTTP with plain forms: who is asked, what is refused, what is remembered.

import { FormPerson, type PageVisit } from 'testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
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

const person = () => new FormPerson({ 'accept-language': 'en' })
const signIn = (who: FormPerson, page: PageVisit, secret = password, username = 'hanako') =>
  who.submit(page, 'login-submit', { username, password: secret })
const location = (page: PageVisit) => new URL(page.headers.get('location') ?? 'about:blank')

describe('a person signs in and consents', () => {
  it('OIDC-16.22-2 SEED-O21-16 O21-4.1.2-02: every POST is answered by 303, the last one at the client with code, state and iss', async () => {
    const who = person()
    const form = await who.visit(authorizeUrl())
    expect(form.status).toBe(200)
    const consent = await signIn(who, form)
    expect(consent.url).toContain('/consent?')
    expect(consent.html).toContain('id="consent-allow"')
    const answer = await who.submit(consent, 'consent-allow')
    expect(answer.status).toBe(303)
    expect(location(answer).origin + location(answer).pathname).toBe(kitRedirect)
    expect(location(answer).searchParams.get('code')).toMatch(/^[A-Za-z0-9_-]{43}$/)
    expect(location(answer).searchParams.get('state')).toBe('state-1')
    expect(location(answer).searchParams.get('iss')).toBe(kit.issuer)
  })

  it('O21-4.1.2.1-02: a person who does not allow it sends access_denied, with iss', async () => {
    const who = person()
    const consent = await signIn(who, await who.visit(authorizeUrl()))
    const answer = await who.submit(consent, 'consent-deny')
    expect(location(answer).searchParams.get('error')).toBe('access_denied')
    expect(location(answer).searchParams.get('iss')).toBe(kit.issuer)
    expect(location(answer).searchParams.has('code')).toBe(false)
  })

  it('a person who goes back from signing in sends access_denied', async () => {
    const who = person()
    const answer = await who.submit(await who.visit(authorizeUrl()), 'login-cancel')
    expect(location(answer).searchParams.get('error')).toBe('access_denied')
  })

  it('the answer is taken once: the same consent posted again is an error page, not a second code', async () => {
    const who = person()
    const consent = await signIn(who, await who.visit(authorizeUrl()))
    await who.submit(consent, 'consent-allow')
    const second = await who.submit(consent, 'consent-allow')
    expect(second.status).toBe(400)
    expect(second.html).toContain('Request cannot be processed')
    expect(second.headers.get('location')).toBeNull()
  })

  it('O21-7.9-01 OIDC-16.18-3 ASVS-10.7.2: the consent page shows who, the redirect host, what in words, how long, and the kind of ticket', async () => {
    const who = person()
    const { html } = await signIn(who, await who.visit(authorizeUrl()))
    for (const part of [
      'Spa',
      'app.example',
      'Read notes',
      'notes:read',
      'minutes at a time',
      'renew it for up to 90 days',
      'named: useless without the key',
    ]) {
      expect(html).toContain(part)
    }
  })
})

describe('what signing in refuses', () => {
  it('OIDC-16.12-1: a wrong password and an unknown user get the same page', async () => {
    const who = person()
    const page = await who.visit(authorizeUrl())
    const wrong = await signIn(who, page, 'wrong')
    const unknown = await signIn(who, page, 'wrong', 'nobody')
    expect(wrong.status).toBe(422)
    expect(unknown.status).toBe(422)
    const unnamed = (html: string, name: string) => html.replaceAll(name, '')
    expect(unnamed(wrong.html, 'hanako')).toBe(unnamed(unknown.html, 'nobody'))
    expect(who.cookies.has([...who.cookies.keys()].find((name) => name.includes('session')) ?? 'none')).toBe(false)
  })

  it('O21-2.4.1-01: after repeated failures the account waits, and the right password works again afterwards', async () => {
    const who = person()
    const page = await who.visit(authorizeUrl())
    for (let tries = 0; tries < 4; tries++) await signIn(who, page, 'wrong', 'taro')
    const slowed = await signIn(who, page, password, 'taro')
    expect(slowed.status).toBe(429)
    expect(Number(slowed.headers.get('retry-after'))).toBeGreaterThan(0)
    now += 61
    expect((await signIn(who, page, password, 'taro')).html).toContain('id="consent-allow"')
  })

  it('O21-7.12-01: a form without our token, with another request’s token or from a foreign page is refused', async () => {
    const who = person()
    const page = await who.visit(authorizeUrl())
    const other = await who.visit(authorizeUrl())
    const interaction = /name="interaction" value="([^"]+)"/.exec(page.html)?.[1] ?? ''
    const foreignToken = /name="form_token" value="([^"]+)"/.exec(other.html)?.[1] ?? ''
    const token = /name="form_token" value="([^"]+)"/.exec(page.html)?.[1] ?? ''
    const fields = { interaction, username: 'hanako', password, do: 'sign-in' }
    expect((await who.request(`${kit.issuer}/signin`, fields)).status).toBe(400)
    expect((await who.request(`${kit.issuer}/signin`, { ...fields, form_token: foreignToken })).status).toBe(400)
    expect((await who.request(`${kit.issuer}/signin`, { ...fields, form_token: token }, { 'sec-fetch-site': 'cross-site' })).status).toBe(
      400,
    )
    expect((await who.request(`${kit.issuer}/signin`, { ...fields, form_token: token }, { origin: 'https://evil.example' })).status).toBe(
      400,
    )
    expect((await who.request(`${kit.issuer}/signin`, { ...fields, form_token: token }, { 'sec-fetch-site': 'same-origin' })).status).toBe(
      303,
    )
  })

  it('ASVS-10.1.2 BCPU-2.3-01: a request opened in one browser cannot be continued in another', async () => {
    const page = await person().visit(authorizeUrl())
    const stranger = await person().request(page.url)
    expect(stranger.status).toBe(400)
    expect(stranger.html).toContain('authorize.interaction-is-open')
  })

  it('a session cookie is new at every sign-in: one that was planted before is worth nothing', async () => {
    const who = person()
    const page = await who.visit(authorizeUrl())
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
    const consent = await signIn(who, await who.visit(authorizeUrl()))
    await who.submit(consent, 'consent-allow')
    return who
  }

  it('ASVS-10.7.1 O21-7.3-01: a confidential client is answered from an earlier consent, without asking again', async () => {
    const who = person()
    const consent = await signIn(who, await who.visit(authorizeUrl({}, 'web')))
    await who.submit(consent, 'consent-allow')
    const answer = await who.visit(authorizeUrl({ prompt: 'none' }, 'web'))
    expect(location(answer).searchParams.get('code')).toMatch(/^[A-Za-z0-9_-]{43}$/)
  })

  it('OIDC-3.1.2.1-01: prompt=none without a session answers login_required, shows no page', async () => {
    const answer = await person().visit(authorizeUrl({ prompt: 'none' }))
    expect(location(answer).searchParams.get('error')).toBe('login_required')
  })

  it('OIDC-3.1.2.1-02: prompt=login asks again, and the new auth_time is later', async () => {
    const who = await signedIn()
    now += 30
    const page = await who.visit(authorizeUrl({ prompt: 'login consent' }))
    expect(page.html).toContain('id="login-submit"')
    expect(page.html).toContain('once more')
    expect((await signIn(who, page)).html).toContain('id="consent-allow"')
  })

  it('OIDC-3.1.2.1-02: max_age that has passed asks again; max_age that has not does not', async () => {
    const who = await signedIn()
    now += 100
    expect((await who.visit(authorizeUrl({ max_age: '1000' }))).html).toContain('id="consent-allow"')
    expect((await who.visit(authorizeUrl({ max_age: '50' }))).html).toContain('id="login-submit"')
  })

  it('RPLO-2-02: signing out asks first, then the session is gone', async () => {
    const who = await signedIn()
    const question = await who.visit(`${kit.issuer}/signed-out`)
    expect(question.html).toContain('id="logout-submit"')
    const after = await who.submit(question, 'logout-submit')
    expect(after.html).toContain('You are signed out')
    expect(location(await who.visit(authorizeUrl({ prompt: 'none' }))).searchParams.get('error')).toBe('login_required')
  })

  it('a session ends by itself when it was not used', async () => {
    const who = await signedIn()
    now += 9 * 3600
    expect(location(await who.visit(authorizeUrl({ prompt: 'none' }))).searchParams.get('error')).toBe('login_required')
  })
})

describe('the language of pages', () => {
  it('OIDC-15.1-01: ui_locales wins over the browser, unknown ones are no error, the switch wins over both and is remembered', async () => {
    const who = person()
    const page = await who.visit(authorizeUrl({ ui_locales: 'tlh ja' }))
    expect(page.html).toContain('<html lang="ja">')
    expect(page.html).toContain('サインイン')
    const switched = await who.visit(`${page.url}&lang=en`)
    expect(switched.html).toContain('<html lang="en">')
    expect((await new FormPerson({ 'accept-language': 'ja' }).visit(authorizeUrl({ ui_locales: 'tlh' }))).html).toContain(
      '<html lang="ja">',
    )
    who.cookies.set(`kimei-language-${new URL(kit.issuer).port}`, 'ja')
    expect((await who.visit(authorizeUrl())).html).toContain('<html lang="ja">')
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
