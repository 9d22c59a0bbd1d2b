// Every probe has a twin: the product without the rule it attacks (the loop shows that), a scenario of the lab whose attack it is, or a
// target of the accuracy run. What has none says why, here and nowhere else.
import { onceOnlyRules, scenarios } from '@kimei/lab'
import { probes } from '@kimei/observer'
import { catalogue, type RuleId } from '@kimei/protocol'
import { expect, it } from 'vitest'
import { targets } from '../targets/index.ts'

/** Found where the product has no such thing to make wrong: by a target with another issuer. */
const byTarget: Readonly<Record<string, string>> = {}

const inItsPlace = 'it stands where a ticket stands; carried elsewhere, it is sent as the keys of other kinds are'

const untwinned: Readonly<Record<string, string>> = {
  'OT3-basic': inItsPlace,
  'OT3-bearer': inItsPlace,
  'OT4-basic': inItsPlace,
  'OT4-bearer': inItsPlace,
  'AS8-backchannel': 'the product serves no CIBA; oidc-provider does, in a test of the observer (laundering.test.ts)',
  AS3: 'it can show that proofs are demanded before a code is looked at, never that they are not: it says holds, or nothing',
}

const removable = (rule: RuleId): boolean => {
  const { unseen, fixed } = catalogue.get(rule) ?? {}
  return catalogue.has(rule) && unseen === undefined && (fixed === undefined || (onceOnlyRules as readonly RuleId[]).includes(rule))
}
const inScenario = new Set(
  scenarios.flatMap(({ attack }) => attack.flatMap((step) => ('probe' in step && step.passes ? [step.probe] : []))),
)
const hasTwin = (id: string, attacks: readonly RuleId[]): boolean => attacks.some(removable) || inScenario.has(id) || id in byTarget

it('every probe has a twin on which it must say violated, or says why there is none', () => {
  const alone = probes.filter(({ id, attacks }) => !hasTwin(id, attacks)).map(({ id }) => id)
  expect(alone.sort()).toEqual(Object.keys(untwinned).sort())
})

it('no reason is kept for a probe that is gone, and each named target exists', () => {
  const known = probes.map(({ id }) => id)
  for (const id of [...Object.keys(untwinned), ...Object.keys(byTarget)]) expect(known).toContain(id)
  const names = targets.map(({ name }) => name)
  for (const name of Object.values(byTarget)) expect(names).toContain(name)
})
