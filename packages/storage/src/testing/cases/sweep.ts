// Sweeping: everything that is over goes, in bounded batches, nothing that may still be asked for.
import { deepEqual, equal } from 'node:assert/strict'
import type { Storage } from '../../contract.ts'
import { type ContractCase, onFresh } from '../engine.ts'
import { issuer, now, plan, rotation, sample, withFamily } from '../sample-records.ts'

const muchLater = now + 10 * 86_400

async function sweepAll(storage: Storage, at: number, limit: number): Promise<number> {
  let gone = 0
  for (let round = 0; round < 500; round += 1) {
    const went = await storage.sweep(at, limit)
    equal(went <= limit, true, `${went} rows in a batch of ${limit}`)
    if (went === 0) return gone
    gone += went
  }
  throw new Error('sweeping never ends')
}

export const sweepCases: readonly ContractCase[] = [
  onFresh('DPOP-11.1-01: a batch is never larger than asked, and all batches together take everything that is over', async (storage) => {
    await withFamily(storage)
    await storage.commit(
      plan([
        { write: 'put-code', record: sample.code() },
        { write: 'put-session', record: sample.session() },
        { write: 'put-interaction', record: sample.interaction() },
        { write: 'put-key', record: sample.key({ state: 'retired', retiredAt: now, removeAt: now + 300 }) },
        { write: 'put-key', record: sample.key({ kid: 'key-2' }) },
        { write: 'put-client', record: sample.client() },
        { write: 'put-user', record: sample.user() },
      ]),
    )
    for (let i = 0; i < 9; i += 1) await storage.replay.claim('proof', `p${i}`, now + 60, now)
    for (let i = 1; i < 9; i += 1) await storage.commit(plan([rotation(`rt-${i}`, `rt-${i + 1}`)]))
    // Claims 9, code, 9 refresh tokens, family, access token, grant, session, interaction, retired key.
    equal(await sweepAll(storage, muchLater, 4), 25)
    equal(await storage.records.refreshToken(issuer, 'rt-1'), undefined)
    equal(await storage.records.refreshFamily(issuer, 'family-1'), undefined)
    equal(await storage.records.grant(issuer, 'grant-1'), undefined)
    equal(await storage.records.session(issuer, 'session-hash-1'), undefined)
    equal(await storage.records.interaction(issuer, 'interaction-hash-1'), undefined)
    equal(await storage.records.accessToken(issuer, 'at-1'), undefined)
    deepEqual(
      (await storage.records.keys(issuer)).map(({ kid }) => kid),
      ['key-2'],
    )
    deepEqual(await storage.records.client(issuer, 'client-1'), sample.client())
    deepEqual(await storage.records.user(issuer, 'subject-1'), sample.user())
  }),
  onFresh('DPOP-11.1-01: nothing that is alive goes', async (storage) => {
    await withFamily(storage)
    await storage.commit(
      plan([
        { write: 'put-code', record: sample.code() },
        { write: 'put-session', record: sample.session() },
        { write: 'put-interaction', record: sample.interaction() },
        { write: 'put-key', record: sample.key() },
      ]),
    )
    equal(await storage.sweep(now + 60), 0)
    deepEqual(await storage.records.code(issuer, 'code-hash-1'), sample.code())
    deepEqual(await storage.records.refreshToken(issuer, 'rt-1'), sample.refreshToken('rt-1'))
    deepEqual(await storage.records.session(issuer, 'session-hash-1'), sample.session())
    deepEqual(await storage.records.interaction(issuer, 'interaction-hash-1'), sample.interaction())
    equal((await storage.records.keys(issuer)).length, 1)
  }),
  onFresh('O21-4.3.1-01: rotated tokens stay as long as their family, so that reuse is recognized', async (storage) => {
    await withFamily(storage)
    await storage.commit(plan([rotation('rt-1', 'rt-2')]))
    await sweepAll(storage, now + 3600, 100)
    equal((await storage.records.refreshToken(issuer, 'rt-1'))?.rotatedAt, now)
    equal((await storage.records.refreshFamily(issuer, 'family-1'))?.familyId, 'family-1')
  }),
  onFresh('O21-4.3.3-01: a refresh keeps its family from being swept, never beyond its absolute end', async (storage) => {
    await withFamily(storage)
    const touch = { write: 'touch-refresh-family', familyId: 'family-1', at: now } as const
    await storage.commit(plan([{ ...touch, idleExpiresAt: now + 7200 }]))
    await storage.sweep(now + 7000)
    equal((await storage.records.refreshFamily(issuer, 'family-1'))?.idleExpiresAt, now + 7200)
    await storage.commit(plan([{ ...touch, idleExpiresAt: muchLater + 7200 }]))
    await sweepAll(storage, muchLater, 100)
    equal(await storage.records.refreshFamily(issuer, 'family-1'), undefined)
  }),
  onFresh('FAPI2-5.3.4-01: a revocation outlives the leeway of every guard', async (storage) => {
    await storage.commit(plan([{ write: 'put-access-token', record: sample.accessToken('at', { grantId: null, revokedAt: now }) }]))
    await storage.sweep(now + 300 + 300)
    equal((await storage.records.accessToken(issuer, 'at'))?.revokedAt, now)
    equal(await storage.sweep(now + 300 + 301), 1)
  }),
]
