// What a run means to the shell: 0 clean, 1 findings, 2 inconclusive, 3 error.
import type { ExitCode, Observation, ProbeResult } from './observation.ts'

/** An error, thrown or not, is 3. Without findings, anything left open in the core is 2. */
export function exitCodeOf(outcome: Observation | Error): ExitCode {
  if (outcome instanceof Error) return 3
  if (outcome.findings.length > 0) return 1
  if (outcome.issuers.some(({ readiness }) => readiness?.some(({ verdict }) => verdict === 'not-ready'))) return 1
  const open = outcome.overall === 'unknown' || outcome.stopped !== undefined || !outcome.complete
  const undecided = [...outcome.apis, ...outcome.issuers].some(({ probes }) => probes.some((result) => isOpen(result, probes)))
  return open || undecided ? 2 : 0
}

/** AS3 asks without a grant what AS2 asks with one: either answer is enough. */
function isOpen({ probe, verdict }: ProbeResult, beside: readonly ProbeResult[]): boolean {
  if (verdict !== 'inconclusive') return false
  return probe !== 'AS3' || !beside.some((other) => other.probe === 'AS2' && (other.verdict === 'holds' || other.verdict === 'violated'))
}
