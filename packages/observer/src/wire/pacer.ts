// Gentleness: only consented hosts, one request in flight, a rate, a budget, and an end when the other side struggles.
import { setTimeout } from 'node:timers/promises'
import { isLoopback } from '../inventory/targets.ts'

/** The observer refuses to go on: nothing further is sent. Not a verdict about the target. */
export class PolicyRefusal extends Error {
  override readonly name = 'PolicyRefusal'
}

/** No requests are left for this target or for the run. */
export class BudgetSpent extends Error {
  override readonly name = 'BudgetSpent'
}

/** The other side answered 429 or 5xx too often, or the run was cancelled. */
export class RunStopped extends Error {
  override readonly name = 'RunStopped'
}

function cancelled(): never {
  throw new RunStopped('cancelled')
}

export interface PaceLimits {
  readonly allowedHosts: ReadonlySet<string>
  readonly requestsPerSecond: number
  readonly loopbackRequestsPerSecond: number
  readonly requestsPerTarget: number
  /** What some targets may take beyond that. */
  readonly beyond?: ReadonlyMap<string, number>
  readonly budget: number
  readonly signal?: AbortSignal | undefined
}

export interface Pacer {
  /** Waits for its turn, then runs `send`. `target` has a budget of its own. */
  turn<T extends { readonly status: number }>(target: string, url: string, send: () => Promise<T>): Promise<T>
  readonly spent: () => number
  /** The most that any of these targets has taken. */
  readonly mostAt: (targets: readonly string[]) => number
  /** Keeps requests of this target back for what comes later; the next word replaces it. Never more than half of its budget. */
  readonly keepBack: (target: string, requests: number) => void
}

/** Why a probe was not sent. */
export const targetSpent = 'the budget of this target is spent'

const struggleLimit = 3

export function makePacer(limits: PaceLimits): Pacer {
  const perTarget = new Map<string, number>()
  const keptBack = new Map<string, number>()
  let spent = 0
  let struggles = 0
  let free = 0
  let last: Promise<unknown> = Promise.resolve()

  const admit = (target: string, url: URL) => {
    if (!limits.allowedHosts.has(url.host)) throw new PolicyRefusal(`${url.host} is not a host of the inventory`)
    if (limits.signal?.aborted) throw new RunStopped('cancelled')
    if (struggles >= struggleLimit) throw new RunStopped(`stopped after ${struggleLimit} answers in a row with 429 or 5xx`)
    const used = perTarget.get(target) ?? 0
    if (spent >= limits.budget) throw new BudgetSpent('the budget of the run is spent')
    if (used >= limits.requestsPerTarget + (limits.beyond?.get(target) ?? 0) - (keptBack.get(target) ?? 0))
      throw new BudgetSpent(targetSpent)
    spent += 1
    perTarget.set(target, used + 1)
  }

  const pause = async (url: URL) => {
    const rate = isLoopback(url.hostname) ? limits.loopbackRequestsPerSecond : limits.requestsPerSecond
    const wait = free - Date.now()
    if (wait > 0) await setTimeout(wait, undefined, { ...(limits.signal && { signal: limits.signal }) }).catch(cancelled)
    free = Number.isFinite(rate) ? Date.now() + 1000 / rate : 0
  }

  const run = async <T extends { readonly status: number }>(target: string, url: URL, send: () => Promise<T>): Promise<T> => {
    admit(target, url)
    await pause(url)
    const answer = await send()
    struggles = answer.status === 429 || answer.status >= 500 ? struggles + 1 : 0
    return answer
  }

  return {
    turn(target, url, send) {
      const mine = last.then(() => run(target, new URL(url), send))
      last = mine.catch(() => undefined)
      return mine
    },
    spent: () => spent,
    keepBack: (target, requests) =>
      keptBack.set(target, Math.min(requests, Math.floor(limits.requestsPerTarget / 2) + (limits.beyond?.get(target) ?? 0))),
    mostAt: (targets) => Math.max(0, ...targets.map((target) => perTarget.get(target) ?? 0)),
  }
}
