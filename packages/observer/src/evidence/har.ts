// Recorded traffic (HAR): which places got proofs, which tickets were given, proofs used twice, targets that do not fit. Read as a stream.
// It shows what a client did, never what a server enforces; an export without credentials is not taken for one without tickets.
import { Misuse, type Text } from '@kimei/protocol'
import { type ExchangeFacts, type ProofFacts, readExchange } from './har-entry.ts'
import { readElements } from './json-elements.ts'
import { type KnownPlaces, noPlaces, shownPlace } from './place-of.ts'
import { type PassiveReading, type PassiveStatement, reading } from './reading.ts'
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
    if (exchange.clientId !== undefined && facts.keyClients.size < 10_000) {
      const clients = facts.keyClients.get(proof.jkt) ?? new Set()
      facts.keyClients.set(proof.jkt, clients.add(exchange.clientId.slice(0, 200)))
    }
  }
  if (proof.jti === undefined) return
  const name = `${proof.jkt ?? ''} ${proof.jti}`
  if (seen.has(name)) place.repeated += 1
  else if (seen.size < mostProofs) seen.set(name, '')
  else facts.bounded = true
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

/** What the traffic says, place by place. */
export async function harReading(source: string, pieces: Pieces, places: KnownPlaces = noPlaces): Promise<PassiveReading> {
  const facts = await readHar(pieces)
  return reading({
    source,
    kind: 'har',
    whole: facts.whole,
    read: facts.exchanges,
    statements: [
      ...[...facts.tokens.values()].map((row) => tokenStatement(row, places)),
      ...[...facts.places.values()].flatMap((place) => placeStatements(place, places)),
      ...sharedKeys(facts),
    ],
    notes: notesOf(facts),
  })
}

function tokenStatement(row: HarTokens, places: KnownPlaces): PassiveStatement {
  const bound = (row.bound.get('key') ?? 0) + (row.bound.get('certificate') ?? 0)
  const named = row.types.get('dpop') ?? 0
  const plain = row.bound.get('nothing') ?? 0
  const at = places.idOf('POST', row.url)
  const place = `${shownPlace('POST', row.url)} (${row.grant})`
  const counts = `DPoP ${named}, bound ${bound}, unbound ${plain}, proof ${row.withProof} / ${row.given}`
  if (row.types.size === 0 && row.bound.size === 0) {
    return {
      at,
      place,
      about: 'issuance',
      says: 'cannot-tell',
      count: row.given,
      text: {
        ja: `切符の応答の中身が残っていません（証明つき ${row.withProof} / ${row.given}）。`,
        en: `The bodies of token answers were not recorded (with a proof ${row.withProof} of ${row.given}).`,
      },
    }
  }
  const says = plain > 0 ? (bound + named > 0 ? 'optional' : 'absent') : named + bound > 0 ? 'seen' : 'cannot-tell'
  const words = {
    optional: { ja: '縛られた切符と縛られない切符の両方が出ています', en: 'bound and unbound tickets were both issued' },
    absent: { ja: '縛られない切符が出ています', en: 'unbound tickets were issued' },
    seen: { ja: '縛られた切符が出ています', en: 'bound tickets were issued' },
    'cannot-tell': { ja: '切符が鍵に縛られているかは読めません', en: 'whether the tickets are bound cannot be read' },
  }[says]
  return {
    at,
    place,
    about: 'issuance',
    says,
    count: row.given,
    text: { ja: `${words.ja}（${counts}）。`, en: `${words.en} (${counts}).` },
  }
}

function placeStatements(place: HarPlace, places: KnownPlaces): PassiveStatement[] {
  const here = { at: places.idOf(place.method, place.url), place: shownPlace(place.method, place.url) }
  const bearer = place.schemes.get('bearer') ?? 0
  const dpop = place.schemes.get('dpop') ?? 0
  const found: PassiveStatement[] = []
  const say = (about: PassiveStatement['about'], says: PassiveStatement['says'], count: number, text: Text) =>
    found.push({ ...here, about, says, count, text })
  if (bearer > 0) {
    const both = place.proofs > 0
    say('binding', both ? 'optional' : 'absent', bearer, {
      ja: `Bearer で送られた要求が ${bearer} 件あります（DPoP の証明つき ${place.proofs} 件）。受け取られたかどうかは、ここからは言えません。`,
      en: `${bearer} requests were sent as Bearer (${place.proofs} with a DPoP proof). What an API would refuse does not follow from it.`,
    })
  } else if (dpop > 0 || place.proofs > 0) {
    say('binding', 'seen', place.proofs, {
      ja: `DPoP の証明つきの要求が ${place.proofs} 件あります。求められているかどうかは、ここからは言えません。`,
      en: `${place.proofs} requests carried a DPoP proof. Whether one is demanded does not follow from it.`,
    })
  }
  if (place.nonceDemands > 0)
    say('nonce', 'demanded', place.nonceDemands, {
      ja: `nonce を求める応答が ${place.nonceDemands} 件あります。`,
      en: `${place.nonceDemands} answers asked for a nonce.`,
    })
  if (place.repeated > 0)
    say('replay', 'weak', place.repeated, {
      ja: `同じ証明が ${place.repeated} 回くり返し送られています。`,
      en: `The same proof was sent again ${place.repeated} times.`,
    })
  if (place.otherTarget + place.otherMethod > 0)
    say('target', 'weak', place.otherTarget + place.otherMethod, {
      ja: `証明の宛先（htm・htu）が要求と違うものが ${place.otherTarget + place.otherMethod} 件あります。間の proxy が書き換えているのかもしれません。`,
      en: `${place.otherTarget + place.otherMethod} proofs name another method or target (htm, htu) than the request; a proxy may be in between.`,
    })
  if (place.unreadable > 0)
    say('binding', 'cannot-tell', place.unreadable, {
      ja: `読めない証明が ${place.unreadable} 件あります。`,
      en: `${place.unreadable} proofs cannot be read.`,
    })
  return found
}

/** FAPI2-6.3-01 and common sense: one key, one client. */
function sharedKeys({ keyClients }: HarFacts): PassiveStatement[] {
  const shared = [...keyClients.entries()].filter(([, clients]) => clients.size > 1)
  return shared.slice(0, 20).map(([jkt, clients]) => ({
    place: `jkt ${jkt}`,
    about: 'key',
    says: 'weak',
    count: clients.size,
    text: { ja: `一つの鍵を ${clients.size} のクライアントが使っています。`, en: `One key is used by ${clients.size} clients.` },
  }))
}

function notesOf(facts: HarFacts): Text[] {
  const stripped: Text = {
    ja: 'この記録には Authorization も Cookie もありません。ブラウザは書き出すときに取り除きます。無いからといって Bearer とは言えません。',
    en: 'Neither Authorization nor Cookie is in this recording: browsers strip them at export. That none is there does not mean Bearer.',
  }
  const bounded: Text = {
    ja: '場所や証明が多いので、一部は数だけを数えました。',
    en: 'There are so many places or proofs that some were only counted.',
  }
  const certificates: Text = {
    ja: 'クライアント証明書の有無は HAR には残りません。',
    en: 'A HAR does not tell whether a client certificate was shown.',
  }
  return [...(facts.credentials ? [] : [stripped]), certificates, ...(facts.bounded ? [bounded] : [])]
}
