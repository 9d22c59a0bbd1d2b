// One small application in every framework, behind the guard: it answers who called and which header lines it was shown.
import type { IncomingMessage, RequestListener } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import express from 'express'
import Fastify from 'fastify'
import { Hono } from 'hono'
import { guardExpress } from '../src/adapters/express.ts'
import { guardFastify } from '../src/adapters/fastify.ts'
import { guardFetch } from '../src/adapters/fetch.ts'
import { guardHono } from '../src/adapters/hono.ts'
import { guardNode } from '../src/adapters/node.ts'
import { admittedOf, type Guard } from '../src/index.ts'
import { peerCertificates } from '../src/listen/index.ts'

export interface EchoedRequest {
  readonly mode?: string
  readonly x5t?: string
  /** Every header name that the application can find, in lower case. */
  readonly headers: readonly string[]
  /** Where the application was given another `Request`: what it could still read of it. */
  readonly body?: string
}

const named = (request: object): Omit<EchoedRequest, 'headers'> => {
  const admitted = admittedOf(request)
  return { ...(admitted && { mode: admitted.mode }), ...(admitted?.token?.x5t !== undefined && { x5t: admitted.token.x5t }) }
}

function ofIncoming(request: IncomingMessage): readonly string[] {
  const raw = request.rawHeaders.filter((_, at) => at % 2 === 0).map((name) => name.toLowerCase())
  return [...raw, ...Object.keys(request.headers), ...Object.keys(request.headersDistinct)]
}

const onNode = (guard: Guard): RequestListener =>
  guardNode(guard, (request, response) => {
    response.setHeader('Content-Type', 'application/json')
    response.end(JSON.stringify({ ...named(request), headers: ofIncoming(request) }))
  })

function onExpress(guard: Guard): RequestListener {
  const app = express()
  // Something before the guard that has already looked at the headers.
  app.use((request, _response, next) => next(request.headers['x-fault']))
  app.use(guardExpress(guard))
  app.use((request, response) => {
    response.json({ ...named(request), headers: ofIncoming(request) })
  })
  return app
}

async function onFastify(guard: Guard): Promise<RequestListener> {
  const app = Fastify()
  app.addHook('onRequest', guardFastify(guard))
  app.all('/*', async (request) => ({ ...named(request), headers: [...ofIncoming(request.raw), ...Object.keys(request.headers)] }))
  await app.ready()
  return (request, response) => app.routing(request, response)
}

function onHono(guard: Guard): RequestListener {
  const app = new Hono<{ Bindings: { incoming: IncomingMessage } }>()
  app.use(guardHono(guard))
  app.all('*', async (c) =>
    c.json({
      ...named(c.req.raw),
      body: await c.req.text(),
      headers: [...c.req.raw.headers.keys(), ...Object.keys(c.req.header()), ...ofIncoming(c.env.incoming)],
    }),
  )
  return getRequestListener(app.fetch)
}

function onFetch(guard: Guard): RequestListener {
  const handle = guardFetch(guard, async (request) =>
    Response.json({ ...named(request), body: await request.text(), headers: [...request.headers.keys()] }),
  )
  return getRequestListener((request, { incoming }) => {
    const { socket } = incoming as IncomingMessage
    const { remoteAddress } = socket
    return handle(request, {
      connection: { ...(remoteAddress && { remoteAddress }), encrypted: 'encrypted' in socket, ...peerCertificates(socket) },
    })
  })
}

export const echoFrameworks: readonly (readonly [name: string, make: (guard: Guard) => RequestListener | Promise<RequestListener>])[] = [
  ['bare node:http', onNode],
  ['Express 5', onExpress],
  ['Fastify 5', onFastify],
  ['Hono on @hono/node-server', onHono],
  ['web Request', onFetch],
]
