// A thousand APIs behind one guard in one run: what decides is asked of each, everything of one, and holes among them are found.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseInventory } from '../src/inventory/inventory.ts'
import type { ApiRecord, Observation } from '../src/observation.ts'
import { observe } from '../src/run/observe.ts'
import { listen, notesApp, operations, peerGuard, quick, startIssuer } from './express-apis.ts'

const closers: (() => unknown)[] = []
afterAll(async () => {
  for (const close of closers) await close()
})

async function observeMany(count: number, special: Readonly<Record<string, { enabled: boolean; required?: boolean }>>, more = {}) {
  const issuer = await startIssuer()
  const ids = Array.from({ length: count }, (_, i) => `api-${i}`)
  const strict = peerGuard(issuer.issuer, { enabled: true, required: true })
  const app = notesApp(Object.fromEntries(ids.map((id) => [`/${id}`, special[id] ? peerGuard(issuer.issuer, special[id]) : strict])))
  const api = await listen(app)
  closers.push(issuer.close, api.close)
  const apis = ids.map((id, i) => ({ id, url: `${api.url}/${id}`, privilege: i < 3 ? ('high' as const) : ('low' as const) }))
  const issuers = [{ id: 'main', url: issuer.issuer, tokenEndpoint: `${issuer.issuer}/token` }]
  const clients = issuer.clients.slice(0, 1)
  const inventory = parseInventory({ version: 1, contact: 'tests@example.com', issuers, clients, apis, operations, ...more })
  return observe(inventory, { pace: { ...quick, budget: 20_000 } })
}

const record = (observation: Observation, id: string): ApiRecord => observation.apis.find(({ api }) => api === id)!
const tried = ({ probes }: ApiRecord): string[] => probes.map(({ probe }) => probe)

describe('a thousand APIs', () => {
  let observation: Observation
  let grown = 0
  beforeAll(async () => {
    const before = process.memoryUsage().rss
    observation = await observeMany(1000, { 'api-500': { enabled: false }, 'api-900': { enabled: true } })
    grown = process.memoryUsage().rss - before
  }, 240_000)

  it('are all judged: one is asked everything, the others at most six times each', () => {
    expect(observation.apis).toHaveLength(1000)
    expect(observation.stopped).toBeUndefined()
    const [first] = observation.apis
    expect(first?.carriedFrom).toBeUndefined()
    expect(first?.probes.length).toBeGreaterThan(15)
    const carried = observation.apis.filter(({ carriedFrom }) => carriedFrom !== undefined)
    expect(carried.length).toBeGreaterThan(990)
    for (const own of carried) {
      expect(tried(own)).toEqual(['B1', 'K1', 'U1'])
      expect(own.evidence.filter((id) => observation.evidence.some((entry) => entry.id === id)).length).toBeGreaterThan(3)
    }
    expect(observation.counts.requests).toBeLessThanOrEqual(6 * 1000 + 200)
  })

  it('SEED-TB-29: the one that takes Bearer and the one that takes unbound tickets are found among them', () => {
    expect(record(observation, 'api-500')).toMatchObject({ mode: 'bearer', rsEnforced: 'no' })
    expect(record(observation, 'api-900')).toMatchObject({ mode: 'mixed', rsEnforced: 'partial' })
    expect(observation.findings.flatMap(({ at }) => at)).toEqual(expect.arrayContaining(['api-500', 'api-900']))
  })

  it('what was not asked is carried over and inferred', () => {
    const other = record(observation, 'api-700')
    expect(other).toMatchObject({ carriedFrom: 'api-0', mode: 'dpop', rsEnforced: 'yes', strength: 'lax', replay: 'jti_no' })
    expect(observation.posture.confidence).toBe('inferred')
  })

  it('cost no more memory than their evidence', () => {
    expect(grown).toBeLessThan(400 * 1024 * 1024)
  })
})

describe('representatives', () => {
  it('SEED-TB-46, SEED-TB-72: those that are named are asked everything, the others what decides', async () => {
    const representatives = ['api-0', 'api-1', 'api-2']
    const observation = await observeMany(6, { 'api-4': { enabled: false } }, { representatives })
    expect(observation.apis.map(({ api, carriedFrom }) => [api, carriedFrom])).toEqual([
      ['api-0', undefined],
      ['api-1', undefined],
      ['api-2', undefined],
      ['api-3', 'api-0'],
      ['api-4', undefined],
      ['api-5', 'api-0'],
    ])
    expect(record(observation, 'api-4')).toMatchObject({ mode: 'bearer', rsEnforced: 'no' })
  })
})
