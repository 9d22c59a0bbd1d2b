// The issuer's own APIs, at an issuer written by hand that does right or wrong: UserInfo as bearer, and introspection that says the key.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { jwkThumbprint } from '@kimei/protocol'
import { afterEach, describe, expect, it } from 'vitest'
import { parseInventory } from '../src/inventory/inventory.ts'
import { introspectedName, readAnswer } from '../src/probes/issuer-apis/introspected-name.ts'
import { observe } from '../src/run/observe.ts'
import { operations, quick } from './express-apis.ts'

interface Manners {
  readonly userinfo: 'strict' | 'takes-bearer' | 'broken' | 'closed'
  readonly introspection: 'named' | 'nameless' | 'foreign' | 'inactive'
}

const closers: (() => void)[] = []
afterEach(() => {
  for (const close of closers.splice(0)) close()
})

/** `undefined` for what is no proof. */
async function thumbprintOf(proof: unknown): Promise<string | undefined> {
  try {
    return await jwkThumbprint(JSON.parse(Buffer.from(String(proof).split('.')[0] ?? '', 'base64url').toString()).jwk)
  } catch {
    return undefined
  }
}

async function startIssuer({ userinfo, introspection }: Manners): Promise<string> {
  let jkt = ''
  const server = createServer(async (request, response) => {
    const origin = `http://${request.headers.host}`
    const json = (value: object, status = 200) =>
      response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' }).end(JSON.stringify(value))
    const { authorization = '' } = request.headers
    if (request.url?.startsWith('/.well-known/')) {
      const endpoints = {
        token_endpoint: `${origin}/token`,
        userinfo_endpoint: `${origin}/me`,
        introspection_endpoint: `${origin}/introspect`,
      }
      return json({ issuer: origin, ...endpoints })
    }
    if (request.url === '/token') {
      const name = await thumbprintOf(request.headers['dpop'])
      if (name === undefined) return json({ error: 'invalid_dpop_proof' }, 400)
      jkt = name
      return json({ access_token: 'opaque-ticket', token_type: 'DPoP', expires_in: 300 })
    }
    if (request.url === '/me') {
      if (userinfo === 'broken' && !/^dpop /i.test(authorization)) return json({}, 500)
      const open = /^dpop /i.test(authorization)
        ? userinfo !== 'closed'
        : userinfo === 'takes-bearer' && authorization === 'Bearer opaque-ticket'
      return open ? json({ sub: 'service' }) : json({ error: 'invalid_token' }, 401)
    }
    if (request.url === '/introspect') {
      if (introspection === 'inactive') return json({ active: false })
      const cnf =
        introspection === 'nameless' ? {} : { cnf: { jkt: introspection === 'foreign' ? 'A'.repeat(43) : jkt }, token_type: 'DPoP' }
      return json({ active: true, ...cnf })
    }
    return json({}, 404)
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  closers.push(
    () => void server.close(),
    () => server.closeAllConnections(),
  )
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function verdictsAt(manners: Manners, introspects = true): Promise<Record<string, string>> {
  const url = await startIssuer(manners)
  const authentication = { method: 'client_secret_basic' as const, secret: 'secret-of-the-test-client' }
  const inventory = parseInventory({
    version: 1,
    contact: 'tests@example.com',
    issuers: [{ id: 'main', url, tokenEndpoint: `${url}/token` }],
    clients: [{ id: 'service', clientId: 'service', kind: 'server', introspects, authentication, ticket: { from: 'client-credentials' } }],
    subjects: ['service'],
    apis: [{ id: 'me', url: `${url}/me`, privilege: 'mid', clients: ['service'] }],
    operations,
  })
  const { issuers } = await observe(inventory, { pace: quick, depth: 'full' })
  return Object.fromEntries(issuers.flatMap(({ probes }) => probes.map(({ probe, verdict }) => [probe, verdict])))
}

describe('the issuer’s own APIs', () => {
  it('DPOP-7.2-01, INTRO-2.2-01: UserInfo that demands the proof, and introspection that says the key, hold', async () => {
    expect(await verdictsAt({ userinfo: 'strict', introspection: 'named' })).toMatchObject({ AS9: 'holds', AS10: 'holds' })
  })

  it('DPOP-7.2-01: UserInfo that takes the bound ticket as Bearer is found', async () => {
    expect(await verdictsAt({ userinfo: 'takes-bearer', introspection: 'named' })).toMatchObject({ AS9: 'violated' })
  })

  it('what does not open, or breaks, is no verdict', async () => {
    expect(await verdictsAt({ userinfo: 'closed', introspection: 'inactive' })).toMatchObject({
      AS9: 'not-applicable',
      AS10: 'inconclusive',
    })
    expect(await verdictsAt({ userinfo: 'broken', introspection: 'named' })).toMatchObject({ AS9: 'inconclusive' })
  })

  it('INTRO-2.2-01, DPOP-6.2-01: introspection that drops the key, or says another, is found', async () => {
    for (const introspection of ['nameless', 'foreign'] as const) {
      expect(await verdictsAt({ userinfo: 'strict', introspection }), introspection).toMatchObject({ AS10: 'violated' })
    }
  })

  it('a client that serves no API is not asked to introspect', async () => {
    expect(await verdictsAt({ userinfo: 'strict', introspection: 'nameless' }, false)).toMatchObject({ AS10: 'not-applicable' })
  })
})

it('an answer about a ticket is read for its name and its type', () => {
  const read = (status: number, body: string) => readAnswer({ status, body }, { member: 'jkt', thumbprint: 'k' }).verdict
  expect(read(200, '{"active":true,"cnf":{"jkt":"k"},"token_type":"dpop"}')).toBe('holds')
  expect(read(200, '{"active":true,"cnf":{"jkt":"k"},"token_type":"Bearer"}')).toBe('violated')
  expect(read(200, '{"active":true,"cnf":null}')).toBe('violated')
  const certificate = (body: string) => readAnswer({ status: 200, body }, { member: 'x5t#S256', thumbprint: 'c' }).verdict
  expect(certificate('{"active":true,"cnf":{"x5t#S256":"c"},"token_type":"Bearer"}')).toBe('holds')
  expect(certificate('{"active":true,"cnf":{"x5t#S256":"d"}}')).toBe('violated')
  expect(certificate('{"active":true,"cnf":{"jkt":"c"}}')).toBe('violated')
  for (const body of ['', 'null', '[]', '{"active":"true"}', '<html>']) expect(read(200, body)).toBe('inconclusive')
  expect(read(500, '{"active":true}')).toBe('inconclusive')
  expect(introspectedName.id).toBe('AS10')
})
