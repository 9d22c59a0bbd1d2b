// Each origin's idea of the time, learned from `Date`, because a device's own clock cannot be trusted.
// Kept by origin: a server that lies about the time can only spoil proofs meant for itself.
import type { Clock, OriginClock } from './contract.ts'

export const systemClock: Clock = () => Math.floor(Date.now() / 1000)

/** Corrects only what the two clocks cannot explain: whole seconds and the time on the way are tolerated. */
export function createOriginClock(clock: Clock = systemClock, limit = 100): OriginClock {
  const offsets = new Map<string, number>()
  return {
    now: (origin) => clock() + (offsets.get(origin) ?? 0),
    local: clock,
    learn(origin, response, sentAt) {
      const date = response.headers.get('date')
      // A cached answer tells the time of another day.
      if (date === null || response.headers.has('age')) return false
      const server = Math.floor(Date.parse(date) / 1000)
      if (!Number.isFinite(server)) return false
      const offset = nearestToZero(server - (clock() + 1), server + 1 - sentAt)
      const before = offsets.get(origin) ?? 0
      offsets.delete(origin)
      offsets.set(origin, offset)
      if (offsets.size > limit) offsets.delete(offsets.keys().next().value as string)
      return Math.abs(offset - before) > 1
    },
  }
}

function nearestToZero(low: number, high: number): number {
  return low > 0 ? low : Math.min(high, 0)
}
