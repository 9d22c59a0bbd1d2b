// The proxy's own TLS listener: whether it asks for certificates is decided by the operator, before any token is read.
import { createServer } from 'node:http'
import { request } from 'node:https'
import type { AddressInfo } from 'node:net'
import { createMemoryReplay } from '@kimei/storage'
import { fixedClock, selfSigned, wireJwt, wireKey } from 'testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createGuard, staticKeys } from '../src/index.ts'
import { createProxy, type Listening, listenProxy } from '../src/proxy/index.ts'
import { closeServer, issuer, publicKey, tokenClaims } from './guarded-api.ts'

const [serving, one] = [selfSigned('localhost'), selfSigned('one')]
const signing = wireKey('ES256', 'issuer-1')
const clock = fixedClock()
const resource = 'https://api.example/'
const upstream = createServer((_request, response) => {
  response.end('ok')
})
let [asking, silent]: Listening[] = []

async function start(clientCertificates: 'off' | 'requested'): Promise<Listening> {
  const random = (bytes: number) => crypto.getRandomValues(new Uint8Array(bytes))
  const guard = createGuard(
    { issuer, resource, routes: [{ policy: 'required', path: '/notes', constraint: 'mtls' }] },
    { replay: createMemoryReplay(), keys: staticKeys({ keys: [publicKey(signing)] }), clock, random, audit: () => undefined },
  )
  const { port } = upstream.address() as AddressInfo
  const proxy = await createProxy(guard, { upstream: `http://127.0.0.1:${port}` }, { clock, random })
  return listenProxy(proxy, { host: '127.0.0.1', port: 0, tls: { ...serving, clientCertificates } })
}

beforeAll(async () => {
  await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve))
  asking = await start('requested')
  silent = await start('off')
})
afterAll(async () => {
  await asking!.close()
  await silent!.close()
  await closeServer(upstream)
})

function call(listening: Listening, certificate?: typeof one): Promise<number> {
  const claims = tokenClaims(resource, clock(), { cnf: { 'x5t#S256': one.x5t } })
  const token = wireJwt({ typ: 'at+jwt', alg: 'ES256', kid: signing.kid }, claims, signing)
  const options = { rejectUnauthorized: false, agent: false, headers: { authorization: `Bearer ${token}` } }
  return new Promise((resolve, reject) => {
    const sent = request(
      `${listening.url}/notes`,
      { ...options, ...(certificate && { key: certificate.key, cert: certificate.cert }) },
      (answer) => {
        answer.resume()
        resolve(answer.statusCode!)
      },
    )
    sent.on('error', reject)
    sent.end()
  })
}

describe('a listener', () => {
  it('MTLS-3-03: that asks for certificates takes the bound token with its own', async () => {
    expect(await call(asking!, one)).toBe(200)
    expect(await call(asking!, selfSigned('two'))).toBe(401)
    expect(await call(asking!)).toBe(401)
  })

  it('MTLS-3-03: that does not ask never does so later, whatever the token says', async () => {
    expect(await call(silent!, one)).toBe(401)
  })
})
