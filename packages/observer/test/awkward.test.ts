// APIs that say no in their own way: inside a 200, by a redirect, by a 500, through something in front, or differently each time.
import express, { type ErrorRequestHandler, type RequestHandler } from 'express'
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
  response.json({ data: { notes: [] } })
}
/** Says no by `say`, whatever the guard found. */
const refusing =
  (say: RequestHandler): ErrorRequestHandler =>
  (_error, request, response, next) =>
    say(request, response, next)

const insideOk = refusing((_request, response) => void response.json({ errors: [{ message: 'not for you' }] }))
const bySignIn = refusing((_request, response) => response.redirect('https://sign-in.test/'))
const byFault = refusing(
  (request, response) => void response.status(request.headers.authorization?.startsWith('DPoP') ? 500 : 401).json({}),
)

/** Something in front that dislikes `alg: none` and answers before the API is asked. */
const front: RequestHandler = (request, response, next) => {
  const [head = ''] = String(request.headers['dpop'] ?? '').split('.')
  const none = Buffer.from(head, 'base64url').toString('utf8').includes('"none"')
  if (none) response.status(403).type('html').send('<html><body>blocked</body></html>')
  else next()
}

let count = 0
const restless: RequestHandler = (_request, response) => {
  count += 1
  response.json({ [`field${count}`]: true })
}

beforeAll(async () => {
  const issuer = await startIssuer()
  const guard = peerGuard(issuer.issuer, { enabled: true, required: true })
  const app = express()
  app.set('env', 'test')
  app.post('/graphql', guard, notes, insideOk)
  app.get('/redirects', guard, notes, bySignIn)
  app.get('/faults', guard, notes, byFault)
  app.get('/fronted', front, guard, notes)
  app.get('/restless', guard, restless)
  app.get('/missing', guard, (_request, response) => void response.status(404).json({}))
  const api = await listen(app)
  closers.push(issuer.close, api.close)
  const get = (id: string) => ({ id, url: `${api.url}/${id}`, privilege: 'mid' as const })
  const graphql = { ...get('graphql'), method: 'POST', kind: 'graphql', body: '{"query":"{ notes { id } }"}', repeatable: true } as const
  const inventory = parseInventory({
    version: 1,
    contact: 'tests@example.com',
    issuers: [{ id: 'main', url: issuer.issuer, tokenEndpoint: `${issuer.issuer}/token` }],
    clients: issuer.clients.slice(0, 1),
    apis: [graphql, ...['redirects', 'faults', 'fronted', 'restless', 'missing'].map(get)],
    operations,
  })
  observation = await observe(inventory, { pace: quick })
})

const seen = (api: string): ApiRecord => observation.apis.find((record) => record.api === api)!
const verdictOf = (api: string, probe: string) => seen(api).probes.find((result) => result.probe === probe)

describe('refusals in disguise', () => {
  it('GraphQL: errors inside a 200 are refusals', () => {
    expect(seen('graphql')).toMatchObject({ mode: 'dpop', rsEnforced: 'yes', baseline: 'good' })
    expect(verdictOf('graphql', 'B1')).toMatchObject({ verdict: 'holds', answered: 'refused (200 with errors inside)' })
    expect(verdictOf('graphql', 'R1')).toMatchObject({ verdict: 'violated' })
  })

  it('a redirect to a sign-in page is a refusal where nobody without a ticket gets anything else', () => {
    expect(seen('redirects')).toMatchObject({ mode: 'dpop', rsEnforced: 'yes' })
    expect(verdictOf('redirects', 'K1')).toMatchObject({ verdict: 'holds', answered: 'refused (302)' })
  })

  it('a 500 between two good answers refuses, in the wrong form', () => {
    expect(verdictOf('faults', 'B2')).toMatchObject({ verdict: 'holds', answered: 'refused (500)' })
    expect(observation.findings).toContainEqual(
      expect.objectContaining({
        subject: 'GET faults (job)',
        priority: 'P2',
        title: expect.objectContaining({ en: 'Refusals come as 500' }),
      }),
    )
  })

  it('what something in front refuses proves nothing about the API', () => {
    expect(verdictOf('fronted', 'X1a')).toMatchObject({
      verdict: 'inconclusive',
      state: 'not_observable',
      reason: expect.stringContaining('perhaps something in front'),
    })
    expect(verdictOf('fronted', 'X1b')).toMatchObject({ verdict: 'holds' })
    expect(seen('fronted').rsEnforced).toBe('unknown')
  })
})

describe('no baseline, no verdict', () => {
  it('answers that differ without reason leave everything open', () => {
    expect(seen('restless')).toMatchObject({
      baseline: 'failed',
      baselineReason: 'two good requests were answered differently',
      rsEnforced: 'unknown',
      probes: [],
    })
  })

  it('a good ticket that gets a 404 is no baseline', () => {
    expect(seen('missing')).toMatchObject({ baseline: 'failed', baselineReason: 'a good ticket was answered 404', mode: 'unknown' })
  })
})
