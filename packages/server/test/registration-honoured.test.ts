// What a client registered is what the issuer does: the age of sign-ins, signed requests, pushed ones; and the checklist of a registration.
import { createHash } from 'node:crypto'
import type { Law, RuleId } from '@kimei/protocol'
import { formBrowser } from 'testkit/browser'
import { startCodeKit, walkForms } from 'testkit/code'
import { type IssuerKit, kitApi, kitRedirect, pkcePair, readResponse } from 'testkit/issuer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { checklist } from '../src/checklist.ts'

const token = 'initial-access-token-of-the-tests'
let heard: RuleId[] = []
const law: Law = { waives: () => false, judged: (id) => void heard.push(id) }
let passed = 0
let kit: IssuerKit
beforeAll(async () => {
  const hash = createHash('sha256').update(token).digest('base64url')
  const policy = { scopes: ['openid', 'notes:read'], apis: [kitApi] }
  kit = await startCodeKit({
    law,
    clock: () => Math.floor(Date.now() / 1000) + passed,
    config: { registration: { mode: 'token', initialAccessTokens: [{ id: 'tests', hash }], policy } },
  })
})
afterAll(() => kit.close())

async function register(more: object = {}) {
  const body = JSON.stringify({ redirect_uris: [kitRedirect], token_endpoint_auth_method: 'none', ...more })
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` }
  return readResponse(await fetch(`${kit.issuer}/register`, { method: 'POST', headers, body }))
}
const urlFor = (clientId: unknown, more: Record<string, string> = {}) => {
  const pkce = { code_challenge: pkcePair().challenge, code_challenge_method: 'S256' }
  const asked = { client_id: String(clientId), redirect_uri: kitRedirect, response_type: 'code', scope: 'openid', ...pkce, ...more }
  return `${kit.issuer}/authorize?${new URLSearchParams(asked)}`
}
async function errorAt(url: string) {
  const offered = /href="([^"]+)"[^>]*id="error-onward"/.exec(await (await fetch(url, { redirect: 'manual' })).text())?.[1] ?? ''
  return new URL(offered.replaceAll('&amp;', '&'), url).searchParams.get('error')
}

describe('what was registered', () => {
  it('DCR-3-01: is judged in the order of the checklist', async () => {
    heard = []
    expect((await register()).status).toBe(201)
    const row = checklist.find(({ endpoint }) => endpoint === 'register')
    expect(heard).toEqual(row?.judged.flatMap(({ rules }) => rules))
  })

  it('OIDC-3.1.2.1-02: default_max_age asks for a fresh sign-in where the request does not say', async () => {
    const { json } = await register({ default_max_age: 60 })
    expect(json['default_max_age']).toBe(60)
    const browser = formBrowser(kit.issuer)
    await walkForms(kit, urlFor(json['client_id']), browser)
    const silent = async (more: Record<string, string> = {}) =>
      (await browser.open(urlFor(json['client_id'], { prompt: 'none', ...more }))).url.searchParams
    expect((await silent()).get('code')).not.toBeNull()
    passed += 120
    expect((await silent()).get('error')).toBe('login_required')
    expect((await silent({ max_age: '600' })).get('code')).not.toBeNull()
  })

  it('PAR-6-01: require_pushed_authorization_requests refuses a direct request', async () => {
    const { json } = await register({ require_pushed_authorization_requests: true })
    expect(await errorAt(urlFor(json['client_id']))).toBe('invalid_request')
  })

  it('JAR-6.2-01: require_signed_request_object refuses an unsigned request, and is refused without keys', async () => {
    const jwk = {
      kty: 'EC',
      crv: 'P-256',
      x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU',
      y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0',
    }
    const signed = { require_signed_request_object: true, request_object_signing_alg: 'ES256' }
    const { json } = await register({ ...signed, jwks: { keys: [jwk] } })
    expect(await errorAt(urlFor(json['client_id']))).toBe('invalid_request')
    const without = await register(signed)
    expect([without.status, without.json['error']]).toEqual([400, 'invalid_client_metadata'])
    expect((await register({ ...signed, jwks: { keys: [jwk] }, request_object_signing_alg: 'none' })).status).toBe(400)
  })
})
