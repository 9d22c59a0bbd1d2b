// How many wrong user codes are borne: of one person, one address, and everybody together, in the life of one code (RFC 8628 §5.1).
// With 20^8 codes, five tries find a given one with probability 2^-32; docs/how-to/device-authorization.md has the sums.
import type { Seconds } from '@kimei/protocol'

const ofPerson = 5
/** An address may be shared by many people. */
const ofAddress = 20
const most = 20_000

export interface Guesser {
  readonly subject: string
  readonly address: string | undefined
}

export interface GuessLimit {
  /** Seconds until this guesser may try again; 0: the try is counted as wrong, until `right` takes it back. */
  tryOnce(guesser: Guesser, now: Seconds): number
  right(guesser: Guesser, now: Seconds): void
}

/** Memory of one process. Several processes each count by themselves, which loosens the bound by their number. */
export function createGuessLimit({ windowSeconds, ofAll }: { readonly windowSeconds: Seconds; readonly ofAll: number }): GuessLimit {
  const memory = new Map<string, Seconds[]>()
  const keysOf = ({ subject, address }: Guesser): readonly (readonly [key: string, allowed: number])[] => [
    [`person ${subject}`, ofPerson],
    ...(address === undefined ? [] : [[`address ${address}`, ofAddress] as const]),
    ['everybody', ofAll],
  ]
  /** Only what lies inside the window: any stretch of its length holds no more than the limit. */
  const recent = (key: string, now: Seconds) => (memory.get(key) ?? []).filter((at) => now - at < windowSeconds)
  return {
    tryOnce(guesser, now) {
      const keys = keysOf(guesser)
      const waits = keys.map(([key, allowed]) => {
        const tries = recent(key, now)
        return tries.length < allowed ? 0 : (tries[tries.length - allowed] as Seconds) + windowSeconds - now
      })
      const wait = Math.max(...waits)
      if (wait > 0) return wait
      for (const [key] of keys) {
        const tries = [...recent(key, now), now]
        memory.delete(key)
        memory.set(key, tries)
      }
      while (memory.size > most) memory.delete(memory.keys().next().value as string)
      return 0
    },
    right(guesser, now) {
      for (const [key] of keysOf(guesser)) {
        const tries = recent(key, now)
        tries.pop()
        if (tries.length === 0) memory.delete(key)
        else memory.set(key, tries)
      }
    },
  }
}
