// Rest that hosts ask for (RFC 9110 §10.2.3, `Retry-After`): each gets it within bounds. Whoever asks for more is not asked again.
import { type HeaderLines, headerValues } from './raw-client.ts'

/** A host gets so many rests of the longest kind, and all together so many. */
const mostRests = { ofHost: 2, ofRun: 10 } as const

export interface HostRests {
  /** `too-long`: more than anybody waits. */
  grant(host: string, seconds: number, now: number): 'granted' | 'too-long'
  /** How long this host wishes to be left alone from now on. */
  milliseconds(host: string, now: number): number
}

/** @param restSeconds the longest rest at once. */
export function makeHostRests(restSeconds: number): HostRests {
  const until = new Map<string, number>()
  const rested = new Map<string, number>()
  let inAll = 0
  return {
    grant(host, seconds, now) {
      const own = (rested.get(host) ?? 0) + seconds
      const bearable = seconds <= restSeconds && own <= mostRests.ofHost * restSeconds && inAll + seconds <= mostRests.ofRun * restSeconds
      if (!bearable) return 'too-long'
      until.set(host, now + seconds * 1000)
      rested.set(host, own)
      inAll += seconds
      return 'granted'
    },
    milliseconds: (host, now) => Math.max(0, (until.get(host) ?? 0) - now),
  }
}

/** Seconds, or a date; a date is held against the answer's own. */
export function retryAfterSeconds(headers: HeaderLines, now: number): number {
  const [given = ''] = headerValues(headers, 'retry-after')
  if (/^\d{1,9}$/.test(given)) return Number(given)
  const until = Date.parse(given)
  const date = Date.parse(headerValues(headers, 'date')[0] ?? '')
  return Number.isNaN(until) ? 0 : Math.max(0, Math.ceil((until - (Number.isNaN(date) ? now : date)) / 1000))
}
