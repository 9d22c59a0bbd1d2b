// Runs the observer against one scenario and compares what it says with what is so.
import { type Observation, observe, type PostureField, type Priority, type ProbeResult, parsePosture, renderPosture } from '@kimei/observer'
import { issuerPlace } from '../scenarios/not-in-force.ts'
import type { Hole, Scenario, Truth } from '../scenarios/scenario.ts'
import { startScenario } from '../scenarios/start-scenario.ts'

export interface Grade {
  readonly scenario: Scenario
  readonly right: boolean
  readonly key: { readonly expected: string; readonly found: string; readonly wrong: readonly PostureField[] }
  readonly priority: { readonly expected: Priority; readonly found: Priority }
  /** Holes that had to be found, and whether they were. */
  readonly holes: readonly { readonly hole: Hole; readonly found: boolean }[]
  /** Called violated where the lab is whole. */
  readonly falseAlarms: readonly { readonly at: string; readonly probe: string }[]
  /** Controls that were called holding, rightly. */
  readonly holding: number
  readonly requests: number
  readonly milliseconds: number
}

export interface GradeOptions {
  readonly signal?: AbortSignal
}

export async function gradeScenario(scenario: Scenario, { signal }: GradeOptions = {}): Promise<Grade> {
  const begun = performance.now()
  const started = await startScenario(scenario)
  try {
    const observation = await observe(started.inventory, { ...started.observing, ...(signal && { signal }) })
    return { ...compare(scenario, observation), milliseconds: Math.round(performance.now() - begun) }
  } finally {
    await started.close()
  }
}

interface Said {
  readonly at: string
  readonly result: ProbeResult
}

export function compare(scenario: Scenario, observation: Observation): Omit<Grade, 'milliseconds'> {
  const { truth } = scenario
  const said = saidBy(observation)
  const violated = said.filter(({ result }) => result.verdict === 'violated')
  const holes = truth.holes.map((hole) => ({ hole, found: violated.some((one) => attacks(one, hole)) }))
  const falseAlarms = violated.filter((one) => isFalse(one, truth)).map(({ at, result }) => ({ at, probe: result.probe }))
  const key = keyOf(truth, observation.bindingKeyPosture)
  const priority = { expected: truth.priority, found: observation.record.action_priority }
  const right =
    key.wrong.length === 0 && priority.expected === priority.found && falseAlarms.length === 0 && holes.every(({ found }) => found)
  const holding = said.filter(({ result }) => result.verdict === 'holds').length
  return { scenario, right, key, priority, holes, falseAlarms, holding, requests: observation.counts.requests }
}

function saidBy({ issuers, apis }: Observation): readonly Said[] {
  return [
    ...issuers.flatMap(({ probes }) => probes.map((result) => ({ at: issuerPlace, result }))),
    ...apis.flatMap(({ api, probes }) => probes.map((result) => ({ at: api, result }))),
  ]
}

function attacks({ at, result }: Said, hole: Hole): boolean {
  return (hole.at === '*' || hole.at === at) && ('probe' in hole ? result.probe === hole.probe : result.attacks.includes(hole.rule))
}

/** Probes that attack no rule ask whether the issuer binds at all; where the truth names controls, only those it names may be open. */
function isFalse(one: Said, { notInForce, posture }: Truth): boolean {
  const named = notInForce.some((hole) => 'probe' in hole)
  if (one.result.attacks.length === 0 && !named)
    return posture.as_enforced === 'yes' && notInForce.every(({ at }) => at !== '*' && at !== one.at)
  return !notInForce.some((hole) => attacks(one, hole))
}

function keyOf({ posture }: Truth, found: string): Grade['key'] {
  const read = parsePosture(found)
  const fields = Object.keys(posture) as PostureField[]
  const wrong = 'mistake' in read ? fields : fields.filter((field) => read[field] !== posture[field])
  return { expected: renderPosture(posture), found, wrong }
}
