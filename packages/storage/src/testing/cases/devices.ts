// Device codes: two names for one request, decided once, collected once, and the bookkeeping of polls.
import { deepEqual, equal } from 'node:assert/strict'
import type { Write } from '@kimei/protocol'
import { type ContractCase, onFresh } from '../engine.ts'
import { committed, issuer, lost, now, otherIssuer, parallel, plan, sample, tally } from '../sample-records.ts'

const deviceHash = 'device-hash-1'
const put: Write = { write: 'put-device-code', record: sample.deviceCode() }
const approve: Write = { write: 'approve-device-code', deviceHash, grantId: 'grant-1' }
const deny: Write = { write: 'deny-device-code', deviceHash }
const collect: Write = { write: 'collect-device-code', deviceHash, at: now + 9 }
const slow: Write = { write: 'slow-device-code', deviceHash, bySeconds: 5, at: now + 2 }
const poll = (seenPolledAt: number | null, at: number): Write => ({ write: 'poll-device-code', deviceHash, seenPolledAt, at })

export const deviceCases: readonly ContractCase[] = [
  onFresh('DEV-3.2-01: a device code is found by either of its codes, by its issuer alone', async ({ commit, records }) => {
    deepEqual(await commit(plan([put])), committed)
    deepEqual(await records.deviceCode(issuer, deviceHash), sample.deviceCode())
    deepEqual(await records.deviceCodeByUser(issuer, 'user-hash-1'), sample.deviceCode())
    equal(await records.deviceCode(otherIssuer, deviceHash), undefined)
    equal(await records.deviceCodeByUser(otherIssuer, 'user-hash-1'), undefined)
    deepEqual(await commit(plan([deny], { issuer: otherIssuer })), lost('deny-device-code'))
  }),
  onFresh('DEV-5.1-01: no two devices share a user code, and 64 at once leave one', async ({ commit, records }) => {
    const answers = await parallel((i) =>
      commit(plan([{ write: 'put-device-code', record: sample.deviceCode({ deviceHash: `device-hash-${i}` }) }])),
    )
    deepEqual(tally(answers), { committed: 1, lost: 63, repeat: 0 })
    const winner = answers.findIndex(({ done }) => done === 'committed')
    equal((await records.deviceCodeByUser(issuer, 'user-hash-1'))?.deviceHash, `device-hash-${winner}`)
    const same = sample.deviceCode({ deviceHash: `device-hash-${winner}`, userHash: 'user-hash-2' })
    deepEqual(await commit(plan([{ write: 'put-device-code', record: same }])), lost('put-device-code'))
    equal(await records.deviceCodeByUser(issuer, 'user-hash-2'), undefined)
  }),
  onFresh('SEED-O21-24: of 64 decisions about one device exactly one counts', async ({ commit, records }) => {
    await commit(plan([put]))
    const answers = await parallel((i) =>
      commit(plan([i % 2 === 0 ? { write: 'approve-device-code', deviceHash, grantId: `grant-${i}` } : deny])),
    )
    deepEqual(tally(answers), { committed: 1, lost: 63, repeat: 0 })
    const winner = answers.findIndex(({ done }) => done === 'committed')
    const code = await records.deviceCode(issuer, deviceHash)
    equal(code?.decision, winner % 2 === 0 ? 'allowed' : 'denied')
    equal(code?.grantId, winner % 2 === 0 ? `grant-${winner}` : null)
  }),
  onFresh('DEV-3.5-01: nobody decides about an expired or unknown device', async ({ commit, records }) => {
    deepEqual(await commit(plan([approve])), lost('approve-device-code'))
    await commit(plan([put]))
    deepEqual(await commit(plan([approve], { now: now + 600 })), lost('approve-device-code'))
    deepEqual(await commit(plan([deny], { now: now + 600 })), lost('deny-device-code'))
    deepEqual(await commit(plan([approve], { now: now + 599 })), committed)
    equal((await records.deviceCodeByUser(issuer, 'user-hash-1'))?.decision, 'allowed')
  }),
  onFresh('SEED-O21-25: of 64 collections exactly one wins, only after the person allowed it', async ({ commit, records }) => {
    await commit(plan([put]))
    deepEqual(await commit(plan([collect])), lost('collect-device-code'))
    await commit(plan([approve]))
    deepEqual(await commit(plan([collect], { now: now + 600 })), lost('collect-device-code'))
    const answers = await parallel((i) => commit(plan([collect], { audit: [sample.event(`request-${i}`)] })))
    deepEqual(tally(answers), { committed: 1, lost: 63, repeat: 0 })
    equal((await records.audit(issuer, { limit: 100 })).length, 1)
    equal((await records.deviceCode(issuer, deviceHash))?.collectedAt, now + 9)
  }),
  onFresh('SEED-O21-25: what was denied is never collected', async ({ commit }) => {
    await commit(plan([put]))
    await commit(plan([deny]))
    deepEqual(await commit(plan([collect])), lost('collect-device-code'))
  }),
  onFresh('DEV-3.5-01: of 64 polls at once one is in time; each too early one adds 5 s for good', async ({ commit, records }) => {
    await commit(plan([put]))
    deepEqual(tally(await parallel(() => commit(plan([poll(null, now + 1)])))), { committed: 1, lost: 63, repeat: 0 })
    deepEqual(await commit(plan([poll(null, now + 8)])), lost('poll-device-code'))
    deepEqual(await commit(plan([poll(now + 1, now + 8)])), committed)
    deepEqual(tally(await parallel(() => commit(plan([slow])))), { committed: 64, lost: 0, repeat: 0 })
    const code = await records.deviceCode(issuer, deviceHash)
    deepEqual([code?.intervalSeconds, code?.lastPolledAt], [5 + 64 * 5, now + 2])
    deepEqual(await commit(plan([{ ...slow, deviceHash: 'unknown' } as Write])), committed)
  }),
  onFresh('DEV-3.5-01: a lost plan leaves a device as it was', async ({ commit, records }) => {
    await commit(plan([put]))
    const nobody: Write = { write: 'take-interaction', interactionHash: 'nobody' }
    for (const write of [approve, deny, poll(null, now), slow]) {
      deepEqual(await commit(plan([write, nobody])), lost('take-interaction', 1))
      deepEqual(await records.deviceCode(issuer, deviceHash), sample.deviceCode())
    }
  }),
  onFresh('DEV-3.5-01: an expired code is remembered for ten minutes, then both its names are free', async ({ commit, records, sweep }) => {
    await commit(plan([put]))
    equal(await sweep(now + 1200), 0)
    deepEqual(await records.deviceCode(issuer, deviceHash), sample.deviceCode())
    equal(await sweep(now + 1201), 1)
    equal(await records.deviceCode(issuer, deviceHash), undefined)
    equal(await records.deviceCodeByUser(issuer, 'user-hash-1'), undefined)
    deepEqual(await commit(plan([put])), committed)
  }),
]
