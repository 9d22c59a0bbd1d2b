// Records that are replaced: a change decided on an old version is lost. Interactions answer once.
import { deepEqual, equal } from 'node:assert/strict'
import type { Write } from '@kimei/protocol'
import type { RecordReader } from '../../contract.ts'
import { type ContractCase, onFresh } from '../engine.ts'
import { committed, issuer, lost, now, otherIssuer, parallel, plan, sample, tally } from '../sample-records.ts'
import { sampleRegistration } from '../sample-registration.ts'

interface Versioned {
  readonly name: Write['write']
  readonly put: (version: number) => Write
  readonly version: (records: RecordReader) => Promise<number | undefined>
}

const versioned: readonly Versioned[] = [
  {
    name: 'put-grant',
    put: (version) => ({ write: 'put-grant', record: sample.grant({ version }) }),
    version: async (records) => (await records.grant(issuer, 'grant-1'))?.version,
  },
  {
    name: 'put-session',
    put: (version) => ({ write: 'put-session', record: sample.session({ version }) }),
    version: async (records) => (await records.session(issuer, 'session-hash-1'))?.version,
  },
  {
    name: 'put-interaction',
    put: (version) => ({ write: 'put-interaction', record: sample.interaction({ version }) }),
    version: async (records) => (await records.interaction(issuer, 'interaction-hash-1'))?.version,
  },
  {
    name: 'put-client',
    put: (version) => ({ write: 'put-client', record: sample.client({ version }) }),
    version: async (records) => (await records.client(issuer, 'client-1'))?.version,
  },
  {
    name: 'put-registration',
    put: (version) => ({ write: 'put-registration', record: sampleRegistration({ version }) }),
    version: async (records) => (await records.registration(issuer, 'client-1'))?.version,
  },
  {
    name: 'put-user',
    put: (version) => ({ write: 'put-user', record: sample.user({ version }) }),
    version: async (records) => (await records.user(issuer, 'subject-1'))?.version,
  },
  {
    name: 'put-key',
    put: (version) => ({ write: 'put-key', record: sample.key({ version }) }),
    version: async (records) => (await records.keys(issuer))[0]?.version,
  },
]

const eachVersioned = versioned.flatMap(({ name, put, version }) => [
  onFresh(`ASVS-10.4.9: ${name} is lost unless it follows the stored version`, async ({ commit, records }) => {
    deepEqual(await commit(plan([put(2)])), lost(name))
    deepEqual(await commit(plan([put(0)])), lost(name))
    deepEqual(await commit(plan([put(1)])), committed)
    deepEqual(await commit(plan([put(1)])), lost(name))
    deepEqual(await commit(plan([put(3)])), lost(name))
    deepEqual(await commit(plan([put(2)])), committed)
    equal(await version(records), 2)
  }),
  onFresh(`ASVS-10.4.9: of 64 ${name} on one version exactly one wins`, async ({ commit, records }) => {
    await commit(plan([put(1)]))
    deepEqual(tally(await parallel(() => commit(plan([put(2)])))), { committed: 1, lost: 63, repeat: 0 })
    equal(await version(records), 2)
  }),
])

export const versionCases: readonly ContractCase[] = [
  ...eachVersioned,
  onFresh('OIDC-16.18-4: a session that ended is not revived by a change decided before', async ({ commit, records }) => {
    await commit(plan([{ write: 'put-session', record: sample.session() }]))
    deepEqual(await commit(plan([{ write: 'end-session', sessionHash: 'session-hash-1', at: now + 1 }])), committed)
    deepEqual(await commit(plan([{ write: 'put-session', record: sample.session({ version: 2 }) }])), lost('put-session'))
    deepEqual(await records.session(issuer, 'session-hash-1'), sample.session({ endedAt: now + 1, version: 2 }))
    deepEqual(await commit(plan([{ write: 'end-session', sessionHash: 'session-hash-1', at: now + 9 }])), committed)
    equal((await records.session(issuer, 'session-hash-1'))?.endedAt, now + 1)
    deepEqual(await commit(plan([{ write: 'end-session', sessionHash: 'unknown', at: now }])), committed)
  }),
  onFresh('O21-4.1.2-01: of 64 answers to one interaction exactly one is taken', async ({ commit, records }) => {
    await commit(plan([{ write: 'put-interaction', record: sample.interaction() }]))
    const take = { write: 'take-interaction', interactionHash: 'interaction-hash-1' } as const
    deepEqual(tally(await parallel(() => commit(plan([take])))), { committed: 1, lost: 63, repeat: 0 })
    equal(await records.interaction(issuer, 'interaction-hash-1'), undefined)
    deepEqual(await commit(plan([{ write: 'put-interaction', record: sample.interaction({ version: 2 }) }])), lost('put-interaction'))
  }),
  onFresh('O21-4.1.2-01: an interaction whose plan is lost is still there to be answered', async ({ commit, records }) => {
    await commit(plan([{ write: 'put-interaction', record: sample.interaction() }]))
    const writes = [
      { write: 'take-interaction', interactionHash: 'interaction-hash-1' },
      { write: 'put-code', record: sample.code() },
    ] as const
    deepEqual(await commit(plan(writes)), lost('put-code', 1))
    deepEqual(await records.interaction(issuer, 'interaction-hash-1'), sample.interaction())
  }),
  onFresh('ASVS-10.4.9: a user name belongs to one subject of an issuer', async ({ commit, records }) => {
    await commit(plan([{ write: 'put-user', record: sample.user() }]))
    deepEqual(await commit(plan([{ write: 'put-user', record: sample.user({ subject: 'subject-2' }) }])), lost('put-user'))
    await commit(plan([{ write: 'put-user', record: sample.user({ subject: 'subject-2', username: 'taro' }) }]))
    const renamed = sample.user({ subject: 'subject-2', username: 'hanako', version: 2 })
    deepEqual(await commit(plan([{ write: 'put-user', record: renamed }])), lost('put-user'))
    equal((await records.userByName(issuer, 'hanako'))?.subject, 'subject-1')
    equal((await records.userByName(issuer, 'taro'))?.subject, 'subject-2')
    const elsewhere = sample.user({ issuer: otherIssuer })
    deepEqual(await commit(plan([{ write: 'put-user', record: elsewhere }], { issuer: otherIssuer })), committed)
    equal((await records.userByName(otherIssuer, 'hanako'))?.issuer, otherIssuer)
    equal(await records.userByName(issuer, 'nobody'), undefined)
  }),
]
