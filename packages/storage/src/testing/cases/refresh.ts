// Refresh families: rotation has one winner, an honest duplicate gets its successor, a revoked family never comes back.
import { deepEqual, equal } from 'node:assert/strict'
import type { CommitAnswer } from '../../contract.ts'
import { type ContractCase, onFresh } from '../engine.ts'
import { committed, issuer, lost, now, otherIssuer, parallel, plan, rotation, sample, tally, withFamily } from '../sample-records.ts'

const rotate = rotation('rt-1', 'rt-2')
const repeat = (next: string): CommitAnswer => ({ done: 'repeat', sealedSuccessor: `sealed ${next}`, successorHash: next })

export const refreshCases: readonly ContractCase[] = [
  onFresh('O21-4.3-01: a family and its first token come back as they were put', async (storage) => {
    await withFamily(storage)
    deepEqual(await storage.records.refreshFamily(issuer, 'family-1'), sample.family())
    deepEqual(await storage.records.refreshToken(issuer, 'rt-1'), sample.refreshToken('rt-1'))
    equal(await storage.records.refreshFamily(otherIssuer, 'family-1'), undefined)
    equal(await storage.records.refreshToken(otherIssuer, 'rt-1'), undefined)
  }),
  onFresh('REV-2.1-01: no family is born into a grant that is revoked or unknown, and none twice', async (storage) => {
    const put = { write: 'put-refresh-family', record: sample.family(), token: sample.refreshToken('rt-1') } as const
    deepEqual(await storage.commit(plan([put])), lost('put-refresh-family'))
    await storage.commit(plan([{ write: 'put-grant', record: sample.grant() }]))
    deepEqual(await storage.commit(plan([put])), committed)
    deepEqual(await storage.commit(plan([put])), lost('put-refresh-family'))
    const sameToken = { ...put, record: sample.family({ familyId: 'family-2' }) }
    deepEqual(await storage.commit(plan([sameToken])), lost('put-refresh-family'))
    equal(await storage.records.refreshFamily(issuer, 'family-2'), undefined)
  }),
  onFresh('O21-4.3.1-01: rotation retires the presented token, links its successor and moves the idle end', async (storage) => {
    await withFamily(storage)
    deepEqual(await storage.commit(plan([rotation('rt-1', 'rt-2', now + 100)], { now: now + 100 })), committed)
    deepEqual(
      await storage.records.refreshToken(issuer, 'rt-1'),
      sample.refreshToken('rt-1', { rotatedAt: now + 100, successorHash: 'rt-2', sealedSuccessor: 'sealed rt-2', sealedUntil: now + 160 }),
    )
    deepEqual(await storage.records.refreshToken(issuer, 'rt-2'), sample.refreshToken('rt-2', { createdAt: now + 100 }))
    equal((await storage.records.refreshFamily(issuer, 'family-1'))?.idleExpiresAt, now + 3700)
  }),
  onFresh('O21-4.3.1-01, ASVS-10.4.5: of 64 rotations of one token one wins, the others get the same successor', async (storage) => {
    await withFamily(storage)
    const answers = await parallel((i) => storage.commit(plan([rotation('rt-1', `next-${i}`)])))
    deepEqual(tally(answers), { committed: 1, lost: 0, repeat: 63 })
    const winner = answers.findIndex(({ done }) => done === 'committed')
    for (const [i, answer] of answers.entries()) if (i !== winner) deepEqual(answer, repeat(`next-${winner}`))
    const born = await parallel((i) => storage.records.refreshToken(issuer, `next-${i}`))
    equal(born.filter(Boolean).length, 1)
  }),
  onFresh('DPOP-5-03: a family bound to nothing is bound once, and a bound, unknown or revoked one never', async (storage) => {
    const bind = (jkt: string) => ({ write: 'bind-refresh-family', familyId: 'family-1', confirmation: { jkt } }) as const
    deepEqual(await storage.commit(plan([bind('key-1')])), lost('bind-refresh-family'))
    await storage.commit(plan([{ write: 'put-grant', record: sample.grant() }]))
    const record = sample.family({ confirmation: null })
    await storage.commit(plan([{ write: 'put-refresh-family', record, token: sample.refreshToken('rt-1') }]))
    const answers = await parallel((i) => storage.commit(plan([bind(`key-${i}`)])))
    deepEqual(tally(answers), { committed: 1, lost: 63, repeat: 0 })
    const winner = answers.findIndex(({ done }) => done === 'committed')
    deepEqual(await storage.records.refreshFamily(issuer, 'family-1'), { ...record, confirmation: { jkt: `key-${winner}` } })
    const other = sample.family({ familyId: 'family-2', confirmation: null })
    await storage.commit(plan([{ write: 'put-refresh-family', record: other, token: sample.refreshToken('rt-2') }]))
    await storage.commit(plan([{ write: 'revoke-refresh-family', familyId: 'family-2', at: now }]))
    deepEqual(await storage.commit(plan([{ ...bind('key-1'), familyId: 'family-2' }])), lost('bind-refresh-family'))
  }),
  onFresh('O21-4.3.1-01: a duplicate writes nothing, the rest of its plan included', async (storage) => {
    await withFamily(storage)
    await storage.commit(plan([rotate]))
    const duplicate = plan(
      [
        { write: 'claim-once', space: 'proof', id: 'p', until: now + 60 },
        rotation('rt-1', 'rt-x'),
        { write: 'put-access-token', record: sample.accessToken('at-x') },
      ],
      { audit: [sample.event('duplicate')], now: now + 30 },
    )
    deepEqual(await storage.commit(duplicate), repeat('rt-2'))
    equal(await storage.records.claimed('proof', 'p', now), false)
    equal(await storage.records.accessToken(issuer, 'at-x'), undefined)
    equal(await storage.records.refreshToken(issuer, 'rt-x'), undefined)
    equal((await storage.records.refreshFamily(issuer, 'family-1'))?.idleExpiresAt, now + 3600)
    deepEqual(await storage.records.audit(issuer, { limit: 9 }), [])
  }),
  onFresh('O21-4.3.1-01: the duplicate window ends with its last second', async (storage) => {
    await withFamily(storage)
    await storage.commit(plan([rotate]))
    deepEqual(await storage.commit(plan([rotation('rt-1', 'rt-x')], { now: now + 60 })), repeat('rt-2'))
    deepEqual(await storage.commit(plan([rotation('rt-1', 'rt-x')], { now: now + 61 })), lost('rotate-refresh-token'))
  }),
  onFresh('O21-4.3.1-01: once the successor was redeemed a duplicate is lost, and the family lives on', async (storage) => {
    await withFamily(storage)
    await storage.commit(plan([rotate]))
    await storage.commit(plan([rotation('rt-2', 'rt-3', now + 5)], { now: now + 5 }))
    deepEqual(await storage.commit(plan([rotation('rt-1', 'rt-x')], { now: now + 6 })), lost('rotate-refresh-token'))
    // Its own duplicate still works: each token answers with its own successor, never with "the current one".
    deepEqual(await storage.commit(plan([rotation('rt-2', 'rt-x')], { now: now + 6 })), repeat('rt-3'))
    equal((await storage.records.refreshFamily(issuer, 'family-1'))?.revokedAt, null)
    deepEqual(await storage.commit(plan([rotation('rt-3', 'rt-4', now + 7)], { now: now + 7 })), committed)
  }),
  onFresh('O21-4.3.1-01: a clock that steps back turns no honest duplicate into an alarm', async (storage) => {
    await withFamily(storage)
    await storage.commit(plan([rotate]))
    deepEqual(await storage.commit(plan([rotation('rt-1', 'rt-x')], { now: now - 3600 })), repeat('rt-2'))
  }),
  onFresh('O21-4.3-01: a token of another family, an unknown one and an unknown family are lost', async (storage) => {
    await withFamily(storage)
    const second = sample.family({ familyId: 'family-2' })
    await storage.commit(
      plan([{ write: 'put-refresh-family', record: second, token: sample.refreshToken('rt-b', { familyId: 'family-2' }) }]),
    )
    deepEqual(await storage.commit(plan([rotation('rt-b', 'rt-x')])), lost('rotate-refresh-token'))
    deepEqual(await storage.commit(plan([rotation('unknown', 'rt-x')])), lost('rotate-refresh-token'))
    deepEqual(await storage.commit(plan([{ ...rotate, familyId: 'unknown' }])), lost('rotate-refresh-token'))
    equal((await storage.records.refreshToken(issuer, 'rt-b'))?.rotatedAt, null)
    equal((await storage.records.refreshToken(issuer, 'rt-1'))?.rotatedAt, null)
  }),
  onFresh('O21-4.3-01: a successor that exists already is lost, the presented token stays current', async (storage) => {
    await withFamily(storage)
    await storage.commit(plan([rotate]))
    deepEqual(await storage.commit(plan([rotation('rt-2', 'rt-1')])), lost('rotate-refresh-token'))
    equal((await storage.records.refreshToken(issuer, 'rt-2'))?.rotatedAt, null)
  }),
  onFresh('O21-4.3.1-01: nothing rotates or repeats in a revoked family', async (storage) => {
    await withFamily(storage)
    await storage.commit(plan([rotate]))
    await storage.commit(plan([{ write: 'revoke-refresh-family', familyId: 'family-1', at: now + 1 }]))
    deepEqual(await storage.commit(plan([rotation('rt-1', 'rt-x')])), lost('rotate-refresh-token'))
    deepEqual(await storage.commit(plan([rotation('rt-2', 'rt-x')])), lost('rotate-refresh-token'))
  }),
  onFresh('FAPI2-5.3.2.1-02: a refresh without rotation moves the idle end and loses against a revocation', async (storage) => {
    await withFamily(storage)
    const touch = { write: 'touch-refresh-family', familyId: 'family-1', idleExpiresAt: now + 5000, at: now + 10 } as const
    deepEqual(await storage.commit(plan([touch])), committed)
    equal((await storage.records.refreshFamily(issuer, 'family-1'))?.idleExpiresAt, now + 5000)
    await storage.commit(plan([{ write: 'revoke-refresh-family', familyId: 'family-1', at: now + 11 }]))
    deepEqual(await storage.commit(plan([{ ...touch, idleExpiresAt: now + 9000 }])), lost('touch-refresh-family'))
    equal((await storage.records.refreshFamily(issuer, 'family-1'))?.idleExpiresAt, now + 5000)
    deepEqual(await storage.commit(plan([{ ...touch, familyId: 'unknown' }])), lost('touch-refresh-family'))
  }),
  onFresh('O21-4.3.1-01: a sealed successor is erased at the end of its window, the link to it stays', async (storage) => {
    await withFamily(storage)
    await storage.commit(plan([rotate]))
    await storage.sweep(now + 60)
    equal((await storage.records.refreshToken(issuer, 'rt-1'))?.sealedSuccessor, 'sealed rt-2')
    await storage.sweep(now + 61)
    deepEqual(await storage.records.refreshToken(issuer, 'rt-1'), sample.refreshToken('rt-1', { rotatedAt: now, successorHash: 'rt-2' }))
    // Erased is erased, even for a clock that steps back.
    deepEqual(await storage.commit(plan([rotation('rt-1', 'rt-x')], { now: now + 1 })), lost('rotate-refresh-token'))
  }),
]
