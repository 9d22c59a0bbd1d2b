// Certificate-bound tokens over real TLS, in every framework and behind the proxy: the certificate of the connection, and nothing else.
import { Agent } from 'node:https'
import { getRequestListener } from '@hono/node-server'
import express from 'express'
import Fastify from 'fastify'
import { Hono } from 'hono'
import { rawRequest } from 'testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { guardExpress } from '../src/adapters/express.ts'
import { guardFastify } from '../src/adapters/fastify.ts'
import { guardHono } from '../src/adapters/hono.ts'
import { guardNode } from '../src/adapters/node.ts'
import {
  boundToOne,
  type Certified,
  callTls,
  clock,
  credentials,
  everywhere,
  holder,
  type Make,
  one,
  resource,
  serving,
  startCertified,
  token,
  two,
} from './certified-api.ts'
import { echoFrameworks } from './echo-frameworks.ts'
import { issuer } from './guarded-api.ts'

const boundToKey = { jkt: holder.jkt }
const boundToBoth = { ...boundToKey, ...boundToOne }

describe.each(everywhere)('%s', (_name, start) => {
  let api: Certified
  beforeAll(async () => {
    api = await start()
  })
  afterAll(() => api.close())

  it('MTLS-3-02 SEED-TB-28: the right certificate passes, and the application learns by which', async () => {
    const answer = await callTls(api.port, '/mtls', { certificate: one })
    expect([answer.status, answer.body.mode, answer.body.x5t]).toEqual([200, 'mtls', one.x5t])
    expect(api.last()).toMatchObject({ event: 'api_access', mode: 'mtls', x5t: one.x5t })
    expect((await callTls(api.port, '/either', { certificate: one })).status).toBe(200)
  })

  it('MTLS-3-04 SEED-TB-27: none is 401, with mtls_missing in the log', async () => {
    const answer = await callTls(api.port, '/mtls')
    expect(answer.status).toBe(401)
    expect(answer.headers['www-authenticate']).toMatch(/^Bearer error="invalid_token"/)
    expect(api.last()).toMatchObject({ event: 'mtls_missing', rule: 'binding.certificate-comes-along', x5t: one.x5t })
  })

  it('MTLS-3-02: another of the same authority is 401, with binding_mismatch in the log', async () => {
    expect((await callTls(api.port, '/mtls', { certificate: two })).status).toBe(401)
    expect(api.last()).toMatchObject({ event: 'binding_mismatch', rule: 'binding.certificate-is-named-certificate' })
  })

  it('CNF-3.1-01: a token that names a key and a certificate needs both', async () => {
    expect((await callTls(api.port, '/both', { cnf: boundToBoth, certificate: one, proof: true })).body.mode).toBe('mixed')
    expect((await callTls(api.port, '/both', { cnf: boundToBoth, certificate: one })).status).toBe(401)
    expect(api.last().rule).toBe('binding.named-token-is-not-bearer')
    expect((await callTls(api.port, '/both', { cnf: boundToBoth, proof: true })).status).toBe(401)
    expect(api.last().event).toBe('mtls_missing')
    expect((await callTls(api.port, '/both', { cnf: boundToBoth, certificate: two, proof: true })).status).toBe(401)
    expect(api.last().event).toBe('binding_mismatch')
    // Neither half is enough where the route demands both.
    expect((await callTls(api.port, '/both', { certificate: one })).status).toBe(401)
    expect((await callTls(api.port, '/both', { cnf: boundToKey, certificate: one, proof: true })).status).toBe(401)
  })

  it('MTLS-3-04 DPOP-7.2-01: a token that names a key is refused under a certificate alone, and the reverse', async () => {
    for (const path of ['/either', '/dpop', '/mtls']) {
      expect((await callTls(api.port, path, { cnf: boundToKey, certificate: one })).status, path).toBe(401)
      expect(api.last().rule).toBe('binding.named-token-is-not-bearer')
      expect((await callTls(api.port, path, { proof: true })).status, path).toBe(401)
      expect(api.last().rule).toBe('binding.certificate-comes-along')
      expect((await callTls(api.port, path, { certificate: one, proof: true })).status, path).toBe(401)
      expect(api.last().rule).toBe('binding.dpop-scheme-carries-named-token')
    }
  })

  it('ASVS-10.3.5: an unbound token does not become bound by a certificate that happens to be there', async () => {
    expect((await callTls(api.port, '/mtls', { cnf: undefined as unknown as object, certificate: one })).status).toBe(401)
    expect(api.last().rule).toBe('binding.token-is-bound')
  })

  it.each(['TLSv1.2', 'TLSv1.3'] as const)('CERT-3.3-01: a resumed session still has its certificate (%s)', async (version) => {
    const agent = new Agent({
      ca: serving.cert,
      cert: one.cert,
      key: one.key,
      minVersion: version,
      maxVersion: version,
      maxCachedSessions: 10,
      keepAlive: false,
    })
    const answers = []
    for (let each = 0; each < 3; each += 1) answers.push(await callTls(api.port, '/mtls', { agent }))
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200])
    expect(answers[2]!.resumed).toBe(true)
    agent.destroy()
  })

  it('CERT-2.4-02: no cache keeps what a certificate opened; nothing else is said where none was needed', async () => {
    expect((await callTls(api.port, '/mtls', { certificate: one })).headers.vary).toBe('*')
    expect((await callTls(api.port, '/both', { cnf: boundToBoth, certificate: one, proof: true })).headers.vary).toBe('*')
    expect((await callTls(api.port, '/mtls', { certificate: two })).headers['cache-control']).toBe('no-store')
    expect((await callTls(api.port, '/dpop', { cnf: boundToKey, proof: true })).headers.vary).toBeUndefined()
  })

  it('CERT-4-01: a certificate in a header is none, whoever stands behind the connection', async () => {
    const forged = { 'client-cert': `:${one.der}:`, 'x-forwarded-client-cert': `Cert="${encodeURIComponent(one.cert)}"` }
    expect((await callTls(api.port, '/mtls', { headers: forged })).status).toBe(401)
    expect((await callTls(api.port, '/mtls', { headers: forged, certificate: two })).status).toBe(401)
  })
})

describe.each(everywhere)('%s, over plain HTTP', (_name, start) => {
  it('MTLS-3-04: a token that names a certificate is refused', async () => {
    const api = await start({ plain: true })
    const { authorization } = credentials('/mtls', token(boundToOne))
    const answer = await rawRequest(api.port, ['GET /mtls HTTP/1.1', 'Host: api.example', `Authorization: ${authorization}`])
    expect(answer.status).toBe(401)
    expect(api.last().event).toBe('mtls_missing')
    await api.close()
  })
})

describe('a token that its issuer is asked about', () => {
  const told = (cnf: object | undefined) => ({
    active: true,
    iss: issuer,
    aud: resource,
    sub: 'user-1',
    client_id: 'app-1',
    scope: 'notes:read',
    token_type: 'Bearer',
    exp: clock() + 60,
    ...(cnf && { cnf }),
  })

  it('MTLS-3.2-01: is bound by what the issuer says of it, and nobody lets it in who hears of no binding', async () => {
    const answers: Record<string, object> = { bound: told(boundToOne), unbound: told(undefined) }
    const lookup = { ask: (asked: string) => (answers[asked] ?? { active: false }) as { active: boolean } }
    const api = await startCertified(echoFrameworks[0]![1], { deps: { lookup } })
    expect((await callTls(api.port, '/mtls', { accessToken: 'bound', certificate: one })).body.mode).toBe('mtls')
    expect((await callTls(api.port, '/mtls', { accessToken: 'bound' })).status).toBe(401)
    expect(api.last().event).toBe('mtls_missing')
    expect((await callTls(api.port, '/mtls', { accessToken: 'bound', certificate: two })).status).toBe(401)
    expect(api.last().event).toBe('binding_mismatch')
    expect((await callTls(api.port, '/mtls', { accessToken: 'unbound', certificate: one })).status).toBe(401)
    expect(api.last().rule).toBe('binding.token-is-bound')
    await api.close()
  })
})

describe('an application that speaks of caching itself', () => {
  const cacheable = { 'Cache-Control': 'public, max-age=60', Vary: 'Accept' }
  const applications: [name: string, make: Make][] = [
    [
      'sets headers',
      (guard) => guardNode(guard, (_request, response) => void response.setHeaders(new Map(Object.entries(cacheable))).end()),
    ],
    ['gives them with the status', (guard) => guardNode(guard, (_request, response) => void response.writeHead(200, cacheable).end())],
    [
      'gives them as a list',
      (guard) => guardNode(guard, (_request, response) => void response.writeHead(200, 'OK', Object.entries(cacheable).flat()).end()),
    ],
    [
      'is one of Express',
      (guard) =>
        express()
          .use(guardExpress(guard))
          .use((_request, response) => void response.set(cacheable).send('ok')),
    ],
    [
      'is one of Fastify',
      async (guard) => {
        const app = Fastify()
        app.addHook('onRequest', guardFastify(guard))
        app.get('/mtls', async (_request, reply) => reply.headers(cacheable).send('ok'))
        await app.ready()
        return (request, response) => app.routing(request, response)
      },
    ],
    [
      'is one of Hono',
      (guard) => {
        const app = new Hono().use(guardHono(guard)).get('/mtls', (c) => c.text('ok', 200, cacheable))
        return getRequestListener(app.fetch)
      },
    ],
  ]

  it.each(applications)('CERT-2.4-02: %s, and Vary keeps its star', async (_name, make) => {
    const api = await startCertified(make)
    const answer = await callTls(api.port, '/mtls', { certificate: one })
    expect([answer.status, answer.headers['cache-control']]).toEqual([200, 'public, max-age=60'])
    expect(String(answer.headers.vary).split(', ').toSorted()).toEqual(['*', 'Accept'])
    await api.close()
  })
})
