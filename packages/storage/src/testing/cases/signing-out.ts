// Signing out: tokens end and the consent stays, notices are kept until somebody dropped them, an hour of reading is one row.
import { deepEqual, equal } from 'node:assert/strict'
import type { Write } from '@kimei/protocol'
import { type ContractCase, onFresh } from '../engine.ts'
import { committed, issuer, lost, now, otherIssuer, parallel, plan, rotation, sample, tally, withFamily } from '../sample-records.ts'

const end: Write = { write: 'end-grant-tokens', grantId: 'grant-1', at: now + 9 }
const notice: Write = { write: 'put-logout-notice', record: sample.logoutNotice() }
const drop: Write = { write: 'drop-logout-notice', noticeId: 'notice-1' }
const session = (sessionHash: string, change: Parameters<typeof sample.session>[0] = {}): Write => ({
  write: 'put-session',
  record: sample.session({ sessionHash, ...change }),
})
const access = (change: Parameters<typeof sample.claimRead>[0] = {}): Write => ({
  write: 'note-claim-read',
  record: sample.claimRead(change),
})

export const signingOutCases: readonly ContractCase[] = [
  onFresh('BCLO-2.7-01: what lives by a grant ends, and the grant itself stays as the consent it was', async (storage) => {
    const { commit, records } = storage
    await withFamily(storage)
    await commit(plan([{ write: 'put-code', record: sample.code() }]))
    deepEqual(await commit(plan([end])), committed)
    deepEqual(await records.grant(issuer, 'grant-1'), sample.grant())
    equal(await records.code(issuer, 'code-hash-1'), undefined)
    equal((await records.refreshFamily(issuer, 'family-1'))?.revokedAt, now + 9)
    equal((await records.accessToken(issuer, 'at-1'))?.revokedAt, now + 9)
    deepEqual(await commit(plan([rotation('rt-1', 'rt-2')])), lost('rotate-refresh-token'))
    deepEqual(await commit(plan([{ ...end, at: now + 20 }])), committed)
    equal((await records.refreshFamily(issuer, 'family-1'))?.revokedAt, now + 9)
    deepEqual(await commit(plan([{ ...end, grantId: 'grant-9' }])), committed)
  }),
  onFresh('BCLO-2.7-01: a redeemed code stays, so that its replay is recognized', async ({ commit, records }) => {
    await commit(
      plan([
        { write: 'put-grant', record: sample.grant() },
        { write: 'put-code', record: sample.code() },
        { write: 'redeem-code', codeHash: 'code-hash-1', at: now },
      ]),
    )
    await commit(plan([end]))
    equal((await records.code(issuer, 'code-hash-1'))?.redeemedAt, now)
  }),
  onFresh('RPLO-2-02: the open sign-ins of one person, of one issuer, and no others', async ({ commit, records }) => {
    await commit(
      plan([
        session('session-hash-1'),
        session('session-hash-2', { sessionId: 'sid-2' }),
        session('session-hash-3', { subject: 'subject-2' }),
        session('session-hash-4', { expiresAt: now - 400 }),
        session('session-hash-5'),
        { write: 'end-session', sessionHash: 'session-hash-5', at: now },
      ]),
    )
    const open = await records.sessionsOf(issuer, 'subject-1', now)
    deepEqual(
      open.map(({ sessionHash }) => sessionHash),
      ['session-hash-1', 'session-hash-2'],
    )
    deepEqual(open[0], sample.session())
    deepEqual(await records.sessionsOf(otherIssuer, 'subject-1', now), [])
    deepEqual(await records.sessionsOf(issuer, 'subject-1', now + 3601), [])
  }),
  onFresh('BCLO-2.5-01: notices are found when they are due, oldest first, until they are dropped', async ({ commit, records }) => {
    deepEqual(await commit(plan([notice])), committed)
    deepEqual(await commit(plan([notice])), lost('put-logout-notice'))
    await commit(plan([{ write: 'put-logout-notice', record: sample.logoutNotice({ noticeId: 'notice-2', dueAt: now - 5 }) }]))
    deepEqual(await records.logoutNotices(issuer, now - 6, 10), [])
    const due = await records.logoutNotices(issuer, now, 10)
    deepEqual(
      due.map(({ noticeId }) => noticeId),
      ['notice-2', 'notice-1'],
    )
    deepEqual(due[1], sample.logoutNotice())
    equal((await records.logoutNotices(issuer, now, 1)).length, 1)
    deepEqual(await records.logoutNotices(otherIssuer, now, 10), [])
    deepEqual(await commit(plan([drop])), committed)
    deepEqual(await commit(plan([drop])), lost('drop-logout-notice'))
    equal((await records.logoutNotices(issuer, now, 10)).length, 1)
  }),
  onFresh('BCLO-2.5-01: of 64 processes that take up one notice exactly one may send it', async ({ commit, records }) => {
    await commit(plan([notice]))
    const answers = await parallel((i) =>
      commit(plan([{ write: 'put-logout-notice', record: sample.logoutNotice({ attempts: 1, dueAt: now + 60 + i, version: 2 }) }])),
    )
    deepEqual(tally(answers), { committed: 1, lost: 63, repeat: 0 })
    deepEqual(await records.logoutNotices(issuer, now, 10), [])
    equal((await records.logoutNotices(issuer, now + 200, 10))[0]?.attempts, 1)
  }),
  onFresh('OIDC-17.2-1: an hour of reading the same is one row, newest first, for its person alone', async ({ commit, records }) => {
    const first = [
      access(),
      access(),
      access({ claims: ['email', 'name'] }),
      access({ hour: now + 3600 }),
      access({ subject: 'subject-2' }),
    ]
    deepEqual(await commit(plan(first)), committed)
    const told = await records.claimReads(issuer, 'subject-1', now, 10)
    deepEqual(told, [sample.claimRead({ hour: now + 3600 }), sample.claimRead({ claims: ['email', 'name'] }), sample.claimRead()])
    equal((await records.claimReads(issuer, 'subject-1', now, 2)).length, 2)
    deepEqual(await records.claimReads(otherIssuer, 'subject-1', now, 10), [])
  }),
  onFresh('OIDC-17.2-1 BCLO-2.5-01: histories and notices go when their time is over, not before', async ({ commit, records, sweep }) => {
    await commit(plan([access(), notice]))
    equal(await sweep(now + 900), 0)
    equal(await sweep(now + 900 + 301), 1)
    deepEqual(await records.logoutNotices(issuer, now + 9999, 10), [])
    deepEqual(await records.claimReads(issuer, 'subject-1', now + 7201, 10), [])
    equal((await records.claimReads(issuer, 'subject-1', now + 7200, 10)).length, 1)
    equal(await sweep(now + 7200), 0)
    equal(await sweep(now + 7201), 1)
  }),
]
