// Private mode of pairwise clients: nothing by which another client knows the same person reaches them, whatever they ask and however.
import { Misuse } from '@kimei/protocol'
import { type IssuerConfigInput, parseIssuerConfig } from '@kimei/server'
import { createMemoryStorage } from '@kimei/storage'
import { wireProof } from 'testkit'
import { formBrowser } from 'testkit/browser'
import { authorizeUrl, getTokens, type HeldTokens, kitPassword, refresh, startCodeKit } from 'testkit/code'
import { claimsOfJwt, type IssuerKit, kitApi, readResponse } from 'testkit/issuer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const redirectUri = 'https://shop.example/callback'
const shop = (pairwiseClaims?: unknown, clientId = 'shop') => ({
  clientId,
  kind: 'spa' as const,
  name: 'Shop',
  redirectUris: [redirectUri],
  scopes: ['openid', 'profile', 'email', 'offline_access', 'notes:read'],
  apis: [kitApi],
  subjectType: 'pairwise' as const,
  ...(pairwiseClaims !== undefined && { pairwiseClaims }),
})
type Clients = NonNullable<IssuerConfigInput['clients']>
const everything = JSON.stringify({
  userinfo: { name: { essential: true }, email: null, locale: null, zoneinfo: null },
  id_token: { name: { essential: true }, email: { value: 'hanako@example.test' }, locale: null },
})
const users = (config: IssuerConfigInput): IssuerConfigInput => ({
  ...config,
  users: config.users?.map((user) => ({
    ...user,
    claims: { ...user.claims, locale: 'ja-JP', zoneinfo: 'Asia/Tokyo', website: 'https://h.example' },
  })),
})

let kit: IssuerKit
beforeAll(async () => {
  const clients = [shop('private'), shop({ kind: 'private', except: ['website'] }, 'club'), shop(undefined, 'open')] as Clients
  kit = await startCodeKit({ config: { clients }, extend: users })
})
afterAll(() => kit.close())

const scope = 'openid profile email notes:read'
const held = (clientId: string, change: Record<string, string> = {}) =>
  getTokens(kit, { clientId, redirectUri, change: { scope, ...change } })

async function userinfo({ answer, key }: Pick<HeldTokens, 'answer' | 'key'>): Promise<Record<string, unknown>> {
  const token = String(answer.json['access_token'])
  const proof = wireProof(key, { url: `${kit.issuer}/userinfo`, now: kit.now(), accessToken: token })
  const { sub: _, ...told } = (
    await readResponse(await fetch(`${kit.issuer}/userinfo`, { headers: { authorization: `DPoP ${token}`, dpop: proof } }))
  ).json
  return told
}

describe('a pairwise client in private mode', () => {
  it('OIDC-17.3-1: hears of its scopes what many share, and what its operator listed', async () => {
    expect(await userinfo(await held('shop'))).toEqual({ locale: 'ja-JP', zoneinfo: 'Asia/Tokyo' })
    expect(await userinfo(await held('club'))).toEqual({ locale: 'ja-JP', zoneinfo: 'Asia/Tokyo', website: 'https://h.example' })
    expect(await userinfo(await held('open'))).toMatchObject({ name: '花子', email: 'hanako@example.test' })
  })

  it('OIDC-17.3-1 OIDC-5.5-01: asking by name brings nothing more, in UserInfo, ID token and after a refresh, and is no error', async () => {
    const tokens = await held('shop', { claims: everything, scope: `${scope} offline_access`, prompt: 'consent' })
    expect(tokens.answer.status).toBe(200)
    expect(await userinfo(tokens)).toEqual({ locale: 'ja-JP', zoneinfo: 'Asia/Tokyo' })
    const again = await refresh(kit, tokens, tokens.answer.json['refresh_token'])
    for (const { json } of [tokens.answer, again]) {
      const claims = claimsOfJwt(json['id_token'])
      expect([claims['name'], claims['email'], claims['locale']]).toEqual([undefined, undefined, 'ja-JP'])
    }
  })

  it('OIDC-17.3-1: the person is told so, and is not asked for what is not given; the history names what was', async () => {
    for (const [language, words, never] of [
      [
        'ja',
        ['突き合わせられる情報は渡しません', '次の情報を見ること：タイムゾーン、言語と地域'],
        ['メールアドレスを見ること', '名前などのプロフィール'],
      ],
      [
        'en',
        ['nothing else that other apps know too', 'See your time zone, language and region'],
        ['See your e-mail address', 'See your name'],
      ],
    ] as const) {
      const browser = formBrowser(kit.issuer, { 'accept-language': language })
      const open = authorizeUrl(kit, { clientId: 'shop', redirectUri, change: { scope, prompt: 'consent' } })
      const page = await browser.press(await browser.open(open.url), 'login-submit', { username: 'taro', password: kitPassword })
      for (const word of words) expect(page.text).toContain(word)
      for (const word of never) expect(page.text).not.toContain(word)
      expect(page.text).toContain('consent-allow')
    }
    const { browser } = await getTokens(kit, { clientId: 'shop', redirectUri, change: { scope } }, undefined, 'taro')
    const account = await browser.open(`${kit.issuer}/account`)
    expect(account.text).toContain('Know which user you are')
    expect(account.text).toContain('See your time zone, language and region')
    expect(account.text).not.toContain('See your e-mail address')
    expect(account.text).not.toContain('See your name')
  })
})

it('OIDC-17.3-1: a grant from before the mode was chosen tells no more than one from after it', async () => {
  const storage = createMemoryStorage()
  const start = (how: unknown, port?: number) =>
    startCodeKit({ storage, config: { clients: [shop(how)] as Clients }, extend: users, ...(port && { port }) })
  const before = await start('all')
  const tokens = await getTokens(before, {
    clientId: 'shop',
    redirectUri,
    change: { scope: `${scope} offline_access`, prompt: 'consent', claims: everything },
  })
  expect(claimsOfJwt(tokens.answer.json['id_token'])['name']).toBe('花子')
  await before.close()
  const after = await start('private', Number(new URL(before.issuer).port))
  // The connection that was kept open leads to nobody any more.
  await fetch(`${after.issuer}/jwks`).catch(() => undefined)
  const again = await refresh(after, tokens, tokens.answer.json['refresh_token'])
  expect(claimsOfJwt(again.json['id_token'])['name']).toBeUndefined()
  const token = String(again.json['access_token'])
  const proof = wireProof(tokens.key, { url: `${after.issuer}/userinfo`, now: after.now(), accessToken: token })
  const told = await readResponse(await fetch(`${after.issuer}/userinfo`, { headers: { authorization: `DPoP ${token}`, dpop: proof } }))
  expect(told.json).toMatchObject({ locale: 'ja-JP' })
  expect(told.json).not.toHaveProperty('email')
  await after.close()
  await storage.close()
})

it('OIDC-17.3-1: who registers itself pairwise gets it by the policy; a public one has no use for it', async () => {
  const registration = { mode: 'open' as const, policy: { scopes: ['openid', 'profile', 'email'], pairwiseClaims: 'private' as const } }
  const open = await startCodeKit({ config: { registration }, extend: users })
  const register = async (more: object) => {
    const body = JSON.stringify({ redirect_uris: [redirectUri], token_endpoint_auth_method: 'none', ...more })
    const { json } = await readResponse(
      await fetch(`${open.issuer}/register`, { method: 'POST', headers: { 'content-type': 'application/json' }, body }),
    )
    return open.server.context.directory.client(String(json['client_id']))
  }
  expect((await register({ subject_type: 'pairwise' }))?.privateClaims).toEqual(['locale', 'zoneinfo'])
  expect(await register({})).not.toHaveProperty('privateClaims')
  await open.close()
})

it('OIDC-17.3-1: private mode of a client that is not pairwise, and a list of nothing sensible, are mistakes', () => {
  const check = (client: object) =>
    parseIssuerConfig({ issuer: 'https://id.example', clients: [{ ...shop(), scopes: ['openid'], apis: [], ...client }] as Clients })
  expect(() => check({ subjectType: 'public', pairwiseClaims: 'private' })).toThrow(Misuse)
  for (const pairwiseClaims of ['none', {}, { kind: 'private' }, { kind: 'private', except: [''] }, { kind: 'all', except: [] }])
    expect(() => check({ pairwiseClaims }), JSON.stringify(pairwiseClaims)).toThrow(Misuse)
  expect(check({ pairwiseClaims: 'private' }).clients[0]?.pairwiseClaims).toBe('private')
})
