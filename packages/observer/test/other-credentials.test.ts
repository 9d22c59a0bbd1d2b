// Other credentials as exception paths: what is asked with them, what is found, and what nobody may read of them.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type InventoryInput, parseInventory } from '../src/inventory/inventory.ts'
import { exitCodeOf } from '../src/judgement/exit-code.ts'
import type { ApiRecord, Observation } from '../src/observation.ts'
import { observationJsonSchema, observationSchema } from '../src/report/schema.ts'
import { observe } from '../src/run/observe.ts'
import { planObservation } from '../src/run/plan.ts'
import { quick } from './express-apis.ts'
import { apiKey, expired, personal, session, startOtherWorld } from './other-world.ts'

let world: Awaited<ReturnType<typeof startOtherWorld>>
let written: InventoryInput
let observation: Observation
beforeAll(async () => {
  world = await startOtherWorld()
  written = world.written
  observation = await observe(parseInventory(written), { pace: quick, readSecret: async () => apiKey })
})
afterAll(() => world.close())

const seen = (api: string, from: Observation = observation): ApiRecord => from.apis.find((record) => record.api === api)!
const verdict = (api: string, probe: string) => seen(api).probes.find((result) => result.probe === probe)?.verdict
const open = (api: string): string[] =>
  seen(api).probes.flatMap((one) => (one.credential && one.verdict === 'violated' ? [`${one.probe} ${one.credential}`] : []))

describe('other credentials as exception paths', () => {
  it('SEED-TB-29: where each is refused, alone and beside the ticket, nothing is found and the API enforces', () => {
    expect(open('shut')).toEqual([])
    for (const kind of ['api-key', 'session-cookie', 'personal-access-token'])
      for (const way of ['OT1', 'OT2', 'OT3', 'OT4']) expect(verdict('shut', `${way}-${kind}`), `${way} ${kind}`).toBe('holds')
  })

  it.each([
    ['key', 'OT1-api-key partner'],
    ['cookie', 'OT1-session-cookie browser'],
    ['query', 'OT1-api-key-2 in-url'],
    ['basic', 'OT1-basic robot-login'],
  ])('SEED-TB-29, SEED-TB-61: at /%s another credential opens what demands named tickets: %s', (api, found) => {
    expect(open(api)).toEqual([found])
    expect(seen(api)).toMatchObject({ mode: 'mixed', rsRequired: 'no', rsEnforced: 'partial' })
    const [probe, credential] = found.split(' ')
    const priority = api === 'key' ? 'P0' : 'P1'
    expect(observation.findings).toContainEqual(
      expect.objectContaining({
        kind: 'other-credential-accepted',
        at: api,
        credential,
        probes: [probe],
        priority,
        owner: 'RS',
        tier: 'confirmed',
      }),
    )
  })

  it('SEED-TB-29: coverage counts it as an exception path', () => {
    expect(observation.posture).toMatchObject({ rs_enforced: 'partial', coverage: 'partial_api', mode: 'mixed' })
    expect(observation.hypothesis).toBe('D')
  })

  it('a key that is never looked up is P0 by itself, and what follows from it is no finding of its own', () => {
    expect(open('any')).toEqual(['OT1-api-key partner', 'OT2-api-key partner', 'OT3-api-key partner'])
    expect(observation.findings.filter(({ at, credential }) => at === 'any' && credential)).toEqual([
      expect.objectContaining({ kind: 'credential-not-compared', priority: 'P0', probes: ['OT2-api-key'] }),
    ])
  })

  it('SEED-TB-51: a guard that exits early at a personal token lets the ticket pass alone beside a made-up one: P0', () => {
    expect(open('early')).toEqual(['OT3-personal-access-token ci', 'OT4-personal-access-token ci'])
    expect(observation.findings).toContainEqual(
      expect.objectContaining({ kind: 'binding-skipped', at: 'early', credential: 'ci', priority: 'P0' }),
    )
    expect(seen('early')).toMatchObject({ mode: 'mixed', rsEnforced: 'partial' })
  })

  it('a guard that forgets the ticket beside a session that is good is found with the good one alone', () => {
    expect(open('signed-in')).toEqual(['OT4-session-cookie browser'])
  })

  it('the refusal of a credential that nothing shows to be good is no pass, and leaves open what the API takes', () => {
    const result = seen('unknown').probes.find(({ credential, probe }) => credential === 'old' && probe.startsWith('OT1'))
    expect(result).toMatchObject({ verdict: 'inconclusive', state: 'not_observable', reason: expect.stringContaining('worksAt') })
    expect(seen('unknown').rsEnforced).toBe('unknown')
    expect(seen('shut').rsEnforced).toBe('yes')
    expect(seen('signed-in').probes.some(({ verdict: one }) => one === 'inconclusive')).toBe(false)
  })

  it('SEED-TB-29: without a secret only made-up ones are sent, and the early exit is found all the same', async () => {
    const named = { ...written, otherCredentials: [{ id: 'ci', kind: 'personal-access-token' as const, in: { header: 'PRIVATE-TOKEN' } }] }
    const found = await observe(parseInventory(named), { pace: quick })
    expect(found.findings.filter(({ credential }) => credential === 'ci')).toEqual([
      expect.objectContaining({ kind: 'binding-skipped', at: 'early', priority: 'P0', probes: ['OT3-personal-access-token'] }),
    ])
    expect(seen('shut', found).rsEnforced).toBe('yes')
  })

  it('SEED-TB-53: what its owner accepted for one credential decides no exit code, and a further credential is not accepted', async () => {
    const accept = {
      finding: 'other-credential-accepted',
      at: 'key',
      owner: 'A. Owner',
      reason: 'until the partner has moved',
      until: '2999-12-31',
    }
    const only = { ...written, apis: written.apis.slice(0, 1) }
    const run = (otherCredentials: string[]) =>
      observe(
        parseInventory({ ...only, otherCredentials: written.otherCredentials!.slice(0, 2), accepted: [{ ...accept, otherCredentials }] }),
        {
          pace: quick,
          readSecret: async () => apiKey,
          only: ['OT1-api-key'],
        },
      )
    const [accepted, other] = [await run(['partner']), await run(['browser'])]
    expect(accepted.findings[0]).toMatchObject({ kind: 'other-credential-accepted', acceptance: { owner: 'A. Owner', ended: false } })
    expect(exitCodeOf(accepted)).not.toBe(1)
    expect(exitCodeOf(other)).toBe(1)
  })

  it('SEED-TB-61: what a key opens is no difference between clients; each is asked for by its own id', async () => {
    const apis = written.apis.filter(({ id }) => id === 'query').map((api) => ({ ...api, clients: ['job', 'job-again'] }))
    const clients = [...written.clients, { ...written.clients[0]!, id: 'job-again' }]
    const otherCredentials = written.otherCredentials!.filter(({ id }) => ['partner', 'in-url'].includes(id))
    const own = { ...written, apis, clients, otherCredentials }
    const both = await observe(parseInventory(own), { pace: quick, readSecret: async () => apiKey })
    expect(both.apis.map(({ mode, rsEnforced }) => `${mode} ${rsEnforced}`)).toEqual(['mixed partial', 'mixed partial'])
    expect(both.perClientDifference).toBe('none')
    const options = { pace: quick, readSecret: async () => apiKey, only: ['OT1-api-key-2'] }
    const one = await observe(parseInventory(own), options)
    expect(one.apis[0]!.probes.map(({ probe, verdict: said }) => `${probe} ${said}`)).toEqual(['OT1-api-key-2 violated'])
    await expect(observe(parseInventory(written), { pace: quick, only: ['OT9-api-key-2'] })).rejects.toThrow(/no probe OT9/)
  })

  it('SEED-TB-47: no secret reaches the observation, echoed or not; names of headers and cookies do', () => {
    const whole = JSON.stringify(observation)
    for (const secret of [apiKey, personal, session, expired, 'correct horse battery', btoa('robot:correct horse battery')])
      expect(whole.includes(secret), secret).toBe(false)
    expect(whole).toContain('X-API-Key')
    expect(observation.evidence.some(({ request }) => request.headers?.includes('Cookie sid'))).toBe(true)
    expect(observationSchema.safeParse(observation).error).toBeUndefined()
    expect(JSON.stringify(observationJsonSchema())).toContain('credential')
  })

  it('one credential stays within forty requests at an API, each further one brings five of its own, and the plan counts them', async () => {
    for (const [count, most] of [
      [1, 40],
      [3, 50],
    ] as const) {
      const inventory = parseInventory({ ...written, otherCredentials: written.otherCredentials!.slice(0, count) })
      const usual = await observe(inventory, { pace: { requestsPerSecond: 5000 }, readSecret: async () => apiKey })
      expect(usual.counts.mostAtOneApi).toBeLessThanOrEqual(most)
      expect(usual.warnings.map(({ en }) => en).filter((one) => one.includes('budget'))).toEqual([])
      const { steps, hosts } = planObservation(inventory)
      const own = steps.filter(({ target, client }) => target === 'shut' && client === 'partner')
      expect(own.map(({ probe, requests }) => [probe, requests])).toEqual([
        ['OT1-api-key', 1],
        ['OT2-api-key', 1],
        ['OT3-api-key', 1],
        ['OT4-api-key', 2],
      ])
      expect(steps).toContainEqual(expect.objectContaining({ target: 'otherCredentials.partner', requests: 2 }))
      expect(hosts).toContain(new URL(written.otherCredentials![0]!.worksAt!).host)
    }
  })

  it('SEED-TB-72: behind a guard that is known, a credential is tried with one request beyond the six', async () => {
    const inventory = parseInventory({
      ...written,
      representatives: ['shut'],
      otherCredentials: written.otherCredentials!.slice(0, 1),
      apis: written.apis.filter(({ id }) => id === 'shut' || id === 'key'),
    })
    const brief = await observe(inventory, { pace: quick, readSecret: async () => apiKey })
    const key = seen('key', brief)
    expect(key).toMatchObject({ carriedFrom: 'shut', rsEnforced: 'partial' })
    expect(key.probes.map(({ probe }) => probe)).toEqual(['B1', 'K1', 'U1', 'OT1-api-key'])
    expect(brief.evidence.filter(({ request }) => request.url.endsWith('/key'))).toHaveLength(6 + 1)
  })
})
