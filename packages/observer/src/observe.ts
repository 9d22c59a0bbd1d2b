// The whole observation: clients, issuers, APIs in falling privilege, then judgement. Each part stands in its own file.
import { type PreparedClient, prepareClients } from './clients.ts'
import { detailFacts } from './details-facts.ts'
import { endpointFacts } from './endpoint-facts.ts'
import { grantSource } from './grant-source.ts'
import type { ApiEntry, ClientEntry, Inventory } from './inventory.ts'
import { type ApiSeen, apiRecord, withPolicy } from './judgement/api-record.ts'
import { conclude } from './judgement/conclude.ts'
import { type IssuerSeen, issuerRecord } from './judgement/issuer-record.ts'
import { cleanApi, cleanIssuer } from './judgement/outside.ts'
import { type Published, readIssuerMetadata, readResourceMetadata } from './metadata.ts'
import type { ApiRecord, IssuerRecord, Observation, ObserveOptions, ProbeResult } from './observation.ts'
import type { IssuerPlace } from './probe.ts'
import { codeFlowParts, probeCodeFlow } from './probe-code-flow.ts'
import { probeIntrospection, probeOtherGrants } from './probe-other-grants.ts'
import { probesAt, procedures } from './probes/index.ts'
import { readinessOf } from './readiness/readiness.ts'
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
    const { entries: evidence, withheld } = run.ledger
    return conclude({
      inventory,
      startedAt,
      finishedAt: run.clock(),
      requests: run.spent(),
      mostAtOneApi: run.mostAt(inventory.apis.map(({ id }) => id)),
      evidence,
      cancelled: options.signal?.aborted ?? false,
      passive: options.passive ?? [],
      issuers: issuers.map((record) => cleanIssuer(record, withheld)),
      apis: apis.map((record) => cleanApi(record, withheld)),
    })
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
  const parts = { office, line: run.line, target, wish, facts: factsOf(run.inventory, desk) }
  const station = tokenStation(parts)
  const results: ProbeResult[] = []
  if (station) {
    const place: IssuerPlace = { office, line: run.line, target, ticket: desk.ticket, kit: station.kit }
    for (const probe of procedures().filter(run.wants)) results.push(await run.guarded(target, probe, () => probe.run(place)))
    // An issuer that ignores proofs checks none: only the demand for one is asked.
    const bound = !('none' in desk.ticket) && desk.ticket.type === 'dpop'
    const asked = probesAt('token-request').filter((probe) => run.wants(probe) && (bound || probe.id === 'AS2'))
    results.push(...(await run.runAll(target, asked, station)))
    results.push(...(await probeIntrospection(run, parts, published)))
  }
  results.push(...(await probeOtherGrants(run, parts, published)))
  const signedIn = codeFlowParts(run, { ...parts, client, published })
  if (signedIn) results.push(...(await probeCodeFlow(run, signedIn)))
  const readiness = run.options.oauth21
    ? await readinessOf({ ...parts, client, published, inventory: run.inventory, probes: results, codeFlow: signedIn })
    : undefined
  const evidence = [
    ...published.evidence,
    ...desk.ticket.evidence,
    ...[...results, ...(readiness ?? [])].flatMap((result) => result.evidence),
  ]
  const seen: IssuerSeen = {
    client,
    ticket: desk.ticket,
    declared: published.members,
    probes: results,
    evidence: [...new Set(evidence)],
    ...(readiness && { readiness }),
  }
  return issuerRecord(seen)
}

function factsOf(inventory: Inventory, { client, published }: Desk): Readonly<Record<string, string | undefined>> {
  const { ticket } = client.entry
  const { lifetimes } = client.issuer
  // Only a client that proves nothing can be spoken for by another one.
  const twin = inventory.clients.find(
    (entry) =>
      entry.issuer === client.issuer.id &&
      entry.id !== client.entry.id &&
      entry.authentication.method === 'none' &&
      client.authentication.method === 'none',
  )
  const other = inventory.clients.find(
    ({ id, issuer, ticket: own }) =>
      issuer === client.issuer.id &&
      id !== client.entry.id &&
      own.from === 'sign-in' &&
      ticket.from === 'sign-in' &&
      own.redirectUri === ticket.redirectUri,
  )
  return {
    issuer: client.issuer.url,
    tokenEndpoint: client.issuer.tokenEndpoint,
    clientId: client.entry.clientId,
    proofAlgorithms: String(published.members['dpop_signing_alg_values_supported'] ?? ''),
    ...endpointFacts(published.members),
    twinClientId: twin?.clientId,
    otherClientId: other?.clientId,
    deniedScope: client.entry.denied.scope,
    deniedResource: client.entry.denied.resource,
    deniedGrant: client.entry.denied.grant,
    deniedResponseType: client.entry.denied.responseType,
    ownScope: ticket.from === 'sign-in' ? ticket.scope : undefined,
    ownResource: ticket.from === 'sign-in' ? ticket.resource : undefined,
    claimsParameter: published.members['claims_parameter_supported'] === true ? 'yes' : undefined,
    idTokenBesideCode: givesIdTokens(published.members['response_types_supported']) ? 'yes' : undefined,
    ...detailFacts(published.members['authorization_details_types_supported'], client.entry.denied.authorizationDetailsType),
    elsewhereScope: client.issuer.elsewhere?.scope,
    elsewhereResource: client.issuer.elsewhere?.resource,
    unconsentedScope: client.entry.unasked,
    codeSeconds: lifetimes.codeSeconds?.toString(),
    refreshIdleSeconds: lifetimes.refreshIdleSeconds?.toString(),
    redirectUri: ticket.from === 'sign-in' ? ticket.redirectUri : undefined,
  }
}

/** The order of the values says nothing. */
function givesIdTokens(types: unknown): boolean {
  return Array.isArray(types) && types.some((type) => type === 'code id_token' || type === 'id_token code')
}

/** What some edits need to know of the other APIs. */
function apiFacts({ apis, issuers }: Inventory, api: ApiEntry): Readonly<Record<string, string | undefined>> {
  const { elsewhere } = issuers.find(({ id }) => id === api.issuer)!
  const others = apis.filter(({ id, issuer }) => id !== api.id && issuer === api.issuer)
  return {
    nonce: api.nonce,
    revocation: api.revocation,
    otherResource: others.find(({ resource }) => resource !== undefined && resource !== api.resource)?.resource ?? elsewhere?.resource,
    otherScope: others.find(
      ({ scope, resource }) =>
        scope !== undefined && resource === api.resource && api.scope !== undefined && !scope.split(' ').includes(api.scope),
    )?.scope,
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
      forge: run.options.forgeAccessToken,
      facts: { ...factsOf(run.inventory, desk), ...apiFacts(run.inventory, api) },
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

/** A survey step whose failure leaves the rest possible. */
async function quietly<T>(step: () => Promise<T>, otherwise: T): Promise<T> {
  try {
    return await step()
  } catch (error) {
    endOf(error)
    return otherwise
  }
}
