// The lab's setups and its mistakes of real houses. Each scenario states its own truth: holes, key and priority, by hand.
import { type Scenario, scenarios, startScenario } from '@kimei/lab'
import type { Running, Target } from '../target.ts'

async function start(scenario: Scenario): Promise<Running> {
  const { inventory, observing, close } = await startScenario(scenario)
  const { holes, notInForce, unseen = [], posture, priority } = scenario.truth
  return {
    inventory,
    options: observing,
    apis: {},
    issuers: {},
    posture,
    priority,
    scenario: { holes, notInForce, unseen, issuer: inventory.issuers[0]!.id, binds: posture.as_enforced === 'yes' },
    close,
  }
}

/** Enough for a short look. */
const few: readonly string[] = ['gateway-strips-binding', 'client-exemption', 'forgeable-certificate-header']

/** Scenarios of single rules are the same labs as those of `labs.ts`. */
export const scenarioTargets: readonly Target[] = scenarios
  .filter(({ kind }) => kind !== 'rule')
  .map((scenario) => ({
    name: `Kimei lab, ${scenario.id}`,
    setting: scenario.kind === 'setup' ? 'good' : 'bad',
    quick: few.includes(scenario.id),
    needs: [],
    start: () => start(scenario),
  }))
