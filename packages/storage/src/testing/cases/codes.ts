// Authorization codes: born into a living grant, redeemed once, recognized when replayed.
import { deepEqual, equal } from 'node:assert/strict'
import { type ContractCase, onFresh } from '../engine.ts'
import { committed, issuer, lost, now, otherIssuer, parallel, plan, sample, tally, withCode } from '../sample-records.ts'

const redeem = { write: 'redeem-code', codeHash: 'code-hash-1', at: now + 1 } as const

export const codeCases: readonly ContractCase[] = [
  onFresh('O21-4.1.2-01: a code comes back as it was put', async (storage) => {
    await withCode(storage)
    deepEqual(await storage.records.code(issuer, 'code-hash-1'), sample.code())
    equal(await storage.records.code(issuer, 'another'), undefined)
  }),
  onFresh('O21-4.1.2-01, ASVS-10.4.2: a code is redeemed once and stays known as redeemed', async (storage) => {
    await withCode(storage)
    deepEqual(await storage.commit(plan([redeem])), committed)
    deepEqual(await storage.commit(plan([redeem])), lost('redeem-code'))
    deepEqual(await storage.records.code(issuer, 'code-hash-1'), sample.code({ redeemedAt: now + 1 }))
  }),
  onFresh('O21-4.1.3-02, ASVS-10.4.2: of 64 redemptions of one code exactly one wins and only its writes stay', async (storage) => {
    await withCode(storage)
    const answers = await parallel((i) =>
      storage.commit(
        plan([{ write: 'put-access-token', record: sample.accessToken(`at-${i}`) }, redeem], { audit: [sample.event(`request-${i}`)] }),
      ),
    )
    deepEqual(tally(answers), { committed: 1, lost: 63, repeat: 0 })
    const winner = answers.findIndex(({ done }) => done === 'committed')
    const kept = await parallel((i) => storage.records.accessToken(issuer, `at-${i}`))
    deepEqual(
      kept.flatMap((record) => (record ? [record.jti] : [])),
      [`at-${winner}`],
    )
    deepEqual(
      (await storage.records.audit(issuer, { limit: 100 })).map(({ requestId }) => requestId),
      [`request-${winner}`],
    )
  }),
  onFresh('O21-4.1.2-01: a code that does not exist cannot be redeemed', async ({ commit }) => {
    deepEqual(await commit(plan([redeem])), lost('redeem-code'))
  }),
  onFresh('O21-4.1.2-01: a code cannot be put twice, and the first one stays', async (storage) => {
    await withCode(storage)
    deepEqual(await storage.commit(plan([{ write: 'put-code', record: sample.code({ clientId: 'thief' }) }])), lost('put-code'))
    equal((await storage.records.code(issuer, 'code-hash-1'))?.clientId, 'client-1')
  }),
  onFresh('O21-4.1.2-01: a code of one issuer is nothing to another', async (storage) => {
    await withCode(storage)
    equal(await storage.records.code(otherIssuer, 'code-hash-1'), undefined)
    deepEqual(await storage.commit(plan([redeem], { issuer: otherIssuer })), lost('redeem-code'))
    equal((await storage.records.code(issuer, 'code-hash-1'))?.redeemedAt, null)
  }),
  onFresh('REV-2.1-01: no code is born into a grant that is revoked or unknown', async (storage) => {
    deepEqual(await storage.commit(plan([{ write: 'put-code', record: sample.code() }])), lost('put-code'))
    await storage.commit(plan([{ write: 'put-grant', record: sample.grant({ revokedAt: now }) }]))
    deepEqual(await storage.commit(plan([{ write: 'put-code', record: sample.code() }])), lost('put-code'))
    equal(await storage.records.code(issuer, 'code-hash-1'), undefined)
  }),
  onFresh('O21-4.1.3-02: a redeemed code outlives its expiry, so that a late replay is still recognized', async (storage) => {
    await withCode(storage)
    await storage.commit(plan([redeem]))
    await storage.sweep(now + 60 + 590)
    equal((await storage.records.code(issuer, 'code-hash-1'))?.redeemedAt, now + 1)
    await storage.sweep(now + 60 + 601)
    equal(await storage.records.code(issuer, 'code-hash-1'), undefined)
  }),
]
