// Steps of attacks in short: who does what where, and whether it gets through.
import type { ApiName, ClientName } from '../world/switches.ts'
import type { HolderMove, MoveStep, ProbeStep, ThiefMove } from './scenario.ts'

interface At {
  readonly api: ApiName
  readonly client?: ClientName
  readonly inside?: true
}

export function holder(move: HolderMove, { api, client = 'web' }: At, passes = true): MoveStep {
  return { who: 'holder', move, client, api, passes }
}

/** The thief takes what the holder sent last, and gets through. */
export function thief(move: ThiefMove, { api, client = 'web', inside }: At): MoveStep {
  return { who: 'thief', move, client, api, passes: true, ...(inside && { inside }) }
}

/** The thief is refused. */
export function refused(move: ThiefMove, at: At): MoveStep {
  return { ...thief(move, at), passes: false }
}

/** The holder gets a ticket and uses it: what everything else begins with. */
export function usual(at: At): readonly MoveStep[] {
  return [holder('get-ticket', at), holder('use-ticket', at)]
}

/** What the observer asks about it, and finds open. */
export function open(probe: string): ProbeStep {
  return { who: 'thief', probe, passes: true }
}
