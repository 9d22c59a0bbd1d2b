// How often one API is asked: the usual limit is enough for every client of the inventory, and nothing is left open for want of requests.
import { observe } from '@kimei/observer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findScenario } from '../src/scenarios/catalogue.ts'
import { type StartedScenario, startScenario } from '../src/scenarios/start-scenario.ts'

describe('one API with three clients', { timeout: 60_000 }, () => {
  let lab: StartedScenario
  beforeAll(async () => {
    lab = await startScenario(findScenario('client-exemption')!)
  })
  afterAll(() => lab.close())

  it('SEED-TB-29, SEED-TB-61: forty requests for the first, six for each further one; the last one that is exempt is seen', async () => {
    const pace = { requestsPerSecond: Number.POSITIVE_INFINITY, requestsPerApi: 40, budget: 1000 }
    const seen = await observe(lab.inventory, { ...lab.observing, pace })
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
})
