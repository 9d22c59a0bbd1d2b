// What is left of access after a revocation, as a report has it. Types only; how it is watched stands in `after-revocation.ts`.
import type { ApiEntry } from './inventory.ts'

/** How long a revoked ticket went on passing at one API (SEED-TB-73). */
export interface Residual {
  readonly api: string
  readonly client: string
  /** What the owner promises there. */
  readonly promised: ApiEntry['revocation']
  /** Seconds after the revocation, in order. */
  readonly steps: readonly { readonly seconds: number; readonly passes: boolean; readonly answered: string }[]
  /** Left out where it was not refused while it was watched. */
  readonly refusedAfterSeconds?: number
  /** Of the ticket, when it was revoked. */
  readonly lifetimeSeconds: number
  readonly evidence: readonly string[]
}
