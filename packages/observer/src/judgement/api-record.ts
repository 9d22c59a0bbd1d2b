// From the probes of one API and one client to its record: mode, enforcement, strength, replay, the four columns.

import type { CheckOrder } from '../check-order.ts'
import type { AcceptanceWindow, Freshness } from '../freshness.ts'
import type { ApiEntry } from '../inventory/inventory.ts'
import { shownUrl } from '../ledger/evidence.ts'
import type { ApiRecord, ProbeResult, Verdict } from '../observation.ts'
import { inTries } from '../run/wavering.ts'
import type { ApiPlace, NoPlace } from '../stations/api.ts'
import type { Ground } from '../stations/ground.ts'
import type { TlsSeen } from '../tls/tls-mode.ts'
import { type ApiFacts, judgeApi, type Met } from './api-table.ts'
import { judgeByCertificate } from './certificate-record.ts'
import { hasOpenSide } from './open-side.ts'
import { othersAsFact } from './other-credentials.ts'

/** Probes behind each fact of the decision table. */
const behind = {
  plain: ['B1', 'B2'],
  key: ['K1', 'S1', 'X0', 'X1a', 'X1b'],
  claims: ['A1', 'M1', 'H1', 'H2', 'T1', 'T2', 'N1'],
} as const
/** What every client is asked, where the first one was asked everything. */
const compared: readonly string[] = ['B1', 'K1', 'U1']

type Verdicts = (probe: string) => Verdict | undefined

export interface ApiSeen {
  readonly api: ApiEntry
  readonly client: string
  readonly place: Pick<ApiPlace, 'kind' | 'bearer' | 'open' | 'nowAndThen'> | NoPlace
  readonly ground: Ground | undefined
  readonly declared: Readonly<Record<string, unknown>>
  readonly tls?: TlsSeen | undefined
  /** What the ticket names; `beside`: nothing, over a connection with a certificate. Left out: a key. */
  readonly named?: 'key' | 'certificate' | 'beside' | undefined
  readonly probes: readonly ProbeResult[]
  readonly nonceDemanded?: boolean
  /** As T3 measured it. */
  readonly window?: AcceptanceWindow | undefined
  /** Of an API behind the same guard: what this one was not asked is taken to be as there. */
  readonly carried?: ApiRecord
  /** What other credentials were answered, asked once for all clients. */
  readonly others?: readonly ProbeResult[] | undefined
  /** Its nodes do not agree. */
  readonly wavers?: boolean
  /** The first client of an API gets every probe; the others only what decides. */
  readonly scope: 'all' | 'comparison'
  readonly checkOrder?: CheckOrder
  readonly evidence: readonly string[]
}

export function apiRecord(seen: ApiSeen): ApiRecord {
  const { api, client, place, ground, declared, probes, evidence, tls } = seen
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
    freshness: freshnessOf(seen),
    ...(seen.checkOrder && { checkOrder: seen.checkOrder }),
    baseline,
    ...(seen.carried && { carriedFrom: seen.carried.api }),
    ...reasonOf(place),
    ...(seen.wavers && { wavers: true as const }),
    declared,
    ...(tls && { tls }),
    columns: {
      // A ticket that names a certificate alone has no proof to demand.
      dpop: judged.mode === 'mtls' ? 'not-required' : dpop[judged.rsRequired],
      errorBehaviour: errorBehaviour(ground, probes),
      tlsCertificateRequest: certificateRequest(api, tls),
      policy: 'unknown',
    },
    probes,
    evidence,
  }
}

function reasonOf(place: ApiSeen['place']): Pick<ApiRecord, 'baselineReason'> {
  if (place.kind === 'failed') return { baselineReason: place.reason }
  return place.open && place.nowAndThen ? { baselineReason: `without a ticket: ${inTries(place.nowAndThen)}` } : {}
}

function judge(seen: ApiSeen): Pick<ApiRecord, 'mode' | 'rsRequired' | 'rsEnforced' | 'strength' | 'replay'> {
  const { place, named } = seen
  const works = place.kind === 'ready' && !place.open && !place.bearer
  if (works && (named === 'certificate' || named === 'beside')) return judgeByCertificate(seen, named)
  const replay = replayOf(verdictsOf(seen))
  const remembered = { jti_yes: 'remembered', jti_no: 'forgotten', unknown: 'unknown' } as const
  return { ...judgeApi(factsOf(seen), remembered[replay]), replay }
}

/** What was seen here before what is carried over from elsewhere. */
function resultsOf({ probes, others, carried }: ApiSeen): readonly ProbeResult[] {
  return [...probes, ...(others ?? []), ...(carried?.probes ?? [])]
}

function verdictsOf(seen: ApiSeen): Verdicts {
  return (id) => resultsOf(seen).find(({ probe }) => probe === id)?.verdict
}

/** What the probes found, as the decision table reads it. */
export function factsOf(seen: ApiSeen): ApiFacts {
  const { place, scope } = seen
  const verdict = verdictsOf(seen)
  const asked = (ids: readonly string[]) => (scope === 'all' || seen.carried ? ids : ids.filter((id) => compared.includes(id)))
  // A good ticket that passes without its proof is the whole answer of B1.
  const plain = place.kind === 'ready' && place.bearer ? 'accepted' : worstOf(asked(behind.plain).map(verdict))
  const claims = { accepted: 'overlooked', refused: 'compared', unknown: 'unknown' } as const
  return {
    ticket: place.kind === 'failed' ? 'failed' : place.open ? 'public' : 'ready',
    plain,
    key: worstOf(asked(behind.key).map(verdict)),
    unbound: unboundOf(verdict('U1')),
    claims: claims[worstOf(behind.claims.map(verdict).filter((one) => one !== 'not-applicable'))],
    sides: hasOpenSide(resultsOf(seen)) ? 'open' : 'shut',
    others: othersAsFact(resultsOf(seen)),
  }
}

/** One hole decides; without a hole, one open question leaves all open. */
function worstOf(verdicts: readonly (Verdict | undefined)[]): Met {
  if (verdicts.includes('violated')) return 'accepted'
  return verdicts.length > 0 && verdicts.every((verdict) => verdict === 'holds') ? 'refused' : 'unknown'
}

function unboundOf(verdict: Verdict | undefined): ApiFacts['unbound'] {
  if (verdict === 'violated') return 'accepted'
  if (verdict === 'holds') return 'refused'
  return verdict === 'inconclusive' ? 'unknown' : 'none'
}

/** RFC 9449 §11.1: a nonce may stand for the time. */
function freshnessOf(seen: ApiSeen): Freshness {
  if (seen.carried?.freshness) return seen.carried.freshness
  const old = verdictsOf(seen)('T1')
  const by = {
    holds: 'iat',
    violated: 'nothing',
    'not-applicable': seen.nonceDemanded ? 'nonce' : 'unknown',
    inconclusive: 'unknown',
  } as const
  return { by: old === undefined ? 'unknown' : by[old], ...(seen.window && { window: seen.window }) }
}

function replayOf(verdict: Verdicts): ApiRecord['replay'] {
  const replay = verdict('R1')
  return replay === 'holds' ? 'jti_yes' : replay === 'violated' ? 'jti_no' : 'unknown'
}

function certificateRequest({ url }: ApiEntry, tls: TlsSeen | undefined): ApiRecord['columns']['tlsCertificateRequest'] {
  if (new URL(url).protocol !== 'https:') return 'no-tls'
  if (tls === undefined) return 'not-tested'
  if (tls.mode === 'optional') return 'requested'
  return tls.mode === 'required-in-http' || tls.mode === 'required-in-tls' ? 'required' : tls.mode
}

function errorBehaviour(ground: Ground | undefined, probes: readonly ProbeResult[]): string {
  if (ground === undefined) return 'unknown'
  const schemes = [...new Set(ground.none.challenge.map(({ scheme }) => scheme))].join('+')
  const without = ground.none.ended ?? `${ground.none.status}${schemes === '' ? '' : ` ${schemes}`}`
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
