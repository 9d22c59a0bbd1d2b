// What a person is told of an app before consenting, and may leave out. Plain forms over real HTTP.
import { createHash } from 'node:crypto'
import type { IssuerConfigInput } from '@kimei/server'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { authorizeUrl, kitPassword, redemption, startCodeKit } from '../../testkit/src/code-kit.ts'
import { type FormBrowser, formBrowser, type Page } from '../../testkit/src/form-browser.ts'
import { wireKey, wireProof } from '../../testkit/src/hostile-jwt.ts'
import { claimsOfJwt, type IssuerKit, kitApi, kitRedirect, kitSecret, postForm, tokenProof } from '../../testkit/src/issuer-kit.ts'

const scopes = ['openid', 'profile', 'email', 'offline_access', 'notes:read', 'notes:write']
const clients: IssuerConfigInput['clients'] = [
  {
    clientId: 'spa',
    kind: 'spa',
    name: 'Spa',
    redirectUris: [kitRedirect],
    scopes,
    apis: [kitApi],
    organisation: { ja: 'メモ帳株式会社', en: 'Notes Ltd' },
    purposes: {
      'notes:read': { ja: '一覧を表示するため', en: 'to show your list' },
      email: { ja: '請求書を送るため', en: 'to send invoices' },
      name: { ja: '宛名に使うため', en: 'to address you' },
    },
    optionalScopes: ['email', 'notes:write'],
    offlineOnLogout: 'end',
  },
  {
    clientId: 'cli',
    kind: 'mobile',
    name: 'Cli',
    redirectUris: ['http://127.0.0.1/callback', 'com.example.app:/callback'],
    scopes,
    apis: [kitApi],
  },
  {
    clientId: 'web',
    kind: 'server',
    name: 'Web',
    secretHashes: [createHash('sha256').update(kitSecret).digest('base64url')],
    redirectUris: [kitRedirect],
    scopes,
    apis: [kitApi],
  },
]

let now = 1_800_000_000
let kit: IssuerKit
beforeAll(async () => {
  kit = await startCodeKit({ clock: () => now, config: { clients } })
})
afterAll(() => kit.close())

const signIn = (who: FormBrowser, page: Page, username = 'hanako') => who.press(page, 'login-submit', { username, password: kitPassword })
const words = (page: Page) =>
  page.text
    .replace(/<details>[\s\S]*<\/details>/, '')
    .replace(/<[^>]+>/g, ' ')
    .replace(/\s+/g, ' ')

async function consentOf(scope: string, language = 'en', change: Record<string, string> = {}, username = 'hanako') {
  const who = formBrowser(kit.issuer, { 'accept-language': language })
  const open = authorizeUrl(kit, { change: { scope, ...change } })
  return { who, open, page: await signIn(who, await who.open(open.url), username) }
}

/** Scopes of the tokens that this answer leads to. */
async function granted(asked: Awaited<ReturnType<typeof consentOf>>, fields: Record<string, string>): Promise<string[]> {
  const landed = await asked.who.press(asked.page, 'consent-allow', fields)
  const code = landed.url.searchParams.get('code') ?? ''
  const answer = await postForm(kit, '/token', redemption(kit, asked.open, code), { dpop: tokenProof(kit, wireKey()) })
  expect(answer.status, answer.text).toBe(200)
  return String(answer.json['scope']).split(' ')
}

describe('the consent page says', () => {
  it('O21-7.9-01 OIDC-17.1-1: who answers for the app, and what it wants each scope and claim for, in both languages', async () => {
    const english = words((await consentOf('openid profile email notes:read')).page)
    for (const part of [
      'Provided by Notes Ltd',
      'For: to show your list',
      'For: to send invoices',
      'full name: to address you',
      'Returns to app.example',
    ])
      expect(english).toContain(part)
    const japanese = words((await consentOf('openid profile email notes:read', 'ja')).page)
    for (const part of ['提供元 メモ帳株式会社', '目的：一覧を表示するため', '氏名の目的：宛名に使うため']) expect(japanese).toContain(part)
  })

  it('ASVS-10.7.2 OIDC-16.18-3: how each kind of renewal ends, and where it is taken back', async () => {
    expect(words((await consentOf('openid notes:read')).page)).toContain('It ends when you sign out')
    expect((await consentOf('openid notes:read')).page.text).toContain(`href="${kit.issuer}/account"`)
    const away = words((await consentOf('openid offline_access notes:read', 'en', { prompt: 'consent' })).page)
    expect(away).toContain('while you are away, and ends when you sign out')
  })
})

describe('what may be unticked', () => {
  it('ASVS-10.7.2: stays granted while it is ticked', async () => {
    const asked = await consentOf('openid email notes:read notes:write', 'en', { prompt: 'consent' })
    expect(asked.page.text.match(/type="checkbox"/g)).toHaveLength(2)
    expect(await granted(asked, {})).toEqual(['openid', 'email', 'notes:read', 'notes:write'])
  })

  it('ASVS-10.7.2 OIDC-17.1-1: is not granted once it is unticked, and UserInfo does not release it', async () => {
    const asked = await consentOf('openid email notes:read notes:write', 'en', { prompt: 'consent' })
    expect(await granted(asked, { 'scope:email': '' })).toEqual(['openid', 'notes:read', 'notes:write'])
  })

  it('OIDC-17.1-1 OIDC-5.5-01: is not told by name either, neither at UserInfo nor in the ID token', async () => {
    const claims = JSON.stringify({ userinfo: { email: null, name: null }, id_token: { email: { essential: true } } })
    const asked = await consentOf('openid email notes:read', 'en', { prompt: 'consent', claims })
    const landed = await asked.who.press(asked.page, 'consent-allow', { 'scope:email': '' })
    const key = wireKey()
    const code = landed.url.searchParams.get('code') ?? ''
    const answer = await postForm(kit, '/token', redemption(kit, asked.open, code), { dpop: tokenProof(kit, key) })
    expect(claimsOfJwt(answer.json['id_token'])).not.toHaveProperty('email')
    const token = String(answer.json['access_token'])
    const url = `${kit.issuer}/userinfo`
    const proof = wireProof(key, { method: 'GET', url, now, accessToken: token })
    const told = await fetch(url, { headers: { authorization: `DPoP ${token}`, dpop: proof } })
    expect(await told.json()).toEqual({ sub: 'user-hanako', name: '花子' })
  })

  it('ASVS-10.7.1: is not answered by an earlier, wider consent, until it is ticked again', async () => {
    now += 100
    const wide = 'openid profile notes:read notes:write'
    const first = await consentOf(wide, 'en', { prompt: 'consent' }, 'taro')
    await granted(first, {})
    const ask = (prompt?: string) => authorizeUrl(kit, { change: { scope: wide, ...(prompt && { prompt }) } })
    const again = ask('consent')
    now += 1
    await granted({ ...first, open: again, page: await first.who.open(again.url) }, { 'scope:notes:write': '' })
    const asked = ask()
    const page = await first.who.open(asked.url)
    expect(page.text).toContain('id="consent-allow"')
    now += 1
    expect(await granted({ ...first, open: asked, page }, {})).toContain('notes:write')
    expect((await first.who.open(ask().url)).url.searchParams.get('code')).toBeTruthy()
  })

  it('O21-7.9-01: is never more than was asked for, nor less than what is not optional', async () => {
    const asked = await consentOf('openid notes:read', 'en', { prompt: 'consent' })
    expect(await granted(asked, { 'scope:notes:write': 'on', 'scope:email': 'on', 'scope:notes:read': '' })).toEqual([
      'openid',
      'notes:read',
    ])
  })

  it('ASVS-10.7.1: a consent that left something out does not answer for it later', async () => {
    const first = await consentOf('openid notes:read notes:write', 'en', { prompt: 'consent' }, 'taro')
    await granted(first, { 'scope:notes:write': '' })
    now += 1
    const again = await first.who.open(authorizeUrl(kit, { change: { scope: 'openid notes:read notes:write' } }).url)
    expect(again.text).toContain('id="consent-allow"')
    const less = await first.who.open(authorizeUrl(kit, { change: { scope: 'openid notes:read' } }).url)
    expect(less.url.searchParams.get('code')).toBeTruthy()
  })
})

it.each(['http://127.0.0.1:49152/callback', 'com.example.app:/callback'])(
  'ASVS-10.7.1 O21-7.3-01: a remembered consent does not answer for an app at %s',
  async (redirectUri) => {
    const who = formBrowser(kit.issuer)
    const ask = () => authorizeUrl(kit, { clientId: 'cli', redirectUri })
    const first = await signIn(who, await who.open(ask().url))
    expect((await who.press(first, 'consent-allow')).url.searchParams.get('code')).toBeTruthy()
    expect((await who.open(ask().url)).text).toContain('id="consent-allow"')
  },
)
