// Asks whether a pushed request must name the key of its ticket. It asks only where nothing has told yet, and judges nothing.
import { judgedByRedemption } from '../judgement/code-binding.ts'
import type { ProbeResult } from '../observation.ts'
import { keyAlonePush, pushedCodeForms, unnamedPush } from '../probes/code/pushed-code-forms.ts'
import { type CodeFlowParts, codeFlow } from '../stations/code-flow.ts'
import type { Run } from './run.ts'
import { sandwich } from './sandwich.ts'

/** The questions and their answers, as far as they were needed. */
export async function askCodeBinding(run: Run, parts: CodeFlowParts, known: readonly ProbeResult[]): Promise<readonly ProbeResult[]> {
  const station = codeFlow(parts).pushedCode
  if (station === undefined || !pushedCodeForms.some(run.wants) || (!parts.pushesAlone() && known.some(judgedByRedemption))) return []
  const ask = (question: typeof unnamedPush) => run.guarded(parts.target, question, () => sandwich(station, question))
  const unnamed = await ask(unnamedPush)
  return unnamed.verdict === 'holds' ? [unnamed, await ask(keyAlonePush)] : [unnamed]
}
