// Once-only ids of a database with one owner: judged in memory, written to the end of a log in the same transaction.
// Ids are hashes: a tree of them would touch a page of its own for each, a log touches the last one.
import type { ReplaySpace, Seconds } from '@kimei/protocol'
import type { MemoryReplay } from '../memory/memory-replay.ts'
import type { Row } from './rows.ts'
import type { Ask, Ran } from './verbs.ts'

/** Takes back what a lost plan or a failed transaction claimed. */
export interface ClaimLog {
  claim(space: ReplaySpace, id: string, until: Seconds, now: Seconds): Generator<Ask, boolean, Ran>
  claimed(space: ReplaySpace, id: string, now: Seconds): boolean
  /** How many claims the transaction under way has made. */
  readonly pending: number
  /** Takes back the claims after the first `kept`. */
  takeBack(kept: number): void
  /** The transaction is committed. */
  settle(): void
  /** Forgets expired entries, in the log and in memory; answers how many rows of the log went. At most `limit` are looked at. */
  sweep(now: Seconds, limit: number): Generator<Ask, number, Ran>
}

/** `log` and `horizon`: the rows of both tables, as the process that owned them before left them. */
export function makeClaimLog(memory: MemoryReplay, log: Iterable<Row>, horizon: Iterable<Row>): ClaimLog {
  for (const row of log) {
    const [space, id, until] = [row['space'] as ReplaySpace, row['id'] as string, row['live_until'] as Seconds]
    memory.restore(space, id, Math.max(until, memory.peek(space, id) ?? 0))
  }
  for (const row of horizon) memory.recall(row['space'] as ReplaySpace, row['forgotten_until'] as Seconds)
  const undos: (() => void)[] = []
  /** The last row looked at: the next sweep goes on behind it, so that long-lived rows hold nobody up. */
  let hand = 0

  return {
    *claim(space, id, until, now) {
      const before = memory.peek(space, id)
      if (memory.claim(space, id, until, now) === 'seen') return false
      undos.push(() => memory.restore(space, id, before))
      yield { name: 'logClaim', values: [space, id, until] }
      return true
    },
    claimed: (space, id, now) => memory.claimed(space, id, now),
    get pending() {
      return undos.length
    },
    takeBack(kept) {
      while (undos.length > kept) undos.pop()?.()
    },
    settle() {
      undos.length = 0
    },
    *sweep(now, limit) {
      memory.sweep(now, limit)
      let last = (yield { name: 'claimsBehind', values: [hand, limit] }).rows[0]?.['last']
      if (typeof last !== 'number' && hand > 0) {
        hand = 0
        last = (yield { name: 'claimsBehind', values: [0, limit] }).rows[0]?.['last']
      }
      if (typeof last !== 'number') return 0
      const from = hand
      hand = last
      // First the horizon, over the very rows that go: an id may be forgotten only where its time is remembered.
      yield { name: 'replayHorizonMoves', values: [now, from, last] }
      return (yield { name: 'sweepClaims', values: [now, from, last] }).changes
    },
  }
}
