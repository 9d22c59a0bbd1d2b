// Houses: the whole product with one mistake that no missing rule makes. Asked everything there is, the observer finds what is open and
// nothing else; in the same house mended it says of each of these controls that it holds, and of none that it does not.
import { type Observation, observe } from '@kimei/observer'
import { describe, expect, it } from 'vitest'
import { type Scenario, scenarios, startScenario } from '../src/index.ts'

const houses = scenarios.filter(({ world }) => world.plan === 'house')

async function look(scenario: Scenario, how: 'as-it-is' | 'mended'): Promise<Observation> {
  const started = await startScenario(scenario, how)
  try {
    const { only: _usual, ...observing } = started.observing
    return await observe(started.inventory, { ...observing, depth: 'full' })
  } finally {
    await started.close()
  }
}

/** `notes B4q`, where that verdict was given. */
function placesOf({ issuers, apis }: Observation, verdict: string): string[] {
  const own = [
    ...issuers.flatMap(({ probes }) => probes.map((result) => ({ at: 'lab', result }))),
    ...apis.flatMap(({ api, probes }) => probes.map((result) => ({ at: api, result }))),
  ]
  return [...new Set(own.filter(({ result }) => result.verdict === verdict).map(({ at, result }) => `${at} ${result.probe}`))].sort()
}

/** What a decisive finding makes moot is not asked any more. */
const undecidedIn = ({ issuers, apis }: Observation) => {
  const own = [...issuers.map(({ probes }) => ({ at: 'lab', probes })), ...apis.map(({ api, probes }) => ({ at: api, probes }))]
  return own
    .flatMap(({ at, probes }) => probes.map(({ verdict, reason = '', probe }) => ({ said: `${at} ${probe}`, verdict, reason })))
    .filter(({ verdict, reason }) => verdict === 'inconclusive' && !reason.startsWith('moot: '))
    .map(({ said }) => said)
    .sort()
}

const openIn = ({ truth }: Scenario) => truth.holes.flatMap((hole) => ('probe' in hole ? [`${hole.at} ${hole.probe}`] : [])).sort()

describe('each house', { timeout: 120_000 }, () => {
  it.each(houses.map((scenario) => [scenario.id, scenario] as const))(
    '%s: exactly what its fault opens is violated',
    async (_id, scenario) => {
      const seen = await look(scenario, 'as-it-is')
      expect(placesOf(seen, 'violated')).toEqual(openIn(scenario))
      expect(undecidedIn(seen)).toEqual((scenario.truth.unseen ?? []).map(({ at, probe }) => `${at} ${probe}`).sort())
      const all = [...seen.issuers, ...seen.apis].flatMap(({ probes }) => probes)
      for (const { verdict, evidence } of all) if (verdict === 'violated') expect(evidence.length).toBeGreaterThan(0)
    },
  )

  it.each(houses.map((scenario) => [scenario.id, scenario] as const))('%s, mended: each of these controls holds', async (_id, scenario) => {
    const seen = await look(scenario, 'mended')
    expect(placesOf(seen, 'violated')).toEqual([])
    expect(placesOf(seen, 'inconclusive')).toEqual([])
    expect(placesOf(seen, 'holds')).toEqual(expect.arrayContaining(openIn(scenario)))
  })
})
