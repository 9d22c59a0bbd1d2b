// Opaque access tokens: what is handed out, what is kept of it, what the API hears, and how revocation ends it.
import { wireKey, wireProof } from 'testkit'
import { getTokens, refresh, startCodeKit } from 'testkit/code'
import {
  asKeyClient,
  askAbout,
  askOwnToken,
  basicHeader,
  claimsOfJwt,
  type IssuerKit,
  type KitAnswer,
  kitApi,
  kitOtherApi,
  kitSecret,
  postForm,
  readResponse,
  startIssuerKit,
} from 'testkit/issuer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseIssuerConfig } from '../src/index.ts'

const shape = /^kimei_at_[A-Za-z0-9_-]{43}$/
const apis = [
  { identifier: kitApi, name: 'Notes', scopes: ['notes:read', 'notes:write'], accessTokenFormat: 'opaque' as const },
  { identifier: kitOtherApi, name: 'Other', scopes: ['other:read'], accessTokenLifetimeSeconds: 120 },
]
const payment = {
  type: 'payment',
  name: 'Payment',
  schema: {
    type: 'object',
    properties: { type: { const: 'payment' }, locations: { type: 'array' } },
    required: ['type'],
    additionalProperties: false,
  },
}
const now = Math.floor(Date.now() / 1000)

let kit: IssuerKit
/** Opaque wherever nothing else is said: UserInfo, too. */
let all: IssuerKit
beforeAll(async () => {
  kit = await startCodeKit({ clock: () => now, config: { apis, authorizationDetailsTypes: [payment] } })
  all = await startCodeKit({ clock: () => now, config: { accessTokenFormat: 'opaque' } })
})
afterAll(() => Promise.all([kit.close(), all.close()]))

const own = async (form: Record<string, string> = {}, key = wireKey(), at = kit) => {
  const { json } = await askOwnToken(at, key, { resource: kitApi, ...form })
  return String(json['access_token'])
}
const told = async (token: unknown, at = kit) => (await askAbout(at, token)).json
const inactive = (answer: KitAnswer) => expect([answer.status, answer.text]).toEqual([200, '{"active":false}'])

describe('what is handed out', () => {
  it('AT-3-01: 256 random bits behind a prefix that scanners of leaked secrets recognize, never the same', async () => {
    const [one, two] = [await own(), await own()]
    expect([one, two]).toEqual([expect.stringMatching(shape), expect.stringMatching(shape)])
    expect(one).not.toBe(two)
  })

  it('AT-2.1-01: the API without a word of its own keeps its JWT; for several APIs one that wants opaque tokens decides', async () => {
    expect(claimsOfJwt(await own({ resource: kitOtherApi }))['aud']).toBe(kitOtherApi)
    const body = new URLSearchParams([
      ['grant_type', 'client_credentials'],
      ['resource', kitOtherApi],
      ['resource', kitApi],
      ...Object.entries(asKeyClient(kit)),
    ])
    const key = wireKey()
    const both = await postForm(kit, '/token', body.toString(), {
      dpop: wireProof(key, { method: 'POST', url: `${kit.issuer}/token`, now }),
    })
    if (both.status === 200) expect(both.json['access_token']).toMatch(shape)
    else expect(both.json['error']).toBe('invalid_target')
  })

  it('OIDC-3.1.3.6-01: at_hash is of the opaque token as it was sent', async () => {
    const held = await getTokens(kit)
    const { createHash } = await import('node:crypto')
    const half = createHash('sha256').update(String(held.answer.json['access_token']), 'ascii').digest().subarray(0, 16)
    expect(claimsOfJwt(held.answer.json['id_token'])['at_hash']).toBe(half.toString('base64url'))
  })

  it('ASVS-10.4.9: storage keeps its hash and what it says, the token itself is nowhere', async () => {
    const token = await own()
    const { sha256 } = await import('@kimei/protocol')
    const record = await kit.storage.records.opaqueToken(kit.issuer, await sha256(token))
    expect(record).toMatchObject({ claims: { iss: kit.issuer, sub: 'service', aud: kitApi, client_id: 'service' }, expiresAt: now + 300 })
    expect(JSON.stringify([record, kit.audit])).not.toContain(token)
  })

  it('a refresh and its honest repetition give opaque tokens of the same key', async () => {
    const held = await getTokens(kit)
    const first = await refresh(kit, held, held.answer.json['refresh_token'])
    const again = await refresh(kit, held, held.answer.json['refresh_token'])
    for (const { json } of [first, again]) {
      expect(json['access_token']).toMatch(shape)
      expect(await told(json['access_token'])).toMatchObject({ active: true, cnf: { jkt: held.key.jkt } })
    }
    expect(again.json['refresh_token']).toBe(first.json['refresh_token'])
  })
})

describe('what the API hears', () => {
  it('DPOP-6.2-01 INTRO-2.2-01: everything a JWT would say, and the key it is bound to', async () => {
    const held = await getTokens(kit)
    const answer = await told(held.answer.json['access_token'])
    expect(answer).toEqual({
      active: true,
      token_type: 'DPoP',
      cnf: { jkt: held.key.jkt },
      iss: kit.issuer,
      sub: 'user-hanako',
      aud: [kitApi, kit.issuer],
      client_id: 'spa',
      scope: 'openid profile notes:read',
      iat: now,
      exp: now + 300,
      jti: expect.any(String),
      auth_time: now,
      acr: 'urn:kimei:acr:pwd',
      amr: ['pwd'],
    })
  })

  it('INTRO-2.2-01: whatever the token says of its sign-in and its details is told, too', async () => {
    const { sha256, makeOpaqueToken } = await import('@kimei/protocol')
    const token = makeOpaqueToken(crypto.getRandomValues(new Uint8Array(32)))
    const claims = {
      iss: kit.issuer,
      sub: 'service',
      aud: kitApi,
      client_id: 'service',
      iat: now,
      exp: now + 60,
      jti: 'own',
      auth_time: now - 9,
      acr: 'urn:kimei:acr:1',
      amr: ['pwd'],
      authorization_details: [{ type: 'payment', locations: [kitApi] }],
      cnf: { 'x5t#S256': 'bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg2' },
    }
    const record = { issuer: kit.issuer, tokenHash: await sha256(token), claims, expiresAt: now + 60 }
    await kit.storage.commit({ issuer: kit.issuer, now, audit: [], writes: [{ write: 'put-opaque-token', record }] })
    expect(await told(token)).toEqual({ ...claims, active: true, token_type: 'Bearer' })
  })

  it('INTRO-2.2-01: unknown, misspelt, for another API, of another issuer: inactive and nothing else', async () => {
    const token = await own()
    inactive(await askAbout(kit, `${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`))
    inactive(await askAbout(kit, token.slice('kimei_at_'.length)))
    inactive(await askAbout(kit, `${token}A`))
    inactive(await postForm(kit, '/introspect', { token }, { authorization: basicHeader('other-server') }))
    inactive(await askAbout(all, token))
    expect((await told(token))['active']).toBe(true)
  })

  it('INTRO-2.2-01: from the second of its expiry on', async () => {
    let later = now
    const aging = await startIssuerKit({ clock: () => later, config: { apis } })
    const token = await own({}, wireKey(), aging)
    later = now + 299
    expect((await told(token, aging))['active']).toBe(true)
    later = now + 300
    inactive(await askAbout(aging, token))
    await aging.close()
  })
})

describe('revocation', () => {
  const revoke = (token: unknown, who: Record<string, string>) => postForm(kit, '/revoke', { token: String(token), ...who })

  it('REV-2-01: ends it at once, whoever holds it; another client cannot', async () => {
    const token = await own()
    const stranger = await revoke(token, { client_id: 'basic', client_secret: kitSecret })
    expect(stranger.status).toBeGreaterThanOrEqual(400)
    expect((await told(token))['active']).toBe(true)
    const foreign = await revoke(token, asKeyClient(kit, 'web'))
    expect([foreign.status, foreign.json['error']]).toEqual([400, 'unauthorized_client'])
    expect((await told(token))['active']).toBe(true)
    for (let twice = 0; twice < 2; twice += 1) {
      const mine = await revoke(token, asKeyClient(kit))
      expect([mine.status, mine.text]).toEqual([200, ''])
      inactive(await askAbout(kit, token))
    }
  })

  it('REV-2.1-01: goes with its grant', async () => {
    const held = await getTokens(kit)
    expect((await told(held.answer.json['access_token']))['active']).toBe(true)
    await revoke(held.answer.json['refresh_token'], { client_id: 'spa' })
    inactive(await askAbout(kit, held.answer.json['access_token']))
  })

  it('REV-2-01: an unknown opaque token is success', async () => {
    const gone = await revoke(`kimei_at_${'A'.repeat(43)}`, asKeyClient(kit))
    expect([gone.status, gone.text]).toEqual([200, ''])
  })

  it('REV-2.2.1-01: an issuer that cannot remember now says 503 and when to try again, and revokes nothing by half', async () => {
    const { createMemoryStorage, StorageUnavailable } = await import('@kimei/storage')
    const storage = createMemoryStorage()
    let full = false
    const commit: typeof storage.commit = async (plan) => {
      if (full) throw new StorageUnavailable('full')
      return storage.commit(plan)
    }
    const busy = await startIssuerKit({ clock: () => now, config: { apis }, storage: { ...storage, commit } })
    const token = await own({}, wireKey(), busy)
    full = true
    const answer = await postForm(busy, '/revoke', { token, ...asKeyClient(busy) })
    expect([answer.status, answer.json['error'], answer.headers.get('retry-after')]).toEqual([503, 'temporarily_unavailable', '2'])
    full = false
    expect((await told(token, busy))['active']).toBe(true)
    await busy.close()
  })
})

describe('UserInfo', () => {
  const call = (token: string, proof?: string, scheme = 'DPoP') =>
    fetch(`${all.issuer}/userinfo`, { headers: { authorization: `${scheme} ${token}`, ...(proof && { dpop: proof }) } }).then(readResponse)
  const proofOf = (key: ReturnType<typeof wireKey>, accessToken: string) =>
    wireProof(key, { url: `${all.issuer}/userinfo`, now, accessToken })

  it('OIDC-5.3-01 DPOP-7.1-01: takes an opaque token with its key, and ath over the token as it was sent', async () => {
    const held = await getTokens(all)
    const token = String(held.answer.json['access_token'])
    expect(token).toMatch(shape)
    const good = await call(token, proofOf(held.key, token))
    expect([good.status, good.json]).toEqual([200, { sub: 'user-hanako', name: '花子' }])
    expect((await call(token, proofOf(wireKey(), token))).status).toBe(401)
    expect((await call(token, proofOf(held.key, `${token}x`))).json['error']).toBe('invalid_dpop_proof')
    expect((await call(token, undefined, 'Bearer')).status).toBe(401)
    expect((await call(`kimei_at_${'A'.repeat(43)}`, proofOf(held.key, `kimei_at_${'A'.repeat(43)}`))).json['error']).toBe('invalid_token')
  })

  it('REV-2.1-01: refuses it once it is revoked', async () => {
    const held = await getTokens(all)
    const token = String(held.answer.json['access_token'])
    await postForm(all, '/revoke', { token, client_id: 'spa' })
    expect((await call(token, proofOf(held.key, token))).status).toBe(401)
  })
})

describe('front channel', () => {
  it('OIDC-17.4-3 OIDC-17.4-2: no access token ever travels through the user agent, so that none of them can be used offline', async () => {
    for (const type of ['token', 'code token', 'id_token token', 'code id_token token']) {
      const parameters = {
        response_type: type,
        client_id: 'spa',
        redirect_uri: 'https://app.example/callback',
        scope: 'openid',
        nonce: 'n',
        state: 's',
      }
      const answer = await fetch(`${kit.issuer}/authorize?${new URLSearchParams(parameters)}`, { redirect: 'manual' })
      const where = answer.headers.get('location') ?? ''
      expect(`${where}${await answer.text()}`).not.toMatch(/[?#&]access_token=/)
      // Where a front channel would have been, the error is told there.
      const { search, hash } = new URL(where)
      expect(new URLSearchParams(search || hash.slice(1)).get('error')).toBe('unsupported_response_type')
    }
  })
})

it('INTRO-2.1-01: an API with opaque tokens that nobody may ask about is a mistake', () => {
  const parse = () => parseIssuerConfig({ issuer: 'https://id.example', apis })
  expect(parse).toThrow(`API "${kitApi}" has opaque access tokens, but no client introspects it: nobody could learn what they say`)
})
