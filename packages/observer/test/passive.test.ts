// Passive evidence beside a real observation: contradictions are shown, strongest first, and no verdict rests on it.
import { describe, expect, it } from 'vitest'
import { knownPlaces, readEvidence } from '../src/evidence/index.ts'
import { parseInventory } from '../src/inventory/inventory.ts'
import { renderReport } from '../src/report/formats.ts'
import { observationSchema } from '../src/report/schema.ts'
import { observe } from '../src/run/observe.ts'
import { quick } from './express-apis.ts'
import { startStrangers } from './real-observation.ts'

async function* bytes(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text)
}

describe('SEED-TB-47, SEED-TB-48: declared, logged and recorded, beside what was seen', async () => {
  const { written, close } = await startStrangers()
  const inventory = parseInventory({ ...written, apis: written.apis.slice(0, 2) })
  const origin = new URL(inventory.apis[0]!.url).origin
  const places = knownPlaces(inventory)
  const guardFile = `guard:
  issuer: https://id.example
  resource: ${origin}/
  routes:
    - { path: /bearer, policy: required }
    - { path: /strict, policy: optional, reason: some old clients }
proxy: { upstream: http://127.0.0.1:1 }
`
  const har = JSON.stringify({
    log: {
      entries: ['Bearer x', 'DPoP y'].map((value) => ({
        request: { method: 'GET', url: `${origin}/strict`, headers: [{ name: 'Authorization', value }] },
        response: { status: 200, headers: [], content: {} },
      })),
    },
  })
  const passive = [
    await readEvidence('traffic.har', bytes(har), { places }),
    await readEvidence('kimei-guard.yaml', bytes(guardFile), { places }),
    await readEvidence('app.log', bytes('{"event":"api_access","mode":"bearer","clientId":"x"}'), { at: 'admin' }),
  ]
  const only = ['B1', 'K1']
  const alone = await observe(inventory, { pace: quick, only })
  const beside = await observe(inventory, { pace: quick, only, passive })
  await close()

  it('what is said otherwise is a contradiction; traffic contradicts nothing', () => {
    const own = beside.contradictions.filter(({ by }) => by === 'config' || by === 'har' || by === 'audit')
    expect([...new Set(own.map(({ at, by, declared, observed }) => [at, by, declared, observed].join(' | ')))]).toEqual([
      'admin | config | demanded: kimei-guard.yaml:5 GET /bearer | rs_enforced=no',
      'notes | config | optional: kimei-guard.yaml:6 GET /strict | rs_enforced=yes',
    ])
    expect(own.find(({ at }) => at === 'admin')?.evidence.length).toBeGreaterThan(0)
  })

  it('no field of the posture, no finding and no tier changes by it', () => {
    expect(beside.bindingKeyPosture).toBe(alone.bindingKeyPosture)
    expect(beside.findings.map(({ kind, at, tier }) => [kind, at, tier])).toEqual(
      alone.findings.map(({ kind, at, tier }) => [kind, at, tier]),
    )
    expect(beside.postureEvidence).toEqual(alone.postureEvidence)
  })

  it('the report holds it in the order of its strength, in every format that has room', () => {
    expect(beside.passive?.map(({ kind, label }) => [kind, label])).toEqual([
      ['audit', 'logged'],
      ['config', 'declared'],
      ['har', 'passive'],
    ])
    expect(observationSchema.safeParse(JSON.parse(renderReport(beside, 'json'))).error).toBeUndefined()
    for (const language of ['ja', 'en'] as const) {
      expect(renderReport(beside, 'text', { language })).toContain('kimei-guard.yaml:6')
      expect(renderReport(beside, 'html', { language })).toContain('kimei-guard.yaml')
    }
    expect(alone.passive).toBeUndefined()
  })
})
