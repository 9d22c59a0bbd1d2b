// Redeeming codes over real HTTP: whoever shows no right to a code changes nothing; a true replay ends the grant.

import { fixedClock, wireKey } from 'testkit'
import { authorizeUrl, type CodeAsk, getTokens, type OpenAsk, redemption, refresh, startCodeKit, walkForms } from 'testkit/code'
import { asKeyClient, claimsOfJwt, type IssuerKit, kitApi, kitRedirect, postForm, tokenProof } from 'testkit/issuer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

let kit: IssuerKit
beforeAll(async () => {
  kit = await startCodeKit()
})
afterAll(() => kit.close())

interface Held {
  readonly open: OpenAsk
  readonly code: string
}
const getCode = async (ask: CodeAsk = {}, at = kit): Promise<Held> => {
  const open = authorizeUrl(at, ask)
  const { landed } = await walkForms(at, open.url)
  return { open, code: landed.searchParams.get('code') ?? '' }
}
const redeem = (held: Held, key = wireKey(), change: Record<string, string> = {}, at = kit) =>
  postForm(at, '/token', { ...redemption(at, held.open, held.code), ...change }, { dpop: tokenProof(at, key) })

describe('redeeming a code', () => {
  it('OIDC-2-01 OIDC-2-02 OIDC-3.1.3.6-01: gives a named access token, a refresh token and an ID token', async () => {
    const key = wireKey()
    const { answer } = await getTokens(kit, { key })
    expect(answer.status).toBe(200)
    expect(answer.json).toMatchObject({ token_type: 'DPoP', scope: 'openid profile notes:read', expires_in: 300 })
    const access = claimsOfJwt(answer.json['access_token'])
    expect(access).toMatchObject({ aud: [kitApi, kit.issuer], sub: 'user-hanako', client_id: 'spa', cnf: { jkt: key.jkt } })
    const id = claimsOfJwt(answer.json['id_token'])
    expect(id).toMatchObject({ iss: kit.issuer, aud: 'spa', sub: 'user-hanako', nonce: 'nonce-1' })
    expect(typeof id['auth_time']).toBe('number')
    expect(String(id['at_hash'])).toHaveLength(22)
    const header = JSON.parse(Buffer.from(String(answer.json['id_token']).split('.')[0] ?? '', 'base64url').toString())
    expect(Object.keys(header).sort()).toEqual(['alg', 'kid', 'typ'])
    expect(header.alg).toBe('RS256')
  })

  it('RES-2-02: resource narrows the audience within what was granted', async () => {
    const narrowed = await redeem(await getCode(), wireKey(), { resource: kitApi })
    expect(claimsOfJwt(narrowed.json['access_token'])['aud']).toBe(kitApi)
    const wider = await redeem(await getCode(), wireKey(), { resource: 'https://other.example/' })
    expect([wider.status, wider.json['error']]).toEqual([400, 'invalid_target'])
  })

  it('O21-4.1.2-01 O21-4.1.3-01 O21-4.1.1-03: a mistake is invalid_grant and burns nothing', async () => {
    const held = await getCode()
    const wrong: Record<string, Record<string, string>> = {
      'no verifier': { code_verifier: '' },
      'another verifier': { code_verifier: 'x'.repeat(43) },
      'a short verifier': { code_verifier: 'x'.repeat(42) },
      'a long verifier': { code_verifier: 'x'.repeat(129) },
      'a verifier with =': { code_verifier: `${'x'.repeat(43)}=` },
      'another redirect URI': { redirect_uri: `${kitRedirect}/2` },
      'another client': { client_id: 'old-spa' },
      'another code': { code: 'A'.repeat(43) },
      'no code': { code: '' },
    }
    for (const [why, change] of Object.entries(wrong)) {
      const answer = await redeem(held, wireKey(), change)
      expect([answer.status, answer.text], why).toEqual([400, '{"error":"invalid_grant"}'])
    }
    expect((await redeem(held)).status).toBe(200)
  })

  it('redirect_uri need not be sent again', async () => {
    const held = await getCode()
    expect((await redeem(held, wireKey(), { redirect_uri: '' })).status).toBe(200)
  })

  it('a bad proof, a missing one and a wrong assertion burn neither code nor assertion', async () => {
    const held = await getCode({ clientId: 'web' })
    const auth = asKeyClient(kit, 'web')
    const form = { ...redemption(kit, held.open, held.code), ...auth }
    const key = wireKey()
    const stale = await postForm(kit, '/token', form, { dpop: tokenProof(kit, key, { claims: { iat: kit.now() - 3600 } }) })
    expect(stale.json['error']).toBe('invalid_dpop_proof')
    expect((await postForm(kit, '/token', form)).json['error']).toBe('invalid_dpop_proof')
    expect((await postForm(kit, '/token', form, { dpop: tokenProof(kit, key) })).status).toBe(200)
  })

  it('O21-4.1.2-01 FAPI2-5.3.2.1-03 ASVS-10.4.3: a code lives 60 seconds', async () => {
    const clock = fixedClock(Math.floor(Date.now() / 1000))
    const dated = await startCodeKit({ clock })
    const late = await getCode({}, dated)
    clock.advance(60)
    expect((await redeem(late, wireKey(), {}, dated)).json['error']).toBe('invalid_grant')
    const early = await getCode({}, dated)
    clock.advance(59)
    expect((await redeem(early, wireKey(), {}, dated)).status).toBe(200)
    await dated.close()
  })

  it('a clock that steps back revives nothing and kills nothing', async () => {
    const clock = fixedClock(Math.floor(Date.now() / 1000))
    const dated = await startCodeKit({ clock })
    const held = await getCode({}, dated)
    clock.advance(-30)
    expect((await redeem(held, wireKey(), {}, dated)).status).toBe(200)
    clock.advance(-30)
    expect((await redeem(held, wireKey(), {}, dated)).json['error']).toBe('invalid_grant')
    await dated.close()
  })
})

describe('dpop_jkt', () => {
  it('DPOP-10-01: only the announced key redeems; another one harms nothing', async () => {
    const key = wireKey()
    for (const clientId of ['spa', 'web']) {
      const held = await getCode({ key, clientId })
      const other = await redeem(held, wireKey())
      expect([other.status, other.json['error']]).toEqual([400, 'invalid_grant'])
      expect((await redeem(held, key)).status).toBe(200)
    }
  })

  it('DPOP-10-01: without a proof it is invalid_dpop_proof, even where bearer is permitted', async () => {
    const held = await getCode({ key: wireKey(), clientId: 'old-spa' })
    const answer = await postForm(kit, '/token', redemption(kit, held.open, held.code))
    expect([answer.status, answer.json['error']]).toEqual([400, 'invalid_dpop_proof'])
  })
})

describe('replay', () => {
  it('O21-4.1.3-02 ASVS-10.4.2: the right client with the right verifier ends the grant; everybody else is only refused', async () => {
    const key = wireKey()
    const held = await getCode()
    const tokens = await redeem(held, key)
    const me = { key, open: held.open }
    const strangers: readonly Record<string, string>[] = [
      { client_id: 'old-spa' },
      { code_verifier: 'x'.repeat(43) },
      { redirect_uri: `${kitRedirect}/2` },
    ]
    for (const change of strangers) {
      expect((await redeem(held, wireKey(), change)).json['error']).toBe('invalid_grant')
    }
    const alive = await refresh(kit, me, tokens.json['refresh_token'])
    expect(alive.status).toBe(200)
    const replay = await redeem(held, wireKey())
    expect([replay.status, replay.text]).toEqual([400, '{"error":"invalid_grant"}'])
    expect((await refresh(kit, me, alive.json['refresh_token'])).json['error']).toBe('invalid_grant')
    const jti = String(claimsOfJwt(alive.json['access_token'])['jti'])
    expect((await kit.storage.records.accessToken(kit.issuer, jti))?.revokedAt).not.toBeNull()
    expect(kit.audit.some((event) => event.event === 'code_reused' && event.rule === 'code.is-unredeemed')).toBe(true)
  })

  it('the very same request again is a used proof, and ends nothing', async () => {
    const key = wireKey()
    const held = await getCode()
    const form = redemption(kit, held.open, held.code)
    const dpop = tokenProof(kit, key)
    const first = await postForm(kit, '/token', form, { dpop })
    expect((await postForm(kit, '/token', form, { dpop })).json['error']).toBe('invalid_dpop_proof')
    expect((await refresh(kit, { key, open: held.open }, first.json['refresh_token'])).status).toBe(200)
  })

  it('the very same assertion again ends nothing either', async () => {
    const key = wireKey()
    const held = await getCode({ clientId: 'web' })
    const form = redemption(kit, held.open, held.code)
    const first = await postForm(kit, '/token', form, { dpop: tokenProof(kit, key) })
    expect((await postForm(kit, '/token', form, { dpop: tokenProof(kit, key) })).json['error']).toBe('invalid_client')
    expect((await refresh(kit, { key, open: held.open }, first.json['refresh_token'])).status).toBe(200)
  })

  it('of 64 redemptions at once one wins, and the grant ends', async () => {
    const held = await getCode()
    const keys = Array.from({ length: 64 }, () => wireKey())
    const answers = await Promise.all(keys.map((key) => redeem(held, key)))
    const won = answers.filter((answer) => answer.status === 200)
    expect(won).toHaveLength(1)
    expect(new Set(answers.filter((answer) => answer.status !== 200).map((answer) => `${answer.status} ${answer.text}`))).toEqual(
      new Set(['400 {"error":"invalid_grant"}']),
    )
    const winner = keys[answers.findIndex((answer) => answer.status === 200)] ?? wireKey()
    const after = await refresh(kit, { key: winner, open: held.open }, won[0]?.json['refresh_token'])
    expect(after.json['error']).toBe('invalid_grant')
  })
})

describe('clients with permission for bearer tokens', () => {
  it('get them unbound, and named ones when they make a proof', async () => {
    const held = await getCode({ clientId: 'old-spa' })
    const bearer = await postForm(kit, '/token', redemption(kit, held.open, held.code))
    expect(bearer.json['token_type']).toBe('Bearer')
    expect(claimsOfJwt(bearer.json['access_token'])['cnf']).toBeUndefined()
    expect((await redeem(await getCode({ clientId: 'old-spa' }))).json['token_type']).toBe('DPoP')
  })
})
