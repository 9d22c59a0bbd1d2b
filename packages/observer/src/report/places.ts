// Where a record stands, in the same words for every format, and which finding a violated probe belongs to.
import type { ApiRecord, Evidence, Finding, IssuerRecord, Observation, ProbeResult } from '../observation.ts'

export interface Place {
  readonly kind: 'api' | 'issuer'
  /** Id of the API, URL of the issuer. */
  readonly at: string
  readonly method: string
  readonly url: string
  readonly client: string
}

export function placeOf(record: ApiRecord | IssuerRecord): Place {
  const { client } = record
  return 'api' in record
    ? { kind: 'api', at: record.api, method: record.method, url: record.url, client }
    : { kind: 'issuer', at: record.issuer, method: 'POST', url: record.tokenEndpoint, client }
}

/** A finding covers every place of its subject; a violated probe is in one of them. */
export function findingOf(
  { findings }: Observation,
  place: Place,
  { probe, verdict, answered, credential }: ProbeResult,
): Finding | undefined {
  if (verdict !== 'violated' && answered !== 'refused (500)') return undefined
  const subject = place.kind === 'api' ? `${place.method} ${place.at}` : place.url
  if (credential !== undefined)
    return findings.find((finding) => finding.at === place.at && finding.credential === credential && finding.probes.includes(probe))
  return findings.find(
    (finding) =>
      (finding.subject === subject || finding.subject.startsWith(`${subject} (`)) &&
      finding.clients.includes(place.client) &&
      finding.probes.includes(probe),
  )
}

/** The exchanges behind a list of evidence, in the order in which they took place. */
export function exchangesOf({ evidence }: Observation, ids: readonly string[]): readonly Evidence[] {
  const wanted = new Set(ids)
  return evidence.filter(({ id }) => wanted.has(id))
}

/** How far a place is from sound: accepted until a day, or open. */
export function isAccepted({ acceptance }: Finding): boolean {
  return acceptance !== undefined && !acceptance.ended
}
