// Once-only things: claims alone and inside plans, their races, their last second, a clock that steps back.
import { deepEqual, equal, rejects } from 'node:assert/strict'
import { StorageUnavailable } from '../../contract.ts'
import { type ContractCase, onFresh } from '../engine.ts'
import { committed, lost, now, parallel, plan, sample, tally } from '../sample-records.ts'

const claimWrite = (id: string, until = now + 60) => ({ write: 'claim-once', space: 'proof', id, until }) as const

export const onceCases: readonly ContractCase[] = [
  onFresh('DPOP-11.1-01: the first claim of an id is first, every later one is seen', async ({ replay }) => {
    equal(await replay.claim('proof', 'p', now + 60, now), 'first')
    equal(await replay.claim('proof', 'p', now + 60, now), 'seen')
    equal(await replay.claim('proof', 'q', now + 60, now), 'first')
  }),
  onFresh('DPOP-11.1-01, ATP-DPOP-02: of 64 claims of one id at once exactly one is first', async ({ replay }) => {
    const answers = await parallel(() => replay.claim('proof', 'p', now + 60, now))
    equal(answers.filter((answer) => answer === 'first').length, 1)
  }),
  onFresh('DPOP-11.1-01: a claim is live through its last second and free in the next', async ({ replay }) => {
    await replay.claim('proof', 'p', now + 60, now)
    equal(await replay.claim('proof', 'p', now + 120, now + 60), 'seen')
    equal(await replay.claim('proof', 'p', now + 120, now + 61), 'first')
    equal(await replay.claim('proof', 'p', now + 180, now + 120), 'seen')
  }),
  onFresh('DPOP-11.1-01: a future-dated proof stays claimed until its own last second, not a window from its arrival', async (storage) => {
    const until = now + 10 + 60
    await storage.replay.claim('proof', 'future', until, now)
    await storage.sweep(now + 61)
    equal(await storage.replay.claim('proof', 'future', until, now + 61), 'seen')
    await storage.sweep(until)
    equal(await storage.replay.claim('proof', 'future', until, until), 'seen')
  }),
  onFresh('PKJWT-3-01: spaces do not share ids', async ({ replay }) => {
    equal(await replay.claim('proof', 'x', now + 60, now), 'first')
    equal(await replay.claim('assertion', 'x', now + 60, now), 'first')
    equal(await replay.claim('challenge', 'x', now + 60, now), 'first')
    equal(await replay.claim('otp', 'x', now + 60, now), 'first')
    equal(await replay.claim('assertion', 'x', now + 60, now), 'seen')
  }),
  onFresh('DPOP-11.1-01: claims of guards and claims of plans are one memory', async ({ replay, commit, records }) => {
    deepEqual(await commit(plan([claimWrite('p')])), committed)
    equal(await replay.claim('proof', 'p', now + 60, now), 'seen')
    await replay.claim('proof', 'q', now + 60, now)
    deepEqual(await commit(plan([claimWrite('q')])), lost('claim-once'))
    equal(await records.claimed('proof', 'q', now), true)
    equal(await records.claimed('proof', 'q', now + 61), false)
    equal(await records.claimed('proof', 'r', now), false)
  }),
  onFresh('PKJWT-3-01, DPOP-11.1-01: of 64 plans with one jti exactly one is committed', async ({ commit }) => {
    const write = { write: 'claim-once', space: 'assertion', id: 'a', until: now + 60 } as const
    deepEqual(tally(await parallel(() => commit(plan([write])))), { committed: 1, lost: 63, repeat: 0 })
  }),
  onFresh('DPOP-11.1-01: a claim of a lost plan was never made', async ({ commit, replay }) => {
    deepEqual(await commit(plan([claimWrite('p'), { write: 'redeem-code', codeHash: 'nothing', at: now }])), lost('redeem-code', 1))
    equal(await replay.claim('proof', 'p', now + 60, now), 'first')
  }),
  onFresh('DPOP-11.1-01: a lost plan gives an expired claim back as it was', async ({ commit, records }) => {
    await commit(plan([claimWrite('p', now + 10)]))
    const later = now + 20
    const writes = [claimWrite('p', later + 60), { write: 'redeem-code', codeHash: 'nothing', at: later }] as const
    deepEqual(await commit(plan(writes, { now: later })), lost('redeem-code', 1))
    equal(await records.claimed('proof', 'p', later), false)
    deepEqual(await commit(plan([claimWrite('p', later + 60)], { now: later })), committed)
  }),
  onFresh('DPOP-11.1-01: a clock that steps back does not free what was forgotten meanwhile', async (storage) => {
    await storage.replay.claim('proof', 'p', now + 60, now)
    equal(await storage.sweep(now + 1000), 1)
    equal(await storage.replay.claim('proof', 'p', now + 60, now + 5), 'seen')
    deepEqual(await storage.commit(plan([claimWrite('p')], { now: now + 5 })), lost('claim-once'))
    // Only what may have been forgotten is refused: an id that lives longer is new.
    equal(await storage.replay.claim('proof', 'fresh', now + 65, now + 5), 'first')
    equal(await storage.replay.claim('assertion', 'p', now + 60, now + 5), 'first')
  }),
  onFresh('DPOP-11.1-01: whether a proof is too old is not this memory’s question: one that is over is first, once', async (storage) => {
    await storage.replay.claim('proof', 'swept', now - 10, now - 20)
    equal(await storage.sweep(now), 1)
    equal(await storage.replay.claim('proof', 'old', now - 60, now), 'first')
    equal(await storage.replay.claim('proof', 'old', now - 60, now - 60), 'seen')
  }),
  onFresh('DPOP-11.1-01: a clock that steps back does not free what is still remembered', async ({ replay }) => {
    await replay.claim('proof', 'p', now + 60, now)
    equal(await replay.claim('proof', 'p', now + 60, now - 3600), 'seen')
  }),
  onFresh('DPOP-11.1-01: sweeping never takes a live claim, whatever its bound', async (storage) => {
    for (let i = 0; i < 40; i += 1) await storage.replay.claim('proof', `p${i}`, now + i, now)
    let gone = 0
    for (let i = 0; i < 40; i += 1) {
      const went = await storage.sweep(now + 20, 7)
      equal(went <= 7, true)
      gone += went
    }
    equal(gone, 20)
    for (let i = 20; i < 40; i += 1) equal(await storage.replay.claim('proof', `p${i}`, now + i, now + 20), 'seen', `p${i}`)
  }),
  {
    title: 'DPOP-11.1-01: a full replay memory throws StorageUnavailable and keeps every live entry',
    needs: 'openWithReplayRoom',
    async run(engine) {
      const storage = await engine.openWithReplayRoom!(10)
      for (let i = 0; i < 10; i += 1) equal(await storage.replay.claim('proof', `p${i}`, now + 60, now), 'first')
      await rejects(async () => storage.replay.claim('proof', 'one-more', now + 60, now), StorageUnavailable)
      const refused = plan([claimWrite('one-more'), { write: 'put-client', record: sample.client() }], { audit: [sample.event('r')] })
      await rejects(storage.commit(refused), StorageUnavailable)
      equal(await storage.records.client(sample.client().issuer, 'client-1'), undefined)
      for (let i = 0; i < 10; i += 1) equal(await storage.replay.claim('proof', `p${i}`, now + 60, now + 60), 'seen')
      equal(await storage.replay.claim('proof', 'one-more', now + 120, now + 61), 'first')
      await storage.close()
    },
  },
]
