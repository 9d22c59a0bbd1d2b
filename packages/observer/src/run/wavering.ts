// Nodes behind one address that do not agree: one refuses, another one takes the same wrong request. What was accepted is asked again, and
// told as often as it was; where it is now so, now so, no refusal proves anything. How one probe is asked stands in `sandwich.ts`.
import { isAboutOthers } from '../judgement/other-credentials.ts'
import type { ProbeResult } from '../observation.ts'
import { type EditProbe, isNotApplicable } from '../probe.ts'
import { decidingProbes } from '../probes/index.ts'
import type { BriefPlace } from '../stations/brief.ts'
import { endOf } from './end-of.ts'
import { control, type Performed, type Station } from './sandwich.ts'

/** How often a wrong request was accepted, of how many clear answers. */
export interface Tries {
  readonly accepted: number
  readonly of: number
  readonly evidence: readonly string[]
}

/** With the first answer three. */
const furtherTimes = 2
/** Good requests that must not be answered in a second way, before an acceptance now and then is one. */
const goodTimes = 3

export const wavers = 'refused here, and its nodes do not agree: another one may accept it'
export const unknownGood = 'good requests are answered in more than one way: what was accepted is not known'

export const inTries = ({ accepted, of }: Pick<Tries, 'accepted' | 'of'>): string => `accepted in ${accepted} of ${of} tries`

/** Asks the same again, made anew each time; what the budget does not reach is not counted. */
export async function furtherTries(station: Station<'api'>, probe: EditProbe<'api'>, first: Omit<Tries, 'evidence'>): Promise<Tries> {
  let { accepted, of } = first
  const evidence: string[] = []
  for (let time = 0; time < furtherTimes; time += 1) {
    const performed = await answeredOnce(station, probe)
    if (performed === undefined) break
    evidence.push(...performed.evidence)
    const { kind } = performed.answered
    if (kind === 'accepted') accepted += 1
    if (kind === 'accepted' || kind === 'refused') of += 1
  }
  return { accepted, of, evidence }
}

async function answeredOnce(station: Station<'api'>, probe: EditProbe<'api'>): Promise<Performed | undefined> {
  try {
    const perform = async (role: string) => {
      const plan = await probe.edit(await station.build(), station.kit)
      return isNotApplicable(plan) ? undefined : station.perform(plan, role)
    }
    const performed = await perform(`${probe.id}, again`)
    if (performed?.answered.kind !== 'nonce-challenge' || probe.judgesNonceChallenge) return performed
    station.nonceDemanded()
    return await perform(`${probe.id}, again, with nonce`)
  } catch (error) {
    endOf(error)
    return undefined
  }
}

/** Whether every good request that got in looks like the first one: a page that anybody gets now and then does not. */
export async function goodIsKnown(station: Station<'api'>): Promise<{ readonly known: boolean; readonly evidence: readonly string[] }> {
  const evidence: string[] = []
  for (let time = 0; time < goodTimes; time += 1) {
    try {
      const good = await control(station, 'good ticket, once more')
      evidence.push(...good.evidence)
      if (good.answered.kind === 'unclear') return { known: false, evidence }
    } catch (error) {
      endOf(error)
      return { known: false, evidence }
    }
  }
  return { known: true, evidence }
}

export interface Answers {
  readonly probes: readonly EditProbe<'api'>[]
  readonly results: readonly ProbeResult[]
  /** Requests that may be spent on what was refused, where something else was accepted. */
  readonly room?: number
}

/** What was found at one place, once what decides was asked again wherever something was accepted. */
export async function settleWavering(station: Station<'api'>, answers: Answers): Promise<readonly ProbeResult[]> {
  const { probes, results } = answers
  const tries = await triesOf(station, answers)
  const differs = [...tries.values()].some(({ accepted, of }) => accepted > 0 && accepted < of)
  if (!differs) return results.map((result) => withEvidence(result, tries.get(result.probe)))
  const good = await goodIsKnown(station)
  if (good.known) station.wavers = true
  return results.map((result) => {
    const tried = tries.get(result.probe)
    const probe = probes.find(({ id }) => id === result.probe)
    const evidence = [...result.evidence, ...(tried?.evidence ?? []), ...(tried ? good.evidence : [])]
    if (!good.known) return result.verdict === 'violated' ? open(result, unknownGood, evidence) : result
    if (tried && tried.accepted > 0) return { ...result, verdict: 'violated', state: 'not_enforced', answered: inTries(tried), evidence }
    return result.verdict === 'holds' && !probe?.passes ? open(result, wavers, evidence) : result
  })
}

/** @param wavered whether it is known already that the nodes disagree, from a client that was asked everything. */
export async function settledBriefly(
  { station, outcomes }: Pick<BriefPlace, 'station' | 'outcomes'>,
  results: readonly ProbeResult[],
  wavered: boolean | undefined,
): Promise<readonly ProbeResult[]> {
  const probes = outcomes.map(({ probe }) => probe)
  if (wavered === undefined) return settleWavering(station, { probes, results })
  return wavered ? results.map(doubtedThere) : results
}

/** Where nodes do not agree, a refusal is one of theirs. */
export function doubtedThere(result: ProbeResult): ProbeResult {
  return result.verdict === 'holds' ? open(result, wavers) : result
}

/** A verdict that nothing supports any more. */
export function open(result: ProbeResult, reason: string, evidence: readonly string[] = result.evidence): ProbeResult {
  const { issued: _, ...rest } = result
  return { ...rest, verdict: 'inconclusive', state: evidence.length > 0 ? 'not_observable' : 'not_tested', reason, evidence }
}

async function triesOf(station: Station<'api'>, { probes, results, room = 0 }: Answers): Promise<ReadonlyMap<string, Tries>> {
  const tries = new Map<string, Tries>()
  const deciding = results.filter(({ probe }) => decidingProbes.has(probe))
  const holes = results.some((result) => result.verdict === 'violated' && !isAboutOthers(result))
  // Where a finer question found a hole, the first one may have met the stricter node.
  const held = holes && room >= furtherTimes ? deciding.filter(({ verdict }) => verdict === 'holds').slice(0, 1) : []
  for (const { probe: id, verdict } of [...deciding.filter((one) => one.verdict === 'violated'), ...held]) {
    const probe = probes.find((one) => one.id === id)!
    tries.set(id, await furtherTries(station, probe, { accepted: verdict === 'violated' ? 1 : 0, of: 1 }))
  }
  return tries
}

function withEvidence(result: ProbeResult, tries: Tries | undefined): ProbeResult {
  return tries === undefined ? result : { ...result, evidence: [...result.evidence, ...tries.evidence] }
}
