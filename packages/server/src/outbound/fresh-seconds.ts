// How long what was fetched stays fresh by its own words (RFC 9111 §4.2), within bounds of ours.
import type { Seconds } from '@kimei/protocol'

export interface FreshBounds {
  readonly least: Seconds
  /** Where it says nothing. */
  readonly usual: Seconds
  readonly most: Seconds
}

/** `Expires` is not read: an answer that says anything useful says `max-age`. */
export function freshSeconds(headers: Readonly<Record<string, string>>, { least, usual, most }: FreshBounds): Seconds {
  const said = (headers['cache-control'] ?? '').toLowerCase()
  if (/(^|[\s,])(no-store|no-cache)([\s,=]|$)/.test(said)) return least
  const maxAge = /(^|[\s,])max-age="?(\d{1,10})"?(?=[\s,]|$)/.exec(said)?.[2]
  if (maxAge === undefined) return usual
  const age = /^\d{1,10}$/.test(headers['age'] ?? '') ? Number(headers['age']) : 0
  return Math.min(most, Math.max(least, Number(maxAge) - age))
}
