// Runs the probes of one place in order, several between the same two controls, until one finds what makes the rest moot.
// How one of them is judged stands in `sandwich.ts`.
import { notSent, probeResult } from '../judgement/probe-result.ts'
import type { ObserveOptions, ProbeResult } from '../observation.ts'
import type { AnyProbe, EditProbe, StationName } from '../probe.ts'
import { endOf } from './end-of.ts'
import type { Run } from './run.ts'
import { type Station, sandwich, sandwichTogether } from './sandwich.ts'
import { askAgain } from './unsteady.ts'

/** How many mutations share two controls: enough to stay gentle, few enough to tell since when something went wrong. */
export const groupSize = 8

/** Decisive probes stand alone: what they find makes the rest moot. So do those that ask about the nonce challenge itself. */
export function standsAlone<S extends StationName>({ decisive, station, judgesNonceChallenge, sends }: EditProbe<S>): boolean {
  return decisive === true || station !== 'api' || judgesNonceChallenge === true || typeof sends === 'number'
}

export function groupsOf<S extends StationName>(probes: readonly EditProbe<S>[]): EditProbe<S>[][] {
  const groups: EditProbe<S>[][] = []
  let open: EditProbe<S>[] | undefined
  for (const probe of probes) {
    const alone = standsAlone(probe)
    if (alone || open === undefined || open.length >= groupSize) {
      const group = [probe]
      groups.push(group)
      open = alone ? undefined : group
    } else open.push(probe)
  }
  return groups
}

interface Runner {
  readonly guarded: Run['guarded']
  readonly options: ObserveOptions
}

export function runsInGroups({ guarded, options }: Runner): Run['runAll'] {
  const runGroup = async <S extends StationName>(group: readonly EditProbe<S>[], target: string, station: Station<S>) => {
    const [first] = group
    if (first !== undefined && group.length === 1)
      return [await guarded(target, first as unknown as AnyProbe, () => sandwich(station, first))]
    for (const { id } of group) options.onStep?.({ target, probe: id })
    try {
      const results = (await sandwichTogether(station, group)).map((outcome, i) => probeResult(group[i]!, outcome))
      for (const { probe, verdict } of results) options.onStep?.({ target, probe, verdict })
      return results
    } catch (error) {
      // They share their controls, and with them the end of the budget.
      const end = endOf(error)
      return group.map((probe) => notSent(probe, end))
    }
  }
  /** What one refusal proved is asked again; what the budget does not reach stays open. */
  const confirmed = async <S extends StationName>(
    results: readonly ProbeResult[],
    probes: readonly EditProbe<S>[],
    target: string,
    station: Station<S>,
  ) => {
    const settled: ProbeResult[] = []
    for (const result of results) {
      const probe = probes.find(({ id }) => id === result.probe)
      if (probe === undefined || probe.passes || result.verdict !== 'holds') settled.push(result)
      else {
        const again = await guarded(target, probe as unknown as AnyProbe, () => askAgain(station, probe))
        settled.push({ ...again, evidence: [...result.evidence, ...again.evidence] })
      }
    }
    return settled
  }
  return async (target, probes, station) => {
    const results: ProbeResult[] = []
    let moot: string | undefined
    for (const group of groupsOf(probes)) {
      const judged = moot === undefined ? await runGroup(group, target, station) : group.map((probe) => notSent(probe, moot!))
      results.push(...judged)
      // Whoever names probes wants their verdicts, decisive or not.
      const hole = judged.findIndex(({ verdict }, i) => verdict === 'violated' && group[i]!.decisive)
      if (hole >= 0 && options.only === undefined) moot = `moot: ${group[hole]!.id} is violated`
    }
    return station.goodRequests === 'unsteady' ? confirmed(results, probes, target, station) : results
  }
}
