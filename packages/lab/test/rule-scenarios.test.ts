// One scenario for each removable rule: really started, attacked and graded. The loop shows the same of probe and rule alone;
// this shows that what the catalogue says of the whole, key and priority, is so.
import { renderPosture } from '@kimei/observer'
import { describe, expect, it } from 'vitest'
import { gradeScenario, scenarios } from '../src/index.ts'

const rules = scenarios.filter(({ kind }) => kind === 'rule')

describe('the lab without one rule', { timeout: 120_000 }, () => {
  it.each(rules.map((scenario) => [scenario.id, scenario] as const))(
    '%s: key, priority and hole are those of the catalogue',
    async (_id, scenario) => {
      const { key, priority, holes, falseAlarms } = await gradeScenario(scenario)
      expect(holes.filter(({ found }) => !found)).toEqual([])
      expect(falseAlarms).toEqual([])
      expect([key.found, priority.found]).toEqual([renderPosture(scenario.truth.posture), scenario.truth.priority])
    },
  )
})
