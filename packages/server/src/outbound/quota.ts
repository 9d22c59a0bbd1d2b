// How much goes out at once and in a minute, in all and to one origin: nobody is flooded through the issuer, nor the issuer itself.
import type { Seconds } from '@kimei/protocol'

const mostAtOnce = 32
const mostAtOnceToOne = 4
const mostWaiting = 256
const minuteSeconds = 60
/** Origins that are remembered; the oldest goes first. */
const mostOrigins = 10_000

export interface Quota {
  /** Waits for a place. `undefined`: too many ask, or `signal` ended the waiting. The answer gives the place back. */
  enter(origin: string, now: Seconds, signal: AbortSignal): Promise<(() => void) | undefined>
}

interface Target {
  atOnce: number
  count: number
  until: Seconds
}

interface Waiting {
  readonly target: Target
  readonly go: () => void
}

export function makeQuota(mostPerMinute: number): Quota {
  const targets = new Map<string, Target>()
  const waiting: Waiting[] = []
  let atOnce = 0
  const fits = (target: Target) => atOnce < mostAtOnce && target.atOnce < mostAtOnceToOne
  const place = (target: Target) => {
    atOnce += 1
    target.atOnce += 1
    return () => {
      atOnce -= 1
      target.atOnce -= 1
      const next = waiting.findIndex((one) => fits(one.target))
      if (next >= 0) waiting.splice(next, 1)[0]?.go()
    }
  }
  return {
    async enter(origin, now, signal) {
      const target = targetOf(targets, origin, now)
      target.count += 1
      if (target.count > mostPerMinute) return undefined
      if (fits(target)) return place(target)
      if (waiting.length >= mostWaiting) return undefined
      return new Promise((resolve) => {
        const giveUp = () => {
          waiting.splice(waiting.indexOf(one), 1)
          resolve(undefined)
        }
        const one: Waiting = {
          target,
          go: () => {
            signal.removeEventListener('abort', giveUp)
            resolve(place(target))
          },
        }
        signal.addEventListener('abort', giveUp, { once: true })
        waiting.push(one)
      })
    },
  }
}

function targetOf(targets: Map<string, Target>, origin: string, now: Seconds): Target {
  const known = targets.get(origin)
  if (known) {
    if (now >= known.until || now < known.until - minuteSeconds) Object.assign(known, { count: 0, until: now + minuteSeconds })
    return known
  }
  if (targets.size >= mostOrigins) targets.delete(targets.keys().next().value as string)
  const fresh: Target = { atOnce: 0, count: 0, until: now + minuteSeconds }
  targets.set(origin, fresh)
  return fresh
}
