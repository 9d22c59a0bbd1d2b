// Faults that were met in issuers and APIs of others, where no ticket names a key: a client whose secret may be left out, an API that
// reads tickets and verifies nothing. Served over HTTP beside ones that do it right.
import express, { type RequestHandler } from 'express'
import {
  calculateJwkThumbprint,
  decodeJwt,
  decodeProtectedHeader,
  exportJWK,
  generateKeyPair,
  type JWTPayload,
  jwtVerify,
  SignJWT,
} from 'jose'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type InventoryInput, parseInventory } from '../src/inventory/inventory.ts'
import type { Observation } from '../src/observation.ts'
import { observe } from '../src/run/observe.ts'
import { listen, notesApp, operations, quick } from './express-apis.ts'

const closers: (() => unknown)[] = []
afterAll(async () => {
  for (const close of closers) await close()
})

const keys = await generateKeyPair('ES256')
const issuer = 'http://issuer.test'
const secret = 'a secret of two hundred and fifty-six bits'

/**
 * `lenient`: a secret that is sent is compared, and one that is not sent is not missed. `binds`: a ticket names the key of the proof, if
 * there is one.
 */
async function startTokenEndpoint({
  lenient = false,
  binds = false,
}: {
  readonly lenient?: boolean
  readonly binds?: boolean
}): Promise<string> {
  const app = express()
  app.use(express.urlencoded({ extended: false }))
  app.post('/token', async (request, response) => {
    const form: Readonly<Record<string, string>> = request.body ?? {}
    const [user, password] = Buffer.from((request.headers.authorization ?? '').replace(/^Basic /, ''), 'base64')
      .toString()
      .split(':')
      .map((part) => decodeURIComponent(part.replaceAll('+', ' ')))
    const shown = form['client_secret'] ?? password
    const missing = shown === undefined || shown === ''
    if (missing ? !lenient : shown !== secret) return void response.status(401).json({ error: 'invalid_client' })
    const clientId = form['client_id'] ?? user ?? ''
    const proof = String(request.headers['dpop'] ?? '')
    const bound = binds && proof !== '' ? { cnf: { jkt: await calculateJwkThumbprint(decodeProtectedHeader(proof).jwk!) } } : {}
    const token = await new SignJWT({ client_id: clientId, scope: 'read', ...bound })
      .setProtectedHeader({ alg: 'ES256', kid: '1' })
      .setIssuer(issuer)
      .setSubject(clientId)
      .setIssuedAt()
      .setExpirationTime('5m')
      .sign(keys.privateKey)
    response.json({ access_token: token, token_type: 'cnf' in bound ? 'DPoP' : 'Bearer', expires_in: 300 })
  })
  app.get('/jwks', async (_request, response) => void response.json({ keys: [await exportJWK(keys.publicKey)] }))
  const server = await listen(app)
  closers.push(server.close)
  return server.url
}

/** As some guards of bearer tickets do: what bears a name is not for them. */
const refusesNames = async (token: string) => {
  const claims = await verified(token)
  if ('cnf' in claims) throw new Error('bound')
  return claims
}

/** A check of bearer tickets that reads claims as `claimsOf` does. */
const bearer =
  (claimsOf: (token: string) => Promise<JWTPayload> | JWTPayload): RequestHandler =>
  async (request, response, next) => {
    const token = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1]
    try {
      const claims = await claimsOf(token ?? '')
      if (claims.iss !== issuer || (claims.exp ?? 0) * 1000 < Date.now()) throw new Error('not for us')
      next()
    } catch {
      response.status(401).set('WWW-Authenticate', 'Bearer error="invalid_token"').json({ error: 'invalid_token' })
    }
  }

const verified = async (token: string) => (await jwtVerify(token, keys.publicKey)).payload
const believesAlg = (token: string) => (token.endsWith('.') ? decodeJwt(token) : verified(token))

let observation: Observation
beforeAll(async () => {
  const [lenient, strict, binding] = await Promise.all([{ lenient: true }, {}, { binds: true }].map((one) => startTokenEndpoint(one)))
  const api = await listen(
    notesApp({ '/verified': bearer(verified), '/read': bearer(decodeJwt), '/none': bearer(believesAlg), '/old': bearer(refusesNames) }),
  )
  closers.push(api.close)
  const client = (id: string, method: 'client_secret_basic' | 'client_secret_post', at: string) =>
    ({ id, issuer: at, clientId: id, kind: 'server', authentication: { method, secret }, ticket: { from: 'client-credentials' } }) as const
  const clients: InventoryInput['clients'] = [
    client('basic', 'client_secret_basic', 'lenient'),
    client('post', 'client_secret_post', 'lenient'),
    client('kept', 'client_secret_post', 'strict'),
    client('named', 'client_secret_basic', 'binding'),
  ]
  const issuers = Object.entries({ lenient, strict, binding }).map(([id, url]) => ({ id, url, tokenEndpoint: `${url}/token` }))
  const apis = ['verified', 'read', 'none'].map((id) => ({ id, url: `${api.url}/${id}`, privilege: 'low' as const, clients: ['basic'] }))
  const ignored = { id: 'kept', url: `${api.url}/verified`, privilege: 'low' as const, issuer: 'strict', clients: ['kept'] }
  const plain = { id: 'plain', url: `${api.url}/verified`, privilege: 'low' as const, issuer: 'binding', clients: ['named'] }
  const old = { id: 'old', url: `${api.url}/old`, privilege: 'low' as const, issuer: 'binding', clients: ['named'] }
  observation = await observe(
    parseInventory({ version: 1, contact: 't@example.com', issuers, clients, apis: [...apis, ignored, old, plain], operations }),
    {
      pace: quick,
    },
  )
})

const atIssuer = (client: string, probe: string) =>
  observation.issuers.find((one) => one.client === client)!.probes.find((one) => one.probe === probe)?.verdict
const atApi = (api: string, probe: string) =>
  observation.apis.find((one) => one.api === api)!.probes.find((one) => one.probe === probe)?.verdict

it('AS-no-credentials: a client whose secret may be left out is found, in a header or in the form, and first of all', () => {
  expect(['basic', 'post', 'kept'].map((client) => atIssuer(client, 'AS-no-credentials'))).toEqual(['violated', 'violated', 'holds'])
  expect(observation.findings.filter(({ kind }) => kind === 'client-not-authenticated')).toMatchObject([
    { at: 'lenient', clients: ['basic', 'post'], priority: 'P0', owner: 'AS' },
  ])
})

it('TK1, TK2: where tickets are bearer, whether anybody can forge one is asked all the same', () => {
  const told = (probe: string) => ['verified', 'read', 'none'].map((api) => atApi(api, probe))
  expect(told('TK1')).toEqual(['holds', 'violated', 'holds'])
  expect(told('TK2')).toEqual(['holds', 'violated', 'violated'])
  const forgeable = observation.findings.filter(({ kind }) => kind === 'ticket-forgeable')
  expect(forgeable.map(({ at, priority }) => [at, priority])).toEqual([
    ['read', 'P0'],
    ['none', 'P0'],
  ])
})

it('SEED-TB-19: where no ticket names a key, the API is not told to look for the name, but whom to ask first', () => {
  const plain = observation.findings.filter(({ kind, at }) => kind === 'bearer-accepted' && at !== 'plain')
  expect(plain.map(({ at }) => at).sort()).toEqual(['kept', 'none', 'read', 'verified'])
  for (const { control } of plain) expect(control.en).toContain('Have the issuer bind tickets')
})

it('an API that takes bound and unbound tickets alike is not said to refuse either', () => {
  const both = observation.findings.filter(({ at }) => at === 'plain')
  expect(both.map(({ kind, title }) => [kind, title.en])).toEqual([['bearer-accepted', 'The ticket alone is enough; no key is needed']])
})

it('SEED-TB-18: an API that refuses whatever bears a name, and takes what bears none, is open and not unknown', () => {
  expect(observation.apis.find(({ api }) => api === 'old')).toMatchObject({ mode: 'bearer', rsEnforced: 'no', baseline: 'good' })
  expect(['U1', 'TK1', 'TK2', 'B1'].map((probe) => atApi('old', probe))).toEqual(['violated', 'holds', 'holds', undefined])
  expect(observation.findings.find(({ at }) => at === 'old')).toMatchObject({
    kind: 'unbound-accepted',
    title: { en: 'Only tickets bound to nothing are taken, and bound ones refused' },
  })
})
