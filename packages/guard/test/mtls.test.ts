// Certificate-bound tokens over real TLS: the certificate comes from the connection and from nowhere else.
import { createServer, request } from 'node:https'
import type { AddressInfo } from 'node:net'
import { createMemoryReplay } from '@kimei/storage'
import { fixedClock, selfSigned, wireJwt, wireKey, wireProof } from 'testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { guardNode } from '../src/adapters/node.ts'
import { createGuard, staticKeys } from '../src/index.ts'
import { closeServer, echo, issuer, publicKey, tokenClaims } from './guarded-api.ts'

const [serving, one, two] = [selfSigned('server'), selfSigned('one'), selfSigned('two')]
const signing = wireKey('ES256', 'issuer-1')
const holder = wireKey()
const clock = fixedClock()
const events: { event: string; rule?: string; mode?: string; x5t?: string }[] = []
const server = createServer({ key: serving.key, cert: serving.cert, requestCert: true, rejectUnauthorized: false })
let url = ''

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `https://localhost:${(server.address() as AddressInfo).port}`
  const guard = createGuard(
    {
      issuer,
      resource: `${url}/`,
      constraint: 'mtls',
      routes: [
        { policy: 'required', path: '/mtls' },
        { policy: 'required', path: '/either', constraint: 'either' },
        { policy: 'required', path: '/both', constraint: 'both' },
        { policy: 'required', path: '/dpop', constraint: 'dpop' },
      ],
    },
    {
      replay: createMemoryReplay(),
      keys: staticKeys({ keys: [publicKey(signing)] }),
      clock,
      random: (bytes) => new Uint8Array(bytes),
      audit: (event) => {
        events.push(event)
      },
    },
  )
  server.on('request', guardNode(guard, echo))
})
afterAll(() => closeServer(server))

const token = (cnf: object): string =>
  wireJwt({ typ: 'at+jwt', alg: 'ES256', kid: signing.kid }, tokenClaims(`${url}/`, clock(), { cnf }), signing)
const byOne = { 'x5t#S256': one.x5t }

function call(
  path: string,
  accessToken: string,
  options: { certificate?: typeof one; proof?: boolean; headers?: Record<string, string> } = {},
) {
  const { certificate, proof, headers } = options
  return new Promise<{ status: number; challenge: string }>((resolve, reject) => {
    const sent = request(
      `${url}${path}`,
      {
        rejectUnauthorized: false,
        agent: false,
        ...(certificate && { key: certificate.key, cert: certificate.cert }),
        headers: {
          authorization: `${proof ? 'DPoP' : 'Bearer'} ${accessToken}`,
          ...(proof && { dpop: wireProof(holder, { url: `${url}${path}`, now: clock(), accessToken }) }),
          ...headers,
        },
      },
      (answer) => {
        answer.resume()
        resolve({ status: answer.statusCode!, challenge: answer.headers['www-authenticate'] ?? '' })
      },
    )
    sent.on('error', reject)
    sent.end()
  })
}

describe('a token that names a certificate', () => {
  it('MTLS-3-02 SEED-TB-28 MTLS-6.2-01: passes with that certificate, self-signed as it is', async () => {
    expect(await call('/mtls', token(byOne), { certificate: one })).toMatchObject({ status: 200 })
    expect(events.at(-1)).toMatchObject({ event: 'api_access', mode: 'mtls', x5t: one.x5t })
    expect((await call('/either', token(byOne), { certificate: one })).status).toBe(200)
  })

  it('MTLS-3-04 SEED-TB-27 SEED-TB-28: is refused without one', async () => {
    const answer = await call('/mtls', token(byOne))
    expect(answer).toMatchObject({ status: 401, challenge: expect.stringMatching(/^Bearer error="invalid_token"/) })
    expect(events.at(-1)).toMatchObject({ event: 'mtls_missing', rule: 'binding.certificate-comes-along' })
  })

  it('MTLS-3-02: is refused with another', async () => {
    expect((await call('/mtls', token(byOne), { certificate: two })).status).toBe(401)
    expect(events.at(-1)).toMatchObject({ event: 'binding_mismatch', rule: 'binding.certificate-is-named-certificate' })
  })

  it('CERT-4-01: is refused with the right one in a header', async () => {
    for (const name of ['client-cert', 'x-forwarded-client-cert', 'x-ssl-client-cert', 'ssl-client-cert', 'x-forwarded-tls-client-cert']) {
      const forged = { [name]: `:${one.der}:` }
      expect((await call('/mtls', token(byOne), { headers: forged })).status, name).toBe(401)
      expect((await call('/mtls', token(byOne), { headers: forged, certificate: two })).status, name).toBe(401)
    }
  })

  it('MTLS-3.1-01: other digests than that of the whole certificate never match', async () => {
    for (const wrong of [one.spki, two.x5t, holder.jkt])
      expect((await call('/mtls', token({ 'x5t#S256': wrong }), { certificate: one })).status).toBe(401)
  })
})

describe('what a route demands', () => {
  it('a key is no certificate, and a certificate is no key', async () => {
    expect((await call('/mtls', token({ jkt: holder.jkt }), { certificate: one, proof: true })).status).toBe(401)
    expect(events.at(-1)).toMatchObject({ rule: 'access.binding-is-of-the-kind-demanded' })
    expect((await call('/dpop', token(byOne), { certificate: one })).status).toBe(401)
    expect((await call('/either', token({ jkt: holder.jkt }), { proof: true })).status).toBe(200)
    expect((await call('/both', token({ jkt: holder.jkt }), { certificate: one, proof: true })).status).toBe(401)
    expect((await call('/both', token(byOne), { certificate: one })).status).toBe(401)
  })

  it('CNF-3.1-01: a token that names both passes with both alone, on every route', async () => {
    const both = token({ jkt: holder.jkt, ...byOne })
    for (const path of ['/both', '/mtls', '/dpop', '/either']) {
      expect((await call(path, both, { certificate: one, proof: true })).status, path).toBe(200)
      expect(events.at(-1)).toMatchObject({ mode: 'mixed' })
      expect((await call(path, both, { certificate: two, proof: true })).status, path).toBe(401)
      expect((await call(path, both, { proof: true })).status, path).toBe(401)
      expect((await call(path, both, { certificate: one })).status, path).toBe(401)
    }
  })

  it('ASVS-10.3.5: an unbound token does not become bound by a certificate that happens to be there', async () => {
    expect((await call('/mtls', token({}), { certificate: one })).status).toBe(401)
    const unbound = wireJwt({ typ: 'at+jwt', alg: 'ES256', kid: signing.kid }, tokenClaims(`${url}/`, clock(), {}), signing)
    expect((await call('/mtls', unbound, { certificate: one })).status).toBe(401)
    expect(events.at(-1)).toMatchObject({ event: 'api_refused', rule: 'binding.token-is-bound' })
  })
})
