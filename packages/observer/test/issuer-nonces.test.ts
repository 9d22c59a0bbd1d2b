// AS6 and the right side of AS5: nonces that a token endpoint demands (none, a random one, an old one), and proofs of a clock that is a
// little fast. At an issuer written by hand that does each right or wrong, and at oidc-provider.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import { type InventoryInput, parseInventory } from '../src/inventory/inventory.ts'
import type { Observation, ObserveOptions } from '../src/observation.ts'
import { observe } from '../src/run/observe.ts'
import { operations, quick, startIssuer as startIndependent } from './express-apis.ts'

type Fault = 'takes-any-nonce' | 'nonces-never-end' | 'no-fast-clocks' | 'demands-none'

const secret = 'secret-of-the-test-client'
const only = ['AS1', 'AS5-ahead', 'AS6-nonce-absent', 'AS6-nonce-random', 'AS6-nonce-stale']
const nonceSeconds = 300

function claimsOf(proof: unknown): { readonly iat: number; readonly nonce?: string; readonly jkt: string } | undefined {
  const part = (at: number) => JSON.parse(Buffer.from(String(proof).split('.')[at] ?? '', 'base64url').toString())
  try {
    return { ...part(1), jkt: JSON.stringify(part(0).jwk).slice(0, 43) }
  } catch {
    return undefined
  }
}

/** It looks at nonce and time alone: signatures are not what this is about. */
async function startIssuer(faults: readonly Fault[], clock: () => number): Promise<string> {
  const given = new Map<string, number>()
  const server = createServer((request, response) => {
    const json = (value: object, status = 200, nonce?: string) =>
      void response
        .writeHead(status, {
          'content-type': 'application/json',
          date: new Date(clock() * 1000).toUTCString(),
          ...(nonce !== undefined && { 'dpop-nonce': nonce }),
        })
        .end(JSON.stringify(value))
    request.resume()
    if (request.url !== '/token') return json({ token_endpoint: `http://${request.headers.host}/token` })
    const proof = claimsOf(request.headers['dpop'])
    if (proof === undefined) return json({ error: 'invalid_dpop_proof' }, 400)
    const ahead = proof.iat - clock()
    if (ahead > 60 || (faults.includes('no-fast-clocks') && ahead > 2)) return json({ error: 'invalid_dpop_proof' }, 400)
    const fresh = `nonce-${given.size}`
    const born = given.get(proof.nonce ?? '')
    const current = born !== undefined && (faults.includes('nonces-never-end') || clock() - born < nonceSeconds)
    const right = faults.includes('demands-none') || (faults.includes('takes-any-nonce') ? proof.nonce !== undefined : current)
    if (!right) {
      given.set(fresh, clock())
      return json({ error: 'use_dpop_nonce' }, 400, fresh)
    }
    return json({ access_token: `opaque-ticket-${given.size}`, token_type: 'DPoP', expires_in: 300 })
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function observed(url: string, clients: InventoryInput['clients'], options: ObserveOptions): Promise<Observation> {
  const inventory = parseInventory({
    version: 1,
    contact: 'tests@example.com',
    issuers: [{ id: 'main', url, tokenEndpoint: `${url}/token` }],
    clients: clients.slice(0, 1),
    apis: [{ id: 'none', url: `${url}/none`, privilege: 'low' }],
    operations,
  })
  return observe(inventory, { pace: quick, depth: 'full', only, ...options })
}

async function verdictsOf(...faults: Fault[]): Promise<Record<string, string>> {
  let passed = 0
  const clock = () => Math.floor(Date.now() / 1000) + passed
  const url = await startIssuer(faults, clock)
  const authentication = { method: 'client_secret_basic' as const, secret }
  const seen = await observed(url, [{ id: 'job', clientId: 'job', authentication, ticket: { from: 'client-credentials' } }], {
    clock,
    wait: async (seconds) => {
      passed += seconds
    },
  })
  return Object.fromEntries(seen.issuers[0]!.probes.map(({ probe, verdict }) => [probe, verdict]))
}

const right = { 'AS5-ahead': 'holds', 'AS6-nonce-absent': 'holds', 'AS6-nonce-random': 'holds', 'AS6-nonce-stale': 'holds' }

it('demanded, verified and ended nonces hold, and a clock eight seconds fast is taken', async () => {
  expect(await verdictsOf()).toMatchObject(right)
})

it('any nonce that is taken, and nonces that never end, are found', async () => {
  expect(await verdictsOf('nonces-never-end')).toMatchObject({ ...right, 'AS6-nonce-stale': 'violated' })
  expect(await verdictsOf('takes-any-nonce')).toMatchObject({ ...right, 'AS6-nonce-random': 'violated', 'AS6-nonce-stale': 'violated' })
})

it('where no nonce is demanded there is none to forge: that is no fault', async () => {
  expect(await verdictsOf('demands-none')).toMatchObject({
    'AS6-nonce-absent': 'not-applicable',
    'AS6-nonce-random': 'not-applicable',
    'AS6-nonce-stale': 'not-applicable',
  })
})

it('an issuer that shuts out clocks a few seconds fast is told so, as a matter of form', async () => {
  expect(await verdictsOf('no-fast-clocks')).toMatchObject({ ...right, 'AS5-ahead': 'violated' })
})

it('oidc-provider that demands nonces demands and verifies them; nobody waits for their end there', async () => {
  const issuer = await startIndependent({ requireNonce: true })
  onTestFinished(issuer.close)
  const seen = await observed(issuer.issuer, issuer.clients, {})
  expect(Object.fromEntries(seen.issuers[0]!.probes.map(({ probe, verdict }) => [probe, verdict]))).toMatchObject({
    AS1: 'holds',
    ...right,
    'AS6-nonce-stale': 'not-applicable',
  })
  expect(seen.findings.filter(({ owner }) => owner === 'AS')).toEqual([])
}, 30_000)
