// A proof is good once: at the edges of its window, in a race, with the memory full, and never used up by a mistake.
import { createMemoryReplay, type ReplayGuard, StorageUnavailable } from '@kimei/storage'
import { linesOf, wireKey } from 'testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Api, challenges, startApi } from './guarded-api.ts'

let api: Api
beforeAll(async () => {
  api = await startApi({ config: { dpop: { pastSeconds: 60, futureSeconds: 15 } } })
})
afterAll(() => api.close())

const once = (token: string, iat: number): string => api.proof('/notes', { accessToken: token, claims: { iat } })

describe('a used proof', () => {
  it('DPOP-11.1-01 SEED-TB-26: is refused at once, whoever brings it', async () => {
    const token = api.token()
    const proof = api.proof('/notes', { accessToken: token })
    expect((await api.call('/notes', { token, proof })).status).toBe(200)
    const again = await api.call('/notes', { token, proof })
    expect(again.status).toBe(401)
    expect(challenges(again)[0]).toMatch(/^DPoP error="invalid_dpop_proof"/)
    expect(api.last()).toMatchObject({ event: 'dpop_invalid', rule: 'dpop.jti-is-first-use', clientId: 'app-1' })
  })

  it('FAPIATT-A5-01: copied from a log, it carries no other body and no other query', async () => {
    const token = api.token()
    const proof = api.proof('/notes', { method: 'POST', accessToken: token })
    const lines = [`Authorization: DPoP ${token}`, `DPoP: ${proof}`, 'Content-Length: 5']
    expect((await api.send('POST /notes', lines, 'first')).status).toBe(200)
    expect((await api.send('POST /notes', lines, 'other')).status).toBe(401)
    expect((await api.send('POST /notes?page=2', lines, 'first')).status).toBe(401)
    expect(api.last().rule).toBe('dpop.jti-is-first-use')
  })

  it('DPOP-11.1-01: dated ahead, it is refused until the last second at which it would still be sound', async () => {
    const start = api.clock()
    const token = api.token({ exp: start + 3600 })
    const proof = once(token, start + 15)
    expect((await api.call('/notes', { token, proof })).status).toBe(200)
    for (const at of [1, 15, 59, 60, 61, 74, 75]) {
      api.clock.set(start + at)
      expect((await api.call('/notes', { token, proof })).status).toBe(401)
      expect(api.last().rule, `${at} s later`).toBe('dpop.jti-is-first-use')
    }
    api.clock.set(start + 76)
    expect((await api.call('/notes', { token, proof })).status).toBe(401)
    expect(api.last().rule).toBe('dpop.iat-is-recent')
  })

  it('DPOP-11.1-01: stays used when the clock steps back', async () => {
    const start = api.clock()
    const token = api.token({ exp: start + 3600 })
    const proof = once(token, start)
    expect((await api.call('/notes', { token, proof })).status).toBe(200)
    api.clock.set(start + 120)
    for (let other = 0; other < 5; other += 1) expect((await api.call('/notes', { token })).status).toBe(200)
    api.clock.set(start + 10)
    expect((await api.call('/notes', { token, proof })).status).toBe(401)
    expect(api.last().rule).toBe('dpop.jti-is-first-use')
  })

  it('DPOP-11.1-01: of 64 copies at once one passes', async () => {
    const token = api.token()
    const proof = api.proof('/notes', { accessToken: token })
    const answers = await Promise.all(Array.from({ length: 64 }, () => api.call('/notes', { token, proof })))
    expect(answers.filter((answer) => answer.status === 200)).toHaveLength(1)
    expect(answers.filter((answer) => answer.status === 401)).toHaveLength(63)
  })

  it('DPOP-11.1-01: nobody can use up the identifier of another key, or of another address', async () => {
    const claims = { jti: 'the-same-for-all' }
    const other = wireKey()
    const mine = api.token()
    const theirs = api.token({ cnf: { jkt: other.jkt } })
    expect((await api.call('/notes', { token: theirs, proof: api.proof('/notes', { accessToken: theirs, claims }, other) })).status).toBe(
      200,
    )
    expect((await api.call('/notes', { token: mine, proof: api.proof('/notes', { accessToken: mine, claims }) })).status).toBe(200)
    expect((await api.call('/notes/1', { token: mine, proof: api.proof('/notes/1', { accessToken: mine, claims }) })).status).toBe(200)
    expect((await api.call('/notes', { token: mine, proof: api.proof('/notes', { accessToken: mine, claims }) })).status).toBe(401)
  })
})

describe('a proof that was refused for something else', () => {
  it('is not used up: no scope, expired token, wrong audience, wrong key', async () => {
    const poor = api.token({ scope: 'other' })
    const proof = api.proof('/notes', { accessToken: poor })
    expect((await api.call('/notes', { token: poor, proof })).status).toBe(403)
    expect((await api.call('/notes', { token: poor, proof })).status).toBe(403)

    const token = api.token()
    const sound = api.proof('/notes', { accessToken: token })
    expect((await api.send('GET /notes', [`Authorization: Bearer ${token}`, `DPoP: ${sound}`])).status).toBe(401)
    expect((await api.send('GET /notes', [`Authorization: DPoP ${api.token({ exp: 1 })}`, `DPoP: ${sound}`])).status).toBe(401)
    expect((await api.call('/notes', { method: 'POST', token, proof: sound })).status).toBe(401)
    expect((await api.call('/notes', { token, proof: sound })).status).toBe(200)
  })
})

describe('the memory of used proofs', () => {
  it('DPOP-11.1-01: full means 503, never forgetting; a refused proof takes no room', async () => {
    const small = await startApi({ replay: createMemoryReplay({ maxEntries: 2 }) })
    const token = small.token()
    const first = small.proof('/notes', { accessToken: token })
    expect((await small.call('/notes', { token, proof: first })).status).toBe(200)
    for (let bad = 0; bad < 5; bad += 1)
      expect((await small.call('/notes', { token, proof: small.proof('/other', { accessToken: token }) })).status).toBe(401)
    expect((await small.call('/notes', { token })).status).toBe(200)
    const full = await small.call('/notes', { token })
    expect(full.status).toBe(503)
    expect(linesOf(full, 'retry-after')).toEqual(['2'])
    expect(challenges(full)).toEqual([])
    expect(small.last()).toMatchObject({ event: 'fault', rule: 'guard.can-decide', clientId: 'app-1' })
    expect((await small.call('/notes', { token, proof: first })).status).toBe(401)
    small.clock.advance(100)
    expect((await small.call('/notes', { token: small.token() })).status).toBe(200)
    await small.close()
  })

  it('DPOP-7.1-02: one that fails in any way lets nobody in and tells nothing', async () => {
    const failures: ReplayGuard['claim'][] = [
      () => {
        throw new StorageUnavailable('disk full')
      },
      () => Promise.reject(new Error('secret-connection-string')),
      () => {
        throw 'a thrown text'
      },
      () => undefined as unknown as 'first',
      () => 'maybe' as unknown as 'first',
    ]
    for (const claim of failures) {
      const broken = await startApi({ replay: { claim, reach: 'process' } })
      const answer = await broken.call('/notes')
      expect([401, 503]).toContain(answer.status)
      expect(answer.text).not.toMatch(/secret|disk|thrown/)
      expect(JSON.stringify(broken.events)).not.toContain('secret-connection-string')
      await broken.close()
    }
  })

  it('a shared one serves several guards: a proof used at one is used at all', async () => {
    const shared: ReplayGuard = { ...createMemoryReplay(), reach: 'shared' }
    const secret = Buffer.alloc(32, 7).toString('base64url')
    const config = { replicas: 2, nonce: { secret } }
    const one = await startApi({ replay: shared, config })
    const two = await startApi({ replay: shared, signing: one.signing, config: { ...config, resource: one.resource } })
    const token = one.token()
    const proof = one.proof('/notes', { accessToken: token })
    expect((await one.call('/notes', { token, proof })).status).toBe(200)
    expect((await two.call('/notes', { token, proof })).status).toBe(401)
    expect(two.last().rule).toBe('dpop.jti-is-first-use')
    await one.close()
    await two.close()
  })
})

describe('the audit log', () => {
  it('DPOP-7.1-02: a sink that fails lets nobody in; a refusal stays a refusal', async () => {
    const sinks = [
      () => {
        throw new Error('disk full')
      },
      () => Promise.reject(new Error('disk full')),
    ]
    for (const audit of sinks) {
      const deaf = await startApi({ deps: { audit } })
      expect((await deaf.call('/notes')).status).toBe(503)
      expect((await deaf.send('GET /notes')).status).toBe(401)
      expect((await deaf.send('GET /open')).status).toBe(503)
      await deaf.close()
    }
  })

  it('BCP-4.9-01: no event ever holds a token, a proof, a nonce or a key', async () => {
    const quiet = await startApi()
    const token = quiet.token()
    const proof = quiet.proof('/notes', { accessToken: token })
    const calls = [
      quiet.call('/notes', { token, proof }),
      quiet.call('/notes', { token, proof: 'garbage' }),
      quiet.call('/nonce', { token }),
      quiet.send('GET /notes', [`Authorization: Bearer ${token}`]),
      quiet.send('GET /mixed', [`Authorization: Bearer ${quiet.unbound()}`]),
      quiet.send(`GET /notes?access_token=${token}`),
      quiet.call('/notes', {
        token,
        proof: quiet.proof('/notes?secret=1', { accessToken: token, url: `http://elsewhere/notes?token=${token}` }),
      }),
    ]
    await Promise.all(calls)
    const log = JSON.stringify(quiet.events)
    expect(quiet.events).toHaveLength(calls.length)
    for (const secret of [token, proof, token.split('.')[2]!, proof.split('.')[2]!]) expect(log).not.toContain(secret)
    for (const event of quiet.events) expect(event.requestId).toMatch(/^[\w-]+$/)
    expect(new Set(quiet.events.map((event) => event.requestId)).size).toBe(calls.length)
    await quiet.close()
  })
})
