// Every scenario of the lab, once: setups, mistakes of real houses, and one for each rule that can be removed.
import { certificateScenarios } from './certificates.ts'
import { compounds } from './compound.ts'
import { houseScenarios } from './house-scenarios.ts'
import { ruleScenarios } from './rule-scenarios.ts'
import type { Scenario } from './scenario.ts'
import { setups } from './setups.ts'

const byHand = [...setups, ...compounds, ...certificateScenarios, ...houseScenarios]

export const scenarios: readonly Scenario[] = [
  ...byHand.filter(({ kind }) => kind === 'setup'),
  ...byHand.filter(({ kind }) => kind === 'compound'),
  ...ruleScenarios(),
]

export function findScenario(id: string): Scenario | undefined {
  return scenarios.find((scenario) => scenario.id === id)
}
