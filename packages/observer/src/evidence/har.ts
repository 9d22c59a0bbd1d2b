// Recorded traffic (HAR), read as a stream and counted: which places got proofs, which tickets were given, proofs used twice.
// What that says, and what not, stands in `har-statements.ts`.
import { Misuse } from '@kimei/protocol'
import { type ExchangeFacts, type ProofFacts, readExchange } from './har-entry.ts'
import { readElements } from './json-elements.ts'
import { shownPlace } from './place-of.ts'
import type { Pieces } from './text-pieces.ts'

/** Places and proofs that are kept in mind; beyond that, they are only counted. */
const mostPlaces = 2000
const mostProofs = 500_000

export interface HarPlace {
  readonly method: string
  readonly url: URL
  requests: number
  readonly schemes: Map<string, number>
  proofs: number
  unreadable: number
  otherTarget: number
  otherMethod: number
  repeated: number
  nonceDemands: number
  refused: number
  upgrades: number
  graphql: boolean
  readonly keys: Set<string>
  /** Names of headers and cookies beside the ticket that look like credentials. */
  readonly keyHeaders: Set<string>
  readonly cookies: Set<string>
}

export interface HarTokens {
  readonly url: URL
  readonly grant: string
  readonly clients: Set<string>
  given: number
  withProof: number
  readonly types: Map<string, number>
  readonly bound: Map<string, number>
}

export interface HarFacts {
  exchanges: number
  whole: boolean
  /** Some header that an export would have stripped is there. */
  credentials: boolean
  readonly places: Map<string, HarPlace>
  readonly tokens: Map<string, HarTokens>
  /** Proof keys and the clients they were seen with at token endpoints. */
  readonly keyClients: Map<string, Set<string>>
  /** Proof keys and the origins of the token endpoints that saw them. */
  readonly keyIssuers: Map<string, Set<string>>
  /** Whether places or proofs were only counted. */
  bounded: boolean
}

/** @throws Misuse where it is no HAR. */
export async function readHar(pieces: Pieces): Promise<HarFacts> {
  const elements = readElements(['log', 'entries'])
  const facts: HarFacts = {
    exchanges: 0,
    whole: true,
    credentials: false,
    places: new Map(),
    tokens: new Map(),
    keyClients: new Map(),
    keyIssuers: new Map(),
    bounded: false,
  }
  const seen = new Map<string, string>()
  for await (const piece of pieces) {
    for (const element of elements.push(piece)) {
      const exchange = readExchange(element)
      if (exchange) learn(facts, exchange, seen)
    }
  }
  facts.whole = elements.whole() && pieces.whole()
  if (facts.exchanges === 0) throw new Misuse(['it is no HAR with exchanges (log.entries)'])
  return facts
}

function learn(facts: HarFacts, exchange: ExchangeFacts, seen: Map<string, string>): void {
  facts.exchanges += 1
  facts.credentials ||= exchange.showsCredentials
  if (exchange.grant !== undefined) learnTokens(facts, exchange)
  const place = placeFor(facts, exchange)
  if (!place) return
  place.requests += 1
  if (exchange.scheme !== undefined) place.schemes.set(exchange.scheme, (place.schemes.get(exchange.scheme) ?? 0) + 1)
  if (exchange.nonceDemanded) place.nonceDemands += 1
  if (exchange.status === 401) place.refused += 1
  if (exchange.upgrade) place.upgrades += 1
  place.graphql ||= exchange.graphql
  for (const name of exchange.keyHeaders) if (place.keyHeaders.size < 20) place.keyHeaders.add(name)
  for (const name of exchange.cookies) if (place.cookies.size < 20) place.cookies.add(name)
  for (const proof of exchange.proofs) learnProof({ facts, place, exchange, seen }, proof)
}

function placeFor(facts: HarFacts, { method, url }: ExchangeFacts): HarPlace | undefined {
  const name = shownPlace(method, url)
  const known = facts.places.get(name)
  if (known) return known
  if (facts.places.size >= mostPlaces) {
    facts.bounded = true
    return undefined
  }
  const place: HarPlace = {
    method,
    url,
    requests: 0,
    schemes: new Map(),
    proofs: 0,
    unreadable: 0,
    otherTarget: 0,
    otherMethod: 0,
    repeated: 0,
    nonceDemands: 0,
    refused: 0,
    upgrades: 0,
    graphql: false,
    keys: new Set(),
    keyHeaders: new Set(),
    cookies: new Set(),
  }
  facts.places.set(name, place)
  return place
}

interface Learning {
  readonly facts: HarFacts
  readonly place: HarPlace
  readonly exchange: ExchangeFacts
  /** jti with key → where it was seen first. */
  readonly seen: Map<string, string>
}

function learnProof({ facts, place, exchange, seen }: Learning, proof: ProofFacts | undefined): void {
  place.proofs += 1
  if (proof === undefined) {
    place.unreadable += 1
    return
  }
  if (proof.htm !== undefined && proof.htm !== exchange.method) place.otherMethod += 1
  if (!sameTarget(proof.htu, exchange.url)) place.otherTarget += 1
  if (proof.jkt !== undefined) {
    if (place.keys.size < 1000) place.keys.add(proof.jkt)
    if (exchange.clientId !== undefined) remember(facts.keyClients, proof.jkt, exchange.clientId.slice(0, 200))
  }
  if (proof.jkt !== undefined && exchange.grant !== undefined) remember(facts.keyIssuers, proof.jkt, exchange.url.origin)
  if (proof.jti === undefined) return
  const name = `${proof.jkt ?? ''} ${proof.jti}`
  if (seen.has(name)) place.repeated += 1
  else if (seen.size < mostProofs) seen.set(name, '')
  else facts.bounded = true
}

const mostKeys = 10_000

function remember(known: Map<string, Set<string>>, jkt: string, value: string): void {
  const values = known.get(jkt)
  if (values) values.add(value)
  else if (known.size < mostKeys) known.set(jkt, new Set([value]))
}

/** RFC 9449 §4.3: without query and fragment; spelling that URL parsing makes equal is equal. */
function sameTarget(htu: string | undefined, url: URL): boolean {
  if (htu === undefined || !URL.canParse(htu)) return false
  const target = new URL(htu)
  const protocol = url.protocol.replace('ws', 'http')
  return target.protocol === protocol && target.host === url.host && target.pathname === url.pathname
}

function learnTokens(facts: HarFacts, exchange: ExchangeFacts): void {
  const { url, grant = '', clientId, tokenType, boundBy, proofs, status } = exchange
  const kind = /^[\w:.-]{1,120}$/.test(grant) ? grant : 'unknown'
  const name = `${shownPlace('POST', url)} ${kind}`
  const row = facts.tokens.get(name) ?? {
    url,
    grant: kind,
    clients: new Set<string>(),
    given: 0,
    withProof: 0,
    types: new Map<string, number>(),
    bound: new Map<string, number>(),
  }
  if (facts.tokens.size < mostPlaces) facts.tokens.set(name, row)
  if (status !== 200) return
  row.given += 1
  if (proofs.length > 0) row.withProof += 1
  if (clientId !== undefined && row.clients.size < 100) row.clients.add(clientId.slice(0, 200))
  if (tokenType !== undefined) row.types.set(tokenType, (row.types.get(tokenType) ?? 0) + 1)
  if (boundBy !== undefined) row.bound.set(boundBy, (row.bound.get(boundBy) ?? 0) + 1)
}
