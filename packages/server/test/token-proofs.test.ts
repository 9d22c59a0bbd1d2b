// DPoP at the token endpoint: every bad proof, replays that come late, nonces that cost nobody anything.

import { fixedClock, flipSignature, macJwt, type WireKey, wireJwt, wireKey } from 'testkit'
import { getTokens, refresh, startCodeKit } from 'testkit/code'
import { asKeyClient, askOwnToken, type IssuerKit, postForm, startIssuerKit, tokenProof } from 'testkit/issuer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

let kit: IssuerKit
const clock = fixedClock(1_800_000_000)
const key = wireKey()
beforeAll(async () => {
  kit = await startIssuerKit({ clock })
})
afterAll(() => kit.close())

const tryProof = async (dpop: string) => {
  const { status, json } = await askOwnToken(kit, undefined, {}, { dpop })
  return [status, json['error']]
}
const refused = [400, 'invalid_dpop_proof']
const fine = [200, undefined]

describe('a bad proof gets no token', () => {
  const now = clock()
  const rsa = wireKey('RS256')
  const proof =
    (change: { header?: Record<string, unknown>; claims?: Record<string, unknown> }, by: WireKey = key) =>
    () =>
      tokenProof(kit, by, change)
  const bad: Record<string, () => string> = {
    'DPOP-4.3-04 typ JWT': proof({ header: { typ: 'JWT' } }),
    'DPOP-4.3-04 no typ': proof({ header: { typ: undefined } }),
    'DPOP-4.3-05 none': () =>
      `${tokenProof(kit, key, { header: { alg: 'none' } })
        .split('.')
        .slice(0, 2)
        .join('.')}.`,
    'DPOP-4.2-01 HS256': () =>
      macJwt({ typ: 'dpop+jwt', alg: 'HS256', jwk: key.publicJwk }, { jti: 'x', htm: 'POST', htu: `${kit.issuer}/token`, iat: now }, 'x'),
    'DPOP-4.3-05 RS256': proof({}, rsa),
    'DPOP-4.3-06 a flipped signature': () => flipSignature(tokenProof(kit, key)),
    'DPOP-4.3-06 another key': proof({ header: { jwk: wireKey().publicJwk } }),
    'DPOP-4.3-07 a private key': proof({ header: { jwk: key.privateJwk } }),
    'no jwk': proof({ header: { jwk: undefined } }),
    'DPOP-4.3-08 htm GET': proof({ claims: { htm: 'GET' } }),
    'DPOP-4.3-08 htm post': proof({ claims: { htm: 'post' } }),
    'DPOP-4.3-09 htu of another path': () => tokenProof(kit, key, { claims: { htu: `${kit.issuer}/tokens` } }),
    'DPOP-4.3-09 htu of another host': proof({ claims: { htu: 'https://evil.example/token' } }),
    'DPOP-4.3-12 iat an hour ago': proof({ claims: { iat: now - 3600 } }),
    'DPOP-4.3-12 iat two minutes ahead': proof({ claims: { iat: now + 120 } }),
    'DPOP-4.3-03 iat as text': proof({ claims: { iat: String(now) } }),
    'DPOP-4.3-03 no jti': proof({ claims: { jti: undefined } }),
    'DPOP-4.3-03 an empty jti': proof({ claims: { jti: '' } }),
    'DPOP-11.1-02 a jti of 10 kB': proof({ claims: { jti: 'x'.repeat(10_000) } }),
    'DPOP-4.3-02 two segments': () => tokenProof(kit, key).split('.').slice(0, 2).join('.'),
    'DPOP-4.3-02 not a JWT': () => 'x',
    'deep JSON': () =>
      wireJwt({ typ: 'dpop+jwt', alg: 'ES256', jwk: key.publicJwk, deep: JSON.parse(`${'['.repeat(200)}${']'.repeat(200)}`) }, {}, key),
  }
  for (const [why, make] of Object.entries(bad)) {
    it(why, async () => expect(await tryProof(make())).toEqual(refused))
  }

  it('DPOP-4.3-12 DPOP-4.2-06: 10 s ahead, a fraction of a second and unknown claims are fine', async () => {
    for (const claims of [{ iat: clock() + 10 }, { iat: clock() - 10.5 }, { more: { x: 1 } }]) {
      expect(await tryProof(tokenProof(kit, key, { claims }))).toEqual(fine)
    }
  })

  it('DPOP-4.3-10: htu is compared after normalization, its query ignored', async () => {
    const port = new URL(kit.issuer).port
    for (const htu of [`HTTP://127.0.0.1:${port}/token`, `${kit.issuer}/token?x=1`, `${kit.issuer}/a/../token`, `${kit.issuer}/%74oken`]) {
      expect(await tryProof(tokenProof(kit, key, { claims: { htu } })), htu).toEqual(fine)
    }
  })

  it('each algorithm of the metadata works', async () => {
    for (const alg of ['ES256', 'ES384', 'ES512', 'PS256', 'EdDSA', 'Ed25519'] as const) {
      expect(await tryProof(tokenProof(kit, wireKey(alg))), alg).toEqual(fine)
    }
  })
})

describe('a used proof', () => {
  it('DPOP-11.1-01: is refused at once and until its last second, one dated ahead, too', async () => {
    const dated = await startIssuerKit({ clock })
    const once = async (dpop: string) => (await askOwnToken(dated, undefined, {}, { dpop })).json['error']
    for (const ahead of [0, 15]) {
      const dpop = tokenProof(dated, key, { claims: { iat: clock() + ahead } })
      expect(await once(dpop)).toBeUndefined()
      for (const wait of [0, 30, 29, 1 + ahead]) {
        clock.advance(wait)
        expect(await once(dpop), `+${wait}`).toBe('invalid_dpop_proof')
      }
      clock.advance(1)
      expect(await once(dpop)).toBe('invalid_dpop_proof')
    }
    await dated.close()
  })

  it('DPOP-11.1-01: of 64 at once one is taken', async () => {
    const dpop = tokenProof(kit, key)
    const answers = await Promise.all(Array.from({ length: 64 }, () => tryProof(dpop)))
    expect(answers.filter(([status]) => status === 200)).toHaveLength(1)
  })

  it('the jti of one key does not burn that of another', async () => {
    const claims = { jti: 'the-same-for-both' }
    expect(await tryProof(tokenProof(kit, wireKey(), { claims }))).toEqual(fine)
    expect(await tryProof(tokenProof(kit, wireKey(), { claims }))).toEqual(fine)
  })
})

describe('where a nonce is required', () => {
  let strict: IssuerKit
  beforeAll(async () => {
    strict = await startCodeKit({ config: { dpop: { nonce: { token: 'required' } } } })
  })
  afterAll(() => strict.close())

  it('DPOP-8-01 DPOP-4.2-05 DPOP-11.3-01: absence is use_dpop_nonce with one nonce, which then is taken', async () => {
    const first = await askOwnToken(strict, key)
    expect([first.status, first.json['error']]).toEqual([400, 'use_dpop_nonce'])
    const nonce = first.headers.get('dpop-nonce') ?? ''
    expect(nonce).toMatch(/^[\x21\x23-\x5B\x5D-\x7E]+$/)
    expect(first.headers.get('cache-control')).toBe('no-store')
    const second = await askOwnToken(strict, undefined, {}, { dpop: tokenProof(strict, key, { nonce }) })
    expect(second.status).toBe(200)
    expect((await askOwnToken(strict, key)).json['error']).toBe('use_dpop_nonce')
    expect(strict.audit.some((event) => event.event === 'dpop_nonce_required')).toBe(true)
  })

  it('DPOP-4.3-11: an invented, expired or foreign nonce is use_dpop_nonce', async () => {
    const other = await startIssuerKit({ config: { dpop: { nonce: { token: 'required' } } } })
    const foreign = (await askOwnToken(other, key)).headers.get('dpop-nonce') ?? ''
    await other.close()
    for (const nonce of ['x', foreign]) {
      const answer = await askOwnToken(strict, undefined, {}, { dpop: tokenProof(strict, key, { nonce }) })
      expect(answer.json['error']).toBe('use_dpop_nonce')
    }
  })

  it('the challenge consumes neither assertion nor refresh token', async () => {
    const auth = asKeyClient(strict)
    const first = await askOwnToken(strict, key, auth)
    const nonce = first.headers.get('dpop-nonce') ?? ''
    expect((await askOwnToken(strict, undefined, auth, { dpop: tokenProof(strict, key, { nonce }) })).status).toBe(200)
  })

  it('DPOP-8-03: the one before is still taken, and the newest rides on the answer', async () => {
    const dated = await startIssuerKit({ clock, config: { dpop: { nonce: { token: 'required' } } } })
    const nonce = (await askOwnToken(dated, key)).headers.get('dpop-nonce') ?? ''
    clock.advance(150)
    const later = await askOwnToken(dated, undefined, {}, { dpop: tokenProof(dated, key, { nonce }) })
    expect(later.status).toBe(200)
    expect(later.headers.get('dpop-nonce')).not.toBe(nonce)
    expect(later.headers.get('dpop-nonce')).toBeTruthy()
    clock.advance(300)
    expect((await askOwnToken(dated, undefined, {}, { dpop: tokenProof(dated, key, { nonce }) })).json['error']).toBe('use_dpop_nonce')
    await dated.close()
  })
})

describe('where none is', () => {
  it('no answer carries one, and a nonce in a proof changes nothing', async () => {
    const answer = await askOwnToken(kit, undefined, {}, { dpop: tokenProof(kit, key, { nonce: 'x' }) })
    expect([answer.status, answer.headers.get('dpop-nonce')]).toEqual([200, null])
    expect((await askOwnToken(kit, undefined, {}, { dpop: 'x' })).headers.get('dpop-nonce')).toBeNull()
  })

  it('the proof of one request does not serve another endpoint', async () => {
    const codes = await startCodeKit()
    const held = await getTokens(codes)
    const dpop = tokenProof(codes, held.key)
    const userinfo = await fetch(`${codes.issuer}/userinfo`, {
      headers: { authorization: `DPoP ${held.answer.json['access_token']}`, dpop },
    })
    expect(userinfo.status).toBe(401)
    expect((await refresh(codes, held, held.answer.json['refresh_token'])).status).toBe(200)
    expect((await postForm(codes, '/token', {}, { dpop })).status).toBe(400)
    await codes.close()
  })
})
