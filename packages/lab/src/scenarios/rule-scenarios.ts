// One scenario for each rule that can be removed and that an outsider can see, made from the catalogue of rules.
// Where a story by hand says more than the rule itself, it stands in `rule-stories.ts`.
import { type Owner, probes } from '@kimei/observer'
import { type CatalogueEntry, catalogue, type RuleId } from '@kimei/protocol'
import { onceOnlyRules } from '../once-only.ts'
import { ruleStories } from './rule-stories.ts'
import type { Hole, Scenario, Truth } from './scenario.ts'
import { effectOf, wholePosture } from './truth.ts'

const onceOnly: readonly RuleId[] = onceOnlyRules

/** What may be done with unbound tickets where that is permitted. */
const permitted: readonly Hole[] = [
  { rule: 'binding.bearer-is-permitted', at: 'lab' },
  { rule: 'binding.token-is-bound', at: 'optional' },
  { rule: 'binding.token-is-bound', at: 'userinfo' },
]
const held = { enforced: 'yes', mode: 'dpop' } as const

/** APIs of the whole lab, in its inventory's names. */
const places = ['userinfo', 'admin', 'notes', 'fresh', 'optional'] as const

/** Rules that the lab can remove and whose absence can be seen from outside. */
export function removableRules(): readonly CatalogueEntry[] {
  return [...catalogue.values()].filter(
    ({ id, unseen, fixed }) => unseen === undefined && (fixed === undefined || onceOnly.includes(id)) && probesOf(id).length > 0,
  )
}

const probesOf = (rule: RuleId) => probes.filter(({ attacks }) => attacks.includes(rule))

export function ruleScenarios(): readonly Scenario[] {
  return removableRules().map(ruleScenario)
}

function ruleScenario(rule: CatalogueEntry): Scenario {
  const { posture = {}, priority, enforced = 'yes', mode = 'dpop', spared = [], permits, sealed, told = sealed } = effectOf(rule)
  // Where nothing is bound to certificates, nobody can attack that.
  const attacks = probesOf(rule.id).filter(({ topic }) => sealed !== undefined || topic !== 'certificate')
  const holes = [{ rule: rule.id, at: '*' }]
  const loosened: Truth['apis'] = permits ? { optional: { enforced: 'partial', mode: 'mixed' } } : {}
  const owner: Owner = attacks.some((probe) => probe.owner === 'RS') ? 'RS' : 'AS'
  const written = ruleStories[rule.id]
  const control = attacks[0]!.says
  return {
    id: rule.id.replaceAll('.', '-'),
    kind: 'rule',
    title: written?.title ?? { ja: `守られていない決まり：${control.ja}`, en: `A rule that is not kept: ${control.en}` },
    story: written?.story ?? {
      ja: `${owner === 'AS' ? '発行側' : 'API'}に「${control.ja}」という決まりが抜けています（${rule.cite}）。ほかはすべて本物のままです。`,
      en: `${owner === 'AS' ? 'The issuer' : 'The API'} forgets one rule: ${rule.says} (${rule.cite}). All the rest is the real product.`,
    },
    mend: written?.mend ?? {
      ja: `${owner === 'AS' ? '発行側' : 'API'}で「${control.ja}」ことを確かめ、守らない要求を断る。`,
      en: `${owner === 'AS' ? 'At the issuer' : 'At the API'}, check that ${rule.says}; refuse what breaks it.`,
    },
    owner,
    world: { plan: 'whole', without: [rule.id], ...(permits && { permits }), ...(sealed && { certificates: 'yes' }) },
    attack: attacks.map(({ id }) => ({ who: 'thief', probe: id, passes: true })),
    truth: {
      posture: { ...wholePosture, ...posture },
      priority,
      holes,
      notInForce: permits ? [...holes, ...permitted] : holes,
      apis: {
        ...Object.fromEntries(places.map((place) => [place, spared.includes(place) ? held : { enforced, mode }])),
        ...loosened,
        ...(sealed && told && { sealed, told }),
      },
    },
  }
}
