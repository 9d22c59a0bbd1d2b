// A clock that moves only when told.

export interface FixedClock {
  (): number
  /** Sets the current second. */
  set(now: number): void
  /** Negative: the clock steps back. */
  advance(seconds: number): void
}

export function fixedClock(start = 1_800_000_000): FixedClock {
  let now = start
  const clock = () => now
  return Object.assign(clock, {
    set: (to: number) => {
      now = to
    },
    advance: (seconds: number) => {
      now += seconds
    },
  })
}
