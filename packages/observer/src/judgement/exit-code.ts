// What a run means to the shell: 0 clean, 1 findings, 2 inconclusive or only a part, 3 error.
import { openFindings } from '../inventory/acceptance.ts'
import type { ExitCode, Observation, ProbeResult } from '../observation.ts'
import { inventoryEvidence } from './overall.ts'

/**
 * An error, thrown or not, is 3; a run that was ended from outside, 2. Without a finding that was seen, anything left open in the core is 2:
 * what the inventory alone says is a finding, and no observation.
 */
export function exitCodeOf(outcome: Observation | Error): ExitCode {
  if (outcome instanceof Error) return 3
  if (outcome.stopped === 'cancelled') return 2
  const findings = openFindings(outcome.findings)
  if (findings.some(({ evidence }) => evidence.some((one) => one !== inventoryEvidence))) return 1
  if (outcome.issuers.some(({ readiness }) => readiness?.some(({ verdict }) => verdict === 'not-ready'))) return 1
  const open = outcome.overall === 'unknown' || outcome.stopped !== undefined || outcome.givenUp !== undefined || !outcome.complete
  const undecided = [...outcome.apis, ...outcome.issuers].some(({ probes }) => probes.some((result) => isOpen(result, probes)))
  if (open || undecided) return 2
  return findings.length > 0 ? 1 : 0
}

/** AS3 asks without a grant what AS2 asks with one: either answer is enough. */
function isOpen({ probe, verdict, reason }: ProbeResult, beside: readonly ProbeResult[]): boolean {
  // Moot: another probe found the hole, which is a finding, accepted or not.
  if (verdict !== 'inconclusive' || reason?.startsWith('moot: ')) return false
  return probe !== 'AS3' || !beside.some((other) => other.probe === 'AS2' && (other.verdict === 'holds' || other.verdict === 'violated'))
}
