// Other credentials at APIs that demand certificates: a key in place of one, and a key that makes the guard forget it.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseInventory } from '../src/inventory/inventory.ts'
import { judgeByCertificate } from '../src/judgement/certificate-record.ts'
import type { Observation, Verdict } from '../src/observation.ts'
import { observe } from '../src/run/observe.ts'
import { apiKey, startWorld, type World } from './certificate-world.ts'
import { quick } from './express-apis.ts'
import { result } from './records.ts'

let world: World
let observation: Observation
beforeAll(async () => {
  const compares = { asks: 'optional', checks: 'compares' } as const
  world = await startWorld({ asks: 'optional', names: 'certificate' }, [
    compares,
    { ...compares, side: 'key' },
    { ...compares, side: 'key-beside' },
    // Nobody is heard without a certificate: then with one that the ticket does not name.
    { asks: 'required', checks: 'compares', side: 'key' },
  ])
  const otherCredentials = [{ id: 'partner', kind: 'api-key' as const, in: { header: 'X-API-Key' }, secret: apiKey, subject: 'robot' }]
  // The open ones first: what passes somewhere is good, and its refusal elsewhere a pass.
  const [held, ...open] = world.input.apis
  observation = await observe(
    parseInventory({ ...world.input, subjects: ['machine', 'robot'], otherCredentials, apis: [...open, held!] }),
    {
      pace: quick,
    },
  )
})
afterAll(() => world.close())

const seen = (api: string) => observation.apis.find((record) => record.api === api)!
const violated = (api: string) =>
  seen(api).probes.flatMap(({ probe, verdict }) => (verdict === 'violated' && probe.startsWith('OT') ? [probe] : []))

describe('other credentials where certificates are demanded', () => {
  it('SEED-TB-29, SEED-TB-35: a key passes without the certificate of anybody, or beside one that is not compared', () => {
    expect([violated('api1'), violated('api3')]).toEqual([['OT1-api-key'], ['OT1-api-key']])
    for (const api of ['api1', 'api3']) expect(seen(api)).toMatchObject({ mode: 'mixed', rsRequired: 'no', rsEnforced: 'partial' })
  })

  it('SEED-TB-51: a made-up key beside the ticket, and the certificate is not asked for any more: P0', () => {
    expect(violated('api2')).toEqual(['OT3-api-key', 'OT4-api-key'])
    expect(observation.findings).toContainEqual(expect.objectContaining({ kind: 'binding-skipped', at: 'api2', priority: 'P0' }))
  })

  it('SEED-TB-35: where it is refused, the certificate is demanded and compared', () => {
    expect(violated('api0')).toEqual([])
    expect(seen('api0')).toMatchObject({ mode: 'mtls', rsRequired: 'yes', rsEnforced: 'yes' })
    for (const way of ['OT1', 'OT2', 'OT3', 'OT4'])
      expect(seen('api0').probes.find(({ probe }) => probe === `${way}-api-key`)?.verdict).toBe('holds')
  })

  it.each([
    ['mixed no partial', 'OT1-api-key', 'violated'],
    ['mixed no partial', 'OT3-api-key', 'violated'],
    ['mtls yes unknown', 'OT1-api-key', 'inconclusive'],
    ['mtls yes yes', 'OT1-api-key', 'holds'],
  ] as const)('SEED-TB-35: %s where %s is %s, for every client of the API', (so, probe, verdict: Verdict) => {
    const probes = [result('L7', 'holds'), result('L6', 'holds'), result('L8', 'holds')]
    const others = [result(probe, verdict)]
    for (const given of [
      { probes: [...probes, ...others], scope: 'all' },
      { probes, others, scope: 'comparison' },
    ] as const) {
      const { mode, rsRequired, rsEnforced } = judgeByCertificate(given, 'certificate')
      expect(`${mode} ${rsRequired} ${rsEnforced}`).toBe(so)
    }
  })
})
