// What other credentials make of an API: whoever holds one that passes needs no ticket, and an API that takes one demands a name of
// tickets alone. The probes stand in `probes/others/`.
import type { ProbeResult } from '../observation.ts'
import type { ApiFacts } from './api-table.ts'

const ofOthers = /^OT(\d)-/

/** Whether this result is about another credential. */
export function isAboutOthers({ probe }: Pick<ProbeResult, 'probe'>): boolean {
  return ofOthers.test(probe)
}

const wayOf = ({ probe }: Pick<ProbeResult, 'probe'>): string | undefined => ofOthers.exec(probe)?.[1]

/** The first word on each probe stands: what was seen here, before what was seen elsewhere. */
function firstWords(results: readonly ProbeResult[]): readonly ProbeResult[] {
  return [...new Map(results.toReversed().map((result) => [result.probe, result])).values()].filter(isAboutOthers)
}

/** Whether one passes alone (OT1, or a made-up one: OT2). */
export function othersAsFact(results: readonly ProbeResult[]): ApiFacts['others'] {
  const verdicts = firstWords(results)
    .filter(({ verdict }) => verdict !== 'not-applicable')
    .map((result) => ({ way: wayOf(result), verdict: result.verdict }))
  if (verdicts.length === 0) return 'none'
  if (verdicts.some(({ way, verdict }) => verdict === 'violated' && (way === '1' || way === '2'))) return 'accepted'
  return verdicts.some(({ verdict }) => verdict === 'inconclusive') ? 'unknown' : 'refused'
}

/** Whether the ticket alone passes because something stands beside it (OT3, OT4). */
export function isSkipped(results: readonly ProbeResult[]): boolean {
  return firstWords(results).some((result) => result.verdict === 'violated' && (wayOf(result) === '3' || wayOf(result) === '4'))
}

export function kindOfOther(result: ProbeResult): 'other-credential-accepted' | 'credential-not-compared' | 'binding-skipped' | undefined {
  const way = wayOf(result)
  if (way === undefined) return undefined
  return way === '1' ? 'other-credential-accepted' : way === '2' ? 'credential-not-compared' : 'binding-skipped'
}

/** Where any value passes, that one passes too, and lets a ticket pass beside it, is no finding of its own. */
export function withoutImplied(results: readonly ProbeResult[]): readonly ProbeResult[] {
  const anyValue = new Set(results.filter((one) => one.verdict === 'violated' && wayOf(one) === '2').map(({ credential }) => credential))
  return results.filter((one) => !isAboutOthers(one) || wayOf(one) === '2' || !anyValue.has(one.credential))
}
