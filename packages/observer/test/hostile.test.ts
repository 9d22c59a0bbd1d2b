// Whatever the other side answers, the observer ends with a report that can be read, and never calls it named.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readClaims, readTokenAnswer } from '../src/clients/tickets.ts'
import { parseInventory } from '../src/inventory/inventory.ts'
import { exitCodeOf } from '../src/judgement/exit-code.ts'
import { observationSchema } from '../src/report/schema.ts'
import { renderText } from '../src/report/text.ts'
import { observe } from '../src/run/observe.ts'
import { operations, quick } from './express-apis.ts'

interface Answer {
  readonly status: number
  readonly headers: readonly (readonly [string, string])[]
  readonly body: string
}

const text = fc.string({ unit: 'binary-ascii', maxLength: 60 })
const headerText = text.map((value) => value.replace(/[^\x20-\x7e]/g, ''))
const json = fc.jsonValue({ maxDepth: 3 }).map((value) => JSON.stringify(value))
const token = fc.oneof(
  text,
  fc.constant('a.b.c'),
  fc.constant('e30.e30.e30'),
  json.map((claims) => `e30.${Buffer.from(claims).toString('base64url')}.x`),
)
const tokenBody = fc
  .record({ access_token: token, token_type: fc.constantFrom('DPoP', 'Bearer', ''), expires_in: fc.oneof(fc.integer(), text) })
  .map((body) => JSON.stringify(body))
const answer: fc.Arbitrary<Answer> = fc.record({
  status: fc.oneof(fc.constantFrom(200, 200, 200, 401, 400, 302, 404), fc.integer({ min: 200, max: 499 })),
  headers: fc.array(
    fc.tuple(
      fc.constantFrom('WWW-Authenticate', 'Content-Type', 'DPoP-Nonce', 'Date', 'Location', 'Via'),
      fc.oneof(headerText, fc.constant('DPoP error="use_dpop_nonce"')),
    ),
    { maxLength: 4 },
  ),
  body: fc.oneof(text, json, tokenBody, tokenBody),
})

let answers: readonly Answer[] = []
let turn = 0
const server = createServer((_request, response) => {
  const { status, headers, body } = answers[turn++ % answers.length]!
  response.writeHead(status, headers.flat()).end(body)
})
beforeAll(() => new Promise<void>((ready) => void server.listen(0, '127.0.0.1', ready)))
afterAll(() => void server.close().closeAllConnections())

describe('a hostile other side', () => {
  it('whatever it answers, the run ends with a report that fits the schema, and nobody is called named', async () => {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const ticket = { from: 'client-credentials', scope: 'read' } as const
    const inventory = parseInventory({
      version: 1,
      contact: 'tests@example.com',
      issuers: [{ id: 'main', url, tokenEndpoint: `${url}/token` }],
      clients: [{ id: 'job', clientId: 'job', authentication: { method: 'client_secret_post', secret: 's' }, ticket }],
      apis: ['a', 'b', 'c'].map((id) => ({ id, url: `${url}/${id}`, privilege: 'high' as const })),
      operations,
    })
    await fc.assert(
      fc.asyncProperty(fc.array(answer, { minLength: 1, maxLength: 8 }), async (given) => {
        answers = given
        turn = 0
        const observation = await observe(inventory, { pace: { ...quick, requestsPerApi: 30 }, depth: 'full' }).catch((error: unknown) => {
          // Its own promise comes first: a ticket of a stranger's subject is not used.
          if (error instanceof Error && error.name === 'PolicyRefusal') return undefined
          throw error
        })
        if (observation === undefined) return
        expect(observationSchema.safeParse(JSON.parse(JSON.stringify(observation))).error).toBeUndefined()
        expect(observation.overall).not.toBe('named')
        expect(exitCodeOf(observation)).toBeGreaterThan(0)
        expect(renderText(observation)).not.toMatch(/(?!\n)\p{Cc}/u)
      }),
      { numRuns: 60 },
    )
  }, 120_000)

  it('nothing that claims to be a token makes reading it fail', () => {
    fc.assert(
      fc.property(fc.oneof(token, fc.string()), (value) => {
        const claims = readClaims(value)
        expect(claims === undefined || typeof claims === 'object').toBe(true)
      }),
      { numRuns: 200 },
    )
    fc.assert(
      fc.property(answer, (given) => {
        const read = readTokenAnswer(given)
        if (read) expect(given.status).toBe(200)
      }),
      { numRuns: 200 },
    )
  })
})
