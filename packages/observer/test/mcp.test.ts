// Servers of the Model Context Protocol: one address, POST alone, answers as events or JSON, and 406 for whoever would not read both.
// The official SDK serves; express-oauth2-jwt-bearer guards.
import type { IncomingMessage } from 'node:http'
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js'
import express, { type RequestHandler } from 'express'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { fingerprint, saysNoInside } from '../src/baseline.ts'
import { parseInventory } from '../src/inventory/inventory.ts'
import type { Observation } from '../src/observation.ts'
import { observe } from '../src/run/observe.ts'
import { listen, operations, peerGuard, quick, startIssuer } from './express-apis.ts'

const closers: (() => unknown)[] = []
afterAll(async () => {
  for (const close of closers) await close()
})

/** As its SDK serves it without a session: a server and a transport for each request. */
const transport =
  (as: 'events' | 'json'): RequestHandler =>
  async (request, response) => {
    const server = new McpServer({ name: 'tests', version: '1' })
    server.registerTool('whoami', { description: 'who asks' }, () => ({ content: [{ type: 'text', text: 'somebody' }] }))
    const wire = new StreamableHTTPServerTransport({ enableJsonResponse: as === 'json' })
    response.once('close', () => void server.close())
    // Its types are written without exactOptionalPropertyTypes.
    await server.connect(wire as Transport)
    // What another guard has written to `auth` is not what the SDK would find there.
    const plain: IncomingMessage = request
    await wire.handleRequest(plain, response, request.body)
  }

let observation: Observation
beforeAll(async () => {
  const issuer = await startIssuer()
  const app = express()
  app.set('env', 'test')
  const guards = { strict: { enabled: true, required: true }, bearer: { enabled: false } }
  for (const [name, dpop] of Object.entries(guards))
    for (const as of ['events', 'json'] as const)
      app.all(`/${name}/${as}/mcp`, peerGuard(issuer.issuer, dpop), express.json(), transport(as))
  const api = await listen(app)
  closers.push(issuer.close, api.close)
  const at = (id: string, path: string, method: string) => ({
    id,
    url: `${api.url}/${path}/mcp`,
    method: 'POST' as const,
    kind: 'mcp' as const,
    repeatable: true,
    privilege: 'mid' as const,
    clients: ['job'],
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method }),
  })
  const apis = [
    at('strict', 'strict/events', 'tools/list'),
    at('strict-json', 'strict/json', 'tools/list'),
    at('bearer', 'bearer/events', 'tools/list'),
    at('unknown', 'strict/events', 'tools/lost'),
  ]
  const issuers = [{ id: 'main', url: issuer.issuer, tokenEndpoint: `${issuer.issuer}/token` }]
  observation = await observe(
    parseInventory({ version: 1, contact: 't@example.com', issuers, clients: issuer.clients, apis, operations }),
    { pace: quick },
  )
})

const seen = (api: string) => observation.apis.find((one) => one.api === api)!

it('a named ticket is demanded or not, by events as by JSON', () => {
  expect(['strict', 'strict-json', 'bearer'].map((api) => [seen(api).baseline, seen(api).mode, seen(api).rsEnforced])).toEqual([
    ['good', 'dpop', 'yes'],
    ['good', 'dpop', 'yes'],
    ['good', 'bearer', 'no'],
  ])
})

it('an error inside of an event is no good answer', () => {
  expect(seen('unknown')).toMatchObject({ baseline: 'failed', baselineReason: 'a good ticket was answered 200 (errors inside)' })
})

it('events are known by what the last one says, whatever their ids', () => {
  const event = (id: string, data: string) => `event: message\r\nid: ${id}\r\ndata: ${data}\r\n\r\n`
  const looks = (body: string) =>
    fingerprint({ status: 200, headers: [['Content-Type', 'text/event-stream']], body, evidence: '' } as never).looks
  const good = '{"jsonrpc":"2.0","id":1,"result":{"tools":[]}}'
  expect(looks(event('a1', good)).shape).toBe(looks(`: hello\n\n${event('b2', good)}`).shape)
  expect(looks(event('a1', good)).shape).not.toBe(looks(event('a1', '{"jsonrpc":"2.0","id":1,"result":{"prompts":[]}}')).shape)
  expect(saysNoInside(event('c', '{"jsonrpc":"2.0","id":1,"error":{"code":-32000,"message":"no"}}'))).toBe(true)
  expect(saysNoInside(event('d', good))).toBe(false)
})
