// What is left of access after it was ended, as a report has it. Types only; how it is watched stands in `run/after-revocation.ts`.
import type { ApiEntry } from './inventory/inventory.ts'

/** How access is ended: the ticket is revoked, or the refresh token beside it, or the person signs out. */
export const endings = ['access-token', 'refresh-token', 'sign-out'] as const
export type Ending = (typeof endings)[number]

/** How long a ticket went on passing at one API after its access was ended (SEED-TB-73). */
export interface Residual {
  readonly api: string
  readonly client: string
  readonly after: Ending
  /** What the owner promises there. */
  readonly promised: ApiEntry['revocation']
  /** Seconds within which the owner says that it ends, where they say so. */
  readonly promisedSeconds?: number
  readonly residualAccess: 'yes' | 'no'
  /** The last moment at which it was seen to pass; left out where it never did. */
  readonly passedSeconds?: number
  /** Seconds after the ending, in order. */
  readonly steps: readonly { readonly seconds: number; readonly passes: boolean; readonly answered: string }[]
  /** Left out where it was not refused while it was watched. */
  readonly refusedAfterSeconds?: number
  /** Of the ticket, when its access was ended. */
  readonly lifetimeSeconds: number
  /** The ticket alone, without what it names: `lapsed` where it was refused before and passes now; `never-held` where it passed before. */
  readonly binding: 'kept' | 'lapsed' | 'never-held' | 'not-tried'
  /** The old refresh token. `meant-to`: it was asked for to outlive the sign-in (offline_access). */
  readonly refresh: 'refused' | 'accepted' | 'meant-to' | 'not-tried'
  readonly evidence: readonly string[]
}
