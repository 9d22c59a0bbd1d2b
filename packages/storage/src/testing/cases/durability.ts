// What was acknowledged is there after a restart, and only that.
import { deepEqual, equal } from 'node:assert/strict'
import type { Storage } from '../../contract.ts'
import type { ContractCase, EngineUnderTest } from '../engine.ts'
import { committed, issuer, lost, now, plan, rotation, sample, withCode, withFamily } from '../sample-records.ts'

/** A case in two lives of one storage. */
function acrossRestart(
  title: string,
  before: (storage: Storage) => Promise<void>,
  after: (storage: Storage) => Promise<void>,
): ContractCase {
  return {
    title,
    needs: 'reopen',
    async run(engine: EngineUnderTest) {
      const first = await engine.open()
      await before(first)
      const second = await engine.reopen!(first)
      try {
        await after(second)
      } finally {
        await second.close()
      }
    },
  }
}

export const durabilityCases: readonly ContractCase[] = [
  acrossRestart(
    'DPOP-11.1-01: a claimed proof stays claimed across a restart, and so does the memory of forgotten ones',
    async (storage) => {
      await storage.replay.claim('proof', 'p', now + 60, now)
      await storage.commit(plan([{ write: 'claim-once', space: 'assertion', id: 'a', until: now + 60 }]))
      await storage.replay.claim('proof', 'swept', now + 10, now)
      await storage.sweep(now + 11)
    },
    async ({ replay }) => {
      equal(await replay.claim('proof', 'p', now + 60, now + 60), 'seen')
      equal(await replay.claim('assertion', 'a', now + 60, now + 60), 'seen')
      equal(await replay.claim('proof', 'swept', now + 10, now + 5), 'seen')
    },
  ),
  acrossRestart(
    'O21-4.1.3-02: a redeemed code stays redeemed across a restart, its audit row with it',
    async (storage) => {
      await withCode(storage)
      await storage.commit(plan([{ write: 'redeem-code', codeHash: 'code-hash-1', at: now }], { audit: [sample.event('redeemed')] }))
      await storage.appendAudit([sample.event('after')])
    },
    async ({ commit, records }) => {
      deepEqual(await commit(plan([{ write: 'redeem-code', codeHash: 'code-hash-1', at: now }])), lost('redeem-code'))
      deepEqual(
        (await records.audit(issuer, { limit: 9 })).map(({ requestId }) => requestId),
        ['after', 'redeemed'],
      )
    },
  ),
  acrossRestart(
    'O21-4.3.1-01: a rotation, its sealed successor and a revocation survive a restart',
    async (storage) => {
      await withFamily(storage)
      await storage.commit(plan([rotation('rt-1', 'rt-2')]))
    },
    async (storage) => {
      const duplicate = { done: 'repeat', sealedSuccessor: 'sealed rt-2', successorHash: 'rt-2' } as const
      deepEqual(await storage.commit(plan([rotation('rt-1', 'rt-x')])), duplicate)
      deepEqual(await storage.commit(plan([rotation('rt-2', 'rt-3')])), committed)
      deepEqual(await storage.records.grant(issuer, 'grant-1'), sample.grant())
    },
  ),
]
