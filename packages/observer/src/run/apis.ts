// The APIs of a run, in falling privilege: each asked everything, or only what decides where its guard is known from another one.
// Clients and issuers stand in `observe.ts`, what is asked at one API in `stations/`.

import { fingerprint } from '../baseline.ts'
import { apiFacts } from '../clients/api-facts.ts'
import { type Desk, factsOf } from '../clients/desk.ts'
import { foreignTicket, unboundToken } from '../clients/other-tickets.ts'
import type { Ticket } from '../clients/tickets.ts'
import type { ApiEntry, Inventory } from '../inventory/inventory.ts'
import type { ApiSeen } from '../judgement/api-record.ts'
import { isAboutOthers } from '../judgement/other-credentials.ts'
import { probeResult } from '../judgement/probe-result.ts'
import { type Published, readResourceMetadata } from '../metadata.ts'
import type { ApiRecord, ProbeResult } from '../observation.ts'
import type { EditProbe } from '../probe.ts'
import { type ApiPlace, findPlace, type NoPlace, type PlaceParts } from '../stations/api.ts'
import { askBriefly, briefGround, briefRequests, guardOf } from '../stations/brief.ts'
import type { Ground } from '../stations/ground.ts'
import type { TlsMode } from '../tls/tls-mode.ts'
import type { Sent } from '../wire/line.ts'
import { askCheckOrder } from './check-order.ts'
import { endOf, quietly } from './end-of.ts'
import { firstRequest, groundOf } from './first-requests.ts'
import type { TlsDesk } from './handshakes.ts'
import { type ApiLook, carriedLook, lookOf, waversAt, withoutWavering } from './looks.ts'
import type { CredentialDesk } from './other-credentials.ts'
import { type Run, usualRequestsPerApi } from './run.ts'
import { sequencesAt } from './sequences.ts'
import { barePass, toldByBaseline } from './told-by-baseline.ts'
import { askedOf, comparedProbes, ofTicketsAlone } from './wanted-probes.ts'
import { doubtedThere, settledBriefly, settleWavering } from './wavering.ts'

const rank = { high: 0, mid: 1, low: 2 } as const

/** Where there are more, only one API behind each guard is asked everything. */
const mostAskedWhole = 40

/** APIs that are asked everything, whatever guards them: those that stand for the rest, or all where they are not many. */
function askedWhole({ apis, representatives }: Inventory): ReadonlySet<string> {
  if (representatives !== undefined) return new Set(representatives)
  return new Set(apis.length > mostAskedWhole ? [] : apis.map(({ id }) => id))
}

/** What is asked beside the tickets of clients. */
export interface FurtherDesks {
  readonly tls: TlsDesk
  readonly others: CredentialDesk
}

export async function observeApis(run: Run, desks: ReadonlyMap<string, Desk>, further: FurtherDesks): Promise<ApiRecord[]> {
  const whole = askedWhole(run.inventory)
  const last = (api: ApiEntry) => (whole.has(api.id) ? 0 : 1)
  const ordered = [...run.inventory.apis].sort((a, b) => last(a) - last(b) || rank[a.privilege] - rank[b.privilege])
  const guards = new Map<string, readonly ApiRecord[]>()
  const seen: ApiLook[] = []
  for (const api of ordered) {
    const { none, unreached } = await firstRequest(run, api)
    const guard = none && guardOf(api, fingerprint(none.answer), further.others.at(api))
    const known = guard === undefined || whole.has(api.id) || run.options.only !== undefined ? undefined : guards.get(guard)
    const own =
      known && none
        ? await observeBriefly(run, { api, desks, none, known, ...further })
        : await observeWhole(run, { api, desks, none, unreached, ...further })
    seen.push(...own.map((look) => ({ ...look, guard })))
    const records = own.map(({ record }) => record)
    if (guard !== undefined && known === undefined && records.some(standsForOthers) && !guards.has(guard)) guards.set(guard, records)
  }
  return withoutWavering(seen)
}

/** What was not told here cannot be carried anywhere. */
function standsForOthers({ baseline, rsEnforced }: ApiRecord): boolean {
  return baseline === 'good' && rsEnforced !== 'unknown'
}

interface ApiVisit extends FurtherDesks {
  readonly api: ApiEntry
  readonly desks: ReadonlyMap<string, Desk>
  readonly none: Sent | undefined
  /** Why there was no answer at all. */
  readonly unreached?: string | undefined
}

async function observeWhole(run: Run, { api, desks, none, unreached, tls, others }: ApiVisit): Promise<ApiLook[]> {
  const { ground, unreached: why } = none ? await groundOf(run, api, none) : { ground: undefined, unreached }
  const declared = await quietly(() => readResourceMetadata(api, ground?.challengeLines ?? [], run.inventory, run.line), {
    members: {},
    evidence: [],
  })
  const looks: ApiLook[] = []
  for (const [i, id] of api.clients.entries()) {
    // What decides is asked for every client, before the rest is asked for the first.
    run.keepBack(api.id, briefRequests * (api.clients.length - 1 - i))
    const first = looks.every(({ record }) => record.baseline !== 'good')
    const scope = first ? 'all' : 'comparison'
    const told = looks.flatMap(({ record }) => record.probes.filter(isAboutOthers))
    const task: ApiTask = { api, desk: desks.get(id)!, desks, ground, unreached: why, declared, scope, tls, others, told }
    looks.push(
      first || ground === undefined
        ? await observeApi(run, task)
        : await compareClient(run, { ...task, ground, wavered: looks.some(({ record }) => record.wavers) }),
    )
  }
  return looks
}

interface BriefVisit extends ApiVisit {
  readonly none: Sent
  readonly known: readonly ApiRecord[]
}

/** SEED-TB-72: only what decides, for every client; the rest is carried over from the API with the same guard, and inferred. */
async function observeBriefly(run: Run, { api, desks, none, known, tls, others }: BriefVisit): Promise<ApiLook[]> {
  const ground = briefGround(none)
  const carried = known.find(standsForOthers)!
  const looks: ApiLook[] = []
  for (const client of api.clients) {
    const task: BriefTask = {
      api,
      desk: desks.get(client)!,
      desks,
      ground,
      declared: { members: {}, evidence: [] },
      scope: 'comparison',
      tls,
      others,
      told: looks.flatMap(({ record }) => record.probes.filter(isAboutOthers)),
      further: looks.length === 0 ? others.briefProbes(api) : [],
    }
    // The same guard, so the same listener: its handshakes are not watched again.
    const seen = { ...(await seenBriefly(run, task)), tls: carried.tls }
    const { place } = seen
    if (place.kind !== 'ready' || place.bearer || place.open) looks.push(lookOf(seen, others.at(api)))
    else looks.push(carriedLook(seen, carried))
  }
  return looks
}

/** Another client at an API that one was asked everything at: only what decides. */
async function compareClient(run: Run, task: BriefTask): Promise<ApiLook> {
  const { api, desk, declared, tls } = task
  const { boundBy, certificate } = desk.client
  const identity = boundBy === 'key' ? undefined : certificate
  const handshakes = await tls.seen({ target: api.id, method: api.method, url: api.url, identity })
  return lookOf({ ...(await seenBriefly(run, task)), declared: declared.members, tls: handshakes }, task.others.at(api))
}

interface BriefTask extends ApiTask {
  readonly ground: Ground
  /** Asked with the first client alone. */
  readonly further?: readonly EditProbe<'api'>[]
  /** Whether the nodes of this API were seen to disagree. Left out: nobody looked. */
  readonly wavered?: boolean
}

async function seenBriefly(run: Run, task: BriefTask): Promise<ApiSeen> {
  const { api, desk, ground } = task
  const { place, probes } = await askedBriefly(run, task)
  return {
    api,
    client: desk.client.entry.id,
    place,
    ground,
    declared: {},
    named: place.kind === 'failed' ? undefined : place.shape === 'beside' ? 'beside' : namedBy(place.ticket),
    probes,
    others: task.told,
    wavers: waversAt(place),
    scope: 'comparison',
    evidence: [...new Set([...place.evidence, ...probes.flatMap((result) => result.evidence)])],
  }
}

async function askedBriefly(run: Run, task: BriefTask) {
  try {
    const place = await askBriefly(partsOf(run, task), (ticket) => comparedProbes(run, ticket), task.further)
    if (place.kind === 'failed') return { place, probes: [] }
    const first = place.outcomes.map(({ probe, outcome }) => probeResult(probe, outcome))
    const probes = place.bearer
      ? await barePass(run, task.api, place)
      : task.others.weighed(place.open ? [] : await settledBriefly(place, first, task.wavered))
    return { place, probes: place.open || place.shape === 'beside' ? [] : probes }
  } catch (error) {
    return { place: { kind: 'failed', reason: endOf(error), evidence: task.ground?.evidence ?? [] } as const, probes: [] }
  }
}

const namedBy = ({ type }: Ticket) => (type === 'mtls' ? 'certificate' : 'key')

export interface ApiTask extends FurtherDesks {
  readonly api: ApiEntry
  readonly desk: Desk
  readonly desks: ReadonlyMap<string, Desk>
  readonly ground: Ground | undefined
  readonly unreached?: string | undefined
  readonly declared: Published
  readonly scope: ApiSeen['scope']
  /** What other credentials were answered here already. */
  readonly told: readonly ProbeResult[]
}

async function observeApi(run: Run, task: ApiTask): Promise<ApiLook> {
  const { api, desk, ground, declared, scope, tls } = task
  const { boundBy, certificate } = desk.client
  const identity = boundBy === 'key' ? undefined : certificate
  const handshakes = await tls.seen({ target: api.id, method: api.method, url: api.url, identity })
  const place = await placeOf(run, task, handshakes?.mode)
  const asked = identity === undefined || scope !== 'all' ? [] : await tls.results(api.id, handshakes)
  const edited = place.kind === 'ready' ? await probePlace(run, task, place) : []
  const further =
    place.kind === 'ready' ? await sequencesAt(run, { ...task, parts: partsOf(run, task), place, found: edited }) : { results: [] }
  const checkOrder = place.kind === 'ready' && scope === 'all' ? await askCheckOrder(run, api.id, place, edited) : undefined
  // Last, with what the budget still has.
  const settled =
    place.kind === 'ready' && !place.bearer
      ? await settleWavering(place.station, {
          probes: askedOf(run, place.ticket),
          results: edited,
          room: usualRequestsPerApi - run.mostAt([api.id]),
        })
      : edited
  const sequences = waversAt(place) ? further.results.map(doubtedThere) : further.results
  const results = [...asked, ...settled, ...sequences]
  const found = [...results.flatMap((result) => result.evidence), ...(handshakes?.evidence ?? [])]
  const evidence = [...(ground?.evidence ?? []), ...declared.evidence, ...place.evidence, ...found, ...(checkOrder?.evidence ?? [])]
  return lookOf(
    {
      api,
      client: desk.client.entry.id,
      place,
      ground,
      declared: declared.members,
      tls: handshakes,
      named: place.kind === 'failed' ? undefined : place.shape === 'beside' ? 'beside' : namedBy(place.ticket),
      probes: results,
      others: task.told,
      ...(place.kind === 'ready' && { nonceDemanded: place.station.kit.nonceDemanded }),
      ...('window' in further && { window: further.window }),
      ...(checkOrder && { checkOrder }),
      wavers: waversAt(place),
      scope,
      evidence: [...new Set(evidence)],
    },
    task.others.at(api),
  )
}

export function partsOf(run: Run, { api, desk, desks, ground }: Pick<ApiTask, 'api' | 'desk' | 'desks' | 'ground'>): PlaceParts {
  return {
    api,
    office: desk.office,
    line: run.line,
    ground: ground!,
    unboundToken: () => unboundToken(run, api, desk, desks),
    foreignTicket: () => foreignTicket(run, api, desks),
    forge: run.options.forgeAccessToken,
    facts: { ...factsOf(run.inventory, desk), ...apiFacts(run.inventory, api) },
  }
}

async function placeOf(run: Run, task: ApiTask, certificateDemand: TlsMode | undefined): Promise<ApiPlace | NoPlace> {
  if (task.ground === undefined) return { kind: 'failed', reason: `not reached: ${task.unreached ?? 'no answer'}`, evidence: [] }
  try {
    const parts = partsOf(run, task)
    return await findPlace({ ...parts, facts: { ...parts.facts, certificateDemand } })
  } catch (error) {
    return { kind: 'failed', reason: endOf(error), evidence: [] }
  }
}

async function probePlace(run: Run, { api, scope, others }: ApiTask, place: ApiPlace): Promise<ProbeResult[]> {
  const wanted = scope === 'all' ? askedOf(run, place.ticket) : comparedProbes(run, place.ticket)
  if (place.open || place.shape === 'beside') return []
  if (place.bearer) {
    const ticketItself = scope === 'all' ? ofTicketsAlone(run, place) : []
    return [...(await barePass(run, api, place)), ...(await run.runAll(api.id, ticketItself, place.station))]
  }
  // The working exchange is itself what B3 would send.
  const told = wanted.filter(({ id }) => id === 'B3' && place.shape === 'bearer-with-proof')
  const answered = 'the good ticket was accepted as Bearer, with its proof'
  const asked = wanted.filter((probe) => !told.includes(probe))
  const results = others.weighed(await run.runAll(api.id, scope === 'all' ? others.among(asked, api) : asked, place.station))
  return [
    ...results,
    ...(scope === 'all' ? await others.askBeside(api, place.station, results) : []),
    ...(await toldByBaseline(run, api, { probes: told, answered, evidence: place.evidence })),
  ]
}
