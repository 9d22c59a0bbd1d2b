// Clients that registered themselves: kept within their number, noted as used, ended with all that lives by them.
import { deepEqual, equal } from 'node:assert/strict'
import type { Write } from '@kimei/protocol'
import { type ContractCase, onFresh } from '../engine.ts'
import { committed, issuer, lost, now, otherIssuer, parallel, plan, sample, tally, withCode, withFamily } from '../sample-records.ts'
import { sampleRegistration } from '../sample-registration.ts'

const put = (clientId: string, most?: number): Write => ({
  write: 'put-registration',
  record: sampleRegistration({ clientId }),
  ...(most !== undefined && { most }),
})
const putClient = (clientId: string): Write => ({ write: 'put-client', record: sample.client({ clientId, source: 'registered' }) })
const remove: Write = { write: 'delete-client', clientId: 'client-1', at: now + 5 }

export const registrationCases: readonly ContractCase[] = [
  onFresh('DCR-3-01: a registration comes back as it was put, to its issuer alone', async ({ commit, records }) => {
    deepEqual(await commit(plan([putClient('client-1'), put('client-1')])), committed)
    deepEqual(await records.registration(issuer, 'client-1'), sampleRegistration())
    equal(await records.registration(otherIssuer, 'client-1'), undefined)
    equal(await records.registration(issuer, 'client-2'), undefined)
    deepEqual([await records.registrationCount(issuer), await records.registrationCount(otherIssuer)], [1, 0])
  }),
  onFresh('DCR-5-01: of 64 registrations at once no more than the most come in, each with its client', async ({ commit, records }) => {
    const answers = await parallel((i) => commit(plan([putClient(`client-${i}`), put(`client-${i}`, 10)])))
    deepEqual(tally(answers), { committed: 10, lost: 54, repeat: 0 })
    equal(await records.registrationCount(issuer), 10)
    equal((await records.clients(issuer)).length, 10)
    deepEqual(await commit(plan([put('client-99', 10)])), lost('put-registration'))
    deepEqual(await commit(plan([put('client-99', 11)])), committed)
  }),
  onFresh('DCR-5-01: a change of one that is there is not counted', async ({ commit, records }) => {
    await commit(plan([put('client-1', 1)]))
    const second: Write = { write: 'put-registration', record: sampleRegistration({ version: 2, tokenHash: 'other' }), most: 1 }
    deepEqual(await commit(plan([second])), committed)
    equal((await records.registration(issuer, 'client-1'))?.tokenHash, 'other')
  }),
  onFresh('DCR-5-01: a use is noted, never backwards, and a change of the registration leaves it noted', async ({ commit, records }) => {
    await commit(plan([put('client-1')]))
    const touch = (at: number): Write => ({ write: 'touch-registration', clientId: 'client-1', at, keepUntil: at + 8 * 86_400 })
    deepEqual(await commit(plan([touch(now + 60), touch(now + 30), { ...touch(now), clientId: 'nobody' } as Write])), committed)
    const noted = await records.registration(issuer, 'client-1')
    deepEqual([noted?.lastUsedAt, noted?.keepUntil], [now + 60, now + 60 + 8 * 86_400])
    await commit(plan([{ write: 'put-registration', record: sampleRegistration({ version: 2 }) }]))
    const changed = await records.registration(issuer, 'client-1')
    deepEqual([changed?.version, changed?.lastUsedAt, changed?.keepUntil], [2, now + 60, now + 60 + 8 * 86_400])
  }),
  onFresh('DCRM-2.3-01: of 64 deletions exactly one wins; client, registration, grants, codes and tokens are gone', async (storage) => {
    const { commit, records } = storage
    await withFamily(storage)
    await commit(plan([{ write: 'put-code', record: sample.code() }, putClient('client-1'), put('client-1')]))
    await commit(plan([{ write: 'put-grant', record: sample.grant({ grantId: 'grant-2', clientId: 'client-2' }) }]))
    const answers = await parallel(() => commit(plan([remove])))
    deepEqual(tally(answers), { committed: 1, lost: 63, repeat: 0 })
    equal(await records.client(issuer, 'client-1'), undefined)
    equal(await records.registration(issuer, 'client-1'), undefined)
    equal(await records.code(issuer, 'code-hash-1'), undefined)
    equal((await records.grant(issuer, 'grant-1'))?.revokedAt, now + 5)
    equal((await records.refreshFamily(issuer, 'family-1'))?.revokedAt, now + 5)
    equal((await records.accessToken(issuer, 'at-1'))?.revokedAt, now + 5)
    equal((await records.grant(issuer, 'grant-2'))?.revokedAt, null)
  }),
  onFresh('DCRM-2.3-01: a change that was decided before the end does not revive the client', async (storage) => {
    const { commit, records } = storage
    await withCode(storage)
    await commit(plan([putClient('client-1'), put('client-1')]))
    await commit(plan([remove]))
    const change: Write = { write: 'put-client', record: sample.client({ version: 2, source: 'registered' }) }
    deepEqual(await commit(plan([change])), lost('put-client'))
    deepEqual(await commit(plan([{ write: 'put-grant', record: sample.grant({ version: 2 }) }])), lost('put-grant'))
    equal(await records.client(issuer, 'client-1'), undefined)
  }),
  onFresh('DCR-5-01: one that is not used is swept with its client, others stay', async ({ commit, records, sweep }) => {
    await commit(plan([putClient('client-1'), put('client-1'), putClient('client-2'), put('client-2')]))
    await commit(plan([{ write: 'put-client', record: sample.client({ clientId: 'declared' }) }]))
    const later = now + 7 * 86_400
    await commit(plan([{ write: 'touch-registration', clientId: 'client-2', at: now + 60, keepUntil: later + 60 }]))
    equal(await sweep(later), 0)
    equal(await sweep(later + 1, 1), 1)
    equal(await sweep(later + 1), 1)
    equal(await sweep(later + 1), 0)
    deepEqual(
      (await records.clients(issuer)).map(({ clientId }) => clientId),
      ['client-2', 'declared'],
    )
    deepEqual([await records.registrationCount(issuer), await records.registration(issuer, 'client-1')], [1, undefined])
  }),
]
