// How often one API is asked: the usual limit is enough for every client of the inventory, and nothing is left open for want of requests.
import { observe } from '@kimei/observer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findScenario } from '../src/scenarios/catalogue.ts'
import { type StartedScenario, startScenario } from '../src/scenarios/start-scenario.ts'

const hurried = { requestsPerSecond: Number.POSITIVE_INFINITY, budget: 1000 }

describe('one API with three clients', { timeout: 60_000 }, () => {
  let lab: StartedScenario
  beforeAll(async () => {
    lab = await startScenario(findScenario('client-exemption')!)
  })
  afterAll(() => lab.close())

  it('SEED-TB-29, SEED-TB-61: forty requests for the first, six for each further one; the last one that is exempt is seen', async () => {
    const { requestsPerApi: _, ...pace } = lab.inventory.pace
    const seen = await observe({ ...lab.inventory, pace }, { ...lab.observing, pace: hurried })
    const payments = seen.apis.filter(({ api }) => api === 'payments')
    expect(payments.map(({ client, mode, rsEnforced }) => [client, mode, rsEnforced])).toEqual([
      ['web', 'mixed', 'partial'],
      ['mobile', 'mixed', 'partial'],
      ['api', 'bearer', 'no'],
    ])
    expect(seen.perClientDifference).toBe('found')
    expect(seen.counts.mostAtOneApi).toBeLessThanOrEqual(40 + 2 * 6)
    expect(seen.apis.flatMap(({ probes }) => probes.filter(({ reason }) => reason?.includes('budget')))).toEqual([])
  })

  it('SEED-TB-61: a limit that somebody wrote down is kept to; what decides is asked for every client all the same', async () => {
    const pace = { ...lab.inventory.pace, requestsPerApi: 40 }
    const seen = await observe({ ...lab.inventory, pace }, { ...lab.observing, pace: hurried })
    expect(seen.counts.mostAtOneApi).toBeLessThanOrEqual(40)
    const decided = seen.apis.map(({ api, mode }) => `${api} ${mode}`)
    expect(decided.filter((one) => one.startsWith('payments'))).toEqual(['payments mixed', 'payments mixed', 'payments bearer'])
    expect(seen.warnings.map(({ en }) => en)).toContainEqual(expect.stringContaining('raise pace.requestsPerApi'))
  })
})
