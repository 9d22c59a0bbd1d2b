// The whole observation: clients, issuers, APIs in falling privilege, then judgement. Each part stands in its own file.

import { type Desk, factsOf } from '../clients/desk.ts'
import { grantSource } from '../clients/grant-source.ts'
import { prepareClients, readAuthorities, readText, showsCertificate } from '../clients/prepare.ts'
import { signInWay } from '../clients/sign-in-way.ts'
import { openTicketOffice } from '../clients/tickets.ts'
import type { ClientEntry, Inventory } from '../inventory/inventory.ts'
import { withPolicy } from '../judgement/api-record.ts'
import { withLikeOrders } from '../judgement/check-order.ts'
import { conclude } from '../judgement/conclude.ts'
import { type IssuerSeen, issuerRecord } from '../judgement/issuer-record.ts'
import { cleanApi, cleanIssuer } from '../judgement/outside.ts'
import { type Published, readIssuerMetadata } from '../metadata.ts'
import type { IssuerRecord, Observation, ObserveOptions, ProbeResult } from '../observation.ts'
import { fits, type IssuerPlace, type ProbeHead } from '../probe.ts'
import { probes, probesAt, procedures } from '../probes/index.ts'
import { readinessOf } from '../readiness/readiness.ts'
import type { CodeFlowParts } from '../stations/code-flow.ts'
import { type TokenPlaceParts, tokenStation } from '../stations/token-endpoint.ts'
import { observeApis } from './apis.ts'
import { askGuards } from './ask-guards.ts'
import { askCodeBinding } from './code-binding.ts'
import { codeFlowParts, probeCodeFlow } from './code-flow.ts'
import { quietly } from './end-of.ts'
import { learnAliases, openTlsDesk, type TlsDesk, ticketPlace } from './handshakes.ts'
import { openCredentialDesk } from './other-credentials.ts'
import { type OtherGrantDesk, probeIntrospection, probeOtherGrants } from './other-grants.ts'
import { watchResidual } from './residual-access.ts'
import { openRun, type Run } from './run.ts'

/**
 * Observes everything in the inventory, gently, and judges it.
 * @throws PolicyRefusal when going on would break a promise (hosts, subjects, consent); Misuse when a secret cannot be read.
 */
export async function observe(inventory: Inventory, options: ObserveOptions = {}): Promise<Observation> {
  const authorities = await readAuthorities(inventory, options.readSecret)
  const run = openRun(inventory, options, authorities)
  const tls = openTlsDesk(run)
  try {
    const startedAt = run.clock()
    const desks = await openDesks(run)
    const others = await openCredentialDesk(run)
    const issuers: IssuerRecord[] = []
    for (const desk of desks.values()) issuers.push(await observeIssuer(run, desk, tls))
    const apis = withLikeOrders(withPolicy(await observeApis(run, desks, { tls, others })))
    const residual = await watchResidual(run, desks)
    const told = await askGuards(run, desks)
    const { entries: evidence, withheld } = run.ledger
    return conclude({
      inventory,
      startedAt,
      finishedAt: run.clock(),
      requests: run.spent(),
      mostAtOneApi: run.mostAt(inventory.apis.map(({ id }) => id)),
      evidence,
      cancelled: options.signal?.aborted ?? false,
      stopped: run.stopped(),
      givenUp: run.givenUp(),
      passive: [...(options.passive ?? []), ...withheld.scrub(told.readings)],
      told: withheld.scrub(told.contradictions),
      issuers: issuers.map((record) => cleanIssuer(record, withheld)),
      apis: apis.map((record) => cleanApi(record, withheld)),
      ...(residual && { residual: withheld.scrub(residual) }),
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
    learnAliases(client, found.members, inventory)
    const endpoint = (member: string) => (typeof found.members[member] === 'string' ? found.members[member] : undefined)
    const { registration } = client.issuer
    const initialAccessToken =
      registration?.initialAccessToken &&
      (await readText(`issuers.${client.issuer.id}.registration`, registration.initialAccessToken, options.readSecret))
    const { signIn, signInBy } = options
    const way = signIn && signInWay(client, found.members, { signIn, signInBy, line })
    const source = grantSource(client, { ...options, signIn: way?.signIn }, endpoint, line)
    const office = openTicketOffice(client, line, source, inventory.subjects)
    desks.set(client.entry.id, {
      client,
      office,
      published: found,
      wish: wishOf(client.entry, inventory),
      ...(way && { way }),
      ...(initialAccessToken !== undefined && { initialAccessToken }),
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

async function observeIssuer(run: Run, desk: Desk, tls: TlsDesk): Promise<IssuerRecord> {
  const { client, office, published, wish } = desk
  const target = `${client.issuer.id}:${client.entry.id}`
  desk.ticket = await quietly(() => office.ticket({ ...wish, proof: true }), { none: 'the token endpoint was not reached', evidence: [] })
  const parts = { office, line: run.line, target, wish, facts: factsOf(run.inventory, desk) }
  const named = { key: client.boundBy !== 'certificate', certificate: showsCertificate(client, true) }
  const handshakes = await tls.seen(ticketPlace(client, target))
  const signedIn = codeFlowParts(run, { ...parts, ...desk })
  const { probed, aboutCodes } = await probeIssuer(run, {
    desk,
    parts,
    named,
    signedIn,
    byHandshake: () => tls.results(target, handshakes),
  })
  const results = inOrder(probed)
  const readiness = run.options.oauth21
    ? await readinessOf({ ...parts, client, published, inventory: run.inventory, probes: results, codeFlow: signedIn })
    : undefined
  const evidence = [
    ...published.evidence,
    ...desk.ticket.evidence,
    ...(handshakes?.evidence ?? []),
    ...[...results, ...aboutCodes, ...(readiness ?? [])].flatMap((result) => result.evidence),
  ]
  const seen: IssuerSeen = {
    client,
    ticket: desk.ticket,
    declared: published.members,
    probes: results,
    aboutCodes,
    way: desk.way,
    evidence: [...new Set(evidence)],
    tls: handshakes,
    ...(readiness && { readiness }),
  }
  return issuerRecord(seen)
}

interface IssuerVisit {
  readonly desk: Desk
  readonly parts: OtherGrantDesk & TokenPlaceParts
  /** What its tickets name. */
  readonly named: Parameters<typeof fits>[1]
  readonly signedIn: CodeFlowParts | undefined
  readonly byHandshake: () => Promise<ProbeResult[]>
}

interface IssuerAnswers {
  readonly probed: readonly ProbeResult[]
  /** What was asked about codes, and is no verdict. */
  readonly aboutCodes: readonly ProbeResult[]
}

/** First whether an unbound ticket is to be had, by every grant: should the requests run out, the rest is missing and not that. */
async function probeIssuer(run: Run, { desk, parts, named, signedIn, byHandshake }: IssuerVisit): Promise<IssuerAnswers> {
  const { office, published, ticket } = desk
  const { target } = parts
  const station = tokenStation({ ...parts, wait: run.options.wait })
  // An issuer that binds nothing has nothing to launder, and checks no proofs: the demand for one is asked, and what needs none.
  const issued = !('none' in ticket)
  const bound = issued && ticket.type !== 'bearer'
  const unbound: Run = { ...run, wants: (probe) => bound && run.wants(probe) && 'asksForUnbound' in probe }
  const rest: Run = { ...run, wants: (probe) => run.wants(probe) && !('asksForUnbound' in probe) }
  const atGrants = async (some: Run) => [
    ...(await probeOtherGrants(some, parts, published)),
    ...(signedIn ? await probeCodeFlow(some, signedIn) : []),
  ]
  const codes = async (known: readonly ProbeResult[]) => (bound && signedIn ? askCodeBinding(run, signedIn, known) : [])
  if (!station) {
    const first = await atGrants(unbound)
    const aboutCodes = await codes(first)
    return { probed: [...first, ...(await atGrants(rest))], aboutCodes }
  }
  const asked = probesAt('token-request').filter((probe) => run.wants(probe) && fits(probe, named))
  const decides = ({ id }: ProbeHead) => id === 'AS2' || id === 'L2'
  const results = [...(await run.runAll(target, asked.filter(decides), station)), ...(await atGrants(unbound))]
  const aboutCodes = await codes(results)
  const place: IssuerPlace = { office, line: run.line, target, ticket, kit: station.kit }
  if (named.certificate) results.push(...(await byHandshake()))
  for (const probe of procedures().filter((one) => run.wants(one) && fits(one, named)))
    results.push(await run.guarded(target, probe, () => probe.run(place)))
  const others = asked.filter((probe) => issued && (bound || probe.binds === undefined) && !decides(probe))
  results.push(...(await run.runAll(target, others, station)), ...(await probeIntrospection(run, parts, published)))
  return { probed: [...results, ...(await atGrants(rest))], aboutCodes }
}

/** As the list of probes has them, whatever the order they were asked in. */
function inOrder(results: readonly ProbeResult[]): ProbeResult[] {
  const order = new Map(probes.map(({ id }, i) => [id, i]))
  return results.toSorted((a, b) => (order.get(a.probe) ?? 0) - (order.get(b.probe) ?? 0))
}
