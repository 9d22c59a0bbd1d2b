// Nonces at an API: off never sends one, required never does without, and a challenge uses nothing up.
import { makeNonce } from '@kimei/protocol'
import { linesOf } from 'testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Api, challenges, issuer, startApi } from './guarded-api.ts'

const secret = Buffer.alloc(32, 1).toString('base64url')
let api: Api
beforeAll(async () => {
  api = await startApi({ config: { nonce: { secret, rotationSeconds: 120 } } })
})
afterAll(() => api.close())

const nonceOf = (answer: Parameters<typeof linesOf>[0]): string => linesOf(answer, 'dpop-nonce')[0]!
const withNonce = (token: string, nonce: string, iat = api.clock()): string =>
  api.proof('/nonce', { accessToken: token, nonce, claims: { iat } })

describe('where a nonce is required', () => {
  it('DPOP-9-01 DPOP-11.3-01: a proof without one is 401 use_dpop_nonce with one nonce to use, and the retry passes', async () => {
    const token = api.token()
    const proof = api.proof('/nonce', { accessToken: token })
    const first = await api.call('/nonce', { token, proof })
    expect(first.status).toBe(401)
    expect(challenges(first)[0]).toMatch(/^DPoP error="use_dpop_nonce"/)
    expect(linesOf(first, 'dpop-nonce')).toHaveLength(1)
    expect(api.last()).toMatchObject({ event: 'dpop_nonce_required', rule: 'dpop.nonce-is-given' })
    expect((await api.call('/nonce', { token, proof: withNonce(token, nonceOf(first)) })).status).toBe(200)
  })

  it('DPOP-4.3-11: unknown, altered, empty and foreign nonces are refused with a fresh one', async () => {
    const token = api.token()
    const good = nonceOf(await api.call('/nonce', { token }))
    const foreign = await startApi({ config: { nonce: { secret, demand: 'required' } } })
    const theirs = nonceOf(await foreign.call('/notes'))
    await foreign.close()
    for (const nonce of ['x', '', good.slice(1), `${good}A`, good.toUpperCase(), theirs]) {
      const answer = await api.call('/nonce', { token, proof: withNonce(token, nonce) })
      expect(answer.status, nonce).toBe(401)
      expect(challenges(answer)[0]).toMatch(/^DPoP error="use_dpop_nonce"/)
      expect(nonceOf(answer)).toBe(good)
    }
    for (const nonce of [7, null, [good]]) {
      expect((await api.call('/nonce', { token, proof: api.proof('/nonce', { accessToken: token, claims: { nonce } }) })).status).toBe(401)
    }
  })

  it('DPOP-4.3-11: a nonce of the issuer is nothing here, were it made with the same key', async () => {
    const token = api.token()
    const keys = { current: Buffer.alloc(32, 1), rotationSeconds: 120 }
    const [theirs, ours] = [await makeNonce(keys, issuer, api.clock()), await makeNonce(keys, api.resource, api.clock())]
    expect((await api.call('/nonce', { token, proof: withNonce(token, theirs) })).status).toBe(401)
    expect((await api.call('/nonce', { token, proof: withNonce(token, ours) })).status).toBe(200)
  })

  it('DPOP-4.3-11: current and previous are accepted, older ones are not; success renews', async () => {
    const token = api.token({ exp: api.clock() + 3600 })
    const start = api.clock()
    const old = nonceOf(await api.call('/nonce', { token }))
    const same = await api.call('/nonce', { token, proof: withNonce(token, old) })
    expect([same.status, linesOf(same, 'dpop-nonce')]).toEqual([200, []])

    api.clock.set(start + 120)
    const renewed = await api.call('/nonce', { token, proof: withNonce(token, old) })
    expect(renewed.status).toBe(200)
    expect(linesOf(renewed, 'dpop-nonce')).toHaveLength(1)
    expect(nonceOf(renewed)).not.toBe(old)

    api.clock.set(start + 360)
    const late = await api.call('/nonce', { token, proof: withNonce(token, old) })
    expect(late.status).toBe(401)
    expect(challenges(late)[0]).toMatch(/^DPoP error="use_dpop_nonce"/)
    api.clock.set(start)
  })

  it('DPOP-4.3-12: with a current nonce the clock of the client is not asked, and a replay stays a replay', async () => {
    const token = api.token({ exp: api.clock() + 3600 })
    const nonce = nonceOf(await api.call('/nonce', { token }))
    for (const iat of [api.clock() - 86_400, api.clock() + 86_400, 1]) {
      const proof = withNonce(token, nonce, iat)
      expect((await api.call('/nonce', { token, proof })).status, String(iat)).toBe(200)
      expect((await api.call('/nonce', { token, proof })).status).toBe(401)
      api.clock.advance(100)
      expect((await api.call('/nonce', { token, proof })).status).toBe(401)
      api.clock.advance(-100)
    }
  })

  it('a challenge uses nothing up: neither the proof nor its token', async () => {
    const token = api.token()
    const proof = api.proof('/nonce', { accessToken: token })
    for (let again = 0; again < 3; again += 1) {
      await api.call('/nonce', { token, proof })
      expect(api.last().rule).toBe('dpop.nonce-is-given')
    }
  })

  it('a request without credentials already learns the nonce', async () => {
    const answer = await api.send('GET /nonce')
    expect(answer.status).toBe(401)
    expect(linesOf(answer, 'dpop-nonce')).toHaveLength(1)
    expect(challenges(answer).join()).not.toContain('error')
  })
})

describe('where it is off', () => {
  it('no answer ever carries one, and a nonce in a proof does no harm', async () => {
    const token = api.token()
    const answers = [await api.send('GET /notes'), await api.call('/notes'), await api.call('/notes', { proof: 'x' })]
    for (const answer of answers) expect(linesOf(answer, 'dpop-nonce')).toEqual([])
    expect((await api.call('/notes', { token, proof: api.proof('/notes', { accessToken: token, nonce: 'whatever' }) })).status).toBe(200)
  })
})

describe('the key of nonces', () => {
  it('may change: the nonces of the key before are accepted', async () => {
    const other = Buffer.alloc(32, 9).toString('base64url')
    const before = await startApi({ config: { nonce: { secret, demand: 'required' } } })
    const nonce = nonceOf(await before.call('/notes'))
    const nonceConfig = { secret: other, previousSecret: secret, demand: 'required' } as const
    const after = await startApi({ signing: before.signing, config: { resource: before.resource, nonce: nonceConfig } })
    const token = after.token({ aud: before.resource })
    const proof = before.proof('/notes', { accessToken: token, nonce }, after.holder)
    expect((await after.call('/notes', { token, proof })).status).toBe(200)
    await before.close()
    await after.close()
  })
})
