// Asks guards what they say of themselves: the digest that everybody may see, and the signed whole with a named ticket. What they say is
// a declaration: it is held against its own digest here and against what was seen in `judgement/`, and confirms nothing.
import { Misuse, sha256, type Text } from '@kimei/protocol'
import { fingerprint } from '../baseline.ts'
import type { Desk } from '../clients/desk.ts'
import { statementClaims, statementReading } from '../evidence/guard-statement.ts'
import { knownPlaces } from '../evidence/place-of.ts'
import { type PassiveReading, reading } from '../evidence/reading.ts'
import type { GuardEntry } from '../inventory/beside.ts'
import type { ApiEntry, Inventory } from '../inventory/inventory.ts'
import { shownUrl } from '../ledger/evidence.ts'
import type { Contradiction } from '../observation.ts'
import { readJsonObject } from '../read-json.ts'
import { firstGood, type PlaceParts } from '../stations/api.ts'
import type { Sent } from '../wire/line.ts'
import { quietly } from './end-of.ts'
import type { Run } from './run.ts'

export interface GuardTold {
  readonly readings: readonly PassiveReading[]
  readonly contradictions: readonly Contradiction[]
}

const words = {
  notGiven: { ja: '申告は受け取れませんでした', en: 'No statement was given' },
  notOurs: {
    ja: '申告の署名が、決めてある鍵のものではありません。中身は数えていません。',
    en: 'The statement is not signed by the pinned key. Nothing of it is counted.',
  },
  expired: {
    ja: '番人が出した申告は、期限の過ぎたものでした。いまのことは言っていません。',
    en: 'The guard gave a statement that had expired: it says nothing of now.',
  },
  otherDigest: {
    ja: '署名つきの申告と、誰にでも見せている要約とが食い違っています。',
    en: 'The signed statement and the digest shown to everybody differ.',
  },
  ownDigest: {
    ja: '申告に書かれた要約が、申告の中身のものではありません。',
    en: 'The digest in the statement is not of what the statement says.',
  },
} as const satisfies Record<string, Text>

/** One after the other. A guard that cannot be reached says nothing, and that is noted. */
export async function askGuards(run: Run, desks: ReadonlyMap<string, Desk>): Promise<GuardTold> {
  const told: GuardTold[] = []
  for (const entry of run.inventory.guards) {
    const unreached = { readings: [silent(entry, 'not reached')], contradictions: [] }
    told.push(await quietly(() => askGuard(run, desks, entry), unreached))
  }
  return { readings: told.flatMap(({ readings }) => readings), contradictions: told.flatMap(({ contradictions }) => contradictions) }
}

async function askGuard(run: Run, desks: ReadonlyMap<string, Desk>, entry: GuardEntry): Promise<GuardTold> {
  const desk = desks.get(entry.client ?? run.inventory.clients[0]!.id)!
  const target = `guard:${entry.id}`
  const publicly = () =>
    run.line.send(target, 'guard, digest for everybody', { method: 'GET', url: entry.statement, headers: [] }, 'config')
  const before = await publicly()
  const resource = entry.resource ?? `${new URL(entry.statement).origin}/`
  const ticket = await desk.office.ticket({ scope: entry.scope, resource, proof: true })
  if ('none' in ticket) return { readings: [silent(entry, ticket.none)], contradictions: [] }
  const first = await firstGood(partsFor(run, desk, entry, before), ticket, ticket.type === 'bearer' ? 'bearer' : 'named')
  if (first.answered !== 'good') return { readings: [silent(entry, first.answered)], contradictions: [] }
  const { body } = first.sent.answer
  const evidence = [before.evidence, ...first.evidence]
  const context = { key: entry.key, now: run.clock(), places: knownPlaces(run.inventory), at: entry.at, base: entry.statement }
  try {
    const read = statementReading(sourceOf(entry), body, context)
    const claims = statementClaims(body, entry.key)
    // What is demanded may have changed between the two: the digest is asked for once more before anybody is called a liar.
    const digests = [digestIn(before)]
    if (digests[0] !== claims['digest']) digests.push(digestIn(await publicly()))
    return { readings: [read], contradictions: await against(claims, digests, { run, entry, evidence }) }
  } catch (error) {
    if (!(error instanceof Misuse)) throw error
    const said = `${error.mistakes.join('; ')}`
    const contradiction = contradictionOf({ run, entry, evidence }, [`key ${entry.key.crv}`, said], words.notOurs)
    return { readings: [silent(entry, said)], contradictions: [contradiction] }
  }
}

/** The statement is asked for like an API of the inventory. */
function partsFor(run: Run, { office }: Desk, entry: GuardEntry, before: Sent): PlaceParts {
  const api: ApiEntry = {
    id: `guard:${entry.id}`,
    method: 'GET',
    url: entry.statement,
    privilege: 'low',
    kind: 'rest',
    boundary: 'edge',
    issuer: office.client.entry.issuer,
    clients: [office.client.entry.id],
    nonce: 'unknown',
    revocation: 'at-expiry',
    tls: {},
    nodes: [],
    longProofs: false,
    repeatable: false,
  }
  const none = fingerprint(before.answer)
  const ground = { none, garbage: none, missing: none, challengeLines: [], evidence: [before.evidence] }
  return { api, office, line: run.line, ground, unboundToken: async () => undefined }
}

function digestIn({ answer }: Sent): unknown {
  return answer.status === 200 ? readJsonObject(answer.body)?.['digest'] : undefined
}

interface About {
  readonly run: Run
  readonly entry: GuardEntry
  readonly evidence: readonly string[]
}

type Claims = Readonly<Record<string, unknown>>

async function against(claims: Claims, digests: readonly unknown[], about: About): Promise<Contradiction[]> {
  const { exp, digest } = claims
  const stale = typeof exp === 'number' && exp <= about.run.clock()
  const own = await digestOf(claims)
  const shown = (value: unknown) => (typeof value === 'string' ? value.slice(0, 16) : 'none')
  return [
    ...(stale ? [contradictionOf(about, [`until ${time(exp)}`, `given at ${time(about.run.clock())}`], words.expired)] : []),
    ...(own === digest ? [] : [contradictionOf(about, [`digest ${shown(digest)}`, `digest ${shown(own)}`], words.ownDigest)]),
    ...(digests.includes(digest)
      ? []
      : [contradictionOf(about, [`digest ${shown(digest)}`, `digest ${shown(digests.at(-1))}`], words.otherDigest)]),
  ]
}

/** As a guard makes it: over what is demanded, in the order in which it is written. */
async function digestOf({ resource, issuer, replicas, usedProofs, routes }: Claims): Promise<string> {
  return sha256(JSON.stringify({ resource, issuer, replicas, usedProofs, routes }))
}

function contradictionOf({ run, entry, evidence }: About, [declared, observed]: readonly [string, string], text: Text): Contradiction {
  const client = entry.client ?? run.inventory.clients[0]!.id
  return { at: entry.at ?? placeOf(entry, run.inventory), client, by: 'guard-statement', declared, observed, text, evidence }
}

/** The first API at the same address, or the guard itself. */
function placeOf({ id, statement }: GuardEntry, { apis }: Inventory): string {
  return apis.find(({ url }) => new URL(url).host === new URL(statement).host)?.id ?? id
}

function silent(entry: GuardEntry, why: string): PassiveReading {
  const { ja, en } = words.notGiven
  const said = why.replace(/\p{Cc}/gu, ' ').slice(0, 120)
  const note = { ja: `${ja}（${said}）。`, en: `${en} (${said}).` }
  return reading({ source: sourceOf(entry), kind: 'guard-statement', whole: true, read: 0, statements: [], notes: [note] })
}

const sourceOf = ({ statement }: GuardEntry): string => shownUrl(statement)

const time = (at: number): string => new Date(at * 1000).toISOString().replace('.000Z', 'Z')
