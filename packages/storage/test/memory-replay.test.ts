// The replay guard of one process: bounded without sweeps, and never by forgetting what is alive.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createMemoryReplay, StorageUnavailable } from '../src/index.ts'

describe('memory replay guard', () => {
  it('DPOP-11.1-01: with a steady stream it holds little more than the live window, though nobody sweeps', () => {
    const replay = createMemoryReplay({ maxEntries: 100_000 })
    let largest = 0
    for (let second = 0; second < 300; second += 1) {
      for (let i = 0; i < 50; i += 1) expect(replay.claim('proof', `${second}-${i}`, second + 60, second)).toBe('first')
      largest = Math.max(largest, replay.size)
    }
    // 61 live seconds of 50; each claim looks at two entries, so the dead wait for one turn of the hand at most.
    expect(largest).toBeLessThanOrEqual(61 * 50 * 2)
  })

  it('DPOP-11.1-01: full of live entries it throws; with one second passed over the oldest it goes on', () => {
    const replay = createMemoryReplay({ maxEntries: 3 })
    replay.claim('proof', 'a', 10, 0)
    replay.claim('assertion', 'b', 20, 0)
    replay.claim('challenge', 'c', 20, 0)
    expect(() => replay.claim('proof', 'd', 20, 10)).toThrow(StorageUnavailable)
    expect(replay.claim('proof', 'a', 20, 10)).toBe('seen')
    expect(replay.size).toBe(3)
    expect(replay.claim('proof', 'd', 20, 11)).toBe('first')
    expect(() => replay.claim('proof', 'e', 20, 11)).toThrow(StorageUnavailable)
  })

  it('DPOP-11.1-01: an id that expired may be claimed again in a full guard', () => {
    const replay = createMemoryReplay({ maxEntries: 1 })
    replay.claim('proof', 'a', 10, 0)
    expect(replay.claim('proof', 'a', 30, 11)).toBe('first')
    expect(replay.size).toBe(1)
  })

  it('DPOP-11.1-01: however the clock moves, a proof is first once while it is live', () => {
    // What a proof says decides when it ends: the same proof always claims until the same second.
    const endings = fc.array(fc.integer({ min: 90, max: 140 }), { minLength: 6, maxLength: 6 })
    const steps = fc.array(fc.record({ proof: fc.nat(5), step: fc.integer({ min: -15, max: 15 }), sweeps: fc.boolean() }), {
      minLength: 1,
      maxLength: 80,
    })
    fc.assert(
      fc.property(endings, steps, (untils, history) => {
        const replay = createMemoryReplay({ maxEntries: 50 })
        const used = new Set<number>()
        let now = 100
        for (const { proof, step, sweeps } of history) {
          now += step
          const until = untils[proof] as number
          if (until >= now) {
            const answer = replay.claim('proof', `proof-${proof}`, until, now)
            if (used.has(proof)) expect(answer).toBe('seen')
            if (answer === 'first') used.add(proof)
          }
          if (sweeps) replay.sweep(now, 2)
        }
      }),
      { numRuns: 300 },
    )
  })
})
