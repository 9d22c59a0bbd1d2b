// From what is true and what was said to the figures: precision, recall, the rows where they differ. Pure.
import type { ApiRecord, Observation, ProbeResult } from '@kimei/observer'
import type { RuleId } from '@kimei/protocol'
import type { KnownScenario, RemovedRules, Running, Truth } from './target.ts'

type Actual = 'enforced' | 'broken' | 'unseen'
type Said = 'enforced' | 'broken' | 'open' | 'unasked' | 'moot'

/** What came of one statement. */
export type Outcome =
  /** Broken, and said so. */
  | 'hit'
  /** Said to be broken, and is not. */
  | 'alarm'
  /** Broken, visibly, and not said to be. */
  | 'miss'
  /** Enforced or out of sight, and said so. */
  | 'right'
  /** Enforced, and said with its reason not to be askable here. */
  | 'unasked'
  /** Enforced, asked, and no answer was found: nothing false, nothing told. */
  | 'silent'
  /** Said to be enforced where nobody outside can know. */
  | 'unfounded'
  /** Not asked, because another finding decides. */
  | 'moot'

/** One control at one place of one target, or one field of a posture. */
export interface Judged {
  readonly target: string
  readonly place: string
  readonly control: string
  readonly actual: string
  readonly said: string
  readonly why: string
  readonly outcome: Outcome
}

const outcomes: Readonly<Record<Actual, Readonly<Record<Said, Outcome>>>> = {
  enforced: { enforced: 'right', broken: 'alarm', open: 'silent', unasked: 'unasked', moot: 'moot' },
  broken: { enforced: 'miss', broken: 'hit', open: 'miss', unasked: 'miss', moot: 'moot' },
  unseen: { enforced: 'unfounded', broken: 'alarm', open: 'right', unasked: 'right', moot: 'moot' },
}

type Told = Pick<ProbeResult, 'probe' | 'verdict' | 'reason' | 'answered'>

function saidBy({ verdict, reason }: Told): Said {
  if (verdict === 'violated') return 'broken'
  if (verdict === 'holds') return 'enforced'
  if (reason?.startsWith('moot: ')) return 'moot'
  return verdict === 'not-applicable' && reason !== undefined ? 'unasked' : 'open'
}

/** The results of one API, with U0: whether a ticket is needed at all. */
export function resultsAt({ baseline, probes }: ApiRecord): Told[] {
  const verdict = baseline === 'public' ? 'violated' : baseline === 'good' ? 'holds' : 'inconclusive'
  return [{ probe: 'U0', verdict, answered: `baseline ${baseline}` }, ...probes]
}

/** What these find makes everything after them moot. */
const decisive = ['U0', 'B1', 'K1']

export interface Place {
  readonly target: string
  readonly place: string
  readonly truth: Truth
  readonly results: readonly Told[]
}

/** Every control that was asked, and every one that is broken, asked or not. */
export function judgePlace({ target, place, truth, results }: Place): Judged[] {
  const decided = results.some(({ verdict, probe }) => verdict === 'violated' && decisive.includes(probe))
  return [...new Set([...results.map(({ probe }) => probe), ...truth.broken])].map((control) => {
    const result = results.find(({ probe }) => probe === control)
    const actual = truth.broken.includes(control) ? 'broken' : truth.unseen.includes(control) ? 'unseen' : 'enforced'
    const said = result === undefined ? (decided ? 'moot' : 'open') : saidBy(result)
    const why = result === undefined ? 'not asked' : (result.reason ?? result.answered)
    return { target, place, control, actual, said, why, outcome: outcomes[actual][said] }
  })
}

/** A field that is said as it is counts as a hit; `unknown` as a miss; anything else as an alarm. What nobody can know is rightly left open. */
export function judgePosture(target: string, { posture: known = {}, priority }: Pick<Running, 'posture' | 'priority'>, seen: SeenPosture) {
  const fields = [...Object.entries(known), ...(priority === undefined ? [] : [['action_priority', priority] as const])]
  return fields.map(([field, actual]): Judged => {
    const said = field === 'action_priority' ? seen.record.action_priority : seen.posture[field as keyof typeof seen.posture]
    return { target, place: 'posture', control: field, actual, said, why: '', outcome: fieldOutcome(actual, said) }
  })
}

type SeenPosture = { readonly posture: Observation['posture']; readonly record: Pick<Observation['record'], 'action_priority'> }

function fieldOutcome(actual: string, said: string): Outcome {
  if (actual === 'unknown') return said === actual ? 'right' : 'unfounded'
  return said === actual ? 'hit' : said === 'unknown' ? 'miss' : 'alarm'
}

/**
 * Rules that were taken out of the product. A rule is said to be missing when a probe that attacks it says so anywhere;
 * what a probe says of a rule that is in force is an alarm, unless it attacks a missing one too.
 */
export function judgeRules(target: string, rules: RemovedRules, { apis, issuers }: Observation): Judged[] {
  const placed = [
    ...issuers.flatMap(({ client, probes }) => probes.map((result) => ({ place: client, result }))),
    ...apis.flatMap(({ api, probes }) => probes.map((result) => ({ place: api, result }))),
  ].map(({ place, result }) => ({ place, result, asks: asksOf(result, rules), name: `${place} ${result.probe}` }))
  const byName = (list: readonly string[]) => placed.filter(({ name }) => list.includes(name))
  const others = placed.filter(({ name }) => !rules.permitted.includes(name) && !rules.unseen.includes(name))
  const row = (place: string, control: string, actual: Actual, said: Said, why: string): Judged => {
    return { target, place, control, actual, said, why, outcome: outcomes[actual][said] }
  }
  const rowOf = ({ place, result, asks }: (typeof placed)[number], actual: Actual) =>
    row(place, asks[0] ?? result.probe, actual, saidBy(result), `${result.probe}: ${result.reason ?? result.answered}`)
  const missing = rules.removed.map((rule) => {
    const own = others.filter(({ asks }) => asks.includes(rule)).map(({ result }) => result)
    return row('anywhere', rule, 'broken', worstOf(own.map(saidBy)), own[0]?.probe ?? 'no probe')
  })
  const inForce = others.filter(
    ({ asks, result }) => !asks.some((rule) => rules.removed.includes(rule)) && result.verdict !== 'not-applicable',
  )
  return [
    ...missing,
    ...inForce.map((one) => rowOf(one, 'enforced')),
    ...byName(rules.permitted).map((one) => rowOf(one, 'broken')),
    ...byName(rules.unseen).map((one) => rowOf(one, 'unseen')),
  ]
}

/** A lab whose holes are known place by place: each must be found, and what is in force must not be called missing. */
export function judgeScenario(
  target: string,
  { holes, notInForce, unseen = [], issuer, binds }: KnownScenario,
  { apis, issuers }: Observation,
): Judged[] {
  const placed = [
    ...issuers.flatMap(({ client, probes }) => probes.map((result) => ({ at: issuer, place: client, result }))),
    ...apis.flatMap(({ api, probes }) => probes.map((result) => ({ at: api, place: api, result }))),
  ]
  const attacks = ({ at, result }: (typeof placed)[number], hole: KnownScenario['holes'][number]) =>
    (hole.at === '*' || hole.at === at) && ('probe' in hole ? result.probe === hole.probe : result.attacks.includes(hole.rule))
  const missing = holes.map((hole): Judged => {
    const said = placed.filter((one) => attacks(one, hole)).map(({ result }) => saidBy(result))
    const worst = worstOf(said)
    const control = 'probe' in hole ? hole.probe : hole.rule
    return { target, place: hole.at, control, actual: 'broken', said: worst, why: '', outcome: outcomes.broken[worst] }
  })
  // What attacks no rule asks whether there is any binding at all; where controls are named, those alone are open.
  const named = notInForce.some((hole) => 'probe' in hole)
  const inForce = ({ at, result }: (typeof placed)[number]) =>
    result.attacks.length > 0 || named
      ? !notInForce.some((hole) => attacks({ at, place: at, result }, hole))
      : binds && notInForce.every((hole) => hole.at !== '*' && hole.at !== at)
  return [
    ...missing,
    ...placed
      .filter((one) => inForce(one) && one.result.verdict !== 'not-applicable')
      .map(({ place, result }): Judged => {
        const said = saidBy(result)
        const why = `${result.probe}: ${result.reason ?? result.answered}`
        const actual = unseen.some((one) => one.probe === result.probe && one.at === place) ? 'unseen' : 'enforced'
        return { target, place, control: result.attacks[0] ?? result.probe, actual, said, why, outcome: outcomes[actual][said] }
      }),
  ]
}

const worstOf = (said: readonly Said[]): Said =>
  (['broken', 'open', 'enforced', 'unasked'] as const).find((one) => said.includes(one)) ?? 'open'

function asksOf({ probe, attacks }: ProbeResult, { asksToo }: RemovedRules): readonly RuleId[] {
  const too = asksToo[probe]
  return too === undefined ? attacks : [...attacks, too]
}

export interface Score extends Readonly<Record<Outcome, number>> {
  readonly precision: number
  readonly recall: number
}

/** Where nothing is broken nothing can be missed, and where nothing is said nothing is false: both shares are 1 then. */
export function scoreOf(judged: readonly Judged[]): Score {
  const count = (outcome: Outcome) => judged.filter((one) => one.outcome === outcome).length
  const share = (part: number, whole: number) => (whole === 0 ? 1 : part / whole)
  const [hit, alarm, miss] = [count('hit'), count('alarm'), count('miss')]
  return {
    hit,
    alarm,
    miss,
    right: count('right'),
    unasked: count('unasked'),
    silent: count('silent'),
    unfounded: count('unfounded'),
    moot: count('moot'),
    precision: share(hit, hit + alarm),
    recall: share(hit, hit + miss),
  }
}

/** Everything that was not said as it is. */
export function confusionOf(judged: readonly Judged[]): Judged[] {
  return judged.filter(({ outcome }) => ['alarm', 'miss', 'silent', 'unfounded'].includes(outcome))
}

/** No false word, and at least 98 of 100 visible faults found. */
export function isAccurate({ alarm, unfounded, recall }: Score): boolean {
  return alarm === 0 && unfounded === 0 && recall >= 0.98
}
