// One observation after the other, on a schedule with jitter, until it is ended from outside; what changes is told.
// How an observation is made and where things are told are given; nothing here touches the network by itself.
import { setTimeout } from 'node:timers/promises'
import type { Seconds } from '@kimei/protocol'
import type { Observation } from '../observation.ts'
import { compareObservations } from '../report/compare.ts'
import { type CanaryState, canariesOf, countedCanaries, judgeCanaries } from './canary.ts'
import { type ChangeEvent, canaryEvents, changesOf, runFailed } from './changes.ts'
import type { WatchNumbers } from './metrics.ts'

export interface WatchParts {
  readonly observe: (signal: AbortSignal) => Promise<Observation>
  readonly everySeconds: number
  /** Part of the interval by which a run may come earlier or later: 0 to 0.5. */
  readonly jitter: number
  /** 0 to 1. */
  readonly random: () => number
  readonly clock: () => Seconds
  readonly signal: AbortSignal
  /** Thumbprints that the guards' logs say they refused, since a second. Left out: what guards count, signed, is compared from run to run. */
  readonly refused?: ((since: Seconds) => Promise<ReadonlySet<string>>) | undefined
  /** How long a log may take to tell. */
  readonly logDelaySeconds?: number
  /** Called after every run, with nothing where nothing changed. Answers why something is still untold; it is to keep that itself. */
  readonly tell: (events: readonly ChangeEvent[]) => Promise<string | undefined>
  readonly onRun?: (observation: Observation, numbers: WatchNumbers) => void | Promise<void>
  readonly onTrouble?: (sentence: string) => void
  /** An earlier run to compare the first one with. */
  readonly before?: Observation | undefined
  /** Ends by itself after so many. */
  readonly mostRuns?: number | undefined
}

/** Answers the last observation, which may be a part where the watch was ended in the middle of it. */
export async function watch(parts: WatchParts): Promise<Observation | undefined> {
  const { signal, clock } = parts
  let known = parts.before
  let latest: Observation | undefined
  const canaryStates = new Map<string, CanaryState['state']>()
  const numbers = { runs: { done: 0, failed: 0 }, deliveries: { done: 0, failed: 0, waiting: 0 } }
  for (let run = 0; run < (parts.mostRuns ?? Number.POSITIVE_INFINITY) && !signal.aborted; run += 1) {
    if (run > 0 && !(await pause(nextSeconds(parts), signal))) break
    const began = clock()
    try {
      latest = await parts.observe(signal)
    } catch (error) {
      numbers.runs.failed += 1
      await deliver(parts, numbers, [runFailed(clock(), sentenceOf(error))])
      continue
    }
    numbers.runs.done += 1
    const counted = parts.refused === undefined && !signal.aborted ? countedCanaries(known, latest) : []
    const canaries = signal.aborted ? [] : [...counted, ...(await listen(parts, latest, began))]
    const events = [...changesOf(known, latest), ...canaryEvents(canaries, canaryStates, clock())]
    // A part of an observation is no ground to compare the next one with.
    if (latest.stopped !== 'cancelled') known = remembering(known, latest)
    for (const { api, state } of canaries) canaryStates.set(api, state)
    await deliver(parts, numbers, events)
    await showRun(parts, latest, { last: latest, canaries, runs: { ...numbers.runs }, deliveries: { ...numbers.deliveries } })
  }
  return latest
}

/** A finding at a place that could not be asked this time is neither gone nor, when it is seen again, new. */
function remembering(known: Observation | undefined, latest: Observation): Observation {
  const unseen = known === undefined ? [] : compareObservations(known, latest).findings.unseen
  return unseen.length === 0 ? latest : { ...latest, findings: [...latest.findings, ...unseen] }
}

/** Numbers that cannot be written are no reason to stop looking. */
async function showRun({ onRun, onTrouble }: WatchParts, latest: Observation, numbers: WatchNumbers): Promise<void> {
  try {
    await onRun?.(latest, numbers)
  } catch (error) {
    onTrouble?.(`the numbers of this run were not written: ${sentenceOf(error)}`)
  }
}

/** So that many watchers do not ask at the same second. */
export function nextSeconds({ everySeconds, jitter, random }: Pick<WatchParts, 'everySeconds' | 'jitter' | 'random'>): number {
  return Math.max(1, everySeconds * (1 + jitter * (2 * random() - 1)))
}

/** Timers hold no more than 24 days, and end at once where they are told more. */
const longestTimerSeconds = 86_400

/** `false`: ended while it waited. */
async function pause(seconds: number, signal: AbortSignal): Promise<boolean> {
  for (let left = seconds; left > 0; left -= longestTimerSeconds) {
    const waited = await setTimeout(Math.min(left, longestTimerSeconds) * 1000, true, { signal }).catch(() => false)
    if (!waited) return false
  }
  return !signal.aborted
}

async function listen(
  { refused, logDelaySeconds = 3, signal, onTrouble }: WatchParts,
  observation: Observation,
  since: Seconds,
): Promise<readonly CanaryState[]> {
  const canaries = canariesOf(observation)
  if (refused === undefined || canaries.length === 0) return []
  const wanted = canaries.filter(({ verdict }) => verdict === 'refused')
  try {
    let heard = await refused(since)
    for (let waited = 0; waited < logDelaySeconds && !wanted.every(({ jkt }) => heard.has(jkt)); waited += 1) {
      if (!(await pause(1, signal))) break
      heard = await refused(since)
    }
    return judgeCanaries(canaries, heard)
  } catch (error) {
    onTrouble?.(`the log of the guard cannot be read: ${sentenceOf(error)}`)
    return judgeCanaries(canaries, new Set())
  }
}

/** Also where nothing is new: what could not be told before may be told now. */
async function deliver(
  parts: WatchParts,
  { deliveries }: { readonly deliveries: { done: number; failed: number; waiting: number } },
  events: readonly ChangeEvent[],
): Promise<void> {
  const owed = deliveries.waiting + events.length
  const trouble = await parts.tell(events).catch((error: unknown) => sentenceOf(error))
  if (trouble === undefined) {
    deliveries.done += owed
    deliveries.waiting = 0
    return
  }
  deliveries.failed += 1
  deliveries.waiting = owed
  parts.onTrouble?.(`change events not delivered: ${owed}; ${trouble}`)
}

/** Messages of errors we made ourselves; of others the name or code, since a message may quote what it choked on. */
function sentenceOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown'
  if (['Misuse', 'PolicyRefusal', 'UsageError', 'Trouble'].includes(error.name)) return error.message
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name
}
