// Gentleness: only consented hosts, one request in flight, a rate and a budget. When a host struggles, `host-health.ts` says so.
import { setTimeout } from 'node:timers/promises'
import type { Seconds } from '@kimei/protocol'
import { isLoopback } from '../inventory/targets.ts'
import { type GivenUp, makeHostHealth } from './host-health.ts'
import type { HeaderLines } from './raw-client.ts'

/** The observer refuses to go on: nothing further is sent. Not a verdict about the target. */
export class PolicyRefusal extends Error {
  override readonly name = 'PolicyRefusal'
}

/** No requests are left for this target or for the run. */
export class BudgetSpent extends Error {
  override readonly name = 'BudgetSpent'
}

/** The run is over: it was cancelled, or hosts struggle everywhere. */
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
  readonly clock?: () => Seconds
  /** The longest rest that a host gets when it asks for one. */
  readonly restSeconds?: number
  /** A host asks to be left alone for a while (`Retry-After`), and is. */
  readonly onRest?: ((rest: HostRest) => void) | undefined
}

export interface HostRest {
  readonly host: string
  readonly seconds: number
}

interface PacedAnswer {
  readonly status: number
  readonly headers?: HeaderLines
}

export interface Pacer {
  /** Waits for its turn, then runs `send`. `target` has a budget of its own; `address`: which node of the host is meant. */
  turn<T extends PacedAnswer>(target: string, url: string, send: () => Promise<T>, address?: string): Promise<T>
  readonly spent: () => number
  /** The most that any of these targets has taken. */
  readonly mostAt: (targets: readonly string[]) => number
  /** Keeps requests of this target back for what comes later; the next word replaces it. Never more than half of its budget. */
  readonly keepBack: (target: string, requests: number) => void
  /** Who is not asked any more. */
  readonly givenUp: () => readonly GivenUp[]
  /** Why nobody is. */
  readonly stopped: () => string | undefined
}

interface Turn<T extends PacedAnswer> {
  readonly target: string
  readonly url: URL
  readonly host: string
  readonly send: () => Promise<T>
}

/** Why a probe was not sent. */
export const targetSpent = 'the budget of this target is spent'

export function makePacer(limits: PaceLimits): Pacer {
  const purse = makePurse(limits)
  let free = 0
  const health = makeHostHealth(limits.clock ?? (() => Math.floor(Date.now() / 1000)), limits.restSeconds ?? 0)
  let last: Promise<unknown> = Promise.resolve()

  const admit = (target: string, url: URL, host: string) => {
    if (!limits.allowedHosts.has(url.host)) throw new PolicyRefusal(`${url.host} is not a host of the inventory`)
    if (limits.signal?.aborted) throw new RunStopped('cancelled')
    const stopped = health.stopped()
    if (stopped !== undefined) throw new RunStopped(stopped)
    health.admit(host, target)
    purse.pay(target)
  }

  const pause = async (milliseconds: number) => {
    if (milliseconds > 0) await setTimeout(milliseconds, undefined, { ...(limits.signal && { signal: limits.signal }) }).catch(cancelled)
  }

  const turnOf = async (url: URL, host: string) => {
    const rest = health.restMilliseconds(host, Date.now())
    if (rest > 0) limits.onRest?.({ host, seconds: Math.ceil(rest / 1000) })
    await pause(Math.max(rest, free - Date.now()))
    const rate = isLoopback(url.hostname) ? limits.loopbackRequestsPerSecond : limits.requestsPerSecond
    free = Number.isFinite(rate) ? Date.now() + 1000 / rate : 0
  }

  const run = async <T extends PacedAnswer>({ target, url, host, send }: Turn<T>): Promise<T> => {
    admit(target, url, host)
    await turnOf(url, host)
    try {
      const answer = await send()
      health.answered(host, target, answer, Date.now())
      return answer
    } catch (error) {
      if (!limits.signal?.aborted) health.failed(host, target, error)
      throw error
    }
  }

  return {
    turn(target, address, send, node) {
      const url = new URL(address)
      const mine = last.then(() => run({ target, url, host: node === undefined ? url.host : `${url.host} (${node})`, send }))
      last = mine.catch(() => undefined)
      return mine
    },
    spent: purse.spent,
    mostAt: purse.mostAt,
    keepBack: purse.keepBack,
    givenUp: health.givenUp,
    stopped: health.stopped,
  }
}

interface Purse extends Pick<Pacer, 'spent' | 'mostAt' | 'keepBack'> {
  /** @throws BudgetSpent */
  pay(target: string): void
}

function makePurse({ budget, requestsPerTarget, beyond }: Pick<PaceLimits, 'budget' | 'requestsPerTarget' | 'beyond'>): Purse {
  const perTarget = new Map<string, number>()
  const keptBack = new Map<string, number>()
  let spent = 0
  return {
    pay(target) {
      const used = perTarget.get(target) ?? 0
      if (spent >= budget) throw new BudgetSpent('the budget of the run is spent')
      if (used >= requestsPerTarget + (beyond?.get(target) ?? 0) - (keptBack.get(target) ?? 0)) throw new BudgetSpent(targetSpent)
      spent += 1
      perTarget.set(target, used + 1)
    },
    spent: () => spent,
    keepBack: (target, requests) =>
      keptBack.set(target, Math.min(requests, Math.floor(requestsPerTarget / 2) + (beyond?.get(target) ?? 0))),
    mostAt: (targets) => Math.max(0, ...targets.map((target) => perTarget.get(target) ?? 0)),
  }
}
