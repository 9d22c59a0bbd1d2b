// APIs that are guarded at the front and open at the side: another carrier, another spelling of the path, an old version.
import express, { type Express, type RequestHandler } from 'express'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseInventory } from '../src/inventory/inventory.ts'
import type { ApiRecord, Observation } from '../src/observation.ts'
import { observe } from '../src/run/observe.ts'
import { listen, operations, peerGuard, quick, startIssuer } from './express-apis.ts'

const closers: (() => unknown)[] = []
let observation: Observation
afterAll(async () => {
  for (const close of closers) await close()
})

const notes: RequestHandler = (_request, response) => {
  response.json({ notes: [{ id: 1, text: 'a note' }] })
}

/** Takes a token from another place than Authorization, for whoever has it. */
const also =
  (find: (request: Parameters<RequestHandler>[0]) => string | undefined, guard: RequestHandler, plain: RequestHandler): RequestHandler =>
  (request, response, next) => {
    const token = find(request)
    if (token === undefined) return guard(request, response, next)
    request.headers.authorization = `Bearer ${token}`
    // The peer looks for tokens in query and body by itself, and refuses two.
    Object.defineProperty(request, 'query', { value: {} })
    request.body = undefined
    return plain(request, response, next)
  }

/** Doors at paths as no router writes them, and at another method. */
function openOddly(app: Express, strict: RequestHandler, plain: RequestHandler): void {
  app.use((request, response, next) => {
    if (request.url === '/%2e/dots' || request.url === '/lette%72') return plain(request, response, () => notes(request, response, next))
    next()
  })
  app.get('/dots', strict, notes)
  app.get('/letter', strict, notes)
  app.get('/options', strict, notes)
  app.options('/options', plain, notes)
}

beforeAll(async () => {
  const issuer = await startIssuer()
  const strict = peerGuard(issuer.issuer, { enabled: true, required: true })
  const plain = peerGuard(issuer.issuer, { enabled: false })
  const app = express()
  app.set('env', 'test')
  app.enable('strict routing')
  app.enable('case sensitive routing')
  app.get('/shut', strict, notes)
  app.get(
    '/query',
    also(({ query }) => query['access_token'] as string | undefined, strict, plain),
    notes,
  )
  app.get(
    '/header',
    also(({ headers }) => headers['x-access-token'] as string | undefined, strict, plain),
    notes,
  )
  app.get(
    '/cookie',
    also(({ headers }) => /access_token=([^;]+)/.exec(headers.cookie ?? '')?.[1], strict, plain),
    notes,
  )
  app.post(
    '/form',
    express.urlencoded(),
    also(({ body }) => (body as Record<string, string>)['access_token'], strict, plain),
    notes,
  )
  app.get('/slash', strict, notes)
  app.get('/slash/', plain, notes)
  openOddly(app, strict, plain)
  app.get('/case', strict, notes)
  app.get('/CASE', plain, notes)
  app.get('/v2/notes', strict, notes)
  app.get('/v1/notes', plain, notes)
  const api = await listen(app)
  closers.push(issuer.close, api.close)
  const get = (id: string, path = `/${id}`) => ({ id, url: `${api.url}${path}`, privilege: 'mid' as const })
  const form = { ...get('form'), method: 'POST', contentType: 'application/x-www-form-urlencoded', body: 'a=1', repeatable: true } as const
  const inventory = parseInventory({
    version: 1,
    contact: 'tests@example.com',
    issuers: [{ id: 'main', url: issuer.issuer, tokenEndpoint: `${issuer.issuer}/token` }],
    clients: issuer.clients.slice(0, 1),
    apis: [
      ...['shut', 'query', 'header', 'cookie', 'slash', 'case', 'dots', 'letter', 'options'].map((id) => get(id)),
      get('version', '/v2/notes'),
      form,
    ],
    operations,
  })
  observation = await observe(inventory, { pace: quick, depth: 'full' })
})

const seen = (api: string): ApiRecord => observation.apis.find((record) => record.api === api)!
const doors = ['CA1', 'B4q', 'B4h', 'B4c', 'B4b', 'B4w', 'P1', 'P2', 'P3', 'P4', 'P5', 'P6', 'P7', 'OP']
const open = (api: string): string[] =>
  seen(api)
    .probes.filter(({ probe, verdict }) => doors.includes(probe) && verdict === 'violated')
    .map(({ probe }) => probe)

describe('side doors', () => {
  it('where there are none, none is open and none is left undecided', () => {
    expect(open('shut')).toEqual([])
    const undecided = seen('shut').probes.filter(({ probe, verdict }) => doors.includes(probe) && verdict === 'inconclusive')
    expect(undecided).toEqual([])
  })

  it.each([
    ['query', 'B4q'],
    ['header', 'B4h'],
    ['cookie', 'B4c'],
    ['form', 'B4b'],
    ['slash', 'P1'],
    ['case', 'P2'],
    ['dots', 'P6'],
    ['letter', 'P7'],
    ['options', 'OP'],
    ['version', 'P5'],
  ])('SEED-TB-29: at /%s the ticket alone passes at the side door, which %s finds', (api, probe) => {
    expect(open(api)).toEqual([probe])
    expect(seen(api)).toMatchObject({ mode: 'mixed', rsRequired: 'no', rsEnforced: 'partial' })
    expect(observation.findings).toContainEqual(expect.objectContaining({ kind: 'side-door', at: api, probes: [probe], priority: 'P1' }))
  })

  it('a place where there is nothing is no question left open', () => {
    expect(seen('shut').probes.find(({ probe }) => probe === 'P5')).toMatchObject({ verdict: 'not-applicable' })
    expect(seen('shut').probes.find(({ probe }) => probe === 'P4')).toMatchObject({
      verdict: 'not-applicable',
      reason: expect.stringContaining('nothing is there'),
    })
  })
})
