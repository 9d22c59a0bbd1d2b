// Two issuers of one host that declare the same clients, people and keys: whatever one gave, the other does not know.
import { hashPassword } from '@kimei/server'
import * as oauth from 'oauth4webapi'
import { wireKey, wireProof } from 'testkit'
import { formBrowser } from 'testkit/browser'
import { authorizeUrl, getTokens, type HeldTokens, kitPassword, redemption, refresh, walkForms } from 'testkit/code'
import { decideAtPage, pollDevice, waitingDevice, withDevices } from 'testkit/device'
import {
  asKeyClient,
  askAbout,
  askOwnToken,
  assertionType,
  type IssuerKit,
  kitApi,
  kitAssertion,
  kitOtherApi,
  postForm,
  readResponse,
  tokenProof,
} from 'testkit/issuer'
import { type IssuersKit, startIssuersKit } from 'testkit/issuers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cookieName } from '../src/http/cookies.ts'

let all: IssuersKit
let a: IssuerKit
let b: IssuerKit
let nonced: IssuerKit
let held: HeldTokens
beforeAll(async () => {
  const apis = [
    { identifier: kitApi, name: 'Notes', scopes: ['notes:read', 'notes:write'] },
    { identifier: kitOtherApi, name: 'Other', scopes: ['other:read'], accessTokenFormat: 'opaque' as const },
  ]
  all = await startIssuersKit({
    names: (port) => ['/a', '/b', '/nonced'].map((path) => `http://127.0.0.1:${port}${path}`),
    config: { apis },
    passwordHash: await hashPassword(kitPassword),
    extend: (config) => (config.apis?.length ? withDevices(config) : config),
  })
  const [nameA, nameB, nameN] = [...all.configs.keys()] as [string, string, string]
  const nonce = { token: 'required' as const, userinfo: 'required' as const }
  for (const name of [nameB, nameN]) all.configs.set(name, { stamp: '1', input: { apis, ...(name === nameN && { dpop: { nonce } }) } })
  ;[a, b, nonced] = [await all.kit(nameA), await all.kit(nameB), await all.kit(nameN)]
  held = await getTokens(a)
})
afterAll(() => all.close())

const other = (from: HeldTokens): HeldTokens => ({ ...from, open: { ...from.open, url: from.open.url.replace(a.issuer, b.issuer) } })
const userinfo = (at: IssuerKit, token: unknown, key = held.key) =>
  fetch(`${at.issuer}/userinfo`, {
    headers: {
      authorization: `DPoP ${token}`,
      dpop: wireProof(key, { url: `${at.issuer}/userinfo`, now: at.now(), accessToken: String(token) }),
    },
  }).then(readResponse)

describe('what one issued', () => {
  it('OIDC-16.15-3 AT-4-02: an access token is 401 at the other, inactive there, and not revoked there', async () => {
    const token = held.answer.json['access_token']
    expect((await userinfo(a, token)).status).toBe(200)
    expect((await userinfo(b, token)).status).toBe(401)
    expect((await askAbout(b, token)).text).toBe('{"active":false}')
    expect((await postForm(b, '/revoke', { token: String(token), client_id: 'spa' })).status).toBe(200)
    expect((await askAbout(a, token)).json['active']).toBe(true)
  })

  it('OIDC-16.15-3: an opaque token says nothing at the other', async () => {
    const token = (await askOwnToken(a, wireKey(), { resource: kitOtherApi })).json['access_token']
    expect(token).toMatch(/^kimei_at_/)
    const ask = (at: IssuerKit) =>
      postForm(at, '/introspect', {
        token: String(token),
        client_id: 'other-server',
        client_secret: 'generated-secret-of-the-tests-with-256-bits-00',
      })
    const basic = (at: IssuerKit) =>
      postForm(
        at,
        '/introspect',
        { token: String(token) },
        { authorization: `Basic ${Buffer.from('other-server:generated-secret-of-the-tests-with-256-bits-00').toString('base64')}` },
      )
    expect((await ask(a)).status).toBe(401)
    expect((await basic(a)).json['active']).toBe(true)
    expect((await basic(b)).text).toBe('{"active":false}')
    await postForm(b, '/revoke', { token: String(token), ...asKeyClient(b) })
    expect((await basic(a)).json['active']).toBe(true)
  })

  it('OIDC-16.15-3: a refresh token is invalid_grant at the other, and still good at its own', async () => {
    const mine = await getTokens(a)
    const stolen = await refresh(b, other(mine), mine.answer.json['refresh_token'])
    expect([stolen.status, stolen.json['error']]).toEqual([400, 'invalid_grant'])
    await postForm(b, '/revoke', { token: String(mine.answer.json['refresh_token']), client_id: 'spa' })
    expect((await refresh(a, mine, mine.answer.json['refresh_token'])).status).toBe(200)
  })

  it('OIDC-16.15-3 O21-4.1.3-01: a code is invalid_grant at the other, and is not used up by it', async () => {
    const key = wireKey()
    const open = authorizeUrl(a)
    const { landed } = await walkForms(a, open.url)
    expect(landed.searchParams.get('iss')).toBe(a.issuer)
    const form = redemption(a, open, landed.searchParams.get('code') ?? '')
    const mixedUp = await postForm(b, '/token', form, { dpop: tokenProof(b, key) })
    expect([mixedUp.status, mixedUp.json['error']]).toEqual([400, 'invalid_grant'])
    expect((await postForm(a, '/token', form, { dpop: tokenProof(a, key) })).status).toBe(200)
  })

  it('ISS-2-01 ISS-4-01 ASVS-10.2.2: a client of both, made by others, takes no answer of one for the other’s', async () => {
    const server = async ({ issuer }: IssuerKit) => {
      const found = await oauth.discoveryRequest(new URL(issuer), { algorithm: 'oidc', [oauth.allowInsecureRequests]: true })
      return oauth.processDiscoveryResponse(new URL(issuer), found)
    }
    const [atA, atB] = [await server(a), await server(b)]
    const { landed } = await walkForms(a, authorizeUrl(a).url)
    const client = { client_id: 'spa' }
    expect(oauth.validateAuthResponse(atA, client, landed, 'state-1').get('code')).not.toBeNull()
    expect(() => oauth.validateAuthResponse(atB, client, landed, 'state-1')).toThrow(/unexpected "iss"/)
    const elsewhere = await oauth.discoveryRequest(new URL(a.issuer), { algorithm: 'oauth2', [oauth.allowInsecureRequests]: true })
    await expect(oauth.processDiscoveryResponse(new URL(b.issuer), elsewhere)).rejects.toThrow()
  })

  it('OIDC-16.15-3: a pushed request is nobody’s at the other', async () => {
    const open = authorizeUrl(a)
    const pushed = await postForm(a, '/par', Object.fromEntries(new URL(open.url).searchParams))
    const use = (at: IssuerKit) =>
      `${at.issuer}/authorize?${new URLSearchParams({ client_id: 'spa', request_uri: String(pushed.json['request_uri']) })}`
    const refused = await fetch(use(b), { redirect: 'manual' })
    expect([refused.status, refused.headers.get('location')]).toEqual([400, null])
    expect((await fetch(use(a), { redirect: 'manual' })).status).toBe(303)
  })

  it('OIDC-16.15-3: a device that waits at one is unknown to the other, and its code is no code there', async () => {
    const waiting = await waitingDevice(a)
    expect((await pollDevice(b, waiting, wireKey())).json['error']).toBe('invalid_grant')
    const moved = { ...waiting, completeUri: waiting.completeUri.replace('/a/', '/b/') }
    await expect(decideAtPage(b, moved)).rejects.toThrow()
    await decideAtPage(a, waiting)
    expect((await pollDevice(b, waiting, wireKey())).json['error']).toBe('invalid_grant')
    expect((await pollDevice(a, waiting, wireKey())).status).toBe(200)
  })

  it('OIDC-16.15-3: an id_token_hint of one names nobody at the other', async () => {
    const hint = String(held.answer.json['id_token'])
    const browser = formBrowser(a.issuer)
    await walkForms(a, authorizeUrl(a).url, browser)
    await walkForms(b, authorizeUrl(b).url, browser)
    const silent = async (at: IssuerKit) => {
      const page = await browser.open(authorizeUrl(at, { change: { id_token_hint: hint, prompt: 'none' } }).url)
      return page.url.searchParams.get('error') ?? (page.url.searchParams.get('code') ? 'code' : `page ${page.status}`)
    }
    expect(await silent(a)).toBe('code')
    expect(await silent(b)).not.toBe('code')
  })
})

describe('in one browser', () => {
  it('OIDC-16.15-2: cookies have a name for each issuer; signed in at one is a stranger at the other', async () => {
    const browser = formBrowser(a.issuer)
    await walkForms(a, authorizeUrl(a).url, browser)
    const names = [...browser.cookies.keys()]
    expect(names.every((name) => name.endsWith('-a'))).toBe(true)
    expect((await browser.open(authorizeUrl(b).url)).text).toContain('id="login-submit"')
    expect((await browser.open(authorizeUrl(a, { change: { prompt: 'none' } }).url)).url.searchParams.get('code')).not.toBeNull()
  })

  it('OIDC-16.15-2: a session of one, written under the name of the other, opens nothing there', async () => {
    const browser = formBrowser(a.issuer)
    await walkForms(a, authorizeUrl(a).url, browser)
    for (const [name, value] of [...browser.cookies]) browser.cookies.set(name.replace(/-a$/, '-b'), value)
    expect((await browser.open(authorizeUrl(b).url)).text).toContain('id="login-submit"')
  })

  it('OIDC-16.15-3: an interaction of one is unknown to the other, cookies copied or not', async () => {
    const browser = formBrowser(a.issuer)
    const page = await browser.open(authorizeUrl(a).url)
    for (const [name, value] of [...browser.cookies]) browser.cookies.set(name.replace(/-a$/, '-b'), value)
    const moved = await browser.open(page.url.href.replace('/a/', '/b/'))
    expect(moved.status).toBeGreaterThanOrEqual(400)
    expect(moved.text).not.toContain('id="login-submit"')
    const form = await browser.press({ ...page, text: page.text.replaceAll('/a/', '/b/') }, 'login-submit', {
      username: 'hanako',
      password: kitPassword,
    })
    expect([form.status >= 400, form.url.origin]).toEqual([true, new URL(b.issuer).origin])
    expect((await browser.press(page, 'login-submit', { username: 'hanako', password: kitPassword })).status).toBeLessThan(400)
  })

  it('OIDC-16.15-2: no two paths share a cookie name', () => {
    const names = ['a-b', 'a_b', 'a.b', 'a/b', 'a~b', 'ab', 'a_2d_b'].map((path) =>
      cookieName({ issuer: `https://id.example/${path}` } as never, 'session'),
    )
    expect(new Set(names).size).toBe(names.length)
    expect(names.every((name) => /^__Host-kimei-session-[A-Za-z0-9_-]+$/.test(name))).toBe(true)
  })
})

describe('what a client made for one', () => {
  it('PKJWT-3-02 OIDC-16.15-3: an assertion for one is invalid_client at the other, and stays unused', async () => {
    const assertion = kitAssertion(a)
    const auth = { client_assertion_type: assertionType, client_assertion: assertion }
    const form = { grant_type: 'client_credentials', resource: kitApi, ...auth }
    const strange = await postForm(b, '/token', form, { dpop: tokenProof(b, wireKey()) })
    expect([strange.status, strange.json['error']]).toEqual([401, 'invalid_client'])
    expect((await postForm(a, '/token', form, { dpop: tokenProof(a, wireKey()) })).status).toBe(200)
  })

  it('DPOP-11.1-01: replay memories are apart: one id used at one is not used at the other', async () => {
    const jti = { claims: { jti: 'the very same' } }
    const key = wireKey()
    for (const at of [a, b]) {
      const auth = { client_assertion_type: assertionType, client_assertion: kitAssertion(at, 'service', jti) }
      const proof = tokenProof(at, key, jti)
      const form = { grant_type: 'client_credentials', resource: kitApi, ...auth }
      expect((await postForm(at, '/token', form, { dpop: proof })).status).toBe(200)
      const again = { ...form, ...asKeyClient(at) }
      expect((await postForm(at, '/token', again, { dpop: proof })).json['error']).toBe('invalid_dpop_proof')
    }
  })

  it('DPOP-4.3-09: a proof for the endpoint of one is none at the other', async () => {
    const answer = await postForm(b, '/token', { grant_type: 'client_credentials', ...asKeyClient(b) }, { dpop: tokenProof(a, wireKey()) })
    expect(answer.json['error']).toBe('invalid_dpop_proof')
  })

  it('DPOP-8-01: a nonce of one is none at another', async () => {
    const nameOther = `${nonced.issuer}-too`
    all.configs.set(nameOther, all.configs.get(nonced.issuer)!)
    const too = await all.kit(nameOther)
    const ask = (at: IssuerKit, nonce?: string) => {
      const key = wireKey()
      const proof = tokenProof(at, key, nonce === undefined ? {} : { nonce })
      return postForm(at, '/token', { grant_type: 'client_credentials', resource: kitApi, ...asKeyClient(at) }, { dpop: proof })
    }
    const nonce = (await ask(nonced)).headers.get('dpop-nonce') ?? ''
    expect((await ask(nonced, nonce)).status).toBe(200)
    expect((await ask(too, nonce)).json['error']).toBe('use_dpop_nonce')
  })

  it('OIDC-16.15-2: people are of their issuer: the same name changed at one is unchanged at the other', async () => {
    const person = await all.storage.records.user(a.issuer, 'user-taro')
    const record = { ...person!, disabled: true, version: person!.version + 1 }
    await all.storage.commit({ issuer: a.issuer, now: a.now(), audit: [], writes: [{ write: 'put-user', record }] })
    expect((await getTokens(b, {}, undefined, 'taro')).answer.status).toBe(200)
    await expect(getTokens(a, {}, undefined, 'taro')).rejects.toThrow()
  })

  it('OIDC-16.15-3: a client that only one knows is unknown to the other', async () => {
    const known = all.configs.get(b.issuer)!
    const clients = [
      { clientId: 'only-b', kind: 'spa' as const, name: 'B', redirectUris: ['https://b.example/cb'], scopes: ['openid'], apis: [] },
    ]
    all.configs.set(`${b.issuer}2`, { stamp: '1', input: { ...known.input, clients, apis: [] } })
    const b2 = await all.kit(`${b.issuer}2`)
    const url = (at: IssuerKit) =>
      authorizeUrl(at, { clientId: 'only-b', redirectUri: 'https://b.example/cb', change: { scope: 'openid' } }).url
    expect((await fetch(url(b2), { redirect: 'manual' })).status).toBe(303)
    expect((await fetch(url(a), { redirect: 'manual' })).status).toBe(400)
  })

  it('every audit event names the issuer it happened at', () => {
    expect(new Set(all.audit.map(({ issuer }) => issuer)).size).toBeGreaterThan(2)
  })
})
