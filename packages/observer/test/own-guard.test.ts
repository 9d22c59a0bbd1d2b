// The observer against an API behind our own guard, tickets from an issuer that is not ours: clean, but for what the issuer allows.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createGuard } from '@kimei/guard'
import { guardNode } from '@kimei/guard/node'
import { createMemoryStorage } from '@kimei/storage/memory'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { parseInventory } from '../src/inventory/inventory.ts'
import type { Observation } from '../src/observation.ts'
import { observe } from '../src/run/observe.ts'
import { audience, operations, quick, startIssuer } from './express-apis.ts'

const closers: (() => unknown)[] = []
let observation: Observation

afterAll(async () => {
  for (const close of closers) await close()
})

beforeAll(async () => {
  const issuer = await startIssuer()
  closers.push(issuer.close)
  const server = createServer()
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  closers.push(() => server.close().closeAllConnections())
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const guard = createGuard(
    {
      issuer: issuer.issuer,
      resource: audience,
      baseUrls: [origin],
      accessTokens: { algorithms: ['RS256'] },
      routes: [
        { path: '/notes', methods: ['GET'], policy: 'required', scopes: ['read'] },
        { path: '/fresh', methods: ['GET'], policy: 'required', scopes: ['read'], nonce: 'required' },
        { path: '/admin', methods: ['GET'], policy: 'required', scopes: ['read'] },
      ],
    },
    {
      replay: createMemoryStorage().replay,
      clock: () => Math.floor(Date.now() / 1000),
      random: (bytes) => crypto.getRandomValues(new Uint8Array(bytes)),
      audit: () => undefined,
    },
  )
  server.on(
    'request',
    guardNode(guard, (_request, response) => {
      response.setHeader('Content-Type', 'application/json').end(JSON.stringify({ notes: [] }))
    }),
  )
  const apis = [
    { id: 'admin', url: `${origin}/admin`, privilege: 'high', kind: 'admin' },
    { id: 'notes', url: `${origin}/notes`, privilege: 'mid' },
    { id: 'fresh', url: `${origin}/fresh`, privilege: 'low', nonce: 'required' },
  ] as const
  const issuers = [{ id: 'main', url: issuer.issuer, tokenEndpoint: `${issuer.issuer}/token` }]
  const clients = issuer.clients.filter(({ id }) => id === 'job')
  const inventory = parseInventory({ version: 1, contact: 'tests@example.com', issuers, clients, apis: [...apis], operations })
  observation = await observe(inventory, { pace: quick, depth: 'full' })
})

it('SEED-TB-25, SEED-TB-26, SEED-TB-33, SEED-TB-74: every probe of every route holds', () => {
  const notHolding = observation.apis.flatMap(({ api, probes }) =>
    probes
      .filter(({ verdict }) => verdict === 'violated' || verdict === 'inconclusive')
      .map(({ probe, answered, reason }) => [api, probe, answered, reason]),
  )
  expect(notHolding).toEqual([])
  for (const record of observation.apis)
    expect(record).toMatchObject({ mode: 'dpop', rsEnforced: 'yes', strength: 'strict', replay: 'jti_yes' })
})

it('a nonce that is demanded is a step, its forgery is refused, and freshness rests on it', () => {
  const fresh = observation.apis.find(({ api }) => api === 'fresh')!
  const verdicts = Object.fromEntries(fresh.probes.map(({ probe, verdict }) => [probe, verdict]))
  expect(verdicts).toMatchObject({ N1: 'holds', N2: 'holds', R1: 'holds', T1: 'not-applicable', T2: 'not-applicable' })
})

it('SEED-TB-09, SEED-TB-15: enforcement at use says nothing about issuance, which is recorded for itself', () => {
  expect(observation.bindingKeyPosture).toBe('dpop+no+yes+all_api+jti_yes+server+confirmed')
  expect(observation.record).toMatchObject({ as_required: 'no', rs_required: 'yes' })
  expect(observation.findings.filter(({ owner }) => owner !== 'AS')).toEqual([])
  expect(observation.findings.flatMap(({ probes }) => probes)).toContain('AS2')
})
