// Nodes behind one address that do not agree: one lets pass what the other one refuses, by turns or by chance. What was accepted now and then
// is found and told as that; what was refused now and then is no enforcement; and nothing is carried from there to other APIs.
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { parseInventory } from '../src/inventory/inventory.ts'
import { exitCodeOf } from '../src/judgement/exit-code.ts'
import type { ApiRecord, Observation } from '../src/observation.ts'
import { renderReport } from '../src/report/formats.ts'
import { observationSchema } from '../src/report/schema.ts'
import { observe } from '../src/run/observe.ts'
import { operations, quick, startIssuer } from './express-apis.ts'
import { guardedNotes, notes } from './notes-api.ts'

type Issuer = Awaited<ReturnType<typeof startIssuer>>
let issuer: Issuer
beforeAll(async () => {
  issuer = await startIssuer()
})
afterAll(() => issuer.close())

const no: RequestListener = (_, response) => void response.writeHead(401, { 'WWW-Authenticate': 'DPoP algs="ES256"' }).end()
/** The node that somebody forgot. */
const nodes: Readonly<Record<string, RequestListener>> = {
  'takes anything that looks like a ticket': (request, response) =>
    /\.\S+\.[\w-]+$/.test(request.headers.authorization ?? '') ? notes(request, response) : no(request, response),
  'knows Bearer alone': (request, response) =>
    /^Bearer \S+\.\S+\./.test(request.headers.authorization ?? '') ? notes(request, response) : no(request, response),
  'takes anybody': notes,
}

/** mulberry32 */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

interface Behind {
  /** Which node answers this request of an API: `other` than the guarded one? */
  readonly other: (api: string, count: number) => boolean
  readonly node: RequestListener
  readonly apis?: number
  readonly representatives?: readonly string[]
}

async function look({ other, node, apis = 1, representatives }: Behind): Promise<Observation> {
  const paths = Array.from({ length: apis }, (_, index) => `/notes?api=${index}`)
  const counts = new Map<string, number>()
  let inside: RequestListener = () => undefined
  const server = createServer((request, response) => {
    const api = new URL(request.url ?? '/', 'http://a').searchParams.get('api') ?? ''
    const count = (counts.get(api) ?? 0) + 1
    counts.set(api, count)
    if (other(api, count)) node(request, response)
    else inside(request, response)
  })
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  onTestFinished(() => void server.close().closeAllConnections())
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  inside = guardedNotes({ issuer, origin })
  return observe(
    parseInventory({
      version: 1,
      contact: 'tests@example.com',
      issuers: [{ id: 'main', url: issuer.issuer, tokenEndpoint: `${issuer.issuer}/token` }],
      clients: issuer.clients.filter(({ id }) => id === 'job'),
      apis: paths.map((path, index) => ({ id: `api-${index}`, url: `${origin}${path}`, privilege: 'mid' as const })),
      operations,
      ...(representatives && { representatives: [...representatives] }),
    }),
    { pace: quick },
  )
}

const holding = ({ probes }: ApiRecord) => probes.filter(({ verdict }) => verdict === 'holds').map(({ probe }) => probe)
const found = (seen: Observation, id: string) => seen.findings.filter(({ at, owner }) => at === id && owner === 'RS')

/** Whatever the turn: found, or open. Never called enforced. */
function expectNoneEnforced(seen: Observation): void {
  for (const record of seen.apis) {
    expect(record.rsEnforced, record.api).not.toBe('yes')
    if (record.wavers) expect(holding(record), record.api).toEqual([])
  }
  expect(seen.overall).not.toBe('named')
  expect(exitCodeOf(seen)).not.toBe(0)
}

describe.each(Object.entries(nodes))('a node beside the guarded one %s', (_name, node) => {
  it.each([0, 1])('by turns, from request %i on: the hole is found, and told as often as it was', async (turn) => {
    const seen = await look({ node, other: (_, count) => count % 2 === turn })
    expectNoneEnforced(seen)
    const [record] = seen.apis
    if (record!.rsEnforced === 'unknown') return
    expect(found(seen, 'api-0').some(({ priority }) => priority === 'P0' || priority === 'P1')).toBe(true)
    expect(JSON.stringify(record)).toMatch(/accepted in [12] of [34] tries/)
    expect(renderReport(seen, 'text', { detail: true }).replace(/\s+/g, ' ')).toMatch(/do not agree/)
    expect(observationSchema.safeParse(JSON.parse(JSON.stringify(seen))).error).toBeUndefined()
  })

  it.each([1, 2, 3, 4, 5, 6, 7, 8])('by chance (seed %i): found or open, never enforced', async (seed) => {
    const random = seeded(seed)
    expectNoneEnforced(await look({ node, other: () => random() < 0.5 }))
  })
})

describe('a brief look', () => {
  const node = nodes['takes anything that looks like a ticket']!
  const representatives = ['api-0']

  it('at APIs behind one guard whose nodes take turns: holes are found within a few requests more, and nothing is inferred', async () => {
    const seen = await look({ node, apis: 5, representatives, other: (api, count) => api !== '0' && count % 2 === 0 })
    expect(seen.apis.slice(1).map(({ wavers, carriedFrom }) => [wavers, carriedFrom])).toEqual(Array(4).fill([true, undefined]))
    expectNoneEnforced({ ...seen, apis: seen.apis.slice(1) })
    for (const { api, probes } of seen.apis.slice(1)) {
      expect(probes.find(({ verdict }) => verdict === 'violated')?.answered).toMatch(/accepted in [12] of 3 tries/)
      expect(found(seen, api)).not.toEqual([])
    }
  })

  it('at one of many only: the others behind the same guard lean on nothing any more', async () => {
    const seen = await look({ node, apis: 5, representatives, other: (api, count) => api === '2' && count % 2 === 0 })
    expect(seen.apis.map(({ rsEnforced, carriedFrom }) => [rsEnforced, carriedFrom])).toEqual([
      ['yes', undefined],
      ['unknown', undefined],
      [expect.stringMatching(/no|partial/), undefined],
      ['unknown', undefined],
      ['unknown', undefined],
    ])
    const doubted = seen.apis[1]!.probes.filter(({ probe }) => ['B1', 'K1'].includes(probe))
    expect(doubted.map(({ verdict, reason }) => [verdict, reason?.includes('same guard')])).toEqual(Array(2).fill(['inconclusive', true]))
  })

  it('by chance, over many seeds: whoever flaps is never called enforced where any of them was caught', async () => {
    for (const seed of [11, 12, 13, 14]) {
      const random = seeded(seed)
      const seen = await look({ node, apis: 8, representatives, other: (api) => api !== '0' && random() < 0.5 })
      expect(seen.apis.some(({ wavers }) => wavers)).toBe(true)
      expectNoneEnforced({ ...seen, apis: seen.apis.slice(1) })
    }
  })

  it('where every node is guarded, six requests are enough, and nothing is found', async () => {
    const seen = await look({ node, apis: 5, representatives, other: () => false })
    expect(seen.apis.map(({ rsEnforced }) => rsEnforced)).toEqual(Array(5).fill('yes'))
    expect(found(seen, 'api-3')).toEqual([])
    const asked = seen.evidence.filter(({ request }) => request.url.includes('api=3')).length
    expect(asked).toBeLessThanOrEqual(6)
  })

  it('where a page comes now and then instead of an answer: no hole, whatever it is an answer to', async () => {
    const page: RequestListener = (_, response) => void response.writeHead(200, { 'Content-Type': 'text/html' }).end('<html><p>Welcome')
    for (const seed of [21, 22, 23, 24, 25, 26]) {
      const random = seeded(seed)
      const seen = await look({ node: page, apis: 8, representatives, other: (api) => api !== '0' && random() < 1 / 3 })
      expect(seen.apis.flatMap(({ probes }) => probes.filter(({ verdict }) => verdict === 'violated'))).toEqual([])
      expect(seen.findings.filter(({ owner, kind }) => owner === 'RS' && kind !== 'no-ticket-needed')).toEqual([])
    }
  })
})
