// Revocation takes everything with it, and nothing that was decided before it comes to life after it.
import { deepEqual, equal } from 'node:assert/strict'
import { type ContractCase, onFresh } from '../engine.ts'
import { committed, issuer, lost, now, otherIssuer, parallel, plan, rotation, sample, withFamily } from '../sample-records.ts'

const revokeGrant = { write: 'revoke-grant', grantId: 'grant-1', at: now + 1 } as const

export const revocationCases: readonly ContractCase[] = [
  onFresh('REV-2.1-01, ASVS-10.4.9, OIDC-16.18-4: revoking a grant takes its codes, families and access tokens', async (storage) => {
    await withFamily(storage)
    await storage.commit(plan([{ write: 'put-code', record: sample.code() }]))
    deepEqual(await storage.commit(plan([revokeGrant])), committed)
    deepEqual(await storage.records.grant(issuer, 'grant-1'), sample.grant({ revokedAt: now + 1, version: 2 }))
    deepEqual(await storage.records.refreshFamily(issuer, 'family-1'), sample.family({ revokedAt: now + 1 }))
    deepEqual(await storage.records.accessToken(issuer, 'at-1'), sample.accessToken('at-1', { revokedAt: now + 1 }))
    deepEqual(await storage.commit(plan([{ write: 'redeem-code', codeHash: 'code-hash-1', at: now }])), lost('redeem-code'))
    deepEqual(await storage.records.grantsOf(issuer, 'subject-1', now), [])
  }),
  onFresh('O21-4.1.3-02: a redeemed code of a revoked grant is still recognized as redeemed', async (storage) => {
    await withFamily(storage)
    await storage.commit(plan([{ write: 'put-code', record: sample.code({ redeemedAt: now }) }]))
    await storage.commit(plan([revokeGrant]))
    equal((await storage.records.code(issuer, 'code-hash-1'))?.redeemedAt, now)
  }),
  onFresh('REV-2-01: revoking twice keeps the first time, revoking the unknown is no failure', async (storage) => {
    await withFamily(storage)
    await storage.commit(plan([revokeGrant]))
    deepEqual(await storage.commit(plan([{ ...revokeGrant, at: now + 50 }])), committed)
    equal((await storage.records.grant(issuer, 'grant-1'))?.revokedAt, now + 1)
    equal((await storage.records.grant(issuer, 'grant-1'))?.version, 2)
    equal((await storage.records.accessToken(issuer, 'at-1'))?.revokedAt, now + 1)
    deepEqual(await storage.commit(plan([{ ...revokeGrant, grantId: 'unknown' }])), committed)
    deepEqual(await storage.commit(plan([{ write: 'revoke-access-token', jti: 'unknown', at: now }])), committed)
    deepEqual(await storage.commit(plan([{ write: 'revoke-refresh-family', familyId: 'unknown', at: now }])), committed)
  }),
  onFresh('REV-2.1-01: revoking a family takes the access tokens of its grant, and leaves other grants alone', async (storage) => {
    await withFamily(storage)
    await storage.commit(
      plan([
        { write: 'put-grant', record: sample.grant({ grantId: 'grant-2' }) },
        { write: 'put-access-token', record: sample.accessToken('at-2', { grantId: 'grant-2' }) },
        { write: 'put-access-token', record: sample.accessToken('at-unbound', { grantId: null }) },
      ]),
    )
    await storage.commit(plan([{ write: 'revoke-refresh-family', familyId: 'family-1', at: now + 2 }]))
    equal((await storage.records.refreshFamily(issuer, 'family-1'))?.revokedAt, now + 2)
    equal((await storage.records.accessToken(issuer, 'at-1'))?.revokedAt, now + 2)
    equal((await storage.records.accessToken(issuer, 'at-2'))?.revokedAt, null)
    equal((await storage.records.accessToken(issuer, 'at-unbound'))?.revokedAt, null)
    equal((await storage.records.grant(issuer, 'grant-1'))?.revokedAt, null)
  }),
  onFresh('REV-2-01: one issuer cannot revoke what belongs to another', async (storage) => {
    await withFamily(storage)
    const writes = [
      revokeGrant,
      { write: 'revoke-refresh-family', familyId: 'family-1', at: now },
      { write: 'revoke-access-token', jti: 'at-1', at: now },
    ] as const
    deepEqual(await storage.commit(plan(writes, { issuer: otherIssuer })), committed)
    equal((await storage.records.grant(issuer, 'grant-1'))?.revokedAt, null)
    equal((await storage.records.refreshFamily(issuer, 'family-1'))?.revokedAt, null)
    equal((await storage.records.accessToken(issuer, 'at-1'))?.revokedAt, null)
  }),
  onFresh('REV-2-01: an access token revoked stays revoked, remembered again or revoked again', async (storage) => {
    await withFamily(storage)
    await storage.commit(plan([{ write: 'revoke-access-token', jti: 'at-1', at: now + 3 }]))
    deepEqual(await storage.commit(plan([{ write: 'put-access-token', record: sample.accessToken('at-1') }])), committed)
    await storage.commit(plan([{ write: 'revoke-access-token', jti: 'at-1', at: now + 9 }]))
    equal((await storage.records.accessToken(issuer, 'at-1'))?.revokedAt, now + 3)
  }),
  onFresh('REV-2-01: a token without a grant is remembered with its revocation', async ({ commit, records }) => {
    const revoked = sample.accessToken('at-cc', { grantId: null, revokedAt: now + 4 })
    deepEqual(await commit(plan([{ write: 'put-access-token', record: revoked }])), committed)
    deepEqual(await records.accessToken(issuer, 'at-cc'), revoked)
  }),
  onFresh('REV-2.1-01: no access token is born into a grant that is revoked or unknown', async (storage) => {
    const put = { write: 'put-access-token', record: sample.accessToken('at-late') } as const
    deepEqual(await storage.commit(plan([put])), lost('put-access-token'))
    await storage.commit(plan([{ write: 'put-grant', record: sample.grant() }, revokeGrant]))
    deepEqual(await storage.commit(plan([put])), lost('put-access-token'))
    equal(await storage.records.accessToken(issuer, 'at-late'), undefined)
  }),
  onFresh('REV-2.1-01: a grant changed with what was read before its revocation does not come back', async (storage) => {
    await withFamily(storage)
    await storage.commit(plan([revokeGrant]))
    deepEqual(await storage.commit(plan([{ write: 'put-grant', record: sample.grant({ version: 2 }) }])), lost('put-grant'))
    equal((await storage.records.grant(issuer, 'grant-1'))?.revokedAt, now + 1)
  }),
  onFresh('REV-2.1-01, O21-4.3.1-01: 32 rotations race with a revocation and nothing survives it', async (storage) => {
    await withFamily(storage)
    const answers = await parallel((i) =>
      i === 31
        ? storage.commit(plan([revokeGrant]))
        : storage.commit(plan([rotation('rt-1', `next-${i}`), { write: 'put-access-token', record: sample.accessToken(`racing-${i}`) }])),
    )
    deepEqual(answers[31], committed)
    for (const answer of answers.slice(32)) deepEqual(answer, lost('rotate-refresh-token'))
    equal((await storage.records.refreshFamily(issuer, 'family-1'))?.revokedAt, now + 1)
    const tokens = await parallel((i) => storage.records.accessToken(issuer, `racing-${i}`))
    for (const token of tokens) if (token) equal(token.revokedAt, now + 1)
    const current = tokens.findIndex(Boolean)
    deepEqual(await storage.commit(plan([rotation(`next-${current}`, 'after')])), lost('rotate-refresh-token'))
  }),
]
