// What ends with a sign-in, and how apps are told: real servers at the other end, on memory and on a file that survives a restart.
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkLogoutToken, importVerifyKey, isBroken, type PublicJwk, wholeLaw } from '@kimei/protocol'
import { openSqlite } from '@kimei/storage/sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { authorizeUrl, getTokens, type HeldTokens, redemption, refresh, walkForms } from '../../testkit/src/code-kit.ts'
import { sha256u, wireKey, wireProof } from '../../testkit/src/hostile-jwt.ts'
import { claimsOfJwt, type IssuerKit, postForm, tokenProof } from '../../testkit/src/issuer-kit.ts'
import { idTokenOf, isSignedIn, type Listener, logoutUrl, partsOf, startListener, startLogoutKit, tokensFor } from './logout-parts.ts'

let now: number
let kit: IssuerKit
let listener: Listener
beforeEach(async () => {
  now = 1_800_000_000
  listener = await startListener()
  kit = await startLogoutKit(listener, { clock: () => now })
})
afterEach(async () => {
  await kit.close()
  await listener.close()
})

/** Signs out of one browser by the page, and waits until everybody who could be told was. */
async function signOut(held: HeldTokens, which = 'this'): Promise<void> {
  const page = await held.browser.open(`${kit.issuer}/signed-out`)
  await held.browser.press(page, 'logout-submit', { which })
  await kit.server.sweep()
}

const refreshed = async (held: HeldTokens) => (await refresh(kit, held, held.answer.json['refresh_token'])).status
const toldPaths = () => listener.told.map(({ path }) => path).sort()
const auditOf = (event: string) => kit.audit.filter((line) => line.event === event)

async function userinfoStatus({ key, answer }: HeldTokens): Promise<number> {
  const token = String(answer.json['access_token'])
  const url = `${kit.issuer}/userinfo`
  const proof = wireProof(key, { method: 'GET', url, now, claims: { ath: sha256u(token) } })
  const response = await fetch(url, { headers: { authorization: `DPoP ${token}`, dpop: proof } })
  await response.body?.cancel()
  return response.status
}

describe('what ends', () => {
  it('BCLO-2.7-01: online tokens of this sign-in, at once; offline ones and those of other browsers go on', async () => {
    const online = await tokensFor(kit, 'spa', undefined, 'openid profile')
    const offline = await tokensFor(kit, 'spa', online.browser, 'openid offline_access notes:read')
    const ending = await tokensFor(kit, 'es', online.browser, 'openid offline_access notes:read')
    const elsewhere = await tokensFor(kit, 'spa')
    expect(await userinfoStatus(online)).toBe(200)
    await signOut(online)
    expect(await userinfoStatus(online)).toBe(401)
    expect(await Promise.all([online, offline, ending, elsewhere].map(refreshed))).toEqual([400, 200, 400, 200])
    expect(await isSignedIn(kit, online.browser)).toBe(false)
    expect(await isSignedIn(kit, elsewhere.browser)).toBe(true)
  })

  it('OIDC-17.4-1: a person who signs in again is not asked again for what was allowed', async () => {
    const held = await tokensFor(kit, 'spa')
    await signOut(held)
    const [grant] = await kit.storage.records.grantsOf(kit.issuer, 'user-hanako', now, 'spa')
    expect(grant).toMatchObject({ revokedAt: null, clientId: 'spa' })
  })

  it('BCLO-2.7-01: a code made in the very moment of the sign-out is worth nothing, an offline one is', async () => {
    const { browser } = await tokensFor(kit, 'spa')
    const ask = (scope: string) => authorizeUrl(kit, { clientId: 'spa', change: { scope, prompt: 'consent' } })
    const [online, offline] = [ask('openid profile'), ask('openid offline_access')]
    const codes: string[] = []
    for (const { url } of [online, offline]) codes.push((await walkForms(kit, url, browser)).landed.searchParams.get('code') ?? '')
    const [session] = await kit.storage.records.sessionsOf(kit.issuer, 'user-hanako', now)
    const write = { write: 'end-session', sessionHash: session?.sessionHash ?? '', at: now } as const
    await kit.storage.commit({ issuer: kit.issuer, writes: [write], audit: [], now })
    const redeem = (open: typeof online, code = '') =>
      postForm(kit, '/token', redemption(kit, open, code), { dpop: tokenProof(kit, wireKey()) })
    expect((await redeem(online, codes[0])).json).toEqual({ error: 'invalid_grant' })
    expect((await redeem(offline, codes[1])).status).toBe(200)
  })

  it('BCLO-2.7-01: all sign-ins, those of lost browsers included', async () => {
    const [here, lost, offline] = [
      await tokensFor(kit, 'spa'),
      await tokensFor(kit, 'quiet'),
      await tokensFor(kit, 'spa', undefined, 'openid offline_access notes:read'),
    ]
    now += 9 * 3600
    const fresh = await tokensFor(kit, 'framed')
    await signOut(fresh, 'all')
    expect(await Promise.all([here, lost, fresh, offline].map(refreshed))).toEqual([400, 400, 400, 200])
  })

  it('OIDC-17.4-1: a lost cookie ends nothing, the absolute end does', async () => {
    const held = await tokensFor(kit, 'spa')
    now += 20 * 3600
    const still = await refresh(kit, held, held.answer.json['refresh_token'])
    expect(still.status).toBe(200)
    now += 4 * 3600
    expect((await refresh(kit, held, still.json['refresh_token'])).status).toBe(400)
  })

  it('signing in once more in the same browser ends nothing; another person there ends the first one’s', async () => {
    const held = await tokensFor(kit, 'spa')
    const change = { scope: 'openid', prompt: 'login' }
    const again = await getTokens(kit, { clientId: 'quiet', change }, held.browser)
    const third = await tokensFor(kit, 'spa', held.browser)
    expect(claimsOfJwt(idTokenOf(third))['sid']).toBe(claimsOfJwt(idTokenOf(held))['sid'])
    const next = await refresh(kit, held, held.answer.json['refresh_token'])
    expect(next.status).toBe(200)
    await getTokens(kit, { clientId: 'quiet', change }, again.browser, 'taro')
    await kit.server.sweep()
    expect((await refresh(kit, held, next.json['refresh_token'])).status).toBe(400)
    expect(listener.told.map(({ form }) => partsOf(form.get('logout_token') ?? '').claims['sub'])).toEqual(['user-hanako'])
  })
})

describe('a logout token', () => {
  it('BCLO-2.4-01: says what it must and no more, signed as the ID tokens of its client are', async () => {
    const held = await tokensFor(kit, 'spa')
    await tokensFor(kit, 'es', held.browser)
    await signOut(held)
    expect(toldPaths()).toEqual(['/es', '/spa'])
    const keys = (await (await fetch(`${kit.issuer}/jwks`)).json()) as { keys: PublicJwk[] }
    for (const { path, headers, form } of listener.told) {
      const clientId = path.slice(1)
      expect(headers['content-type']).toBe('application/x-www-form-urlencoded')
      expect([...form.keys()]).toEqual(['logout_token'])
      const token = form.get('logout_token') ?? ''
      const { header, claims } = partsOf(token)
      expect(header).toMatchObject({ typ: 'logout+jwt', alg: clientId === 'es' ? 'ES256' : 'RS256' })
      expect(Object.keys(claims).sort()).toEqual(['aud', 'events', 'exp', 'iat', 'iss', 'jti', 'sid', 'sub'])
      expect(claims).toMatchObject({ iss: kit.issuer, aud: clientId, sub: 'user-hanako', iat: now })
      expect(claims['events']).toEqual({ 'http://schemas.openid.net/event/backchannel-logout': {} })
      expect(Number(claims['exp']) - now).toBeLessThanOrEqual(120)
      if (clientId === 'spa') expect(claims['sid']).toBe(claimsOfJwt(idTokenOf(held))['sid'])
      const keyFor = async ({ kid, alg }: { kid: string | undefined; alg: 'RS256' | 'ES256' }) =>
        importVerifyKey(keys.keys.find((key) => key.kid === kid) as PublicJwk, alg)
      const expectation = { issuer: kit.issuer, clientId, now, leewaySeconds: 0, algorithms: ['RS256', 'ES256'] as const }
      expect(isBroken(await checkLogoutToken(token, { ...expectation, keyFor: keyFor as never }, wholeLaw))).toBe(false)
    }
    expect(
      auditOf('logout_told')
        .map(({ clientId, attempts }) => [clientId, attempts])
        .sort(),
    ).toEqual([
      ['es', 1],
      ['spa', 1],
    ])
  })

  it('BCLO-2.5-01: goes once to each app of the sign-in that has an address, before the person goes on', async () => {
    const held = await tokensFor(kit, 'spa')
    await tokensFor(kit, 'spa', held.browser)
    await tokensFor(kit, 'quiet', held.browser)
    await held.browser.open(logoutUrl(kit, { id_token_hint: idTokenOf(held), post_logout_redirect_uri: 'https://app.example/bye' }))
    expect(toldPaths()).toEqual(['/spa'])
    await kit.server.sweep()
    expect(toldPaths()).toEqual(['/spa'])
  })

  it('OIDC-17.3-1 BCLO-2.4-01: names the person as a pairwise client knows them, and the sign-in as it alone does', async () => {
    const held = await tokensFor(kit, 'pair')
    const own = claimsOfJwt(idTokenOf(held))
    await signOut(held)
    const { claims } = partsOf(listener.told[0]?.form.get('logout_token') ?? '')
    expect([claims['sub'], claims['sid']]).toEqual([own['sub'], own['sid']])
    expect(claims['sub']).not.toBe('user-hanako')
  })

  it('BCLO-2.5-01: goes to nobody who has no ID token', async () => {
    const held = await tokensFor(kit, 'spa', undefined, 'notes:read')
    await signOut(held)
    expect(listener.told).toEqual([])
  })
})

describe('an app that does not take it', () => {
  it.each([400, 401, 403, 404, 201, { redirect: 'https://app.example/login' }])(
    'BCLO-2.5-01 BCLO-2.8-01: %j is its last word: nothing is sent again',
    async (answer) => {
      const held = await tokensFor(kit, 'spa')
      listener.answer = answer
      await signOut(held)
      now += 4000
      await kit.server.sweep()
      expect(listener.told).toHaveLength(1)
      expect(auditOf('logout_told')).toEqual([])
      expect(auditOf('logout_not_told')).toMatchObject([{ clientId: 'spa', final: true }])
    },
  )

  it.each([200, 204])('BCLO-2.8-01: %i is taken', async (answer) => {
    const held = await tokensFor(kit, 'spa')
    listener.answer = answer
    await signOut(held)
    expect(auditOf('logout_told')).toHaveLength(1)
  })

  it.each([500, 502, 503, 429])('BCLO-2.5-01: after %i it is tried again later, with a new token, until it is taken', async (answer) => {
    const held = await tokensFor(kit, 'spa')
    listener.answer = answer
    await signOut(held)
    await kit.server.sweep()
    expect(listener.told).toHaveLength(1)
    now += 10
    await kit.server.sweep()
    expect(listener.told).toHaveLength(2)
    listener.answer = 200
    now += 60
    await kit.server.sweep()
    expect(listener.told).toHaveLength(3)
    const claims = listener.told.map(({ form }) => partsOf(form.get('logout_token') ?? '').claims)
    expect(new Set(claims.map(({ jti }) => jti)).size).toBe(3)
    expect(claims.map(({ iat }) => iat)).toEqual([now - 70, now - 60, now])
    expect(auditOf('logout_told')).toMatchObject([{ attempts: 3 }])
    now += 4000
    await kit.server.sweep()
    expect(listener.told).toHaveLength(3)
  })

  it('BCLO-2.5-01: is given up after five tries, however long that takes', async () => {
    const held = await tokensFor(kit, 'spa')
    listener.answer = 503
    await signOut(held)
    for (let time = 0; time < 12; time += 1) {
      now += 1800
      await kit.server.sweep()
    }
    expect(listener.told.length).toBeLessThanOrEqual(5)
    expect(auditOf('logout_not_told').at(-1)).toMatchObject({ final: true })
    expect(await kit.storage.records.logoutNotices(kit.issuer, now + 99_999, 10)).toEqual([])
  })

  it('BCLO-2.5-01: one that is gone costs the person nothing, and is tried when it is back', async () => {
    const held = await tokensFor(kit, 'spa')
    await listener.close()
    const page = await held.browser.open(
      logoutUrl(kit, { id_token_hint: idTokenOf(held), post_logout_redirect_uri: 'https://app.example/bye' }),
    )
    expect(page.url.href).toBe('https://app.example/bye')
    await kit.server.sweep()
    expect(auditOf('logout_not_told')).toMatchObject([{ final: false, rule: 'outbound.connection-holds' }])
    expect(await kit.storage.records.logoutNotices(kit.issuer, now + 10, 10)).toHaveLength(1)
  })

  it('BCLO-2.5-01: one that never answers holds the person up for a second at most, and nobody else at all', async () => {
    const held = await tokensFor(kit, 'spa')
    await tokensFor(kit, 'es', held.browser)
    listener.answer = 'hang'
    const page = await held.browser.open(
      logoutUrl(kit, { id_token_hint: idTokenOf(held), post_logout_redirect_uri: 'https://app.example/bye' }),
    )
    expect(page.url.href).toBe('https://app.example/bye')
    expect(await refreshed(held)).toBe(400)
    expect(toldPaths()).toEqual(['/es', '/spa'])
  })
})

it('BCLO-2.5-01: a notice survives a restart, and is sent by whoever starts next', async () => {
  const folder = mkdtempSync(join(tmpdir(), `kimei-logout-${randomBytes(4).toString('hex')}-`))
  const file = join(folder, 'issuer.db')
  const first = openSqlite({ file })
  const before = await startLogoutKit(listener, { clock: () => now, storage: first })
  const held = await tokensFor(before, 'spa')
  listener.answer = 503
  const page = await held.browser.open(`${before.issuer}/signed-out`)
  await held.browser.press(page, 'logout-submit')
  await before.server.sweep()
  const port = Number(new URL(before.issuer).port)
  await before.close()
  await first.close()
  listener.answer = 200
  now += 10
  const second = openSqlite({ file })
  const after = await startLogoutKit(listener, { clock: () => now, storage: second, port })
  await after.server.sweep()
  expect(listener.told).toHaveLength(2)
  expect(after.audit.filter(({ event }) => event === 'logout_told')).toMatchObject([{ attempts: 2, clientId: 'spa' }])
  await after.close()
  await second.close()
  rmSync(folder, { recursive: true })
})

it('64 confirmations at once: one sign-out, and each app is told once', async () => {
  const held = await tokensFor(kit, 'spa')
  const page = await held.browser.open(`${kit.issuer}/signed-out`)
  const token = /name="form_token" value="([^"]+)"/.exec(page.text)?.[1] ?? ''
  const press = () => held.browser.post(`${kit.issuer}/signed-out`, { form_token: token, which: 'all' }, { origin: kit.issuer })
  const answers = await Promise.all(Array.from({ length: 64 }, press))
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([303]))
  await kit.server.sweep()
  expect(auditOf('logout_told').length).toBe(listener.told.length)
  expect(await refreshed(held)).toBe(400)
})
