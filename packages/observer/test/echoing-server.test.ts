// A server that throws everything back: tokens, proofs, secrets in error codes, headers, metadata and bodies, markup and
// control characters around them, and bodies without end. No report may hold a secret or come apart.
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseInventory } from '../src/inventory/inventory.ts'
import type { Observation } from '../src/observation.ts'
import { formatNames, renderReport } from '../src/report/formats.ts'
import { observationSchema } from '../src/report/schema.ts'
import { observe } from '../src/run/observe.ts'
import { operations, quick } from './express-apis.ts'
import { readCsv, readXml } from './strict-readers.ts'

const secret = 'client-secret-of-the-test-0123456789'
const claims = Buffer.from(JSON.stringify({ sub: 'job', iss: '<script>alert(1)</script>', aud: '=1+1', exp: 9_999_999_999 })).toString(
  'base64url',
)
const issued = `eyJhbGciOiJFUzI1NiJ9.${claims}.c2lnbmF0dXJlLW9mLXRoZS10ZXN0LXRva2Vu`
const used = new Set<string>([secret, issued, 'opaque-refresh-token-0123456789'])

/** As a log or a debugger would write it. */
function written(value: string): string[] {
  const within = Buffer.from(`sent: ${value};`)
  const plain = Buffer.from(value)
  return [within.toString('base64'), within.toString('base64url'), plain.toString('hex'), encodeURIComponent(value), value.toLowerCase()]
}

/** Of these, whatever way they are written, nothing may be left. */
const lasting = [secret, issued, 'opaque-refresh-token-0123456789']

const ways = lasting.flatMap(written)
let turn = 0

function remember(request: IncomingMessage, body: string): string {
  const values = [request.headers.authorization, request.headers['dpop']].flatMap((value) => String(value ?? '').split(/[ ,]+/))
  for (const value of values) if (value.length >= 16) used.add(value)
  return [...values, body].join(' ')
}

const metadata = (url: string, echoed: string) => ({
  issuer: url,
  token_endpoint: `${url}/token`,
  dpop_signing_alg_values_supported: ['ES256', echoed, ...lasting.flatMap(written)],
  dpop_bound_access_tokens_required: true,
  [`<img src=x>${echoed}`]: '\u001b[2J',
})

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  let body = ''
  for await (const part of request) body += String(part)
  const echoed = remember(request, body)
  const url = `http://${request.headers.host}`
  if (request.url!.includes('.well-known')) return void response.end(JSON.stringify(metadata(url, [...used].join(' '))))
  if (request.url === '/token') {
    const token = { access_token: issued, refresh_token: 'opaque-refresh-token-0123456789', token_type: 'DPoP', expires_in: 300 }
    return void response.end(JSON.stringify(token))
  }
  if (request.url === '/endless') {
    response.writeHead(200, { 'Content-Type': 'application/json' })
    const closed = once(response, 'close')
    while (!response.destroyed) {
      if (!response.write('x'.repeat(65_536))) await Promise.race([once(response, 'drain'), closed])
    }
    return
  }
  const good = request.headers['dpop'] !== undefined && String(request.headers.authorization).startsWith('DPoP ')
  const header = [...used].join(' ').slice(0, 6000)
  response
    .writeHead(good ? 200 : 401, {
      'Content-Type': `application/json; ${'x'.repeat(200)}`,
      'WWW-Authenticate': `DPoP error="${header.replace(/[^\w .-]/g, '')}", ${header.split(' ')[0]} error=x`,
    })
    .end(
      good
        ? '{"notes":[]}'
        : JSON.stringify({
            error: turn++ % 2 === 0 ? echoed : ways[turn % ways.length]!.slice(0, 250),
            error_description: '\u001b]0;x\u0007',
          }),
    )
}

const server = createServer((request, response) => void answer(request, response).catch(() => response.destroy()))
let observation: Observation
beforeAll(async () => {
  await new Promise<void>((ready) => void server.listen(0, '127.0.0.1', ready))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const inventory = parseInventory({
    version: 1,
    contact: 'tests@example.com',
    issuers: [{ id: 'main', url, tokenEndpoint: `${url}/token`, claims: 'dpop' }],
    clients: [
      {
        id: 'job',
        clientId: 'job',
        kind: 'server',
        authentication: { method: 'client_secret_post', secret },
        ticket: { from: 'client-credentials', scope: 'read' },
      },
    ],
    subjects: ['job'],
    apis: [
      { id: 'echo', url: `${url}/echo`, privilege: 'high' },
      { id: 'endless', url: `${url}/endless`, privilege: 'mid' },
    ],
    operations,
  })
  observation = await observe(inventory, { pace: quick, depth: 'full', oauth21: true })
}, 60_000)
afterAll(() => void server.close().closeAllConnections())

describe('SEED-TB-70: nothing that could be used again, in any format and language', () => {
  it('the run used many secrets, and the observation holds none of them', () => {
    expect(used.size).toBeGreaterThan(20)
    expect(observation.evidence.length).toBeGreaterThan(20)
    const parts = [...used].flatMap((value) => [value, ...value.split('.').slice(1)]).filter((part) => part.length >= 16)
    const text = JSON.stringify(observation)
    expect(parts.filter((part) => text.includes(part))).toEqual([])
    expect(text).toContain('[withheld]')
  })

  it.each(formatNames)('%s', (format) => {
    const parts = [...used].flatMap((value) => [value, ...value.split('.').slice(1)]).filter((part) => part.length >= 16)
    for (const language of ['ja', 'en'] as const) {
      const text = renderReport(observation, format, { language, both: true })
      expect(parts.filter((part) => text.includes(part))).toEqual([])
      expect(/(?![\n\r])\p{Cc}/u.exec(text)?.index).toBeUndefined()
    }
  })
})

describe('SEED-TB-70: nor written in another way', () => {
  it.each(formatNames)('%s', (format) => {
    const text = renderReport(observation, format, { language: 'en', both: true })
    // What stands in the middle of each, whatever is around it.
    const cores = ways.map((value) => value.slice(12, -8))
    expect(cores.filter((core) => core.length >= 12 && text.includes(core))).toEqual([])
  })
})

describe('it stays in form', () => {
  it('fits the schema, and the forms of JUnit and CSV', () => {
    expect(observationSchema.safeParse(JSON.parse(JSON.stringify(observation))).error).toBeUndefined()
    expect(() => readXml(renderReport(observation, 'junit'))).not.toThrow()
    expect(() => readCsv(renderReport(observation, 'csv'))).not.toThrow()
    expect(renderReport(observation, 'html')).not.toMatch(/<script|<img/)
  })

  it('an endless body is read to its bound, and no report grows with it', () => {
    const most = Math.max(...observation.evidence.map(({ response }) => response.bytes ?? 0))
    expect(most).toBeGreaterThan(100_000)
    expect(most).toBeLessThan(400_000)
    expect(renderReport(observation, 'json').length).toBeLessThan(3_000_000)
  })

  it('a token named like a verdict changes no verdict', () => {
    for (const { verdict } of observation.apis.flatMap(({ probes }) => probes))
      expect(['holds', 'violated', 'inconclusive', 'not-applicable']).toContain(verdict)
  })
})
