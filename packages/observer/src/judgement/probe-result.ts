// One probe's outcome as a line of the report.
import type { ControlState, ProbeResult } from '../observation.ts'
import type { ProbeHead } from '../probe.ts'
import type { Outcome } from '../run/sandwich.ts'

export function probeResult(probe: ProbeHead, outcome: Outcome): ProbeResult {
  const { id, attacks, level, cite, says, proves, doesNotProve, sources, credential } = probe
  const { verdict, answered, evidence, reason, issued } = outcome
  const state = stateOf(outcome)
  return {
    probe: id,
    attacks,
    level,
    cite,
    says,
    proves,
    doesNotProve,
    verdict,
    state,
    ...(reason !== undefined && { reason }),
    answered,
    ...(issued && { issued }),
    sources,
    ...(credential !== undefined && { credential }),
    evidence,
  }
}

/** An open question is never a pass. */
function stateOf({ verdict, evidence }: Outcome): ControlState {
  if (verdict === 'holds') return 'enforced'
  if (verdict === 'violated') return 'not_enforced'
  return evidence.length > 0 ? 'not_observable' : 'not_tested'
}

/** A probe that was never sent, and why. */
export function notSent(probe: ProbeHead, reason: string): ProbeResult {
  return probeResult(probe, { verdict: 'inconclusive', reason, answered: '', evidence: [] })
}
