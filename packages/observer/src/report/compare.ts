// Two observations of the same systems: what is new, what is gone, what changed, and whether it became worse.
// A finding whose place was not seen again is not gone: it is unseen.

import { type PostureField, postureFields } from '../judgement/posture.ts'
import type { ApiRecord, Finding, IssuerRecord, Observation, ProbeResult, Verdict } from '../observation.ts'
import { isAccepted, placeOf } from './places.ts'

export type Turn = 'worse' | 'better' | 'lost' | 'other'

export interface FieldChange {
  readonly field: PostureField | 'overall'
  readonly before: string
  readonly after: string
  /** `lost`: it was known, and is not any more. */
  readonly turn: Turn
}

export interface FindingChange {
  readonly before: Finding
  readonly after: Finding
  /** In words: `P1 → P0`, `client partner`. */
  readonly what: readonly string[]
  readonly turn: Turn
}

export interface ControlChange {
  readonly place: string
  readonly probe: string
  readonly before: Verdict
  /** `unseen`: it was not asked this time. */
  readonly after: Verdict | 'unseen'
  readonly turn: Turn
}

export interface Difference {
  readonly format: 'kimei-observation-diff/1'
  readonly before: Head
  readonly after: Head
  readonly fields: readonly FieldChange[]
  readonly findings: {
    readonly new: readonly Finding[]
    readonly changed: readonly FindingChange[]
    readonly gone: readonly Finding[]
    readonly unseen: readonly Finding[]
  }
  readonly controls: readonly ControlChange[]
  readonly worse: boolean
  /** Something that was known is not known any more: no regression, and no all-clear. */
  readonly lost: boolean
}

interface Head {
  readonly startedAt: number
  readonly bindingKeyPosture: string
  readonly overall: Observation['overall']
  readonly stopped?: string
  /** Hosts, or places on them, that were asked no further. */
  readonly givenUp?: readonly string[]
}

export function compareObservations(before: Observation, after: Observation): Difference {
  const fields = fieldChanges(before, after)
  const findings = findingChanges(before, after)
  const controls = controlChanges(before, after)
  const turns = [...fields, ...findings.changed, ...controls].map(({ turn }) => turn)
  return {
    format: 'kimei-observation-diff/1',
    before: headOf(before),
    after: headOf(after),
    fields,
    findings,
    controls,
    worse: turns.includes('worse') || findings.new.some((finding) => !isAccepted(finding)),
    lost: turns.includes('lost') || findings.unseen.length > 0 || after.stopped !== undefined || after.givenUp !== undefined,
  }
}

/** 0 no worse, 1 worse, 2 no worse as far as can be said. */
export function exitCodeOfDifference({ worse, lost }: Difference): 0 | 1 | 2 {
  return worse ? 1 : lost ? 2 : 0
}

function headOf({ startedAt, bindingKeyPosture, overall, stopped, givenUp }: Observation): Head {
  const places = givenUp?.map(({ host, target }) => (target === undefined ? host : `${target} (${host})`))
  return { startedAt, bindingKeyPosture, overall, ...(stopped !== undefined && { stopped }), ...(places && { givenUp: places }) }
}

/** From best to worst. What stands in no list has no order. */
const orders: Readonly<Partial<Record<FieldChange['field'], readonly string[]>>> = {
  mode: ['mtls', 'dpop', 'mixed', 'bearer'],
  as_enforced: ['yes', 'no'],
  rs_enforced: ['yes', 'partial', 'no'],
  coverage: ['all_api', 'partial_api'],
  replay_protection: ['jti_yes', 'jti_no'],
  confidence: ['confirmed', 'inferred'],
  overall: ['named', 'exposed'],
}

function fieldChanges(before: Observation, after: Observation): FieldChange[] {
  const fields = Object.keys(postureFields) as PostureField[]
  const pairs: [FieldChange['field'], string, string][] = [
    ['overall', before.overall, after.overall],
    ...fields.map((field): [PostureField, string, string] => [field, before.posture[field], after.posture[field]]),
  ]
  return pairs
    .filter(([, old, now]) => old !== now)
    .map(([field, old, now]) => ({ field, before: old, after: now, turn: turnOf(field, old, now) }))
}

function turnOf(field: FieldChange['field'], old: string, now: string): Turn {
  if (now === 'unknown') return 'lost'
  const order = orders[field] ?? []
  const [from, to] = [order.indexOf(old), order.indexOf(now)]
  // mTLS in place of DPoP is another way, not a better one.
  if (from < 0 || to < 0 || (field === 'mode' && from < 2 && to < 2)) return 'other'
  if (field === 'confidence') return to > from ? 'lost' : 'better'
  return to > from ? 'worse' : 'better'
}

function keyOf({ kind, at, credential = '' }: Finding): string {
  return `${kind} ${at} ${credential}`
}

function findingChanges(before: Observation, after: Observation): Difference['findings'] {
  const old = new Map(before.findings.map((finding) => [keyOf(finding), finding]))
  const now = new Map(after.findings.map((finding) => [keyOf(finding), finding]))
  const missing = before.findings.filter((finding) => !now.has(keyOf(finding)))
  return {
    new: after.findings.filter((finding) => !old.has(keyOf(finding))),
    changed: after.findings.flatMap((finding) => {
      const earlier = old.get(keyOf(finding))
      return earlier === undefined ? [] : changeOf(earlier, finding)
    }),
    gone: missing.filter((finding) => seenAgain(finding, before, after)),
    unseen: missing.filter((finding) => !seenAgain(finding, before, after)),
  }
}

function changeOf(before: Finding, after: Finding): FindingChange[] {
  const raised = after.priority < before.priority
  const opened = isAccepted(before) && !isAccepted(after)
  const joined = after.clients.filter((client) => !before.clients.includes(client))
  const left = before.clients.filter((client) => !after.clients.includes(client))
  const what = [
    ...(before.priority === after.priority ? [] : [`${before.priority} → ${after.priority}`]),
    ...(before.tier === after.tier ? [] : [`${before.tier} → ${after.tier}`]),
    ...joined.map((client) => `+ ${client}`),
    ...left.map((client) => `- ${client}`),
    ...(opened ? [`accepted until ${before.acceptance!.until} → open`] : []),
    ...(!isAccepted(before) && isAccepted(after) ? [`accepted until ${after.acceptance!.until}`] : []),
  ]
  if (what.length === 0) return []
  const worse = opened || (!isAccepted(after) && (raised || joined.length > 0))
  return [{ before, after, what, turn: worse ? 'worse' : after.priority > before.priority || left.length > 0 ? 'better' : 'other' }]
}

/** Gone means: everything that showed it was asked again and held. Statements of the owner are asked by being read. */
function seenAgain(finding: Finding, before: Observation, after: Observation): boolean {
  const where = (observation: Observation) =>
    [...observation.apis, ...observation.issuers].filter((record) => isPlaceOf(finding, record) && finding.clients.includes(record.client))
  const places = where(before)
  if (places.length === 0) return true
  const again = where(after)
  return places.every((record) => {
    const same = again.find((other) => placeKey(other) === placeKey(record))
    if (same === undefined) return false
    if (finding.probes.length === 0) return !('baseline' in same) || same.baseline === 'good'
    const known = (id: string) => same.probes.some(({ probe, verdict }) => probe === id && verdict === 'holds')
    return finding.probes.filter((id) => record.probes.some(({ probe }) => probe === id)).every(known)
  })
}

function isPlaceOf({ at, subject }: Finding, record: ApiRecord | IssuerRecord): boolean {
  return 'api' in record ? record.api === at : subject === record.tokenEndpoint || subject.startsWith(`${record.tokenEndpoint} (`)
}

function placeKey(record: ApiRecord | IssuerRecord): string {
  const { kind, at, method, client } = placeOf(record)
  return kind === 'api' ? `${method} ${at} (${client})` : `${at} (${client})`
}

/** Only controls that held before: what was open or broken before stands among the findings. */
function controlChanges(before: Observation, after: Observation): ControlChange[] {
  const now = new Map([...after.issuers, ...after.apis].map((record) => [placeKey(record), record.probes]))
  return [...before.issuers, ...before.apis].flatMap((record) => {
    const place = placeKey(record)
    return record.probes.filter(({ verdict }) => verdict === 'holds').flatMap((probe) => controlChange(place, probe, now.get(place)))
  })
}

function controlChange(place: string, { probe, verdict }: ProbeResult, again: readonly ProbeResult[] | undefined): ControlChange[] {
  const after = again?.find((other) => other.probe === probe)?.verdict ?? 'unseen'
  if (after === 'holds' || after === 'not-applicable') return []
  return [{ place, probe, before: verdict, after, turn: after === 'violated' ? 'worse' : 'lost' }]
}
