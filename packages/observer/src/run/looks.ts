// What was seen of one API with one client, and whether it may still lean on another API behind the same guard.
// How often a wrong request was accepted stands in `wavering.ts`.
import { type ApiSeen, apiRecord } from '../judgement/api-record.ts'
import type { ApiRecord, ProbeResult } from '../observation.ts'
import type { ApiPlace, NoPlace } from '../stations/api.ts'
import { guardOf } from '../stations/brief.ts'
import { open } from './wavering.ts'

export interface ApiLook {
  readonly record: ApiRecord
  /** Told from its answer to whoever has nothing. */
  readonly guard?: string | undefined
  /** The guard that it shows when it does refuse. */
  readonly otherGuard?: string | undefined
  /** Where it leans on others of the same guard: the record without that. */
  readonly alone?: () => ApiRecord
}

/** Nodes that do not agree about one API are no ground to carry anything to another one behind them. */
export function withoutWavering(looks: readonly ApiLook[]): ApiRecord[] {
  const wavering = new Set(looks.flatMap(({ record, guard, otherGuard }) => (record.wavers ? [guard, otherGuard] : [])))
  return looks.map(({ record, guard, alone }) => (alone && guard !== undefined && wavering.has(guard) ? alone() : record))
}

const othersWaver = 'refused here; another API behind the same guard accepts now and then what this one refused'

function doubted(result: ProbeResult): ProbeResult {
  return result.verdict === 'holds' ? open(result, othersWaver) : result
}

/** @param tried ids of the other credentials that are tried there. */
export function lookOf(seen: ApiSeen, tried: readonly string[]): ApiLook {
  const { api, place } = seen
  const refused = 'nowAndThen' in place ? place.nowAndThen?.refused : undefined
  return { record: apiRecord(seen), otherGuard: refused && guardOf(api, refused, tried) }
}

/** Only what decides was asked here; the rest is taken to be as at the API with the same guard. */
export function carriedLook(seen: ApiSeen, carried: ApiRecord): ApiLook {
  return { record: apiRecord({ ...seen, carried }), alone: () => apiRecord({ ...seen, probes: seen.probes.map(doubted) }) }
}

export const waversAt = (place: Pick<ApiPlace, 'station' | 'nowAndThen'> | NoPlace): boolean =>
  'station' in place && (place.nowAndThen !== undefined || place.station.wavers === true)
