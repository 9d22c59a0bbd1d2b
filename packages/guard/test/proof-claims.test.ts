// What a DPoP proof says: method, target, time, token and key, each wrong in every way, and right in every spelling.
import { createHash } from 'node:crypto'
import { sha256u, type WireKey, wireKey } from 'testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Api, challenges, startApi } from './guarded-api.ts'

let api: Api
beforeAll(async () => {
  api = await startApi()
})
afterAll(() => api.close())

/** A refusal of the proof: 401, the error on the DPoP challenge alone, the rule in the audit event. */
async function refusedBy(rule: string, proof: string, token = api.token()): Promise<void> {
  const answer = await api.call('/notes', { token, proof })
  expect(answer.status, rule).toBe(401)
  expect(challenges(answer)).toHaveLength(1)
  expect(challenges(answer)[0]).toMatch(/^DPoP error="invalid_dpop_proof", .*algs="ES256 /)
  expect(api.last()).toMatchObject({ event: 'dpop_invalid', rule, route: 'GET,POST /notes' })
}

/** A sound proof for the token, with members replaced or removed. */
function changed(
  claims: Record<string, unknown>,
  header: Record<string, unknown> = {},
  token = api.token(),
): [proof: string, token: string] {
  return [api.proof('/notes', { accessToken: token, claims, header }), token]
}

describe('its claims', () => {
  it.each<[string, Record<string, unknown>, string]>([
    ['no jti', { jti: undefined }, 'dpop.jti-is-text'],
    ['an empty jti', { jti: '' }, 'dpop.jti-is-text'],
    ['a jti that is a number', { jti: 7 }, 'dpop.jti-is-text'],
    ['no htm', { htm: undefined }, 'dpop.htm-is-text'],
    ['no htu', { htu: undefined }, 'dpop.htu-is-text'],
    ['an htu that is a list', { htu: ['x'] }, 'dpop.htu-is-text'],
    ['no iat', { iat: undefined }, 'dpop.iat-is-number'],
    ['an iat that is a text', { iat: '1800000000' }, 'dpop.iat-is-number'],
  ])('DPOP-4.3-03: %s is refused', (_what, claims, rule) => refusedBy(rule, ...changed(claims)))

  it.each(['get', 'Get', 'HEAD', 'POST', ''])('DPOP-4.3-08: htm %j on a GET is refused', (htm) =>
    refusedBy('dpop.htm-is-request-method', ...changed({ htm })),
  )

  it('DPOP-4.3-08: HEAD is not GET', async () => {
    const token = api.token()
    const asGet = await api.call('/notes', { method: 'HEAD', token, proof: api.proof('/notes', { method: 'GET', accessToken: token }) })
    expect(asGet.status).toBe(401)
    expect(asGet.body).toBe('')
    expect(api.last().rule).toBe('dpop.htm-is-request-method')
    expect((await api.call('/notes', { method: 'HEAD', token })).status).toBe(200)
  })

  it('DPOP-4.3-09 DPOP-4.3-10: an htu of another place is refused', async () => {
    const at = (rest: string): string => `${api.url}${rest}`
    const wrong = [
      at('/notes/'),
      at('/Notes'),
      at('/other'),
      at('/notes/1'),
      at('//notes'),
      at('/%2Fnotes'),
      at('/notes%2F'),
      at(''),
      `https://localhost:${api.port}/notes`,
      `http://localhost:${api.port + 1}/notes`,
      'http://localhost/notes',
      `http://127.0.0.1:${api.port}/notes`,
      `http://localhost.:${api.port}/notes`,
      `http://user@localhost:${api.port}/notes`,
      `http://evil.example/notes`,
      `ftp://localhost:${api.port}/notes`,
      '/notes',
      'notes',
      '',
    ]
    for (const htu of wrong) await refusedBy('dpop.htu-is-request-target', ...changed({ htu }))
  })

  it('DPOP-4.3-09 DPOP-4.3-10: the same place in another spelling is accepted', async () => {
    const port = api.port
    const same = [
      `HTTP://LOCALHOST:${port}/notes`,
      `http://localhost:${port}/%6Eotes`,
      `http://localhost:${port}/a/../notes`,
      `http://localhost:${port}/./notes`,
      `http://localhost:${port}/notes?page=2`,
      `http://localhost:${port}/notes#top`,
    ]
    for (const htu of same) {
      const [proof, token] = changed({ htu })
      expect((await api.call('/notes?page=1', { token, proof })).status, htu).toBe(200)
    }
  })

  it('DPOP-4.3-09: an escape in the path is one resource in either case of its digits', async () => {
    const token = api.token()
    const proof = api.proof('/notes/caf%c3%a9', { accessToken: token })
    expect((await api.call('/notes/caf%C3%A9', { token, proof })).status).toBe(200)
  })

  it('DPOP-4.3-12 SEED-TB-26: iat outside the window is refused, inside it is accepted', async () => {
    const now = api.clock()
    for (const iat of [now - 3600, now - 61, 0, -1]) await refusedBy('dpop.iat-is-recent', ...changed({ iat }))
    for (const iat of [now + 16, now + 61, now + 3600, 1e300]) await refusedBy('dpop.iat-is-not-ahead', ...changed({ iat }))
    for (const iat of [now - 60, now - 10, now, now + 10, now + 0.5, now + 15]) {
      const [proof, token] = changed({ iat })
      expect((await api.call('/notes', { token, proof })).status, String(iat - now)).toBe(200)
    }
    const [late, token] = changed({ iat: now - 61 })
    await refusedBy('dpop.iat-is-recent', late, token)
    expect(api.last()).toMatchObject({ expected: { from: now - 60, to: now + 15 }, received: now - 61, serverTime: now })
  })

  it('DPOP-4.2-06: nbf and exp are honoured where a proof has them', async () => {
    await refusedBy('dpop.nbf-has-come', ...changed({ nbf: api.clock() + 600 }))
    await refusedBy('dpop.exp-has-not-passed', ...changed({ exp: api.clock() - 600 }))
  })

  it('DPOP-4.3-13: no ath, that of another token, and other hashes are refused', async () => {
    const token = api.token()
    await refusedBy('dpop.has-ath', ...changed({ ath: undefined }, {}, token))
    const other = [
      sha256u(api.token()),
      sha256u(`DPoP ${token}`),
      `${sha256u(token)}=`,
      createHash('sha256').update(token).digest('hex'),
      createHash('sha512').update(token).digest('base64url'),
      '',
    ]
    for (const ath of other) await refusedBy('dpop.ath-is-token-hash', ...changed({ ath }, {}, token))
  })
})

describe('for whom', () => {
  it('DPOP-4.3-14 SEED-DPOP-10: a sound proof by another key is a binding mismatch', async () => {
    const token = api.token()
    const thief: WireKey = wireKey()
    const answer = await api.call('/notes', { token, proof: api.proof('/notes', { accessToken: token }, thief) })
    expect(answer.status).toBe(401)
    expect(challenges(answer)).toHaveLength(1)
    expect(challenges(answer)[0]).toMatch(/^DPoP error="invalid_token", error_description="[^"]+", algs="/)
    expect(api.last()).toMatchObject({
      event: 'binding_mismatch',
      rule: 'binding.proof-key-is-named-key',
      clientId: 'app-1',
      jkt: thief.jkt,
    })
  })

  it('DPOP-4.3-13: a proof stolen with one token does not help with another', async () => {
    const mine = api.token()
    const stolen = api.proof('/notes', { accessToken: api.token({ sub: 'user-2' }) })
    await refusedBy('dpop.ath-is-token-hash', stolen, mine)
  })
})
