// Opaque access tokens: what each stands for comes back by its hash, and goes when the token has ended.
import { deepEqual, equal } from 'node:assert/strict'
import { type ContractCase, onFresh } from '../engine.ts'
import { committed, issuer, lost, now, otherIssuer, parallel, plan, sample, tally } from '../sample-records.ts'

const put = { write: 'put-opaque-token', record: sample.opaqueToken('hash-1') } as const

export const opaqueCases: readonly ContractCase[] = [
  onFresh(
    'INTRO-2.2-01: what an opaque token stands for comes back as it was put, to its issuer alone, and is not put twice',
    async ({ commit, records }) => {
      deepEqual(await commit(plan([put])), committed)
      const forged = { ...put, record: sample.opaqueToken('hash-1', { claims: { sub: 'somebody else' } }) }
      deepEqual(await commit(plan([forged])), lost('put-opaque-token'))
      deepEqual(await records.opaqueToken(issuer, 'hash-1'), sample.opaqueToken('hash-1'))
      equal(await records.opaqueToken(issuer, 'hash-2'), undefined)
      equal(await records.opaqueToken(otherIssuer, 'hash-1'), undefined)
    },
  ),
  onFresh('INTRO-2.2-01: of 64 that are put under one hash exactly one stays', async ({ commit, records }) => {
    const answers = await parallel((i) => commit(plan([{ ...put, record: sample.opaqueToken('hash-1', { claims: { jti: `jti-${i}` } }) }])))
    deepEqual(tally(answers), { committed: 1, lost: 63, repeat: 0 })
    const winner = answers.findIndex(({ done }) => done === 'committed')
    deepEqual((await records.opaqueToken(issuer, 'hash-1'))?.claims, { jti: `jti-${winner}` })
  }),
  onFresh('REV-2.1-01: none is born into a grant that is revoked, because its plan is lost', async ({ commit, records }) => {
    await commit(
      plan([
        { write: 'put-grant', record: sample.grant() },
        { write: 'revoke-grant', grantId: 'grant-1', at: now },
      ]),
    )
    deepEqual(await commit(plan([{ write: 'put-access-token', record: sample.accessToken('at-1') }, put])), lost('put-access-token'))
    deepEqual(await commit(plan([put, { write: 'put-access-token', record: sample.accessToken('at-1') }])), lost('put-access-token', 1))
    equal(await records.opaqueToken(issuer, 'hash-1'), undefined)
  }),
  onFresh('INTRO-4-01: it stays as long as a guard with leeway may ask, and is swept then', async ({ commit, records, sweep }) => {
    await commit(plan([put]))
    equal(await sweep(now + 300 + 300), 0)
    deepEqual(await records.opaqueToken(issuer, 'hash-1'), sample.opaqueToken('hash-1'))
    equal(await sweep(now + 300 + 301), 1)
    equal(await records.opaqueToken(issuer, 'hash-1'), undefined)
  }),
]
