// How a device waits for its person (RFC 8628 §3.5): patiently, more slowly when told so or when nothing answers, and never after a no.
import type { Clock } from './contract.ts'
import { HolderError, isHolderError } from './holder-error.ts'

const slowDownSeconds = 5

/** Waits this many seconds. */
export type Sleep = (seconds: number) => Promise<void>

export interface DevicePolling<T> {
  /** One poll: what was granted, or the error that was answered. */
  readonly ask: () => Promise<T>
  /** As the issuer gave it. */
  readonly intervalSeconds: number
  /** The code is worth nothing from then on, by `clock`. */
  readonly expiresAt: number
  readonly clock: Clock
  readonly sleep?: Sleep
  /** Told before each wait how long it will be. */
  readonly onWait?: (seconds: number) => void
}

/** Polls until the person has answered. Throws what the issuer refused with, or `holder.device-code-lives` when time is up. */
export async function pollDeviceCode<T>(polling: DevicePolling<T>): Promise<T> {
  const { ask, expiresAt, clock, sleep = sleepSeconds, onWait } = polling
  let interval = polling.intervalSeconds
  while (clock() + interval < expiresAt) {
    onWait?.(interval)
    await sleep(interval)
    try {
      return await ask()
    } catch (error) {
      interval = slower(interval, error)
    }
  }
  throw new HolderError('holder.device-code-lives', 'nobody has answered in time')
}

/** The interval from now on. Throws the error again where it ends the waiting. */
function slower(interval: number, error: unknown): number {
  if (isHolderError(error, 'holder.request-is-granted')) {
    if (error.oauthError === 'authorization_pending') return interval
    if (error.oauthError === 'slow_down') return interval + slowDownSeconds
    throw error
  }
  if (!nothingAnswered(error)) throw error
  return interval * 2
}

/** `fetch` tells an unreachable server by a TypeError of its own, and a timeout by name. */
function nothingAnswered(error: unknown): boolean {
  if (error instanceof TypeError) return !('code' in error)
  return error instanceof Error && (error.name === 'TimeoutError' || error.name === 'AbortError')
}

export function sleepSeconds(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1000))
}
