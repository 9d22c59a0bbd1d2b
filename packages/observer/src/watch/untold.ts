// What one way of telling did not take is kept for its next turn: a webhook that is down for an hour has missed nothing.
// How it is told stands with each way: `webhook.ts`, `ocsf.ts`.
import type { ChangeEvent } from './changes.ts'
import type { Deliver } from './webhook.ts'

const mostKept = 1000

/** Events keep their ids, so whoever gets one twice can tell. Beyond a thousand the oldest are given up, and that is said. */
export function keepingUntold(deliver: Deliver, most = mostKept): Deliver {
  let untold: readonly ChangeEvent[] = []
  return async (events) => {
    const owed = [...untold, ...events]
    if (owed.length === 0) return undefined
    const trouble = await deliver(owed)
    untold = trouble === undefined ? [] : owed.slice(-most)
    const lost = trouble === undefined ? 0 : owed.length - untold.length
    return lost > 0 ? `${trouble}; the oldest ${lost} are given up` : trouble
  }
}
