// Refreshing over real HTTP: rotation within a family that names its key, the honest repeat, reuse, and nobody else's harm.
import { createMemoryStorage } from '@kimei/storage'
import { fixedClock, wireKey } from 'testkit'
import { authorizeUrl, getTokens, type HeldTokens, redemption, refresh, startCodeKit, walkForms } from 'testkit/code'
import { asKeyClient, claimsOfJwt, type IssuerKit, type KitAnswer, kitApi, postForm, tokenProof } from 'testkit/issuer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

let kit: IssuerKit
const clock = fixedClock(Math.floor(Date.now() / 1000))
beforeAll(async () => {
  kit = await startCodeKit({ clock })
})
afterAll(() => kit.close())

const token = (answer: KitAnswer) => answer.json['refresh_token']
const isRefused = (answer: KitAnswer) => expect([answer.status, answer.text]).toEqual([400, '{"error":"invalid_grant"}'])
const works = async (held: HeldTokens, refreshToken: unknown) => expect((await refresh(kit, held, refreshToken)).status).toBe(200)

describe('a public client', () => {
  it('O21-4.3.1-01 O21-4.3.3-01 OIDC-12.2-01: gets a successor, the same scope, the same auth_time and no nonce', async () => {
    const held = await getTokens(kit)
    clock.advance(5)
    const answer = await refresh(kit, held, token(held.answer))
    expect(answer.json).toMatchObject({ token_type: 'DPoP', scope: held.answer.json['scope'] })
    expect(token(answer)).not.toBe(token(held.answer))
    const [before, after] = [claimsOfJwt(held.answer.json['id_token']), claimsOfJwt(answer.json['id_token'])]
    expect([after['sub'], after['aud'], after['iss'], after['auth_time'], after['sid']]).toEqual([
      before['sub'],
      before['aud'],
      before['iss'],
      before['auth_time'],
      before['sid'],
    ])
    expect(after['nonce']).toBeUndefined()
    expect(after['iat']).toBe((before['iat'] as number) + 5)
  })

  it('DPOP-5-03: another key or no proof is refused, and harms nothing', async () => {
    const held = await getTokens(kit)
    isRefused(await refresh(kit, { ...held, key: wireKey() }, token(held.answer)))
    const none = await postForm(kit, '/token', { grant_type: 'refresh_token', refresh_token: String(token(held.answer)), client_id: 'spa' })
    expect(none.json['error']).toBe('invalid_dpop_proof')
    expect(kit.audit.some((event) => event.event === 'binding_mismatch' && event.rule === 'refresh.key-is-the-bound-one')).toBe(true)
    await works(held, token(held.answer))
  })

  it('DPOP-5-03: a bound family is bound even where its client may hold bearer tokens', async () => {
    const held = await getTokens(kit, { clientId: 'old-spa' })
    const none = await postForm(kit, '/token', {
      grant_type: 'refresh_token',
      refresh_token: String(token(held.answer)),
      client_id: 'old-spa',
    })
    expect(none.json['error']).toBe('invalid_dpop_proof')
  })

  it('O21-4.3-01: another client is refused, and harms nothing, not even with a token that was rotated away', async () => {
    const held = await getTokens(kit)
    isRefused(await refresh(kit, held, token(held.answer), { client_id: 'old-spa' }))
    const next = await refresh(kit, held, token(held.answer))
    clock.advance(61)
    isRefused(await refresh(kit, held, token(held.answer), { client_id: 'old-spa' }))
    isRefused(await refresh(kit, { ...held, key: wireKey() }, token(held.answer)))
    await works(held, token(next))
  })

  it('O21-3.2.3-02 RES-2-02: less scope and fewer APIs are fine, more of either is refused without harm', async () => {
    const held = await getTokens(kit)
    const less = await refresh(kit, held, token(held.answer), { scope: 'notes:read', resource: kitApi })
    expect([less.json['scope'], claimsOfJwt(less.json['access_token'])['aud'], less.json['id_token']]).toEqual([
      'notes:read',
      kitApi,
      undefined,
    ])
    expect((await refresh(kit, held, token(less), { scope: 'notes:write' })).json['error']).toBe('invalid_scope')
    expect((await refresh(kit, held, token(less), { resource: 'https://other.example/' })).json['error']).toBe('invalid_target')
    const full = await refresh(kit, held, token(less))
    expect(full.json['scope']).toBe(held.answer.json['scope'])
  })

  it('unknown tokens are refused', async () => {
    const held = await getTokens(kit)
    for (const unknown of ['', 'x', 'A'.repeat(43), held.answer.json['access_token']]) isRefused(await refresh(kit, held, unknown))
  })
})

describe('a lost answer', () => {
  it('is asked for again: the same successor, a fresh access token, and the repeat is told apart in the audit', async () => {
    const held = await getTokens(kit)
    const lost = await refresh(kit, held, token(held.answer))
    clock.advance(60)
    const again = await refresh(kit, held, token(held.answer))
    expect(again.status).toBe(200)
    expect(token(again)).toBe(token(lost))
    expect(again.json['access_token']).not.toBe(lost.json['access_token'])
    expect(kit.audit.at(-1)?.event).toBe('refresh_repeated')
    await works(held, token(again))
  })

  it('once the successor was used, the repeat is refused without harm', async () => {
    const held = await getTokens(kit)
    const next = await refresh(kit, held, token(held.answer))
    const after = await refresh(kit, held, token(next))
    isRefused(await refresh(kit, held, token(held.answer)))
    await works(held, token(after))
  })

  it('a repeat asks for what was asked for', async () => {
    const held = await getTokens(kit)
    const lost = await refresh(kit, held, token(held.answer))
    isRefused(await refresh(kit, held, token(held.answer), { scope: 'notes:read' }))
    await works(held, token(lost))
  })

  it('the same proof twice is no repeat', async () => {
    const held = await getTokens(kit)
    const form = { grant_type: 'refresh_token', refresh_token: String(token(held.answer)), client_id: 'spa' }
    const dpop = tokenProof(kit, held.key)
    const first = await postForm(kit, '/token', form, { dpop })
    expect((await postForm(kit, '/token', form, { dpop })).json['error']).toBe('invalid_dpop_proof')
    await works(held, token(first))
  })

  it('64 at once get one successor', async () => {
    const held = await getTokens(kit)
    const answers = await Promise.all(Array.from({ length: 64 }, () => refresh(kit, held, token(held.answer))))
    expect(answers.map((answer) => answer.status)).toEqual(Array(64).fill(200))
    expect(new Set(answers.map(token)).size).toBe(1)
    expect(new Set(answers.map((answer) => answer.json['access_token'])).size).toBe(64)
    await works(held, token(answers[0]!))
  })

  it('survives a restart of the issuer', async () => {
    const storage = createMemoryStorage()
    const before = await startCodeKit({ clock, storage })
    const held = await getTokens(before)
    const lost = await refresh(before, held, token(held.answer))
    await before.close()
    // The same name and keys on another port would be another issuer: the second one takes the first one's place.
    const after = await startCodeKit({ clock, storage, port: Number(new URL(before.issuer).port) })
    const again = () => refresh(after, held, token(held.answer))
    // The first try may meet a connection that the closed issuer had kept open.
    expect(token(await again().catch(again))).toBe(token(lost))
    await after.close()
    await storage.close()
  })

  it('an unbound family has ten seconds', async () => {
    const legacy = await getTokens(kit, { clientId: 'old-spa' })
    expect(legacy.answer.status).toBe(200)
    const unbound = await getUnbound()
    const ask = (refreshToken: unknown) =>
      postForm(kit, '/token', { grant_type: 'refresh_token', refresh_token: String(refreshToken), client_id: 'old-spa' })
    const lost = await ask(unbound)
    clock.advance(10)
    expect(token(await ask(unbound))).toBe(token(lost))
    clock.advance(1)
    isRefused(await ask(unbound))
    isRefused(await ask(token(lost)))
  })
})

async function getUnbound(): Promise<unknown> {
  const open = authorizeUrl(kit, { clientId: 'old-spa' })
  const { landed } = await walkForms(kit, open.url)
  return token(await postForm(kit, '/token', redemption(kit, open, landed.searchParams.get('code') ?? '')))
}

describe('reuse', () => {
  it('O21-4.3.1-01 ASVS-10.4.5 REV-2.1-01: outside the window the grant, its refresh and access tokens go, and an event tells', async () => {
    const held = await getTokens(kit)
    const next = await refresh(kit, held, token(held.answer))
    clock.advance(61)
    isRefused(await refresh(kit, held, token(held.answer)))
    isRefused(await refresh(kit, held, token(next)))
    const event = kit.audit.findLast((one) => one.event === 'refresh_reused')
    expect(event).toMatchObject({ rule: 'refresh.is-current', clientId: 'spa', jkt: expect.any(String) })
    const jti = String(claimsOfJwt(next.json['access_token'])['jti'])
    expect((await kit.storage.records.accessToken(kit.issuer, jti))?.revokedAt).toBe(clock())
    expect(JSON.stringify(kit.audit)).not.toContain(token(next))
  })

  it('a clock that steps back makes no thief of anybody', async () => {
    const held = await getTokens(kit)
    const next = await refresh(kit, held, token(held.answer))
    clock.advance(-30)
    expect(token(await refresh(kit, held, token(held.answer)))).toBe(token(next))
    clock.advance(30)
    await works(held, token(next))
  })
})

describe('the end', () => {
  it('O21-4.3.3-01: an idle refresh token ends, a used one goes on', async () => {
    const held = await getTokens(kit, { change: { prompt: 'consent', scope: 'notes:read offline_access' } })
    clock.advance(13 * 86_400)
    const used = await refresh(kit, held, token(held.answer))
    expect(used.status).toBe(200)
    clock.advance(14 * 86_400)
    isRefused(await refresh(kit, held, token(used)))
  })

  it('ASVS-10.4.8: the family ends, however often it was used', async () => {
    const held = await getTokens(kit, { change: { prompt: 'consent', scope: 'notes:read offline_access' } })
    let last = token(held.answer)
    for (let week = 0; week < 12; week += 1) {
      clock.advance(7 * 86_400)
      last = token(await refresh(kit, held, last))
      expect(last, `week ${week}`).toBeTruthy()
    }
    clock.advance(7 * 86_400)
    isRefused(await refresh(kit, held, last))
  })

  it('OIDC-17.4-1: without offline access it ends when its person signs out, or after a day, not because a browser was left alone', async () => {
    const left = await getTokens(kit)
    clock.advance(23 * 3600)
    const still = await refresh(kit, left, token(left.answer))
    expect(still.status).toBe(200)
    clock.advance(3600)
    isRefused(await refresh(kit, left, token(still)))

    const online = await getTokens(kit)
    const offline = await getTokens(kit, { change: { prompt: 'consent', scope: 'notes:read offline_access' } }, online.browser)
    const next = await refresh(kit, online, token(online.answer))
    expect(next.status).toBe(200)
    const page = await online.browser.open(`${kit.issuer}/signed-out`)
    await online.browser.press(page, /<button[^>]*id="([^"]+)"/.exec(page.text)?.[1] ?? '')
    isRefused(await refresh(kit, online, token(next)))
    await works(offline, token(offline.answer))
  })

  it('O21-4.3-01 OIDC-16.18-4: a revoked grant refreshes nothing', async () => {
    // So that the newest grant is the one that is held.
    clock.advance(1)
    const held = await getTokens(kit)
    const [grant] = await kit.storage.records.grantsOf(kit.issuer, 'user-hanako', clock(), 'spa')
    await kit.storage.commit({
      issuer: kit.issuer,
      now: clock(),
      audit: [],
      writes: [{ write: 'revoke-grant', grantId: grant?.grantId ?? '', at: clock() }],
    })
    isRefused(await refresh(kit, held, token(held.answer)))
  })
})

describe('a confidential client', () => {
  it('DPOP-5-04 FAPI2-5.3.2.1-02: keeps its refresh token and may change its key', async () => {
    const held = await getTokens(kit, { clientId: 'web' })
    const other = wireKey()
    const answer = await refresh(kit, { ...held, key: other }, token(held.answer))
    expect(answer.status).toBe(200)
    expect(token(answer)).toBeUndefined()
    expect(claimsOfJwt(answer.json['access_token'])['cnf']).toEqual({ jkt: other.jkt })
    expect((await refresh(kit, held, token(held.answer))).status).toBe(200)
  })

  it('needs its own authentication, fresh each time', async () => {
    const held = await getTokens(kit, { clientId: 'web' })
    const auth = asKeyClient(kit, 'web')
    expect((await refresh(kit, held, token(held.answer), auth)).status).toBe(200)
    expect((await refresh(kit, held, token(held.answer), auth)).json['error']).toBe('invalid_client')
    expect((await refresh(kit, held, token(held.answer))).status).toBe(200)
  })
})
