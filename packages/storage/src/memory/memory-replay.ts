// The replay guard of one process: a bounded map that forgets only what has expired.
// Shared memory of several processes does not live here.
import type { ReplaySpace, Seconds } from '@kimei/protocol'
import type { ReplayGuard } from '../contract.ts'
import { StorageUnavailable } from '../contract.ts'

export interface MemoryReplayOptions {
  /** Live entries it holds at most; a full guard throws `StorageUnavailable`. One entry costs about 150 bytes. Default 1,000,000. */
  readonly maxEntries?: number
}

/** What the memory engine needs beyond {@link ReplayGuard}: undoing a claim, looking without claiming, forgetting on command. */
export interface MemoryReplay extends ReplayGuard {
  readonly reach: 'process'
  claim(space: ReplaySpace, id: string, until: Seconds, now: Seconds): 'first' | 'seen'
  /** Whether the id is claimed and live. */
  claimed(space: ReplaySpace, id: string, now: Seconds): boolean
  /** Takes back a claim of a plan that was lost; `before` is what {@link peek} answered ahead of it. */
  restore(space: ReplaySpace, id: string, before: Seconds | undefined): void
  peek(space: ReplaySpace, id: string): Seconds | undefined
  /** Ids of this space that ended no later may have been claimed before this memory began. */
  recall(space: ReplaySpace, forgottenUntil: Seconds): void
  /** Looks at most at `limit` entries, going on where it stopped, and forgets the expired ones; answers how many. */
  sweep(now: Seconds, limit: number): number
  readonly size: number
}

/** Expired entries looked at on each claim: more than one, so that a full turn of the hand outruns the growth. */
const looksPerClaim = 2

class Shelf {
  readonly entries = new Map<string, Seconds>()
  /** Latest `until` of anything forgotten: an id that ends no later may have been claimed (the clock may step back). */
  forgottenUntil = Number.NEGATIVE_INFINITY
  private hand: IterableIterator<[string, Seconds]> = this.entries.entries()

  /** Moves on over `looks` entries and forgets the expired ones: constant work, no order assumed, no pause. */
  turn(now: Seconds, looks: number): number {
    let gone = 0
    for (let i = 0; i < looks; i += 1) {
      let next = this.hand.next()
      if (next.done === true) {
        this.hand = this.entries.entries()
        next = this.hand.next()
        if (next.done === true) break
      }
      if (next.value[1] < now) {
        this.forget(next.value[0], next.value[1])
        gone += 1
      }
    }
    return gone
  }

  forget(id: string, until: Seconds): void {
    this.entries.delete(id)
    if (until > this.forgottenUntil) this.forgottenUntil = until
  }
}

/** @throws StorageUnavailable from `claim` where `maxEntries` live entries are held: it never evicts one to make room. */
export function createMemoryReplay(options: MemoryReplayOptions = {}): MemoryReplay {
  const maxEntries = options.maxEntries ?? 1_000_000
  const shelves: Record<ReplaySpace, Shelf> = {
    proof: new Shelf(),
    assertion: new Shelf(),
    challenge: new Shelf(),
    'grant-assertion': new Shelf(),
    otp: new Shelf(),
  }
  const all = Object.values(shelves)
  const size = () => all.reduce((sum, { entries }) => sum + entries.size, 0)
  let sweptFullAt: Seconds | undefined

  const makeRoom = (now: Seconds) => {
    // Looking at everything is worth it once a second at most: within one second nothing more expires.
    if (sweptFullAt !== now) {
      sweptFullAt = now
      for (const shelf of all) for (const [id, until] of shelf.entries) if (until < now) shelf.forget(id, until)
    }
    if (size() >= maxEntries) throw new StorageUnavailable(`replay memory is full: ${maxEntries} live entries`)
  }

  return {
    reach: 'process',
    claim(space, id, until, now) {
      const shelf = shelves[space]
      const before = shelf.entries.get(id)
      if (before !== undefined && before >= now) return 'seen'
      if (until >= now && until <= shelf.forgottenUntil) return 'seen'
      if (before === undefined && size() >= maxEntries) makeRoom(now)
      shelf.entries.set(id, until)
      shelf.turn(now, looksPerClaim)
      return 'first'
    },
    claimed(space, id, now) {
      const until = shelves[space].entries.get(id)
      return until !== undefined && until >= now
    },
    peek: (space, id) => shelves[space].entries.get(id),
    restore(space, id, before) {
      if (before === undefined) shelves[space].entries.delete(id)
      else shelves[space].entries.set(id, before)
    },
    recall(space, forgottenUntil) {
      const shelf = shelves[space]
      shelf.forgottenUntil = Math.max(shelf.forgottenUntil, forgottenUntil)
    },
    sweep: (now, limit) => all.reduce((gone, shelf) => gone + shelf.turn(now, Math.min(limit - gone, shelf.entries.size)), 0),
    get size() {
      return size()
    },
  }
}
