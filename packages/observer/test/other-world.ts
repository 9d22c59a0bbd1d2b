// APIs that demand named tickets of OAuth clients, and take something else as well: an API key, a personal token, a session cookie.
import express, { type ErrorRequestHandler, type Express, type Request, type RequestHandler } from 'express'
import type { InventoryInput } from '../src/inventory/inventory.ts'
import { listen, operations, peerGuard, startIssuer } from './express-apis.ts'

export const apiKey = 'sk_test_4eC39HqLyjWDarjtT1zdp7dc'
export const personal = 'glpat-Q3xv7LkPz91bTnWsYdRc'
export const session = 's%3AJ3k9xQ2vLmN8pR5tY7uW.aB4cD6eF8gH1'
export const expired = 'sk_test_00000000000000000000dead'

const notes: RequestHandler = (_request, response) => {
  response.json({ notes: [{ id: 1, text: 'a note' }] })
}
const cookieOf = (request: Request, name: string) => new RegExp(`(?:^|; )${name}=([^;]*)`).exec(request.headers.cookie ?? '')?.[1]

/** Whoever comes with something that is good passes; who comes with nothing of the kind meets the guard. */
const orElse =
  (find: (request: Request) => boolean, guard: RequestHandler): RequestHandler =>
  (request, response, next) =>
    find(request) ? next() : guard(request, response, next)

/** "Not for us": the guard leaves to another check whatever has a personal token, and that check reads the ticket as bearer. */
const leavesEarly =
  (guard: RequestHandler, plain: RequestHandler): RequestHandler =>
  (request, response, next) =>
    request.headers['private-token'] === undefined ? guard(request, response, next) : plain(request, response, next)

interface Guards {
  readonly strict: RequestHandler
  readonly plain: RequestHandler
}

function openApis(app: Express, { strict, plain }: Guards): void {
  app.get('/shut', strict, notes)
  app.get('/unknown', strict, notes)
  app.get(
    '/key',
    orElse(({ headers }) => headers['x-api-key'] === apiKey, strict),
    notes,
  )
  app.get(
    '/cookie',
    orElse((request) => cookieOf(request, 'sid') === session, strict),
    notes,
  )
  app.get(
    '/query',
    orElse(({ query }) => query['api_key'] === apiKey, strict),
    notes,
  )
  app.get(
    '/basic',
    orElse(({ headers }) => headers.authorization === `Basic ${btoa('robot:correct horse battery')}`, strict),
    notes,
  )
  app.get(
    '/any',
    orElse(({ headers }) => headers['x-api-key'] !== undefined, strict),
    notes,
  )
  app.get('/early', leavesEarly(strict, plain), notes)
  app.get(
    '/signed-in',
    orElse((request) => cookieOf(request, 'sid') === session && request.headers.authorization !== undefined, strict),
    notes,
  )
}

function openAccount(app: Express, strict: RequestHandler): void {
  // Where the test account is at home: it shows what it was sent, as careless servers do.
  app.get('/account', (request, response) => {
    const known =
      request.headers['x-api-key'] === apiKey || request.headers['private-token'] === personal || cookieOf(request, 'sid') === session
    response.status(known ? 200 : 401).json(known ? { account: 'robot', sent: request.headers } : { error: 'unauthorized' })
  })
  // Says in its refusal what it refused.
  app.get(
    '/echo',
    (request, response, next) => {
      const key = request.headers['x-api-key']
      if (key === undefined || request.headers.authorization !== undefined) return next()
      response
        .status(401)
        .set('WWW-Authenticate', `DPoP error="${String(key)}"`)
        .json({ error: key })
    },
    strict,
    notes,
  )
}

/** The same words from every door: else they would be told apart by where they fail. */
const refuse: ErrorRequestHandler = (error: { status?: number; headers?: Record<string, string> }, _request, response, _next) => {
  response
    .status(error.status ?? 500)
    .set(error.headers ?? {})
    .json({ error: 'refused' })
}

const credentialsOf = (account: string): InventoryInput['otherCredentials'] => [
  {
    id: 'partner',
    kind: 'api-key',
    in: { header: 'X-API-Key' },
    secret: { env: 'API_KEY' },
    subject: 'robot',
    worksAt: account,
  },
  { id: 'browser', kind: 'session-cookie', in: { cookie: 'sid' }, secret: session, subject: 'robot', worksAt: account },
  {
    id: 'ci',
    kind: 'personal-access-token',
    in: { header: 'PRIVATE-TOKEN' },
    secret: personal,
    subject: 'robot',
    worksAt: account,
  },
  { id: 'in-url', kind: 'api-key', in: { query: 'api_key' }, secret: apiKey, subject: 'robot', apis: ['query'] },
  { id: 'robot-login', kind: 'basic', secret: 'robot:correct horse battery', subject: 'robot', apis: ['basic'] },
  { id: 'old', kind: 'api-key', in: { header: 'X-Old-Key' }, secret: expired, subject: 'robot', apis: ['unknown'] },
]

export async function startOtherWorld() {
  const issuer = await startIssuer()
  const strict = peerGuard(issuer.issuer, { enabled: true, required: true })
  const app = express()
  openApis(app, { strict, plain: peerGuard(issuer.issuer, { enabled: false }) })
  openAccount(app, strict)
  app.use(refuse)
  const api = await listen(app)
  const get = (id: string) => ({ id, url: `${api.url}/${id}`, privilege: 'mid' as const })
  const written: InventoryInput = {
    version: 1,
    contact: 'tests@example.com',
    issuers: [{ id: 'main', url: issuer.issuer, tokenEndpoint: `${issuer.issuer}/token` }],
    clients: issuer.clients.slice(0, 1),
    subjects: ['robot'],
    otherCredentials: credentialsOf(`${api.url}/account`),
    apis: [
      { ...get('key'), privilege: 'high' },
      ...['cookie', 'query', 'basic', 'any', 'early', 'signed-in', 'shut', 'unknown', 'echo'].map(get),
    ],
    operations,
  }
  return {
    written,
    close: async () => {
      await Promise.all([issuer.close(), api.close()])
    },
  }
}
