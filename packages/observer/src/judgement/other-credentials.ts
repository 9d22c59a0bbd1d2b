// What other credentials make of an API: whoever holds one that passes needs no ticket, and an API that takes one demands a name of
// tickets alone. The probes stand in `probes/others/`.
import type { Text } from '@kimei/protocol'
import type { ApiRecord, ProbeResult } from '../observation.ts'
import type { ApiFacts } from './api-table.ts'

const ofOthers = /^OT(\d)-/

/** Whether this result is about another credential. */
export function isAboutOthers({ probe }: Pick<ProbeResult, 'probe'>): boolean {
  return ofOthers.test(probe)
}

/** Weaknesses of proofs: they let nobody in who has no proof at all. */
const besideTheTicket = new Set(['R1', 'R2', 'R3', 'R6', 'B3', 'U2', 'T3', 'H3', 'H4', 'H5', 'H6', 'H7', 'X4a', 'X4b', 'X4c'])

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

/** Whether another credential is all that passes: no ticket does without what it names. */
export function takesOthersAlone(results: readonly ProbeResult[]): boolean {
  const passing = results.filter(({ verdict, probe }) => verdict === 'violated' && !besideTheTicket.has(probe))
  return passing.length > 0 && passing.every((one) => wayOf(one) === '1' || wayOf(one) === '2')
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

/** Which credentials nobody could say anything about, and what settles it. */
export function doubtWarnings(apis: readonly ApiRecord[]): readonly Text[] {
  const open = apis.flatMap(({ probes }) =>
    probes.filter((one) => wayOf(one) === '1' && one.verdict === 'inconclusive' && one.evidence.length > 0),
  )
  return [...Map.groupBy(open, ({ credential }) => credential)].map(([credential, results]) => ({
    ja: `${credential}：断られましたが、まだ使えるものかどうかわかりません（${results.length} か所）。開けるはずの住所を worksAt に書いてください。`,
    en: `${credential}: refused at ${results.length === 1 ? 'one API' : `${results.length} APIs`}, and perhaps it is good nowhere: name an address that it opens (worksAt)`,
  }))
}
