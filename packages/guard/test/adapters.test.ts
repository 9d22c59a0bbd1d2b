// The same guard in front of the real frameworks: the same decisions, read from the bytes that arrived.
import { createServer, type RequestListener } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import express from 'express'
import Fastify from 'fastify'
import { Hono } from 'hono'
import { linesOf } from 'testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { guardExpress } from '../src/adapters/express.ts'
import { guardFastify } from '../src/adapters/fastify.ts'
import { guardFetch } from '../src/adapters/fetch.ts'
import { guardHono } from '../src/adapters/hono.ts'
import { guardNode } from '../src/adapters/node.ts'
import { admittedOf, type Guard, type GuardConfigInput } from '../src/index.ts'
import { type Api, challenges, echo, startApi } from './guarded-api.ts'

const config: Partial<GuardConfigInput> = {
  routes: [
    { policy: 'required', path: '/notes', methods: ['GET', 'POST'], scopes: ['notes:read'] },
    { policy: 'required', path: '/notes/:id' },
    { policy: 'required', path: '/v1/deep/notes', nonce: 'required' },
    { policy: 'optional', path: '/mixed', reason: 'half of the apps are still moving' },
    { policy: 'public', path: '/boom', methods: ['GET'] },
  ],
  cors: { origins: ['https://app.example'] },
}

const answerOf = (url: string, request: object) => ({ url, subject: admittedOf(request)?.token?.subject, mode: admittedOf(request)?.mode })

function onExpress(guard: Guard): RequestListener {
  const app = express()
  app.use(guardExpress(guard))
  app.all(['/notes', '/mixed', '/notes/:id'], (request, response) => {
    response.json(answerOf(request.originalUrl, request))
  })
  const deep = express.Router()
  deep.get('/notes', (request, response) => {
    response.json(answerOf(request.originalUrl, request))
  })
  app.use('/v1/deep', deep)
  app.get('/boom', () => {
    throw new Error('secret of the application')
  })
  app.use((_error: unknown, _request: express.Request, response: express.Response, _next: express.NextFunction) => {
    response.status(500).end()
  })
  return app
}

/** The guard inside a router that Express has mounted: `url` is cut there, `originalUrl` is not. */
function onMountedExpress(guard: Guard): RequestListener {
  const app = express()
  const handler: express.RequestHandler = (request, response) => {
    response.json(answerOf(request.originalUrl, request))
  }
  for (const [mount, inner] of [
    ['/notes', ['/', '/:id']],
    ['/mixed', ['/']],
    ['/v1', ['/deep/notes']],
  ] as const) {
    const router = express.Router()
    router.use(guardExpress(guard))
    for (const path of inner) router.all(path, handler)
    app.use(mount, router)
  }
  app.get('/boom', (_request, response) => {
    response.status(500).end()
  })
  app.use(guardExpress(guard))
  return app
}

async function onFastify(guard: Guard): Promise<RequestListener> {
  const app = Fastify({ routerOptions: { ignoreTrailingSlash: false } })
  app.addHook('onRequest', guardFastify(guard))
  for (const path of ['/notes', '/mixed', '/notes/:id']) app.all(path, async (request) => answerOf(request.originalUrl, request))
  await app.register(async (inner) => inner.get('/notes', async (request) => answerOf(request.originalUrl, request)), {
    prefix: '/v1/deep',
  })
  app.get('/boom', async () => {
    throw new Error('secret of the application')
  })
  app.setErrorHandler((_error, _request, reply) => reply.code(500).send())
  await app.ready()
  return (request, response) => app.routing(request, response)
}

function onHono(guard: Guard): RequestListener {
  const app = new Hono()
  app.use(guardHono(guard))
  const path = (url: string) => url.slice(url.indexOf('/', 8))
  app.on(['GET', 'POST'], ['/notes', '/mixed', '/notes/:id'], (c) => c.json(answerOf(path(c.req.url), c.req.raw)))
  const deep = new Hono()
  deep.get('/notes', (c) => c.json(answerOf(path(c.req.url), c.req.raw)))
  app.route('/v1/deep', deep)
  app.get('/boom', () => {
    throw new Error('secret of the application')
  })
  app.onError((_error, c) => c.body(null, 500))
  return getRequestListener(app.fetch)
}

function onFetch(guard: Guard): RequestListener {
  const path = (url: string) => url.slice(url.indexOf('/', 8))
  const handle = guardFetch(guard, (request, admitted) => {
    if (request.url.endsWith('/boom')) return new Response(null, { status: 500 })
    return Response.json({ url: path(request.url), subject: admitted.token?.subject, mode: admitted.mode })
  })
  return getRequestListener((request) => handle(request))
}

const onNode = (guard: Guard): RequestListener =>
  guardNode(guard, (request, response, admitted) => {
    if (request.url === '/boom') throw new Error('secret of the application')
    return echo(request, response, admitted)
  })

const frameworks: [name: string, make: (guard: Guard) => RequestListener | Promise<RequestListener>, raw: boolean][] = [
  ['bare node:http', onNode, true],
  ['Express 5', onExpress, true],
  ['Express 5, mounted', onMountedExpress, true],
  ['Fastify 5', onFastify, true],
  ['Hono on @hono/node-server', onHono, true],
  ['web Request', onFetch, false],
]

describe.each(frameworks)('%s', (_name, make, raw) => {
  let api: Api
  beforeAll(async () => {
    let made: RequestListener | undefined
    api = await startApi({
      config,
      serve: (guard) => (request, response) => {
        if (made) return made(request, response)
        void Promise.resolve(make(guard)).then((listener) => {
          made = listener
          listener(request, response)
        })
      },
    })
    await api.send('GET /boom')
  })
  afterAll(() => api.close())

  it('DPOP-7.1-01: admits a sound call and hands over who calls', async () => {
    const answer = await api.call('/notes?page=2')
    expect(answer.status).toBe(200)
    expect(JSON.parse(answer.body.replace(/^[0-9a-f]+\r\n|\r\n0\r\n\r\n$/g, ''))).toEqual({
      url: '/notes?page=2',
      subject: 'user-1',
      mode: 'dpop',
    })
  })

  it('DPOP-7.2-01 DPOP-4.3-14: refuses a bound token as Bearer, without proof, with another key, replayed', async () => {
    const token = api.token()
    const proof = api.proof('/notes', { accessToken: token })
    expect((await api.send('GET /notes', [`Authorization: Bearer ${token}`])).status).toBe(401)
    expect((await api.send('GET /notes', [`Authorization: DPoP ${token}`])).status).toBe(401)
    expect((await api.call('/notes', { token, proof: api.proof('/notes', { accessToken: token }, api.signing) })).status).toBe(401)
    expect((await api.call('/notes', { token, proof })).status).toBe(200)
    expect((await api.call('/notes', { token, proof })).status).toBe(401)
    expect(api.last().rule).toBe('dpop.jti-is-first-use')
  })

  it('DPOP-4.3-01 DPOP-7.2-03: two DPoP lines are 401, two Authorization lines 400', async () => {
    const token = api.token()
    const proofs = [api.proof('/notes', { accessToken: token }), api.proof('/notes', { accessToken: token })]
    const twice = await api.send('GET /notes', [`Authorization: DPoP ${token}`, ...proofs.map((proof) => `DPoP: ${proof}`)])
    expect(twice.status).toBe(401)
    expect(api.last().rule).toBe('dpop.proof-is-sent-once')
    const mixed = await api.send('GET /mixed', [`Authorization: Bearer ${api.unbound()}`, `Authorization: Bearer ${api.unbound()}`])
    expect(mixed.status).toBe(400)
    expect(api.last().rule).toBe('credentials.are-sent-once')
  })

  it('DPOP-7.2-02: two challenges, in two lines where the framework has lines', async () => {
    const lines = challenges(await api.send('GET /mixed'))
    if (raw) expect(lines).toHaveLength(2)
    expect(lines.join(', ')).toMatch(/^DPoP algs="[^"]+", resource_metadata="[^"]+", Bearer resource_metadata="[^"]+"$/)
  })

  it('DPOP-8-03 DPOP-7.1-05: sub-mounted routes are judged by the whole path; nonce and CORS headers come along', async () => {
    const token = api.token()
    const origin = ['Origin: https://app.example']
    const first = await api.call('/v1/deep/notes', { token, lines: origin })
    expect(first.status).toBe(401)
    const [nonce] = linesOf(first, 'dpop-nonce')
    expect(linesOf(first, 'access-control-allow-origin')).toEqual(['https://app.example'])
    const proof = api.proof('/v1/deep/notes', { accessToken: token, nonce: nonce! })
    api.clock.advance(120)
    const renewed = await api.call('/v1/deep/notes', { token, proof, lines: origin })
    api.clock.advance(-120)
    expect(renewed.status).toBe(200)
    expect(linesOf(renewed, 'dpop-nonce')).toHaveLength(1)
    expect(linesOf(renewed, 'access-control-allow-origin')).toEqual(['https://app.example'])
    expect(linesOf(renewed, 'access-control-expose-headers').join()).toBe('WWW-Authenticate, DPoP-Nonce, Date')
  })

  it('DPOP-4.3-08: HEAD is judged as HEAD and answered without a body', async () => {
    const token = api.token()
    const wrong = await api.call('/notes', { method: 'HEAD', token, proof: api.proof('/notes', { accessToken: token }) })
    expect([wrong.status, wrong.body]).toEqual([401, ''])
    expect(api.last().rule).toBe('dpop.htm-is-request-method')
  })

  it('ambiguous paths are 400, unmatched ones 401, never the application', async () => {
    // The platform under a web Request has already resolved dots and backslashes: the rest it shows as it came.
    const ambiguous = raw
      ? ['/notes%2f1', '//notes', '/notes;x', '/x/../notes', '/notes/%2e%2e/x', '/notes\\x']
      : ['/notes%2f1', '/x//notes', '/notes;x', '/notes%00']
    for (const path of ambiguous) expect((await api.call(path)).status, path).toBe(400)
    for (const path of ['/unknown', '/Notes', '/notes/']) expect((await api.call(path)).status, path).toBe(401)
    for (const path of ['/notes/1/']) expect([400, 401]).toContain((await api.call(path)).status)
  })

  it('serves the metadata and answers preflights itself', async () => {
    expect(JSON.parse((await api.send('GET /.well-known/oauth-protected-resource')).body)).toMatchObject({ resource: api.resource })
    const asked = [
      'Origin: https://app.example',
      'Access-Control-Request-Method: POST',
      'Access-Control-Request-Headers: dpop, authorization',
    ]
    const preflight = await api.send('OPTIONS /notes', asked)
    expect(preflight.status).toBe(204)
    expect(linesOf(preflight, 'access-control-allow-methods')).toEqual(['POST'])
    expect(linesOf(preflight, 'access-control-allow-headers').join()).toContain('dpop')
  })

  it('a fault of the application is its own: 500, and nothing of it shows', async () => {
    const answer = await api.send('GET /boom')
    expect(answer.status).toBe(500)
    expect(answer.text).not.toContain('secret')
  })
})

describe('Fastify that rewrites', () => {
  it('DPOP-4.3-09: is judged by the URL the client asked for', async () => {
    const app = Fastify({ rewriteUrl: (request) => request.url!.replace('/old/', '/') })
    let ready: Promise<unknown> | undefined
    const api = await startApi({
      config: { routes: [{ policy: 'required', path: '/old/notes' }] },
      serve: (guard) => {
        app.addHook('onRequest', guardFastify(guard))
        app.get('/notes', async (request) => answerOf(request.url, request))
        ready = app.ready() as unknown as Promise<unknown>
        return (request, response) => app.routing(request, response)
      },
    })
    await ready
    expect((await api.call('/old/notes')).status).toBe(200)
    expect((await api.call('/notes')).status).toBe(401)
    await api.close()
  })
})

describe('the application', () => {
  it('cannot be told who calls by anything but the guard', async () => {
    expect(admittedOf(new Request('http://h/'))).toBeUndefined()
    expect(admittedOf({ admitted: true })).toBeUndefined()
    const server = createServer()
    expect(admittedOf(server)).toBeUndefined()
  })
})
