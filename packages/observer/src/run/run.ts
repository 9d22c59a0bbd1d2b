// One run of the observer: its line to the outside, its limits, which probes it uses, and how one of them is run safely.
// What is asked in which order stands in `observe.ts`.
import { randomBytes } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import { Misuse, type Seconds } from '@kimei/protocol'
import type { Inventory } from '../inventory/inventory.ts'
import { notSent, probeResult } from '../judgement/probe-result.ts'
import { type Ledger, openLedger } from '../ledger/evidence.ts'
import type { ObserveOptions, ProbeResult } from '../observation.ts'
import type { AnyProbe, EditProbe, ProbeHead, StationName } from '../probe.ts'
import { probes } from '../probes/index.ts'
import { listedAs } from '../probes/others/other-credentials.ts'
import { readinessProbes } from '../readiness/from-probes.ts'
import { briefRequests } from '../stations/brief.ts'
import { StationClosed } from '../stations/token-endpoint.ts'
import type { GivenUp } from '../wire/host-health.ts'
import { type Line, openLine } from '../wire/line.ts'
import { makePacer, PolicyRefusal, RunStopped } from '../wire/pacer.ts'
import { openRawClient } from '../wire/raw-client.ts'
import { endOf } from './end-of.ts'
import { runsInGroups } from './probe-groups.ts'
import { type Outcome, type Station, skipped } from './sandwich.ts'

/** Of one API with one client, where nobody says otherwise. */
export const usualRequestsPerApi = 40

export interface Run {
  readonly inventory: Inventory
  readonly options: ObserveOptions
  readonly line: Line
  readonly ledger: Ledger
  readonly clock: () => Seconds
  readonly spent: () => number
  /** The most that any of these targets has taken. */
  readonly mostAt: (targets: readonly string[]) => number
  /** Requests of one target for what comes later. */
  readonly keepBack: (target: string, requests: number) => void
  /** Who is not asked any more. */
  readonly givenUp: () => readonly GivenUp[]
  /** Why nobody is. */
  readonly stopped: () => string | undefined
  /** Whether this run uses the probe. */
  wants(probe: ProbeHead): boolean
  /** Runs the probes in order at one place; what cannot be sent any more says why. */
  runAll<S extends StationName>(target: string, probes: readonly EditProbe<S>[], station: Station<S>): Promise<ProbeResult[]>
  /** Lets that much time pass at an API; `undefined` where nobody waits so long. */
  waitFor(seconds: number): (() => Promise<void>) | undefined
  /** Runs one step; budget and other ends become an outcome. */
  guarded(target: string, probe: AnyProbe, step: () => Promise<Outcome>): Promise<ProbeResult>
  close(): void
}

/** @param authorities PEM: who certifies servers, beside those that the machine trusts. */
export function openRun(inventory: Inventory, options: ObserveOptions, authorities: readonly string[] = []): Run {
  const clock = options.clock ?? (() => Math.floor(Date.now() / 1000))
  refuseStaleConsent(inventory, clock())
  refuseUnknownProbes(options.only)
  const { client, ledger, line, pacer } = openParts(inventory, options, clock, authorities)

  const guarded: Run['guarded'] = async (target, probe, step) => {
    options.onStep?.({ target, probe: probe.id })
    try {
      const result = probeResult(probe, await step())
      options.onStep?.({ target, probe: probe.id, verdict: result.verdict })
      return result
    } catch (error) {
      if (error instanceof StationClosed && error.nothing) return probeResult(probe, skipped(error.message))
      return notSent(probe, endOf(error))
    }
  }

  return {
    inventory,
    options,
    line,
    ledger,
    clock,
    spent: pacer.spent,
    mostAt: pacer.mostAt,
    keepBack: pacer.keepBack,
    givenUp: pacer.givenUp,
    stopped: pacer.stopped,
    wants: (probe) =>
      options.only?.includes(probe.id) ||
      (options.only === undefined && (probe.depth === 'core' || options.depth === 'full')) ||
      (options.oauth21 === true && readinessProbes.has(probe.id)),
    guarded,
    waitFor: waitsWith(options),
    runAll: runsInGroups({ guarded, options }),
    close: client.close,
  }
}

function openParts(inventory: Inventory, options: ObserveOptions, clock: () => Seconds, authorities: readonly string[]) {
  const ledger = openLedger()
  const { pace } = inventory
  const idleMilliseconds = 1000 * (options.pace?.answerSeconds ?? pace.answerSeconds)
  const client = openRawClient(() => authorities, { idleMilliseconds, signal: options.signal })
  const wished = options.pace?.requestsPerSecond
  const stated = options.pace?.requestsPerApi ?? pace.requestsPerApi
  const pacer = makePacer({
    allowedHosts: inventory.allowedHosts,
    // Options may slow a foreign host down, never hurry it.
    requestsPerSecond: Math.min(pace.requestsPerSecond, wished ?? pace.requestsPerSecond),
    loopbackRequestsPerSecond: wished ?? pace.requestsPerSecond,
    requestsPerTarget: stated ?? usualRequestsPerApi,
    beyond: beyondOneClient(inventory, stated),
    budget: options.pace?.budget ?? pace.budget,
    signal: options.signal,
    restSeconds: options.pace?.restSeconds ?? pace.restSeconds,
    onRest: options.onRest,
    clock,
  })
  const random = options.random ?? ((bytes: number) => randomBytes(bytes))
  const line = openLine({
    client,
    pacer,
    ledger,
    clock,
    random,
    userAgent: `kimei-observer (${inventory.contact.replace(/[^\x20-\x7e]/g, '?')})`,
  })
  return { client, ledger, line, pacer }
}

/** All waiting of one run comes from one store of patience. */
function waitsWith({ wait, patienceSeconds = 0, signal }: ObserveOptions): Run['waitFor'] {
  let left = patienceSeconds
  return (seconds) => {
    if (wait) return () => wait(seconds)
    if (seconds > left) return undefined
    return async () => {
      left -= seconds
      await setTimeout(seconds * 1000, undefined, { ...(signal && { signal }) }).catch(() => {
        throw new RunStopped('cancelled')
      })
    }
  }
}

/** Alone, made up, and beside the ticket in both ways, with a good request after it. */
const requestsPerCredential = 5

/**
 * At an API a number that somebody wrote down is kept to; without one, each further client brings what a brief look takes, and each
 * other credential what it is asked with. An issuer is asked as much for each of its clients.
 */
function beyondOneClient({ apis, issuers, clients, otherCredentials }: Inventory, stated: number | undefined): ReadonlyMap<string, number> {
  const ofIssuer = (id: string) => clients.filter(({ issuer }) => issuer === id).length
  const tried = (id: string) => otherCredentials.filter((one) => one.apis === undefined || one.apis.includes(id)).length
  return new Map([
    ...issuers.map(({ id }) => [id, (stated ?? usualRequestsPerApi) * Math.max(0, ofIssuer(id) - 1)] as const),
    ...(stated === undefined
      ? apis.map(({ id, clients: own }) => [id, briefRequests * (own.length - 1) + requestsPerCredential * tried(id)] as const)
      : []),
  ])
}

/** @throws PolicyRefusal, before anything is sent. */
function refuseStaleConsent({ consent }: Inventory, now: Seconds): void {
  if (consent && Date.parse(`${consent.until}T23:59:59Z`) / 1000 < now) throw new PolicyRefusal(`the consent ended on ${consent.until}`)
}

/** @throws Misuse: a probe that nobody knows would silently prove nothing. */
function refuseUnknownProbes(only: readonly string[] | undefined): void {
  const known = new Set(probes.map(({ id }) => id))
  const unknown = (only ?? []).filter((id) => !known.has(id) && !known.has(listedAs({ id })))
  if (unknown.length > 0) throw new Misuse(unknown.map((id) => `there is no probe ${id}`))
}
