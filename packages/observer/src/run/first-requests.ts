// The first requests to an API, without a ticket: what it answers whoever has nothing, or why it was not reached.
// What follows with a ticket stands in `apis.ts`.
import type { ApiEntry } from '../inventory/inventory.ts'
import { askWithoutTicket } from '../stations/brief.ts'
import { type Ground, surveyGround } from '../stations/ground.ts'
import type { Sent } from '../wire/line.ts'
import { endOf } from './end-of.ts'
import type { Run } from './run.ts'

interface FirstAnswer {
  readonly none: Sent | undefined
  /** Why there was no answer at all. */
  readonly unreached?: string | undefined
}

export async function firstRequest(run: Run, api: ApiEntry): Promise<FirstAnswer> {
  try {
    return { none: await askWithoutTicket(api, run.line) }
  } catch (error) {
    return { none: undefined, unreached: endOf(error) }
  }
}

export async function groundOf(run: Run, api: ApiEntry, none: Sent): Promise<{ readonly ground?: Ground; readonly unreached?: string }> {
  try {
    return { ground: await surveyGround(api, run.line, none) }
  } catch (error) {
    return { unreached: endOf(error) }
  }
}
