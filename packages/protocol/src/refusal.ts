// A refusal: the peer broke a rule. A value, never thrown; it may carry writes (a replayed code revokes its family).
import type { Broken } from './rule.ts'
import type { Write } from './writes.ts'

export interface Refusal extends Broken {
  /** Writes the refusal itself demands, for instance `revoke-grant` on a true replay. */
  readonly writes?: readonly Write[]
  /** Extra wire members that a challenge must carry, for instance `{ scope: 'read write' }`. */
  readonly challenge?: Readonly<Record<string, string>>
}

/** Our side failed: logged with an id, answered 500 or 503, never with details. */
export class Fault extends Error {
  override readonly name = 'Fault'
}

/** The programmer or operator erred: thrown at construction, all mistakes listed together. */
export class Misuse extends Error {
  override readonly name = 'Misuse'
  readonly mistakes: readonly string[]
  constructor(mistakes: readonly string[]) {
    super(mistakes.length === 1 ? mistakes[0] : `${mistakes.length} mistakes:\n${mistakes.map((m) => `  - ${m}`).join('\n')}`)
    this.mistakes = mistakes
  }
}
