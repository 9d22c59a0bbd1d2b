// AS9: every API of the issuer itself. At an issuer written by hand each door is right or wrong on its own; at oidc-provider, which is
// nobody's of ours, all of them are right. What is registered is gone afterwards, and without permission nothing is registered at all.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { jwkThumbprint } from '@kimei/protocol'
import { startIndependentIssuer } from 'testkit'
import { expect, it, onTestFinished } from 'vitest'
import { type InventoryInput, parseInventory } from '../src/inventory/inventory.ts'
import type { Observation } from '../src/observation.ts'
import { observe } from '../src/run/observe.ts'
import { audience, operations, quick } from './express-apis.ts'

/** Doors of the issuer that take the bound ticket as Bearer. `admin-alone`: it knows no other scheme. */
type Door = 'introspect' | 'revoke' | 'register' | 'manage' | 'admin' | 'admin-alone' | 'register-anything'

const secret = 'secret-of-the-test-client'
const ticket = 'opaque-ticket-of-the-service'
const registrationToken = 'registration-access-token'

interface Issuer {
  readonly url: string
  readonly registered: ReadonlySet<string>
}

/** `undefined` for what is no proof. */
async function thumbprintOf(proof: unknown): Promise<string | undefined> {
  try {
    return await jwkThumbprint(JSON.parse(Buffer.from(String(proof).split('.')[0] ?? '', 'base64url').toString()).jwk)
  } catch {
    return undefined
  }
}

async function startIssuer(open: readonly Door[]): Promise<Issuer> {
  const registered = new Set<string>()
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const piece of request) body += piece
    await answer({ request, response, body, open, registered })
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, registered }
}

interface Asked {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly body: string
  readonly open: readonly Door[]
  readonly registered: Set<string>
}

async function answer({ request, response, body, open, registered }: Asked): Promise<void> {
  const origin = `http://${request.headers.host}`
  const path = request.url ?? ''
  const json = (value: object, status = 200) =>
    void response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' }).end(JSON.stringify(value))
  const { authorization = '' } = request.headers
  const asBearer = authorization === `Bearer ${ticket}`
  const proven = authorization === `DPoP ${ticket}` && (await thumbprintOf(request.headers['dpop'])) !== undefined
  const client = authorization === `Basic ${Buffer.from(`service:${secret}`).toString('base64')}`
  const no = () => json({ error: 'invalid_token' }, 401)
  if (path.startsWith('/.well-known/')) {
    const names = { introspection_endpoint: '/introspect', revocation_endpoint: '/revoke', registration_endpoint: '/register' }
    const endpoints = Object.fromEntries(Object.entries(names).map(([name, at]) => [name, origin + at]))
    return json({ issuer: origin, token_endpoint: `${origin}/token`, ...endpoints })
  }
  if (path === '/token') return json({ access_token: ticket, token_type: 'DPoP', expires_in: 300 })
  if (path === '/introspect') return client || (open.includes('introspect') && asBearer) ? json({ active: true }) : no()
  if (path === '/revoke') return client || (open.includes('revoke') && asBearer) ? json({}) : no()
  if (path === '/admin') {
    const asked = open.includes('admin-alone') ? asBearer : proven || (open.includes('admin') && asBearer)
    return asked ? json({ users: [] }) : no()
  }
  if (path === '/register') {
    const may = authorization === 'Bearer initial-access-token' || (open.includes('register') && asBearer)
    if (!may) return no()
    const right = open.includes('register-anything') || JSON.parse(body).jwks_uri === undefined
    if (!right) return json({ error: 'invalid_client_metadata' }, 400)
    const id = `c${registered.size}`
    registered.add(id)
    return json({ client_id: id, registration_client_uri: `${origin}/register/${id}`, registration_access_token: registrationToken }, 201)
  }
  const id = path.slice('/register/'.length)
  if (!registered.has(id) || !(authorization === `Bearer ${registrationToken}` || (open.includes('manage') && asBearer))) return no()
  if (request.method === 'DELETE') registered.delete(id)
  return request.method === 'DELETE' ? void response.writeHead(204).end() : json({ client_id: id })
}

type More = Partial<InventoryInput['issuers'][number]>
const only = ['AS9', 'AS9-introspection', 'AS9-revocation', 'AS9-registration', 'AS9-management', 'AS9-own']
const permitted = { initialAccessToken: 'initial-access-token' } as const

async function observed(url: string, more: More = {}): Promise<Observation> {
  const inventory = parseInventory({
    version: 1,
    contact: 'tests@example.com',
    issuers: [{ id: 'main', url, tokenEndpoint: `${url}/token`, ownApis: [{ id: 'admin', url: `${url}/admin` }], ...more }],
    clients: [
      {
        id: 'service',
        clientId: 'service',
        kind: 'server',
        introspects: true,
        authentication: { method: 'client_secret_basic', secret },
        ticket: { from: 'client-credentials' },
      },
    ],
    subjects: ['service'],
    apis: [{ id: 'me', url: `${url}/me`, privilege: 'mid' }],
    operations,
  })
  return observe(inventory, { pace: quick, depth: 'full', only })
}

const verdicts = ({ issuers }: Observation) => Object.fromEntries(issuers[0]!.probes.map(({ probe, verdict }) => [probe, verdict]))

it('DPOP-7.2-01: doors that a bound ticket does not open as Bearer hold, and what the issuer does not have is not asked about', async () => {
  const { url, registered } = await startIssuer([])
  expect(verdicts(await observed(url, { registration: permitted }))).toEqual({
    AS9: 'not-applicable',
    'AS9-introspection': 'holds',
    'AS9-revocation': 'holds',
    // With the token that lets somebody register, what is sent is looked at.
    'AS9-registration': 'holds',
    'AS9-management': 'holds',
    'AS9-own': 'holds',
  })
  expect([...registered]).toEqual([])
})

it.each([
  ['introspect', 'AS9-introspection', 'P1'],
  ['revoke', 'AS9-revocation', 'P1'],
  ['register', 'AS9-registration', 'P0'],
  ['manage', 'AS9-management', 'P0'],
  ['admin', 'AS9-own', 'P0'],
  ['admin-alone', 'AS9-own', 'P0'],
] as const)('DPOP-7.2-01: %s that takes the bound ticket as Bearer is found by %s alone', async (door, probe, priority) => {
  const { url, registered } = await startIssuer([door])
  const seen = await observed(url, { registration: permitted })
  const violated = Object.entries(verdicts(seen)).flatMap(([id, verdict]) => (verdict === 'violated' ? [id] : []))
  expect(violated).toEqual([probe])
  expect(seen.findings.find(({ kind }) => kind === 'issuer-api-takes-bearer')).toMatchObject({ owner: 'AS', priority, probes: [probe] })
  expect([...registered]).toEqual([])
  expect(JSON.stringify(seen)).not.toContain(registrationToken)
  expect(JSON.stringify(seen)).not.toContain(permitted.initialAccessToken)
})

it('without permission nothing is registered; what an issuer registers against all expectation is deleted', async () => {
  const strict = await startIssuer(['register'])
  expect(verdicts(await observed(strict.url))).toMatchObject({ 'AS9-registration': 'violated', 'AS9-management': 'not-applicable' })
  expect([...strict.registered]).toEqual([])
  const careless = await startIssuer(['register', 'register-anything'])
  expect(verdicts(await observed(careless.url))).toMatchObject({ 'AS9-registration': 'violated' })
  expect([...careless.registered]).toEqual([])
})

it('an own address on a host that nobody agreed to is refused before anything is sent, with its name', async () => {
  const elsewhere = { ownApis: [{ id: 'scim', url: 'https://scim.example/Users' }] }
  await expect(observed('http://127.0.0.1:9', elsewhere)).rejects.toThrow(
    'issuers.main.ownApis.scim: scim.example is not among consent.hosts',
  )
})

it('oidc-provider keeps the rule at its own doors: revocation, registration, management', async () => {
  const issuer = await startIndependentIssuer({
    clients: [
      {
        client_id: 'service',
        client_secret: secret,
        grant_types: ['client_credentials'],
        response_types: [],
        redirect_uris: [],
        token_endpoint_auth_method: 'client_secret_basic',
      },
    ],
    resources: { [audience]: 'read' },
    registration: true,
  })
  onTestFinished(issuer.close)
  const seen = await observed(issuer.issuer, { ownApis: [], registration: {} })
  expect(verdicts(seen)).toMatchObject({ 'AS9-revocation': 'holds', 'AS9-management': 'holds', 'AS9-own': 'not-applicable' })
  // Its registration is open to everybody: there is nothing that a ticket could open.
  expect(verdicts(seen)['AS9-registration']).toBe('not-applicable')
  expect(seen.findings.map(({ kind }) => kind)).not.toContain('issuer-api-takes-bearer')
}, 30_000)
