// What reads answer: the last committed state, of one issuer, in a stated order, as it was put.
import { deepEqual, equal, rejects } from 'node:assert/strict'
import { StorageUnavailable } from '../../contract.ts'
import { type ContractCase, onFresh } from '../engine.ts'
import { committed, issuer, lost, now, otherIssuer, plan, sample } from '../sample-records.ts'

export const readCases: readonly ContractCase[] = [
  onFresh('O21-4.1.2-01: every kind of record comes back as it was put, in any script', async ({ commit, records }) => {
    const resource = {
      issuer,
      resource: 'https://api.example/',
      name: { ja: 'メモ', en: 'Notes' },
      scopes: ['notes:read'],
      accessTokenLifetimeSeconds: 300,
    }
    const scope = { issuer, scope: 'notes:read', description: { ja: 'メモを読む', en: 'Read notes' }, claims: [] }
    const answer = await commit(
      plan([
        { write: 'put-client', record: sample.client() },
        { write: 'put-user', record: sample.user() },
        { write: 'put-key', record: sample.key() },
        { write: 'put-resource', record: resource },
        { write: 'put-scope', record: scope },
        { write: 'put-session', record: sample.session() },
        { write: 'put-interaction', record: sample.interaction() },
      ]),
    )
    deepEqual(answer, committed)
    deepEqual(await records.client(issuer, 'client-1'), sample.client())
    deepEqual(await records.clients(issuer), [sample.client()])
    deepEqual(await records.user(issuer, 'subject-1'), sample.user())
    deepEqual(await records.keys(issuer), [sample.key()])
    deepEqual(await records.resources(issuer), [resource])
    deepEqual(await records.scopes(issuer), [scope])
    deepEqual(await records.session(issuer, 'session-hash-1'), sample.session())
    deepEqual(await records.interaction(issuer, 'interaction-hash-1'), sample.interaction())
    const changed = { ...resource, accessTokenLifetimeSeconds: 60 }
    await commit(plan([{ write: 'put-resource', record: changed }]))
    await commit(plan([{ write: 'put-scope', record: { ...scope, claims: ['name'] } }]))
    deepEqual(await records.resources(issuer), [changed])
    deepEqual((await records.scopes(issuer))[0]?.claims, ['name'])
  }),
  onFresh('O21-4.1.2-01: one issuer reads nothing of another', async ({ commit, records }) => {
    const writes = [
      { write: 'put-client', record: sample.client() },
      { write: 'put-user', record: sample.user() },
      { write: 'put-key', record: sample.key() },
      { write: 'put-session', record: sample.session() },
      { write: 'put-interaction', record: sample.interaction() },
      { write: 'put-grant', record: sample.grant() },
    ] as const
    await commit(plan(writes, { audit: [sample.event('r')] }))
    equal(await records.client(otherIssuer, 'client-1'), undefined)
    deepEqual(await records.clients(otherIssuer), [])
    equal(await records.user(otherIssuer, 'subject-1'), undefined)
    equal(await records.userByName(otherIssuer, 'hanako'), undefined)
    deepEqual(await records.keys(otherIssuer), [])
    equal(await records.session(otherIssuer, 'session-hash-1'), undefined)
    equal(await records.interaction(otherIssuer, 'interaction-hash-1'), undefined)
    equal(await records.grant(otherIssuer, 'grant-1'), undefined)
    deepEqual(await records.grantsOf(otherIssuer, 'subject-1', now), [])
    deepEqual(await records.audit(otherIssuer, { limit: 9 }), [])
  }),
  onFresh('O21-4.1.2-01: a record of another issuer in a plan is our own mistake, and nothing is written', async ({ commit, records }) => {
    const mixed = plan([
      { write: 'put-user', record: sample.user() },
      { write: 'put-client', record: sample.client({ issuer: otherIssuer }) },
    ])
    await rejects(commit(mixed), TypeError)
    equal(await records.user(issuer, 'subject-1'), undefined)
  }),
  onFresh('ASVS-10.4.9: the grants of a user: alive ones, newest first, of one client where asked', async ({ commit, records }) => {
    const put = (grantId: string, change: Parameters<typeof sample.grant>[0]) =>
      commit(plan([{ write: 'put-grant', record: sample.grant({ grantId, ...change }) }]))
    await put('old', { createdAt: now - 10 })
    await put('new', { createdAt: now, clientId: 'client-2' })
    await put('last-second', { createdAt: now - 20, expiresAt: now })
    await put('expired', { expiresAt: now - 1 })
    await put('revoked', { revokedAt: now })
    await put('foreign', { subject: 'subject-2' })
    const ids = async (clientId?: string) => (await records.grantsOf(issuer, 'subject-1', now, clientId)).map(({ grantId }) => grantId)
    deepEqual(await ids(), ['new', 'old', 'last-second'])
    deepEqual(await ids('client-1'), ['old', 'last-second'])
    deepEqual(await ids('client-3'), [])
  }),
  onFresh('SEED-TB-54: audit rows come newest first, by event and subject, with the plan or without one', async (storage) => {
    const { commit, appendAudit, records } = storage
    await commit(plan([], { audit: [sample.event('1', { subject: 'a' }), sample.event('2', { event: 'login', subject: 'b' })] }))
    await appendAudit([sample.event('3', { event: 'login', subject: 'a', expected: { htu: 'https://api.example/' } })])
    await appendAudit([])
    await commit(plan([{ write: 'redeem-code', codeHash: 'none', at: now }], { audit: [sample.event('lost')] }))
    const ids = async (options: { limit: number; event?: string; subject?: string }) =>
      (await records.audit(issuer, options)).map(({ requestId }) => requestId)
    deepEqual(await ids({ limit: 9 }), ['3', '2', '1'])
    deepEqual(await ids({ limit: 2 }), ['3', '2'])
    deepEqual(await ids({ limit: 9, event: 'login' }), ['3', '2'])
    deepEqual(await ids({ limit: 9, subject: 'a' }), ['3', '1'])
    deepEqual(await ids({ limit: 9, subject: 'a', event: 'login' }), ['3'])
    deepEqual((await records.audit(issuer, { limit: 1 }))[0]?.expected, { htu: 'https://api.example/' })
  }),
  onFresh('SEED-TB-54: a plan is all or nothing, whatever it wrote before the write that was lost', async ({ commit, records }) => {
    await commit(plan([{ write: 'put-grant', record: sample.grant() }]))
    const writes = [
      { write: 'put-client', record: sample.client() },
      { write: 'put-code', record: sample.code() },
      { write: 'revoke-grant', grantId: 'grant-1', at: now },
      { write: 'put-user', record: sample.user({ version: 7 }) },
      { write: 'put-key', record: sample.key() },
    ] as const
    deepEqual(await commit(plan(writes, { audit: [sample.event('never')] })), lost('put-user', 3))
    equal(await records.client(issuer, 'client-1'), undefined)
    equal(await records.code(issuer, 'code-hash-1'), undefined)
    deepEqual(await records.grant(issuer, 'grant-1'), sample.grant())
    deepEqual(await records.keys(issuer), [])
    deepEqual(await records.audit(issuer, { limit: 9 }), [])
  }),
  onFresh('O21-4.1.2-01: later writes of a plan see the earlier ones', async ({ commit }) => {
    const writes = [
      { write: 'put-grant', record: sample.grant() },
      { write: 'put-code', record: sample.code() },
      { write: 'redeem-code', codeHash: 'code-hash-1', at: now },
    ] as const
    deepEqual(await commit(plan(writes)), committed)
    deepEqual(await commit(plan([writes[2]])), lost('redeem-code'))
  }),
  {
    title: 'SEED-TB-54: a closed storage answers StorageUnavailable and may be closed again',
    async run(engine) {
      const storage = await engine.open()
      await storage.close()
      await storage.close()
      await rejects(storage.commit(plan([{ write: 'put-client', record: sample.client() }])), StorageUnavailable)
      await rejects(async () => storage.replay.claim('proof', 'p', now + 60, now), StorageUnavailable)
      await rejects(storage.sweep(now), StorageUnavailable)
      await rejects(storage.appendAudit([sample.event('r')]), StorageUnavailable)
    },
  },
]
