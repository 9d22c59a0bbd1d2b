// From what was asked of codes to the record: what a request must name, and whether that is kept to. Nothing here is a finding.
import type { CodeBinding } from '../code-binding.ts'
import type { ProbeResult, Yes } from '../observation.ts'
import { probesAt } from '../probes/index.ts'
import { decide, type Row } from './decision-table.ts'

type Answer = 'accepted' | 'refused' | 'unknown'

export interface CodeFacts {
  /** A request that was not pushed and names no key led to a ticket. */
  readonly direct: 'accepted' | 'unknown'
  /** A push that names no key. */
  readonly unnamed: Answer
  /** A push that names it by `dpop_jkt` alone. */
  readonly keyAlone: Answer
}

export const demandTable: readonly Row<CodeFacts, CodeBinding['demands']>[] = [
  { when: { direct: 'accepted' }, so: 'nothing', because: 'whatever is demanded of a push, a request by the browser needs no key' },
  { when: { unnamed: 'accepted' }, so: 'nothing', because: 'a push without a key led to a ticket' },
  { when: { unnamed: 'refused', keyAlone: 'refused' }, so: 'proof', because: 'a push with a proof alone leads to a ticket' },
  { when: { unnamed: 'refused' }, so: 'key', because: 'a push without a key was refused' },
  { when: {}, so: 'unknown', because: 'it was not asked, or the answer did not tell' },
]

/** What keeps a code to the key that its request named. */
const keepers = ['AS4-proven-other', 'RD-announced-other']

/** `asked`: the questions about pushes, whose verdicts mean refused and accepted. `undefined` where nothing told anything. */
export function codeBindingOf(probes: readonly ProbeResult[], asked: readonly ProbeResult[], pushesAlone = false): CodeBinding | undefined {
  const kept = probes.filter(({ probe, verdict }) => keepers.includes(probe) && (verdict === 'holds' || verdict === 'violated'))
  const direct = pushesAlone ? undefined : probes.find(judgedByRedemption)
  const facts: CodeFacts = {
    direct: direct === undefined ? 'unknown' : 'accepted',
    unnamed: answerOf(asked.find(({ probe }) => probe === 'AS4-unnamed')),
    keyAlone: answerOf(asked.find(({ probe }) => probe === 'AS4-key-alone')),
  }
  const demands = decide(demandTable, facts).so
  const keeps = keepsOf(kept)
  if (demands === 'unknown' && keeps === 'unknown') return undefined
  return {
    demands,
    keeps,
    evidence: [...new Set([...asked, ...(direct ? [direct] : []), ...kept].flatMap(({ evidence }) => evidence))],
  }
}

/** Between two good redemptions, whose requests named no key and were not pushed. */
export function judgedByRedemption({ probe, verdict }: ProbeResult): boolean {
  return (verdict === 'holds' || verdict === 'violated') && redemptions().has(probe)
}

const redemptions = () => new Set(probesAt('redemption').map(({ id }) => id))

function answerOf(result: ProbeResult | undefined): Answer {
  if (result?.verdict === 'violated') return 'accepted'
  return result?.verdict === 'holds' ? 'refused' : 'unknown'
}

function keepsOf(kept: readonly ProbeResult[]): Yes {
  if (kept.some(({ verdict }) => verdict === 'violated')) return 'no'
  return kept.length > 0 ? 'yes' : 'unknown'
}
