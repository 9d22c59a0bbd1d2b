// The whole observation: clients, issuers, APIs in falling privilege, then judgement. Each part stands in its own file.

import { type PreparedClient, prepareClients } from './clients.ts'
import { grantSource } from './grant-source.ts'
import { guidelineBlock } from './guidelines.ts'
import type { ApiEntry, ClientEntry, Inventory } from './inventory.ts'
import { type ApiSeen, apiRecord, withPolicy } from './judgement/api-record.ts'
import { findingsOf } from './judgement/findings.ts'
import { type IssuerSeen, issuerRecord } from './judgement/issuer-record.ts'
import { nextStepsOf } from './judgement/next-steps.ts'
import { judgeOverall, notClaimed, type Overall, statementsOf, threat } from './judgement/overall.ts'
import { type Published, readIssuerMetadata, readResourceMetadata } from './metadata.ts'
import type { ApiRecord, Finding, IssuerRecord, Observation, ObserveOptions, Priority, ProbeResult } from './observation.ts'
import { renderPosture } from './posture.ts'
import type { IssuerPlace } from './probe.ts'
import { probes, probesAt, procedures } from './probes/index.ts'
import { observationMistakes } from './report/complete.ts'
import { endOf, openRun, type Run } from './run.ts'
import { type ApiPlace, findPlace, type Ground, type NoPlace, surveyGround } from './stations/api.ts'
import { tokenStation } from './stations/token-endpoint.ts'
import { type NoTicket, openTicketOffice, type Ticket, type TicketOffice } from './tickets.ts'

interface Desk {
  readonly client: PreparedClient
  readonly office: TicketOffice
  readonly published: Published
  readonly wish: { readonly scope?: string | undefined; readonly resource?: string | undefined }
  ticket: Ticket | NoTicket
}

/**
 * Observes everything in the inventory, gently, and judges it.
 * @throws PolicyRefusal when going on would break a promise (hosts, subjects, consent); Misuse when a secret cannot be read.
 */
export async function observe(inventory: Inventory, options: ObserveOptions = {}): Promise<Observation> {
  const run = openRun(inventory, options)
  try {
    const startedAt = run.clock()
    const desks = await openDesks(run)
    const issuers: IssuerRecord[] = []
    for (const desk of desks.values()) issuers.push(await observeIssuer(run, desk))
    const apis = withPolicy(await observeApis(run, desks))
    return conclude(run, startedAt, issuers, apis)
  } finally {
    run.close()
  }
}

async function openDesks(run: Run): Promise<ReadonlyMap<string, Desk>> {
  const { inventory, options, line } = run
  const published = new Map<string, Published>()
  for (const issuer of inventory.issuers)
    published.set(issuer.id, await quietly(() => readIssuerMetadata(issuer, line), { members: {}, evidence: [] }))
  const desks = new Map<string, Desk>()
  for (const client of (await prepareClients(inventory, options.readSecret)).values()) {
    const found = published.get(client.issuer.id)!
    const endpoint = found.members['authorization_endpoint']
    const source = grantSource(client, options, () => (typeof endpoint === 'string' ? endpoint : undefined))
    const office = openTicketOffice(client, line, source, inventory.subjects)
    desks.set(client.entry.id, {
      client,
      office,
      published: found,
      wish: wishOf(client.entry, inventory),
      ticket: { none: 'not asked for', evidence: [] },
    })
  }
  return desks
}

/** The client's own scope and resource, or those of the first API it is used at. */
function wishOf({ ticket, id }: ClientEntry, inventory: Inventory): Desk['wish'] {
  const first = inventory.apis.find(({ clients }) => clients.includes(id))
  const own = ticket.from === 'pasted' ? {} : { scope: ticket.scope, resource: ticket.resource }
  return { scope: first?.scope ?? own.scope, resource: first?.resource ?? own.resource }
}

async function observeIssuer(run: Run, desk: Desk): Promise<IssuerRecord> {
  const { client, office, published, wish } = desk
  const target = `${client.issuer.id}:${client.entry.id}`
  desk.ticket = await quietly(() => office.ticket({ ...wish, proof: true }), { none: 'the token endpoint was not reached', evidence: [] })
  const parts = { office, line: run.line, target, wish, facts: factsOf(desk) }
  const station = tokenStation(parts)
  const results: ProbeResult[] = []
  if (station) {
    const place: IssuerPlace = { office, line: run.line, target, ticket: desk.ticket, kit: station.kit }
    for (const probe of procedures().filter(run.wants)) results.push(await run.guarded(target, probe, () => probe.run(place)))
    // An issuer that ignores proofs checks none: only the demand for one is asked.
    const bound = !('none' in desk.ticket) && desk.ticket.type === 'dpop'
    const asked = probesAt('token-request').filter((probe) => run.wants(probe) && (bound || probe.id === 'AS2'))
    results.push(...(await run.runAll(target, asked, station)))
  }
  const evidence = [...published.evidence, ...desk.ticket.evidence, ...results.flatMap((result) => result.evidence)]
  const seen: IssuerSeen = { client, ticket: desk.ticket, declared: published.members, probes: results, evidence: [...new Set(evidence)] }
  return issuerRecord(seen)
}

function factsOf({ client, published }: Desk): Readonly<Record<string, string | undefined>> {
  const { ticket } = client.entry
  const endpoint = published.members['userinfo_endpoint']
  return {
    issuer: client.issuer.url,
    tokenEndpoint: client.issuer.tokenEndpoint,
    clientId: client.entry.clientId,
    userinfoEndpoint: typeof endpoint === 'string' ? endpoint : undefined,
    redirectUri: ticket.from === 'sign-in' ? ticket.redirectUri : undefined,
  }
}

const rank = { high: 0, mid: 1, low: 2 } as const

async function observeApis(run: Run, desks: ReadonlyMap<string, Desk>): Promise<ApiRecord[]> {
  const records: ApiRecord[] = []
  const ordered = [...run.inventory.apis].sort((a, b) => rank[a.privilege] - rank[b.privilege])
  for (const api of ordered) {
    const ground = await quietly(() => surveyGround(api, run.line), undefined)
    const declared = await quietly(() => readResourceMetadata(api, ground?.challengeLines ?? [], run.inventory, run.line), {
      members: {},
      evidence: [],
    })
    let scope: ApiSeen['scope'] = 'all'
    for (const id of api.clients) {
      const record = await observeApi(run, { api, desk: desks.get(id)!, desks, ground, declared, scope })
      records.push(record)
      if (record.baseline === 'good') scope = 'comparison'
    }
  }
  return records
}

interface ApiTask {
  readonly api: ApiEntry
  readonly desk: Desk
  readonly desks: ReadonlyMap<string, Desk>
  readonly ground: Ground | undefined
  readonly declared: Published
  readonly scope: ApiSeen['scope']
}

async function observeApi(run: Run, task: ApiTask): Promise<ApiRecord> {
  const { api, desk, ground, declared, scope } = task
  const place = await placeOf(run, task)
  const results = place.kind === 'ready' ? await probePlace(run, task, place) : []
  const evidence = [...(ground?.evidence ?? []), ...declared.evidence, ...place.evidence, ...results.flatMap((result) => result.evidence)]
  return apiRecord({
    api,
    client: desk.client.entry.id,
    place,
    ground,
    declared: declared.members,
    probes: results,
    scope,
    evidence: [...new Set(evidence)],
  })
}

async function placeOf(run: Run, { api, desk, desks, ground }: ApiTask): Promise<ApiPlace | NoPlace> {
  if (ground === undefined) return { kind: 'failed', reason: 'the API was not reached', evidence: [] }
  const failed = (reason: string): NoPlace => ({ kind: 'failed', reason, evidence: [] })
  try {
    return await findPlace({
      api,
      office: desk.office,
      line: run.line,
      ground,
      unboundToken: () => unboundToken(run, api, desk, desks),
      facts: factsOf(desk),
    })
  } catch (error) {
    return failed(endOf(error))
  }
}

/** SEED-TB-18: a good ticket taken as plain Bearer is the whole answer of B1. */
async function probePlace(run: Run, { api, scope }: ApiTask, place: ApiPlace): Promise<ProbeResult[]> {
  const wanted = probesAt('api').filter((probe) => run.wants(probe) && (scope === 'all' || probe.id === 'B1' || probe.id === 'K1'))
  if (place.open) return []
  if (!place.bearer) return run.runAll(api.id, wanted, place.station)
  const downgrade = wanted.filter(({ id }) => id === 'B1')
  return Promise.all(
    downgrade.map((probe) =>
      run.guarded(api.id, probe, async () => ({
        verdict: 'violated',
        answered: 'the good ticket was accepted as Bearer, without proof',
        evidence: place.evidence.slice(-2),
      })),
    ),
  )
}

/** A ticket of the same issuer that is bound to nothing: asked for without a proof, or a client's that is issued so. */
async function unboundToken(run: Run, api: ApiEntry, desk: Desk, desks: ReadonlyMap<string, Desk>): Promise<string | undefined> {
  const others = [...desks.values()].filter(({ client }) => client.issuer.id === api.issuer && client.entry.id !== desk.client.entry.id)
  for (const { office, wish } of [desk, ...others]) {
    const ticket = await office.ticket({ scope: api.scope ?? wish.scope, resource: api.resource ?? wish.resource, proof: false })
    if (!('none' in ticket) && ticket.type === 'bearer') return ticket.accessToken
  }
  return run.options.forgeAccessToken?.({ header: {}, claims: {}, without: ['cnf'] })
}

function conclude(run: Run, startedAt: number, issuers: readonly IssuerRecord[], apis: readonly ApiRecord[]): Observation {
  const { inventory, ledger } = run
  const overall = judgeOverall({ inventory, issuers, apis })
  const { posture, perClientDifference, hypothesis, warnings, evidence } = overall
  const claimed = isClaimed(inventory, issuers, apis)
  const everywhere = apis.some(({ rsEnforced }) => rsEnforced === 'no') && !apis.some(({ rsEnforced }) => rsEnforced === 'yes')
  const findings = findingsOf(issuers, apis, { inventory, claimed, everywhere })
  const stopped = run.ledger.entries.length === 0 ? 'nothing was reached' : stoppedBecause(issuers, apis)
  const draft: Omit<Observation, 'complete' | 'missing'> = {
    format: 'kimei-observation/1',
    startedAt,
    finishedAt: run.clock(),
    ...(stopped !== undefined && { stopped }),
    bindingKeyPosture: renderPosture(posture),
    posture,
    postureEvidence: evidence,
    overall: overall.overall,
    hypothesis,
    counts: { ...countsOf(issuers, apis), requests: run.spent() },
    record: minimalRecord(inventory, issuers, apis, overall, findings),
    threat,
    notClaimed,
    issuers,
    apis,
    perClientDifference,
    findings,
    statements: statementsOf(overall),
    warnings,
    next: nextStepsOf(findings, hypothesis),
    guidelines: guidelineBlock(),
    evidence: ledger.entries,
  }
  const missing = observationMistakes(draft)
  return { ...draft, complete: missing.length === 0, missing }
}

function isClaimed(inventory: Inventory, issuers: readonly IssuerRecord[], apis: readonly ApiRecord[]): boolean {
  return (
    inventory.issuers.some(({ claims }) => claims === 'dpop' || claims === 'mtls') ||
    issuers.some(({ mode }) => mode === 'dpop') ||
    [...issuers, ...apis].some(({ declared }) => declared['dpop_bound_access_tokens_required'] === true)
  )
}

function stoppedBecause(issuers: readonly IssuerRecord[], apis: readonly ApiRecord[]): string | undefined {
  const reasons = [...issuers, ...apis].flatMap((record) => record.probes.map(({ reason }) => reason))
  return reasons.find((reason) => reason?.startsWith('stopped after') || reason === 'cancelled')
}

/** Declared: every probe of every place. Testable: not `not-applicable`. Tested: with a verdict. */
function countsOf(issuers: readonly IssuerRecord[], apis: readonly ApiRecord[]): Omit<Observation['counts'], 'requests'> {
  const results = [...issuers, ...apis].flatMap((record) => record.probes)
  const testable = results.filter(({ verdict }) => verdict !== 'not-applicable')
  const declared =
    issuers.length * probes.filter(({ owner }) => owner === 'AS').length + new Set(apis.map(({ api }) => api)).size * probesAt('api').length
  return { declared, testable: testable.length, tested: testable.filter(({ verdict }) => verdict !== 'inconclusive').length }
}

function minimalRecord(
  inventory: Inventory,
  issuers: readonly IssuerRecord[],
  apis: readonly ApiRecord[],
  { posture, evidence, representatives }: Overall,
  findings: readonly Finding[],
): Observation['record'] {
  const required = new Set(apis.map(({ rsRequired }) => rsRequired).filter((value) => value !== 'unknown'))
  const priorities = findings.map(({ priority }) => priority)
  const as = issuers.map(({ asRequired }) => asRequired)
  return {
    token_endpoint: [...new Set(inventory.issuers.map(({ tokenEndpoint }) => tokenEndpoint))],
    api_endpoints: inventory.apis.map(({ id, method, url }) => ({ method, url, representative: representatives.includes(id) })),
    mode: posture.mode,
    as_required: as.includes('no') ? 'no' : as.length > 0 && as.every((value) => value === 'yes') ? 'yes' : 'unknown',
    rs_required: required.size === 0 ? 'unknown' : required.size > 1 ? 'partial' : [...required][0]!,
    coverage: posture.coverage,
    evidence: evidence.confidence,
    action_priority: (['P0', 'P1', 'P2'] as const).find((priority) => priorities.includes(priority)) ?? ('none' satisfies Priority),
  }
}

/** A survey step whose failure leaves the rest possible. */
async function quietly<T>(step: () => Promise<T>, otherwise: T): Promise<T> {
  try {
    return await step()
  } catch (error) {
    endOf(error)
    return otherwise
  }
}
