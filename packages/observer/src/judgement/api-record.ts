// From the probes of one API and one client to its record: mode, enforcement, strength, replay, the four columns.
import { shownUrl } from '../evidence.ts'
import type { ApiEntry } from '../inventory.ts'
import type { ApiRecord, ProbeResult, Verdict } from '../observation.ts'
import type { ApiPlace, Ground, NoPlace } from '../stations/api.ts'

/** Without these nothing may be called enforced. */
const keyProbes = ['B1', 'K1', 'S1', 'B2', 'X0', 'X1a', 'X1b']
const claimProbes = ['A1', 'M1', 'H1', 'H2', 'T1', 'T2', 'R1', 'N1']

type Verdicts = (probe: string) => Verdict | undefined

export interface ApiSeen {
  readonly api: ApiEntry
  readonly client: string
  readonly place: ApiPlace | NoPlace
  readonly ground: Ground | undefined
  readonly declared: Readonly<Record<string, unknown>>
  readonly probes: readonly ProbeResult[]
  /** The first client of an API gets every probe; the others only B1 and K1. */
  readonly scope: 'all' | 'comparison'
  readonly evidence: readonly string[]
}

type Judged = Pick<ApiRecord, 'mode' | 'rsRequired' | 'rsEnforced' | 'strength' | 'replay'>

const nothingKnown: Judged = { mode: 'unknown', rsRequired: 'unknown', rsEnforced: 'unknown', strength: 'unknown', replay: 'unknown' }
const nothingChecked: Judged = { mode: 'bearer', rsRequired: 'no', rsEnforced: 'no', strength: 'none', replay: 'unknown' }

export function apiRecord(seen: ApiSeen): ApiRecord {
  const { api, client, place, ground, declared, probes, evidence } = seen
  const judged = judge(seen)
  const baseline = place.kind === 'failed' ? 'failed' : place.open ? 'public' : 'good'
  const dpop = { yes: 'required', no: judged.mode === 'mixed' ? 'optional' : 'not-required', unknown: 'unknown' } as const
  return {
    api: api.id,
    method: api.method,
    url: shownUrl(api.url),
    privilege: api.privilege,
    kind: api.kind,
    boundary: api.boundary,
    client,
    ...judged,
    baseline,
    ...(place.kind === 'failed' && { baselineReason: place.reason }),
    declared,
    columns: {
      dpop: dpop[judged.rsRequired],
      errorBehaviour: errorBehaviour(ground, probes),
      tlsCertificateRequest: new URL(api.url).protocol === 'https:' ? 'not-tested' : 'no-tls',
      policy: 'unknown',
    },
    probes,
    evidence,
  }
}

function judge({ place, probes, scope }: ApiSeen): Judged {
  if (place.kind === 'failed') return nothingKnown
  // Without any ticket the same answer: nothing is protected, and nothing can be told about bindings.
  if (place.open) return { ...nothingChecked, mode: 'unknown' }
  if (place.bearer) return nothingChecked
  const verdict: Verdicts = (id) => probes.find(({ probe }) => probe === id)?.verdict
  if (verdict('B1') === 'violated' || verdict('B2') === 'violated') return { ...nothingChecked, replay: replayOf(verdict) }
  const asked = scope === 'all' ? keyProbes : ['B1', 'K1']
  if (asked.some((id) => verdict(id) === 'violated')) {
    return { mode: 'dpop', rsRequired: required(verdict), rsEnforced: 'no', strength: 'nominal', replay: replayOf(verdict) }
  }
  const known = asked.every((id) => verdict(id) === 'holds')
  const unbound = verdict('U1')
  const mode = unbound === 'violated' ? 'mixed' : verdict('B1') === 'holds' ? 'dpop' : 'unknown'
  const rsEnforced = unbound === 'violated' ? 'partial' : known && unbound !== 'inconclusive' ? 'yes' : 'unknown'
  return {
    mode,
    rsRequired: required(verdict),
    rsEnforced,
    strength: scope === 'all' ? strengthOf(verdict) : 'unknown',
    replay: replayOf(verdict),
  }
}

function required(verdict: Verdicts): ApiRecord['rsRequired'] {
  if (verdict('U1') === 'violated') return 'no'
  return verdict('B1') === 'holds' && verdict('B2') !== 'violated' ? 'yes' : 'unknown'
}

function strengthOf(verdict: Verdicts): ApiRecord['strength'] {
  const verdicts = claimProbes.map(verdict)
  if (verdicts.includes('violated')) return 'lax'
  return verdicts.every((entry) => entry === 'holds' || entry === 'not-applicable') ? 'strict' : 'unknown'
}

function replayOf(verdict: Verdicts): ApiRecord['replay'] {
  const replay = verdict('R1')
  return replay === 'holds' ? 'jti_yes' : replay === 'violated' ? 'jti_no' : 'unknown'
}

function errorBehaviour(ground: Ground | undefined, probes: readonly ProbeResult[]): string {
  if (ground === undefined) return 'unknown'
  const schemes = [...new Set(ground.none.challenge.map(({ scheme }) => scheme))].join('+')
  const without = `${ground.none.status}${schemes === '' ? '' : ` ${schemes}`}`
  const downgrade = probes.find(({ probe }) => probe === 'B1')?.answered
  return downgrade === undefined || downgrade === '' ? without : `${without}; Bearer ${downgrade}`
}

/** Whether each API demands what the others demand, once all are known. */
export function withPolicy(records: readonly ApiRecord[]): ApiRecord[] {
  const known = records.filter(({ rsEnforced }) => rsEnforced !== 'unknown')
  const same = new Set(known.map(({ mode, rsEnforced }) => `${mode} ${rsEnforced}`)).size <= 1
  return records.map((record) => {
    const policy = record.rsEnforced === 'unknown' ? 'unknown' : same || record.rsEnforced === 'yes' ? 'same' : 'differs'
    return { ...record, columns: { ...record.columns, policy } }
  })
}
