// Pushed authorization requests: kept as pushed, completed once and in time.
import { deepEqual, equal } from 'node:assert/strict'
import { type ContractCase, onFresh } from '../engine.ts'
import { committed, issuer, lost, now, otherIssuer, parallel, plan, sample, tally } from '../sample-records.ts'

const put = { write: 'put-pushed-request', record: sample.pushedRequest() } as const
const take = { write: 'take-pushed-request', requestHash: 'request-hash-1' } as const

export const pushedCases: readonly ContractCase[] = [
  onFresh(
    'PAR-2.2-01: a pushed request comes back as it was put, to its issuer alone, and is not put twice',
    async ({ commit, records }) => {
      deepEqual(await commit(plan([put])), committed)
      const thief = { ...put, record: sample.pushedRequest({ clientId: 'thief' }) }
      deepEqual(await commit(plan([thief])), lost('put-pushed-request'))
      deepEqual(await records.pushedRequest(issuer, 'request-hash-1'), sample.pushedRequest())
      equal(await records.pushedRequest(issuer, 'request-hash-2'), undefined)
      equal(await records.pushedRequest(otherIssuer, 'request-hash-1'), undefined)
      deepEqual(await commit(plan([take], { issuer: otherIssuer })), lost('take-pushed-request'))
      deepEqual(await records.pushedRequest(issuer, 'request-hash-1'), sample.pushedRequest())
    },
  ),
  onFresh('PAR-4-01: of 64 completions of one pushed request exactly one wins and only its writes stay', async ({ commit, records }) => {
    await commit(plan([put]))
    const answers = await parallel((i) => commit(plan([take], { audit: [sample.event(`request-${i}`)] })))
    deepEqual(tally(answers), { committed: 1, lost: 63, repeat: 0 })
    const winner = answers.findIndex(({ done }) => done === 'committed')
    const told = await records.audit(issuer, { limit: 100 })
    deepEqual(
      told.map(({ requestId }) => requestId),
      [`request-${winner}`],
    )
    equal(await records.pushedRequest(issuer, 'request-hash-1'), undefined)
    deepEqual(await commit(plan([take])), lost('take-pushed-request'))
  }),
  onFresh('PAR-4-01: a pushed request whose plan is lost is still there', async ({ commit, records }) => {
    await commit(plan([put]))
    deepEqual(await commit(plan([take, { write: 'put-code', record: sample.code() }])), lost('put-code', 1))
    deepEqual(await records.pushedRequest(issuer, 'request-hash-1'), sample.pushedRequest())
  }),
  onFresh('PAR-4-02: it is taken until its last second, never after, and is swept only then', async ({ commit, records, sweep }) => {
    await commit(plan([put]))
    await commit(plan([{ ...put, record: sample.pushedRequest({ requestHash: 'request-hash-2' }) }]))
    deepEqual(await commit(plan([take], { now: now + 961 })), lost('take-pushed-request'))
    deepEqual(await commit(plan([take], { now: now + 960 })), committed)
    equal(await sweep(now + 960 + 300), 0)
    deepEqual(await records.pushedRequest(issuer, 'request-hash-2'), sample.pushedRequest({ requestHash: 'request-hash-2' }))
    equal(await sweep(now + 960 + 301), 1)
    equal(await records.pushedRequest(issuer, 'request-hash-2'), undefined)
  }),
]
