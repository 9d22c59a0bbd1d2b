// Starts a scenario's lab, or the same lab mended, with what the observer needs to look at it.
import type { Scenario } from './scenario.ts'
import { mendedOf, type Stage, startStage } from './start-stage.ts'

export interface StartedScenario extends Stage {
  readonly scenario: Scenario
}

/** @param how `mended`: the same lab with every hole closed. */
export async function startScenario(scenario: Scenario, how: 'as-it-is' | 'mended' = 'as-it-is'): Promise<StartedScenario> {
  const stage = await startStage(how === 'mended' ? mendedOf(scenario.world) : scenario.world, scenario.truth.holes)
  return { ...stage, scenario }
}
