// What one grant hands to another: how a person signed in, what was left out, who they are, and opaque tokens from every grant.
import type { IssuerConfigInput } from '@kimei/server'
import { wireJwt, wireKey } from 'testkit'
import { getTokens, refresh, startCodeKit } from 'testkit/code'
import { detailsText, payment, recordsHere, recordsThere, withDetails } from 'testkit/details'
import { askDevice, atDevicePage, decideAtPage, pollDevice, waitingDevice, withDevices } from 'testkit/device'
import { exchangeGrant, thirdApi, withExchanges } from 'testkit/exchange'
import {
  asKeyClient,
  askAbout,
  askOwnToken,
  basicHeader,
  claimsOfJwt,
  type IssuerKit,
  kitApi,
  kitOtherApi,
  postForm,
  tokenProof,
} from 'testkit/issuer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const vouchGrant = 'urn:ietf:params:oauth:grant-type:jwt-bearer'
const elsewhere = 'https://idp.example'
const theirKey = wireKey('ES256', 'their-key')
const key = wireKey()
let now = Math.floor(Date.now() / 1000)
const clock = () => now

/** Every grant beside each other. */
function extend(config: IssuerConfigInput): IssuerConfigInput {
  const all = withExchanges(withDevices(config))
  const vouched = { kind: 'mobile' as const, scopes: ['notes:read'], apis: [kitApi] }
  const jwks = { keys: [{ ...theirKey.publicJwk, kty: 'EC' as const, kid: 'their-key', alg: 'ES256' }] }
  return {
    ...all,
    apis: (all.apis ?? []).map((api) => (api.identifier === thirdApi ? { ...api, accessTokenFormat: 'jwt' as const } : api)),
    assertionIssuers: [{ issuer: elsewhere, jwks, subjects: 'username', scopes: ['notes:read'], apis: [kitApi] }],
    clients: [
      ...(all.clients ?? []).map((client) => (client.clientId === 'tv' ? { ...client, optionalScopes: ['notes:write'] } : client)),
      { ...vouched, clientId: 'partner', name: 'Partner', grants: [vouchGrant] },
      {
        ...vouched,
        clientId: 'veiled',
        name: 'Veiled',
        grants: [vouchGrant, 'authorization_code'],
        redirectUris: ['https://veiled.example/callback'],
        subjectType: 'pairwise',
      },
    ],
  }
}

let kit: IssuerKit
/** The same, with opaque tokens everywhere. */
let opaque: IssuerKit
beforeAll(async () => {
  kit = await startCodeKit({ clock, extend })
  opaque = await startCodeKit({ clock, extend, config: { accessTokenFormat: 'opaque' } })
})
afterAll(() => Promise.all([kit.close(), opaque.close()]))

let counted = 0
function vouch(at: IssuerKit, clientId = 'partner') {
  counted += 1
  const claims = { iss: elsewhere, sub: 'hanako', aud: at.issuer, iat: now, exp: now + 60, jti: `a-${counted}` }
  const assertion = wireJwt({ typ: 'authorization-grant+jwt', alg: 'ES256', kid: 'their-key' }, claims, theirKey)
  return postForm(at, '/token', { grant_type: vouchGrant, client_id: clientId, assertion }, { dpop: tokenProof(at, key) })
}
function exchange(at: IssuerKit, token: unknown, change: Record<string, string> = {}) {
  const type = 'urn:ietf:params:oauth:token-type:access_token'
  const form = { grant_type: exchangeGrant, subject_token: String(token), subject_token_type: type, resource: kitOtherApi }
  return postForm(at, '/token', { ...form, ...asKeyClient(at, 'front'), ...change }, { dpop: tokenProof(at, key) })
}
async function collected(at: IssuerKit, scope = 'openid notes:read offline_access') {
  const device = await waitingDevice(at, { key, change: { scope, resource: kitApi } })
  await decideAtPage(at, device)
  return pollDevice(at, device, key)
}
const errorOf = ({ status, json }: { status: number; json: Record<string, unknown> }) => [status, json['error']]

describe('a device', () => {
  it('DEV-3.5-01 AT-2.2.1-01: its tokens say how the person signed in, and so do those that it renews', async () => {
    const { json } = await collected(kit)
    const told = claimsOfJwt(json['access_token'])
    expect(told).toMatchObject({ auth_time: expect.any(Number), amr: ['pwd'] })
    expect(claimsOfJwt(json['id_token'])).toMatchObject({ auth_time: told['auth_time'], amr: ['pwd'], acr: told['acr'] })
    const form = { grant_type: 'refresh_token', refresh_token: String(json['refresh_token']), client_id: 'tv' }
    const renewed = await postForm(kit, '/token', form, { dpop: tokenProof(kit, key) })
    expect(claimsOfJwt(renewed.json['access_token'])).toMatchObject({ auth_time: told['auth_time'], amr: ['pwd'], acr: told['acr'] })
  })

  it('ASVS-10.7.1: what its person unticks is written down: no earlier consent speaks for it', async () => {
    now += 1
    const device = await waitingDevice(kit, { key, change: { scope: 'notes:read notes:write' } })
    const at = await atDevicePage(kit, { url: device.completeUri, username: 'taro' })
    const compare = await at.browser.press(at.page, 'device-continue')
    expect((await at.browser.press(compare, 'device-allow', { 'scope:notes:write': '' })).url.pathname).toBe('/device/allowed')
    const [grant] = await kit.storage.records.grantsOf(kit.issuer, 'user-taro', now, 'tv')
    expect(grant).toMatchObject({ scopes: ['notes:read'], leftOut: ['notes:write'] })
    expect((await pollDevice(kit, device, key)).json['scope']).toBe('notes:read')
  })

  it('BCLO-2.7-01: gets nothing where its person signed out between the approval and the collection, but for offline access', async () => {
    for (const [scope, expected] of [
      ['notes:read', [400, 'invalid_grant']],
      ['notes:read offline_access', [200, undefined]],
    ] as const) {
      const device = await waitingDevice(kit, { key, change: { scope } })
      const { browser } = await decideAtPage(kit, device)
      const account = await browser.open(`${kit.issuer}/account`)
      const signOut = /id="sign-out" href="([^"]+)"/.exec(account.text)?.[1] as string
      await browser.press(await browser.open(new URL(signOut.replaceAll('&amp;', '&'), kit.issuer).href), 'logout-submit')
      expect((await browser.open(`${kit.issuer}/account`)).url.pathname).toBe('/signin')
      expect(errorOf(await pollDevice(kit, device, key))).toEqual(expected)
    }
  })

  it('RAR-5-01: a device, an exchange and an assertion do not carry authorization_details, and none is silently left out', async () => {
    const details = { authorization_details: '[{"type":"payment"}]' }
    const refused = [400, 'invalid_authorization_details']
    expect(errorOf(await askDevice(kit, { key, change: details }))).toEqual(refused)
    const device = await waitingDevice(kit, { key })
    await decideAtPage(kit, device)
    expect(errorOf(await pollDevice(kit, device, key, details))).toEqual(refused)
    expect((await pollDevice(kit, device, key)).status).toBe(200)
    const held = await getTokens(kit, { change: { scope: 'notes:read', resource: kitApi } })
    expect(errorOf(await exchange(kit, held.answer.json['access_token'], details))).toEqual(refused)
  })
})

describe('an exchange', () => {
  it('TEX-2.2-01 AT-2.2.1-01: tells how and when the person signed in as the token did, never fresher', async () => {
    const held = await getTokens(kit, { change: { scope: 'notes:read', resource: kitApi } })
    const { auth_time, acr, amr } = claimsOfJwt(held.answer.json['access_token'])
    expect(amr).toEqual(['pwd'])
    const { json } = await exchange(kit, held.answer.json['access_token'])
    expect(claimsOfJwt(json['access_token'])).toMatchObject({ auth_time, amr, ...(acr !== undefined && { acr }) })
  })

  it('TEX-2.1-02 OIDC-8.1-01: a name that only one client knows is not carried on as a person’s own', async () => {
    const open = (await vouch(kit)).json['access_token']
    expect(claimsOfJwt((await exchange(kit, open)).json['access_token'])['sub']).toBe('user-hanako')
    const veiled = (await vouch(kit, 'veiled')).json['access_token']
    expect(claimsOfJwt(veiled)['sub']).not.toBe('user-hanako')
    expect(errorOf(await exchange(kit, veiled))).toEqual([400, 'invalid_request'])
  })

  it('TEX-2.1-01 INTRO-2.2-01: a token of a person who was disabled since somebody vouched for them is neither exchanged nor active', async () => {
    const token = (await vouch(kit)).json['access_token']
    const user = await kit.storage.records.user(kit.issuer, 'user-hanako')
    if (!user) throw new Error('there is no hanako')
    const put = (disabled: boolean, version: number) =>
      kit.storage.commit({
        issuer: kit.issuer,
        now,
        audit: [],
        writes: [{ write: 'put-user', record: { ...user, disabled, version } }],
      })
    expect((await put(true, user.version + 1)).done).toBe('committed')
    expect(errorOf(await exchange(kit, token))).toEqual([400, 'invalid_request'])
    expect((await askAbout(kit, token)).json).toEqual({ active: false })
    expect((await put(false, user.version + 2)).done).toBe('committed')
  })
})

it('RAR-7-01: each API that asks about a token hears of its own details alone', async () => {
  const detailed = await startCodeKit({ clock, extend: withDetails })
  const { json } = await askOwnToken(detailed, key, { authorization_details: detailsText(payment, recordsHere, recordsThere) })
  expect(json['authorization_details']).toEqual([payment, recordsHere, recordsThere])
  expect((await askAbout(detailed, json['access_token'])).json['authorization_details']).toEqual([payment, recordsHere])
  const form = { token: String(json['access_token']) }
  const there = await postForm(detailed, '/introspect', form, { authorization: basicHeader('other-server') })
  expect([there.json['active'], there.json['authorization_details']]).toEqual([true, [recordsThere]])
  await detailed.close()
})

describe('opaque tokens', () => {
  it('AT-3-01 INT-2.2-01: of a device, its refresh, an exchange and an assertion are alive from the start', async () => {
    const device = await collected(opaque)
    const form = { grant_type: 'refresh_token', refresh_token: String(device.json['refresh_token']), client_id: 'tv' }
    const renewed = await postForm(opaque, '/token', form, { dpop: tokenProof(opaque, key) })
    const repeated = await postForm(opaque, '/token', form, { dpop: tokenProof(opaque, key) })
    const held = await getTokens(opaque, { change: { scope: 'notes:read', resource: kitApi } })
    const answers = {
      device,
      renewed,
      repeated,
      vouched: await vouch(opaque),
      refreshed: await refresh(opaque, held, held.answer.json['refresh_token']),
    }
    for (const [which, { json }] of Object.entries(answers)) {
      expect(json['access_token'], which).toMatch(/^kimei_at_/)
      const told = (await askAbout(opaque, json['access_token'])).json
      expect(told, which).toMatchObject({ active: true, sub: 'user-hanako', aud: kitApi })
    }
    const exchanged = await exchange(opaque, device.json['access_token'])
    expect(exchanged.json['access_token']).toMatch(/^kimei_at_/)
    const { asOther } = { asOther: { ...asKeyClient(opaque, 'next'), token: String(exchanged.json['access_token']) } }
    expect((await postForm(opaque, '/introspect', asOther)).json).toMatchObject({ active: true, aud: kitOtherApi, act: { sub: 'front' } })
  })
})
