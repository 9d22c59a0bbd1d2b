// N3: a house whose issuer and API share their nonces, which change between what the one and the other was asked last. That an older one
// of the same make passes is how windows of nonces work; it is no nonce of somebody else's.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import { parseInventory } from '../src/inventory/inventory.ts'
import { observe } from '../src/run/observe.ts'
import { operations, quick } from './express-apis.ts'

const secret = 'secret-of-the-test-client'

function nonceIn({ headers }: IncomingMessage): string | undefined {
  const [, claims = ''] = String(headers['dpop'] ?? '').split('.')
  return (JSON.parse(Buffer.from(claims, 'base64url').toString() || '{}') as { nonce?: string }).nonce
}

type Answer = (request: IncomingMessage, json: (status: number, body: object, headers?: Record<string, string>) => void) => void

async function serve(answer: Answer): Promise<string> {
  const server = createServer((request, response: ServerResponse) => {
    request.resume()
    answer(request, (status, body, headers = {}) => {
      response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
    })
  })
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  onTestFinished(() => void server.close().closeAllConnections())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** Signatures are not what this is about. The nonce changes once, when the API is asked for the first time. */
async function startHouse(apiTakes: 'shared' | 'any') {
  let turn = 0
  const given = () => ({ 'dpop-nonce': `nonce-of-the-house-${turn}` })
  const ofHouse = (nonce: string | undefined) => nonce === `nonce-of-the-house-${turn}` || nonce === `nonce-of-the-house-${turn - 1}`
  const issuer = await serve((request, json) => {
    if (request.url !== '/token') return json(200, { token_endpoint: `http://${request.headers.host}/token` })
    if (!ofHouse(nonceIn(request))) return json(400, { error: 'use_dpop_nonce' }, given())
    json(200, { access_token: 'opaque-ticket', token_type: 'DPoP', expires_in: 600 }, given())
  })
  const api = await serve((request, json) => {
    turn = 1
    const own = apiTakes === 'shared' ? given() : { 'dpop-nonce': 'nonce-of-the-api' }
    if (request.headers.authorization !== 'DPoP opaque-ticket') return json(401, { error: 'none' }, { 'www-authenticate': 'DPoP' })
    const nonce = nonceIn(request)
    const right = apiTakes === 'shared' ? ofHouse(nonce) : nonce !== undefined
    if (!right) return json(401, { error: 'use_dpop_nonce' }, { 'www-authenticate': 'DPoP error="use_dpop_nonce"', ...own })
    json(200, { notes: [] }, own)
  })
  return { issuer, api }
}

async function verdictOf(apiTakes: 'shared' | 'any') {
  const { issuer, api } = await startHouse(apiTakes)
  const inventory = parseInventory({
    version: 1,
    contact: 'tests@example.com',
    issuers: [{ id: 'main', url: issuer, tokenEndpoint: `${issuer}/token` }],
    clients: [
      { id: 'job', clientId: 'job', authentication: { method: 'client_secret_basic', secret }, ticket: { from: 'client-credentials' } },
    ],
    apis: [{ id: 'notes', url: `${api}/notes`, privilege: 'mid' }],
    operations,
  })
  const seen = await observe(inventory, { pace: quick, only: ['N3-issuer'] })
  return { probe: seen.apis[0]!.probes.find(({ probe }) => probe === 'N3-issuer')!, findings: seen.findings.map(({ kind }) => kind) }
}

it('a shared nonce that has changed in the meantime is not called the nonce of another', async () => {
  const { probe, findings } = await verdictOf('shared')
  expect(probe).toMatchObject({ verdict: 'not-applicable', reason: 'there is nothing here that this probe changes' })
  expect(findings).not.toContain('nonce-of-another')
})

it('an API that takes any nonce takes a fresh one of the issuer as well: that is found', async () => {
  const { probe, findings } = await verdictOf('any')
  expect(probe.verdict).toBe('violated')
  expect(findings).toContain('nonce-of-another')
})
