// The API as a place to probe: what it answers without a ticket, with a random one and with a good one.
// The verdicts stand in `run/sandwich.ts`.
import { type Answered, type Baseline, fingerprint, readAnswer, readEnd, saysNoInside, wordsOf } from '../baseline.ts'
import { kitCertificates } from '../clients/kit-certificates.ts'
import type { NoTicket, Ticket, TicketOffice, TicketWish } from '../clients/tickets.ts'
import { type ApiCall, proofPlan, writeApiCall, writeFormCall } from '../edits/plans.ts'
import { answeredInFront } from '../in-front.ts'
import type { ApiEntry } from '../inventory/inventory.ts'
import type { EditKit } from '../probe.ts'
import { describe, type Performed, type Station } from '../run/sandwich.ts'
import type { HeldCertificate } from '../tls/client-certificate.ts'
import type { Line, Sent } from '../wire/line.ts'
import { headerValues, type RawRequest } from '../wire/raw-client.ts'
import { bareCall } from './bare-call.ts'
import { certificateAlone } from './certificate-alone.ts'
import { issuerNonce, otherTicket, revokedTicket } from './further-tickets.ts'
import type { Ground } from './ground.ts'
import { compareWell, type NowAndThen } from './taken-again.ts'

export interface ApiPlace {
  readonly kind: 'ready'
  readonly station: Station<'api'>
  readonly ticket: Ticket
  readonly baseline: Baseline
  /** In which shape the good request was accepted. */
  readonly shape: Shape
  /** The good request was accepted as a plain bearer ticket, without a proof. */
  readonly bearer: boolean
  /** So was only a ticket that is bound to nothing: bound ones are refused in every shape. */
  readonly nameless?: true
  /** It answers the same without any ticket. */
  readonly open: boolean
  /** It does so, or takes the ticket alone, not each time. */
  readonly nowAndThen?: NowAndThen
  readonly evidence: readonly string[]
}
export interface NoPlace {
  readonly kind: 'failed'
  readonly reason: string
  readonly ticket?: Ticket
  readonly evidence: readonly string[]
}

export interface PlaceParts {
  readonly api: ApiEntry
  readonly office: TicketOffice
  readonly line: Line
  readonly ground: Ground
  readonly unboundToken: () => Promise<string | undefined>
  readonly foreignTicket?: EditKit['foreignTicket']
  readonly forge?: EditKit['forge']
  readonly facts?: EditKit['facts']
  /** Whatever is wished for, this one is used. */
  readonly held?: Ticket
}

/** Finds the working exchange of one client at one API, or says why there is none. */
export async function findPlace(parts: PlaceParts): Promise<ApiPlace | NoPlace> {
  const ticket = await ticketFor(parts)
  if ('none' in ticket) return withoutTicket(ticket)
  const evidence: string[] = []
  let answered: string | undefined
  for (const shape of shapesFor(parts, ticket)) {
    const first = await firstGood(parts, ticket, shape)
    if (first.answered === 'good') return settle(parts, ticket, shape, first)
    evidence.push(...first.evidence)
    answered ??= first.answered
  }
  const nameless = ticket.type === 'bearer' ? undefined : await findNameless(parts)
  if (nameless) return { ...nameless, evidence: [...evidence, ...nameless.evidence] }
  return { kind: 'failed', reason: `a good ticket was answered ${answered}`, ticket, evidence }
}

/** An API that knows nothing of names may refuse whatever bears one, and take a ticket of the same client that is bound to nothing. */
async function findNameless(parts: PlaceParts): Promise<ApiPlace | undefined> {
  const ticket = await parts.office.ticket({ ...ticketWish(parts), proof: false })
  if ('none' in ticket || ticket.type !== 'bearer') return undefined
  const held = { ...parts, held: ticket }
  const first = await firstGood(held, ticket, 'bearer')
  const place = first.answered === 'good' ? await settle(held, ticket, 'bearer', first) : undefined
  return place?.kind === 'ready' ? { ...place, nameless: true } : undefined
}

/** What the ticket names first; whether it is taken without that is worth knowing where it is not taken with it. */
export function shapesFor(parts: PlaceParts, ticket: Ticket): readonly Shape[] {
  const shows = shownAt(parts) !== undefined
  if (ticket.type === 'bearer') return shows ? ['bearer', 'beside'] : ['bearer']
  // Where no certificate can be shown, a ticket that names one is a plain one.
  if (ticket.type === 'mtls') return shows ? ['named', 'bearer'] : ['bearer']
  return ['named', 'bearer', 'bearer-with-proof']
}

/** The certificate that this client shows at this API. */
function shownAt({ api, office }: PlaceParts): HeldCertificate | undefined {
  const { certificate, boundBy } = office.client
  return boundBy !== 'key' && api.url.startsWith('https:') ? certificate : undefined
}

/**
 * How the good request looks: with what the ticket names, as RFC 9449 or RFC 8705 have it; the ticket alone; the ticket under the
 * Bearer scheme with its proof beside it, as drafts and some gateways have it; or a ticket that names nothing, and a certificate
 * beside it.
 */
export type Shape = 'named' | 'bearer' | 'bearer-with-proof' | 'beside'

/** A bound ticket for this API. */
export async function ticketFor(parts: PlaceParts): Promise<Ticket | NoTicket> {
  return parts.held ?? parts.office.ticket(ticketWish(parts))
}

export function ticketWish({ api, office }: PlaceParts): TicketWish {
  return { scope: api.scope ?? wishedScope(office), resource: api.resource ?? wishedResource(office), proof: true }
}

function withoutTicket(ticket: NoTicket): NoPlace {
  return { kind: 'failed', reason: `no ticket: ${ticket.none}`, evidence: ticket.evidence }
}

export function wishedScope({ client }: TicketOffice): string | undefined {
  return 'scope' in client.entry.ticket ? client.entry.ticket.scope : undefined
}

export function wishedResource({ client }: TicketOffice): string | undefined {
  return 'resource' in client.entry.ticket ? client.entry.ticket.resource : undefined
}

export interface First {
  /** `good`, or what came instead. */
  readonly answered: string
  readonly sent: Sent
  readonly challenged: boolean
  readonly evidence: readonly string[]
}

const roles: Readonly<Record<Shape, string>> = {
  named: 'good ticket',
  bearer: 'good ticket as Bearer',
  'bearer-with-proof': 'good ticket as Bearer with its proof',
  beside: 'good ticket as Bearer, with a certificate',
}

export async function firstGood(parts: PlaceParts, ticket: Ticket, shape: Shape): Promise<First> {
  const role = roles[shape]
  // Without a nonce first: only a challenge shows that one is demanded.
  const first = await parts.line.send(parts.api.id, role, writeApiCall(goodCall(parts, ticket, shape, 'without-nonce')))
  const challenged = fingerprint(first.answer).error === 'use_dpop_nonce' && headerValues(first.answer.headers, 'dpop-nonce').length > 0
  const sent = challenged ? await parts.line.send(parts.api.id, `${role}, with nonce`, writeApiCall(goodCall(parts, ticket, shape))) : first
  const { status } = sent.answer
  const print = fingerprint(sent.answer)
  const opened = status === 101 && parts.api.kind === 'websocket'
  const odd = answeredInFront(sent.answer) ?? (saysNoInside(sent.answer.body) ? 'errors inside' : undefined)
  const good = opened || (status >= 200 && status < 300 && odd === undefined)
  const { ended } = sent.answer
  const said = ended ? describe(readEnd(ended)) : [status, print.error, odd && `(${odd})`].filter(Boolean).join(' ')
  const answered = good ? 'good' : said
  return { answered, sent, challenged, evidence: [...new Set([first.evidence, sent.evidence])] }
}

function goodCall(parts: PlaceParts, ticket: Ticket, shape: Shape, nonce?: 'without-nonce'): ApiCall {
  const { api, line } = parts
  const identity = shape === 'bearer' ? undefined : shownAt(parts)
  const bare = { ...bareCall(api), ...(identity && { tls: { identity } }) }
  const alone = shape === 'bearer' || shape === 'beside' || ticket.type === 'mtls'
  if (alone) return { ...bare, credentials: [{ scheme: 'Bearer', token: ticket.accessToken }] }
  const proof = proofPlan({
    key: ticket.key,
    method: api.method,
    url: api.url,
    now: line.now(api.url),
    jti: line.random(),
    nonce: nonce === undefined ? line.nonce(api.url) : undefined,
    accessToken: ticket.accessToken,
  })
  const scheme = shape === 'named' ? 'DPoP' : 'Bearer'
  return { ...bare, credentials: [{ scheme, token: ticket.accessToken }], proofs: [proof] }
}

/** A second good request, with a header nobody knows: how alike two good answers are, and whether something filters requests. */
async function settle(parts: PlaceParts, ticket: Ticket, shape: Shape, first: First): Promise<ApiPlace | NoPlace> {
  const { api, line, ground } = parts
  const call = goodCall(parts, ticket, shape)
  const second = await line.send(
    api.id,
    'good ticket, unknown header',
    writeApiCall({ ...call, headers: [...call.headers, ['X-Observer', line.random()]] }),
  )
  const evidence = [...ground.evidence, ...ticket.evidence, ...first.evidence, second.evidence]
  const ok = fingerprint(first.sent.answer)
  const compared = await compareWell(parts, { ticket, shape, first: ok, second: fingerprint(second.answer) })
  if (typeof compared === 'string') return { kind: 'failed', reason: compared, ticket, evidence }
  const { closeness, open, nowAndThen } = compared
  evidence.push(...compared.evidence)
  const alone = call.tls ? await certificateAlone(parts, { ...call, credentials: [], proofs: [] }, { ok, closeness }) : undefined
  if (alone) evidence.push(...alone.evidence)
  if (!open && alone?.enough)
    return { kind: 'failed', reason: 'the certificate alone is enough: the answer does not depend on the ticket', ticket, evidence }
  const baseline: Baseline = { ok, closeness, refused: [ground.none, ground.garbage, ...(alone && !alone.cached ? [alone.print] : [])] }
  return {
    kind: 'ready',
    station: apiStation(parts, { ticket, shape, baseline, challenged: first.challenged }),
    ticket,
    baseline,
    shape,
    bearer: shape === 'bearer',
    open,
    ...(nowAndThen && { nowAndThen }),
    evidence,
  }
}

export interface Settled {
  readonly ticket: Ticket
  readonly shape: Shape
  readonly baseline: Baseline
  readonly challenged: boolean
}

export function apiStation(parts: PlaceParts, { ticket, shape, baseline, challenged }: Settled): Station<'api'> {
  const { line, api } = parts
  const told = new Map<string, string>()
  const perform = async (request: RawRequest, role: string): Promise<Performed> => {
    const sent = await line.send(api.id, role, request)
    // Some servers say no to a certificate by closing, and some networks close by themselves: once more tells them apart.
    const closed = sent.answer.ended?.kind === 'closed'
    const again = closed ? await line.send(api.id, `${role}, once more`, request) : undefined
    const twice = again?.answer.ended?.kind === 'closed'
    const answered: Answered = twice ? { kind: 'refused', by: 'closed twice' } : readAnswer((again ?? sent).answer, baseline)
    told.set(role, wordsOf((again ?? sent).answer))
    const evidence = [sent.evidence, ...(again ? [again.evidence] : [])]
    return { answered, evidence, repeat: () => perform(request, `${role}, again`) }
  }
  let nonceDemanded = challenged
  const current = async (): Promise<Ticket> => {
    const fresh = await ticketFor(parts)
    return 'none' in fresh ? ticket : fresh
  }
  return {
    name: 'api',
    told,
    build: async () => goodCall(parts, await current(), shape),
    perform: (call, role) => perform(writeApiCall(call), role),
    nonceDemanded() {
      nonceDemanded = true
    },
    kit: {
      key: ticket.key,
      otherKey: parts.office.client.otherKey,
      certificates: kitCertificates(parts.office.client, line, api.id),
      random: line.random,
      now: () => line.now(api.url),
      clockInDoubt: () => line.clockInDoubt(api.url),
      get nonceDemanded() {
        return nonceDemanded
      },
      unboundToken: parts.unboundToken,
      foreignTicket: parts.foreignTicket,
      nonceOffered: () => line.nonce(api.url) !== undefined,
      otherTicket: (wish) => otherTicket(parts, wish),
      forge: parts.forge,
      revokedTicket: () => revokedTicket(parts),
      issuerNonce: () => issuerNonce(parts),
      send: async (role, call) => (await line.send(api.id, role, writeFormCall(call))).answer,
      wait: undefined,
      freshCode: async () => undefined,
      facts: parts.facts ?? {},
    },
  }
}
