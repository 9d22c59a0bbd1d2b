// Another guard, made by others, judges the same tokens and proofs: alike where it should, and where not, on purpose.
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import { auth } from 'express-oauth2-jwt-bearer'
import { flipSignature, macJwt, rawRequest, sha256u, type WireKey, wireJwt, wireKey, wireProof } from 'testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Api, closeServer, issuer, publicKey, startApi, tokenClaims } from './guarded-api.ts'

const signing = wireKey('ES256', 'issuer-1')
const [holder, thief] = [wireKey(), wireKey()]
const now = () => Math.floor(Date.now() / 1000)
let ours: Api
let peer: { url: string; port: number; server: Server }

async function startPeer(): Promise<typeof peer> {
  const app = express()
  const server = createServer(app)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const url = `http://localhost:${port}`
  app.use(
    auth({
      issuer,
      audience: `${url}/`,
      tokenSigningAlg: 'ES256',
      publicKey: { keys: [publicKey(signing)] } as never,
      dpop: { enabled: true, required: false, iatOffset: 60, iatLeeway: 15 },
    }),
  )
  app.get('/mixed', (_request, response) => {
    response.json({})
  })
  app.use((error: { status?: number }, _request: express.Request, response: express.Response, _next: express.NextFunction) => {
    response.status(error.status ?? 500).end()
  })
  return { url, port, server }
}

beforeAll(async () => {
  ours = await startApi({ signing, deps: { clock: now } })
  peer = await startPeer()
})
afterAll(async () => {
  await ours.close()
  await closeServer(peer.server)
})

interface Shape {
  readonly token?: Record<string, unknown>
  readonly key?: WireKey
  /** Replaces the finished token. */
  readonly tokenText?: (token: string) => string
  readonly scheme?: string
  readonly proof?: Record<string, unknown> | 'none'
  readonly header?: Record<string, unknown>
  readonly proofKey?: WireKey
  readonly proofText?: (proof: string) => string
  readonly ath?: string
}

function linesFor(url: string, shape: Shape): string[] {
  const claims = tokenClaims(`${url}/`, now(), { cnf: { jkt: holder.jkt }, ...shape.token })
  const made = wireJwt({ typ: 'at+jwt', alg: 'ES256', kid: signing.kid }, claims, shape.key ?? signing)
  const token = shape.tokenText?.(made) ?? made
  const authorization = `Authorization: ${shape.scheme ?? 'DPoP'} ${token}`
  if (shape.proof === 'none') return [authorization]
  const order = {
    url: `${url}/mixed`,
    now: now(),
    accessToken: token,
    ...(shape.proof && { claims: shape.proof }),
    ...(shape.header && { header: shape.header }),
  }
  const proof = wireProof(shape.proofKey ?? holder, order)
  return [authorization, `DPoP: ${shape.proofText?.(proof) ?? proof}`]
}

async function judgedBy(which: { url: string; port: number }, shape: Shape, times = 1): Promise<boolean> {
  const lines = linesFor(which.url, shape)
  let status = 0
  for (let time = 0; time < times; time += 1)
    status = (await rawRequest(which.port, ['GET /mixed HTTP/1.1', `Host: localhost:${which.port}`, ...lines])).status
  return status === 200
}

const alike: [what: string, passes: boolean, shape: Shape][] = [
  ['DPOP-7.1-01: a sound call', true, {}],
  ['O21-5.1-01: an unbound token as Bearer', true, { token: { cnf: undefined }, scheme: 'Bearer', proof: 'none' }],
  ['DPOP-7.2-01: a bound token as Bearer', false, { scheme: 'Bearer', proof: 'none' }],
  ['SEED-TB-74: a bound token as Bearer beside its proof', false, { scheme: 'Bearer' }],
  ['DPOP-7.1-01: no proof', false, { proof: 'none' }],
  ['DPOP-7.2-04: an unbound token under DPoP', false, { token: { cnf: undefined } }],
  ['DPOP-4.3-14: a proof of another key', false, { proofKey: thief }],
  ['DPOP-4.3-06: a flipped signature of the proof', false, { proofText: flipSignature }],
  ['DPOP-4.3-06: the key of the holder in a proof of the thief', false, { proofKey: thief, header: { jwk: holder.publicJwk } }],
  ['DPOP-4.3-04: typ JWT', false, { header: { typ: 'JWT' } }],
  ['DPOP-4.3-05: alg none', false, { header: { alg: 'none' } }],
  ['DPOP-4.3-05: alg HS256', false, { header: { alg: 'HS256' } }],
  ['DPOP-4.3-07: a private jwk', false, { header: { jwk: holder.privateJwk } }],
  ['DPOP-4.3-08: another method', false, { proof: { htm: 'POST' } }],
  ['DPOP-4.3-09: another host', false, { proof: { htu: 'https://other.example/mixed' } }],
  ['DPOP-4.3-09: another path', false, { proof: { htu: `http://localhost:1/other` } }],
  ['DPOP-4.3-12: an old proof', false, { proof: { iat: now() - 3600 } }],
  ['DPOP-4.3-12: a proof from the future', false, { proof: { iat: now() + 3600 } }],
  ['DPOP-4.3-03: no jti', false, { proof: { jti: undefined } }],
  ['DPOP-4.3-03: no iat', false, { proof: { iat: undefined } }],
  ['DPOP-4.3-13: no ath', false, { proof: { ath: undefined } }],
  ['DPOP-4.3-13: the ath of another token', false, { proof: { ath: sha256u('another') } }],
  ['DPOP-4.3-01: two proofs in one line', false, { proofText: (proof) => `${proof}, ${proof}` }],
  ['AT-4-02: a token of another key', false, { key: wireKey('ES256', signing.kid) }],
  ['AT-4-02: another issuer', false, { token: { iss: 'https://other.example' } }],
  ['AT-4-03: another audience', false, { token: { aud: 'https://other.example/' } }],
  ['AT-4-04: an expired token', false, { token: { exp: now() - 600 } }],
  ['ASVS-9.1.1: an altered token', false, { tokenText: flipSignature }],
  [
    'ASVS-9.1.2: a MAC',
    false,
    { tokenText: () => macJwt({ typ: 'at+jwt', alg: 'HS256' }, { iss: issuer }, JSON.stringify(signing.publicJwk)) },
  ],
]

describe('both judge alike', () => {
  it.each(alike)('%s: passes %s', async (_what, passes, shape) => {
    expect([await judgedBy(ours, shape), await judgedBy(peer, shape)]).toEqual([passes, passes])
  })
})

describe('ours is stricter', () => {
  it('DPOP-11.1-01: about the same proof twice', async () => {
    expect([await judgedBy(ours, {}, 2), await judgedBy(peer, {}, 2)]).toEqual([false, true])
  })

  it('CNF-3.1-01: about a cnf that says nothing known', async () => {
    const shape: Shape = { token: { cnf: { kid: 'x' } }, scheme: 'Bearer', proof: 'none' }
    expect(await judgedBy(ours, shape)).toBe(false)
  })
})
