// Two faults at once: which of them the answer is about. At our own guard, at express-oauth2-jwt-bearer, at oauth4webapi behind plain Node,
// and at a guard that tells nobody why it refuses. What comes of it tells guards apart and is no verdict.
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import * as oauth from 'oauth4webapi'
import { beforeAll, describe, expect, it } from 'vitest'
import { type CheckOrder, checkOrderWords } from '../src/check-order.ts'
import { type InventoryInput, parseInventory } from '../src/inventory/inventory.ts'
import { firstOf, withLikeOrders } from '../src/judgement/check-order.ts'
import type { ApiRecord, Observation, ObserveOptions } from '../src/observation.ts'
import { renderHtml } from '../src/report/html/page.ts'
import { observationSchema } from '../src/report/schema.ts'
import { renderText } from '../src/report/text.ts'
import { observe } from '../src/run/observe.ts'
import { planObservation } from '../src/run/plan.ts'
import { audience, listen, notesApp, operations, peerGuard, quick, startIssuer } from './express-apis.ts'
import { guardedNotes, notes } from './notes-api.ts'
import { apiRecord } from './records.ts'

type Issuer = Awaited<ReturnType<typeof startIssuer>>
const closers: (() => unknown)[] = []

async function serve(listener: (origin: string) => RequestListener): Promise<string> {
  const server = createServer()
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  closers.push(() => server.close().closeAllConnections())
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  server.on('request', listener(origin))
  return origin
}

/** Each refusal of the library in its own words, or all of them in the same ones. */
function byOauth4webapi(issuer: string, words: 'own' | 'none'): (origin: string) => RequestListener {
  const as: oauth.AuthorizationServer = { issuer, jwks_uri: `${issuer}/jwks` }
  return (origin) => (request, response) => {
    const asked = new Request(new URL(request.url ?? '/', origin), { headers: request.headers as Record<string, string> })
    oauth
      .validateJwtAccessToken(as, asked, audience, { requireDPoP: true, [oauth.allowInsecureRequests]: true })
      .then(() => notes(request, response))
      .catch((error: Error) => {
        response.writeHead(401, { 'www-authenticate': 'DPoP error="invalid_token"', 'content-type': 'application/json' })
        response.end(JSON.stringify({ error: 'invalid_token', ...(words === 'own' && { why: error.message }) }))
      })
  }
}

function inventoryOf(issuer: Issuer, apis: InventoryInput['apis']) {
  return parseInventory({
    version: 1,
    contact: 'tests@example.com',
    issuers: [{ id: 'main', url: issuer.issuer, tokenEndpoint: `${issuer.issuer}/token` }],
    clients: issuer.clients.filter(({ id }) => id === 'job'),
    apis,
    operations,
  })
}

const looked = (issuer: Issuer, apis: InventoryInput['apis'], more: ObserveOptions = {}) =>
  observe(inventoryOf(issuer, apis), { pace: quick, depth: 'full', ...more })

const orderOf = ({ apis }: Observation, id: string): CheckOrder | undefined => apis.find(({ api }) => api === id)!.checkOrder
const saidOf = (seen: Observation, id: string) => (orderOf(seen, id)?.pairs ?? []).map(({ check, before }) => `${check} < ${before}`)

describe('guards that say why they refuse', { timeout: 60_000 }, () => {
  let issuer: Issuer
  let seen: Observation
  beforeAll(async () => {
    issuer = await startIssuer()
    const own = await serve((origin) => guardedNotes({ issuer, origin }))
    const again = await serve((origin) => guardedNotes({ issuer, origin }))
    const peer = await listen(notesApp({ '/notes': peerGuard(issuer.issuer, { enabled: true, required: true }) }))
    const library = await serve(byOauth4webapi(issuer.issuer, 'own'))
    const silent = await serve(byOauth4webapi(issuer.issuer, 'none'))
    seen = await looked(
      issuer,
      Object.entries({ own, again, peer: peer.url, library, silent }).map(([id, origin]) => ({
        id,
        url: `${origin}/notes`,
        privilege: 'mid' as const,
      })),
    )
    closers.push(peer.close, issuer.close)
    return async () => {
      for (const close of closers) await close()
    }
  }, 60_000)

  it('ours: signature before address, address before time and key, as its checklist has it', () => {
    expect(saidOf(seen, 'own')).toEqual([
      'signature < address',
      'signature < key',
      'address < key',
      'method < address',
      'address < time',
      'ticket-hash < key',
    ])
  })

  it('oauth4webapi looks at the address before the signature, wherever it stands; ours and it differ', () => {
    expect(saidOf(seen, 'library')).toContain('address < signature')
    expect(saidOf(seen, 'library')).not.toEqual(saidOf(seen, 'own'))
    expect(saidOf(seen, 'peer')).not.toEqual(saidOf(seen, 'own'))
    expect(saidOf(seen, 'peer').length).toBeGreaterThan(2)
  })

  it('the same guard twice is said to be perhaps the same, another one is not', () => {
    expect(orderOf(seen, 'own')!.like).toEqual(['again'])
    expect(orderOf(seen, 'again')!.like).toEqual(['own'])
    expect(orderOf(seen, 'peer')!.like).not.toContain('own')
  })

  it('where every refusal reads alike nothing is asked, and nothing is said', () => {
    expect(orderOf(seen, 'silent')).toBeUndefined()
    const roles = seen.evidence.filter(({ request }) => request.url === seen.apis.find(({ api }) => api === 'silent')!.url)
    expect(roles.filter(({ role }) => role.includes(' and '))).toEqual([])
  })

  it('no finding, no verdict and no priority comes of it; text, page and JSON tell it, with its exchanges', () => {
    const plain = new Set(seen.apis.flatMap(({ probes }) => probes.map(({ probe }) => probe)))
    expect([...plain].filter((id) => id.includes(' and ') || id === 'order')).toEqual([])
    expect(observationSchema.safeParse(JSON.parse(JSON.stringify(seen))).error).toBeUndefined()
    const ids = new Set(seen.evidence.map(({ id }) => id))
    const { evidence } = orderOf(seen, 'own')!
    // Two good requests around six pairs.
    expect(evidence).toHaveLength(8)
    expect(evidence.every((id) => ids.has(id))).toBe(true)
    expect(renderText(seen, { language: 'en' }).replace(/\s+/g, ' ')).toContain(
      'order of checks signature before address and key, address before key and time, method before address, hash of the ticket before key; as at again: perhaps the same guard',
    )
    expect(renderHtml(seen, { language: 'ja' })).toContain(
      '署名→宛先・鍵、宛先→鍵・時刻、メソッド→宛先、切符のハッシュ→鍵。again と同じ：同じ番人かもしれない',
    )
  })

  it('the usual look and a look at named probes never ask it; where requests run out, all that is judged was judged before', async () => {
    const url = seen.apis.find(({ api }) => api === 'own')!.url
    const apis = [{ id: 'own', url, privilege: 'mid' as const }]
    const both = (one: Observation) => one.evidence.filter(({ role }) => role.includes(' and '))
    expect(both(await looked(issuer, apis, { depth: 'core' }))).toEqual([])
    expect(both(await looked(issuer, apis, { only: ['S1', 'H2', 'K1'] }))).toEqual([])
    const spent = seen.apis.find(({ api }) => api === 'own')!
    const all = spent.probes.filter(({ verdict }) => verdict !== 'not-applicable').length
    const enough = (await looked(issuer, apis)).counts.mostAtOneApi
    const short = await looked(issuer, apis, { pace: { ...quick, requestsPerApi: enough - 2 } })
    expect(short.apis[0]!.checkOrder).toBeUndefined()
    expect(short.apis[0]!.probes.filter(({ verdict }) => verdict === 'holds' || verdict === 'violated')).toHaveLength(all)
    const plan = (depth: 'core' | 'full') => planObservation(inventoryOf(issuer, apis), { depth }).steps
    expect(plan('full').filter(({ probe }) => probe === 'order')).toHaveLength(1)
    expect(plan('core').filter(({ probe }) => probe === 'order')).toEqual([])
  })
})

describe('what two faults tell', () => {
  it('only an answer that is one of the two, where they differ', () => {
    const pair = ['S1', 'H2'] as const
    expect(firstOf(pair, { one: 'a', other: 'b', both: 'a' })).toEqual({ check: 'signature', before: 'address' })
    expect(firstOf(pair, { one: 'a', other: 'b', both: 'b' })).toEqual({ check: 'address', before: 'signature' })
    expect(firstOf(pair, { one: 'a', other: 'b', both: 'c' })).toBeUndefined()
    expect(firstOf(pair, { one: 'a', other: 'a', both: 'a' })).toBeUndefined()
    for (const missing of ['one', 'other', 'both']) {
      expect(firstOf(pair, { one: 'a', other: 'b', both: 'a', [missing]: undefined })).toBeUndefined()
    }
  })

  it('two pairs that agree are not enough to speak of the same guard', () => {
    const pairs: CheckOrder['pairs'] = [
      { check: 'signature', before: 'address' },
      { check: 'signature', before: 'key' },
      { check: 'address', before: 'key' },
    ]
    const record = (api: string, many: number): ApiRecord =>
      apiRecord(api, { checkOrder: { pairs: pairs.slice(0, many), like: [], evidence: ['e1'] } })
    const likes = (records: readonly ApiRecord[]) => withLikeOrders(records).map(({ checkOrder }) => checkOrder?.like)
    expect(likes([record('a', 2), record('b', 2), apiRecord('c')])).toEqual([[], [], undefined])
    expect(likes([record('a', 3), record('b', 3), record('c', 2)])).toEqual([['b'], ['a'], []])
    expect(checkOrderWords({ pairs: pairs.slice(0, 1), like: [], evidence: [] }).en).toBe('signature before address')
  })
})
