// Side doors: every probe of the topic `elsewhere`. One that is open makes an exception path of the API that is guarded at its front.
import type { ProbeResult } from '../observation.ts'
import { probes } from '../probes/index.ts'
import { isSkipped } from './other-credentials.ts'

export const sideDoorIds: ReadonlySet<string> = new Set(probes.filter(({ topic }) => topic === 'elsewhere').map(({ id }) => id))

/** Whether the ticket alone passes at one of them. */
export function hasOpenSide(results: readonly ProbeResult[]): boolean {
  return isSkipped(results) || results.some(({ probe, verdict }) => verdict === 'violated' && sideDoorIds.has(probe))
}
