// Dynamic client registration over real HTTP (RFC 7591, OpenID Connect Registration): who may register, what is answered, what is refused.
import { createHash } from 'node:crypto'
import { wireJwt, wireKey } from 'testkit'
import { startCodeKit, walkForms } from 'testkit/code'
import { basicHeader, type IssuerKit, type KitAnswer, kitApi, kitRedirect, pkcePair, postForm, readResponse } from 'testkit/issuer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { IssuerConfigInput } from '../src/index.ts'

type Registration = NonNullable<IssuerConfigInput['registration']>
const hashOf = (text: string) => createHash('sha256').update(text).digest('base64url')
const initial = 'initial-access-token-of-the-tests'
const vendor = wireKey('ES256', 'vendor-key')
const vendorKey = { ...vendor.publicJwk, kty: 'EC' as const, kid: vendor.kid, alg: 'ES256' }

const policy = {
  scopes: ['openid', 'profile', 'notes:read'],
  apis: [kitApi],
  redirectHosts: ['app.example', '*.apps.example', 'loopback', 'private-use'],
}
const open: Registration = { mode: 'open', policy, limits: { perAddressAndHour: 1000 } }

let passed = 0
const clock = () => Math.floor(Date.now() / 1000) + passed
let kit: IssuerKit
let gated: IssuerKit
let few: IssuerKit
let closed: IssuerKit
beforeAll(async () => {
  kit = await startCodeKit({
    clock,
    config: {
      registration: {
        ...open,
        secretDays: 10,
        softwareStatements: { issuers: [{ issuer: 'https://vendor.example', jwks: { keys: [vendorKey] }, softwareIds: ['notes-app'] }] },
      },
    },
  })
  const tokens = [
    { id: 'partners', hash: hashOf(initial) },
    { id: 'past', hash: hashOf('expired'), expiresAt: '2020-01-01T00:00:00Z' },
  ]
  gated = await startCodeKit({ config: { registration: { mode: 'token', policy, initialAccessTokens: tokens } } })
  few = await startCodeKit({ config: { registration: { ...open, limits: { perAddressAndHour: 4, clients: 2 } } } })
  closed = await startCodeKit()
})
afterAll(async () => {
  for (const one of [kit, gated, few, closed]) await one.close()
})

async function register(body: unknown, at = kit, headers: Record<string, string> = {}): Promise<KitAnswer> {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const response = await fetch(`${at.issuer}/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: text,
  })
  return readResponse(response)
}
const sound = { redirect_uris: [kitRedirect], client_name: 'Notes', 'client_name#ja': 'メモ' }
const errorOf = ({ status, json }: KitAnswer) => [status, json['error']]
const text = (answer: KitAnswer, member: string) => String(answer.json[member])

describe('a registration', () => {
  it('DCR-3-01: 201 with everything registered, defaults included, a secret of 43 characters, tokens, no-store', async () => {
    const answer = await register(sound)
    expect([answer.status, answer.headers.get('cache-control')]).toEqual([201, 'no-store'])
    const { client_id, client_secret, registration_access_token, client_id_issued_at, client_secret_expires_at, ...rest } = answer.json
    expect(client_id).toMatch(/^c-[A-Za-z0-9_-]{22}$/)
    expect(client_secret).toMatch(/^[A-Za-z0-9_-]{43}$/)
    expect(registration_access_token).toMatch(/^[A-Za-z0-9_-]{43}$/)
    expect(Number(client_secret_expires_at) - Number(client_id_issued_at)).toBe(10 * 86_400)
    expect(rest).toEqual({
      ...sound,
      token_endpoint_auth_method: 'client_secret_basic',
      grant_types: ['authorization_code'],
      response_types: ['code'],
      application_type: 'web',
      id_token_signed_response_alg: 'RS256',
      scope: 'openid profile notes:read',
      dpop_bound_access_tokens: true,
      registration_client_uri: `${kit.issuer}/register/${client_id}`,
    })
  })

  it('DCR-3-01: a secret that never ends says 0; a public client has none and says nothing of its end', async () => {
    const forever = await register(sound, few)
    expect(forever.json['client_secret_expires_at']).toBe(0)
    const { json } = await register({ ...sound, token_endpoint_auth_method: 'none' })
    expect(['client_secret', 'client_secret_expires_at'].filter((name) => name in json)).toEqual([])
  })

  it('OIDC-16.19-2: nothing secret is stored: secret and token are known by their hashes alone', async () => {
    const { json } = await register(sound)
    const kept = JSON.stringify([
      await kit.storage.records.client(kit.issuer, String(json['client_id'])),
      await kit.storage.records.registration(kit.issuer, String(json['client_id'])),
      await kit.storage.records.audit(kit.issuer, { limit: 1000 }),
    ])
    for (const secret of ['client_secret', 'registration_access_token']) expect(kept).not.toContain(String(json[secret]))
  })

  it('DCR-3-01: the metadata names the endpoint, only where it is not closed, and a closed one is not there', async () => {
    const document = async (at: IssuerKit) =>
      (await (await fetch(`${at.issuer}/.well-known/openid-configuration`)).json()) as Record<string, unknown>
    expect((await document(kit))['registration_endpoint']).toBe(`${kit.issuer}/register`)
    expect('registration_endpoint' in (await document(closed))).toBe(false)
    expect((await register(sound, closed)).status).toBe(404)
  })

  it('DCR-3-01: the client is there at once: code, token, UserInfo, refused after its secret is replaced by a guess', async () => {
    const { json } = await register({ ...sound, grant_types: ['authorization_code', 'refresh_token'] })
    const { verifier, challenge } = pkcePair()
    const ask = { response_type: 'code', client_id: String(json['client_id']), scope: 'notes:read', state: 's', nonce: 'n' }
    const url = `${kit.issuer}/authorize?${new URLSearchParams({ ...ask, code_challenge: challenge, code_challenge_method: 'S256' })}`
    const { landed } = await walkForms(kit, url)
    const form = { grant_type: 'authorization_code', code: landed.searchParams.get('code') ?? '', code_verifier: verifier }
    const wrong = await postForm(kit, '/token', form, { authorization: basicHeader(String(json['client_id']), 'guess') })
    expect(errorOf(wrong)).toEqual([401, 'invalid_client'])
    const unbound = await postForm(kit, '/token', form, {
      authorization: basicHeader(String(json['client_id']), String(json['client_secret'])),
    })
    // Bound tickets are the policy here: without a proof nothing is issued, and nothing was used up.
    expect(errorOf(unbound)[0]).toBe(400)
  })

  it('DCR-2-01: scopes beyond the policy are left out, and the answer says what is left', async () => {
    expect((await register({ ...sound, scope: 'openid admin notes:read' })).json['scope']).toBe('openid notes:read')
  })
})

describe('what is refused', () => {
  const meta = 'invalid_client_metadata'
  const cases: Record<string, [unknown, number, string]> = {
    'DCR-3-01 a form': ['redirect_uris=https%3A%2F%2Fapp.example', 400, meta],
    'DCR-3-01 an array': ['[]', 400, meta],
    'DCR-3-01 a repeated member': ['{"redirect_uris":["https://app.example/a"],"redirect_uris":["https://app.example/b"]}', 400, meta],
    'DCR-3-01 a body without end': [`{"client_name":"${'x'.repeat(70_000)}"}`, 413, meta],
    'DCR-3-01 depth without end': [`{"a":${'['.repeat(50)}${']'.repeat(50)}}`, 400, meta],
    'DCR-2-01 no redirect URI': [{ client_name: 'x' }, 400, 'invalid_redirect_uri'],
    'DCR-2-01 redirect_uris null': [{ redirect_uris: null }, 400, 'invalid_redirect_uri'],
    'DCR-2-01 jwks and jwks_uri': [{ ...sound, jwks: { keys: [] }, jwks_uri: 'https://app.example/jwks' }, 400, meta],
    'DCR-2-01 private_key_jwt without keys': [{ ...sound, token_endpoint_auth_method: 'private_key_jwt' }, 400, meta],
    'DCR-2-01 a grant beyond the policy': [{ ...sound, grant_types: ['authorization_code', 'client_credentials'] }, 400, meta],
    'DCR-2-01 the implicit grant': [{ ...sound, grant_types: ['implicit'], response_types: ['token'] }, 400, meta],
    'O21-2.3-01 a fragment': [{ redirect_uris: ['https://app.example/#x'] }, 400, 'invalid_redirect_uri'],
    'ASVS-10.4.1 a wildcard': [{ redirect_uris: ['https://*.app.example/'] }, 400, 'invalid_redirect_uri'],
    'DCR-5-01 a host beyond the policy': [{ redirect_uris: ['https://evil.example/cb'] }, 400, 'invalid_redirect_uri'],
    'DCR-5-01 a host that only ends alike': [{ redirect_uris: ['https://evilapps.example/cb'] }, 400, 'invalid_redirect_uri'],
    'DCR-5-01 a logo elsewhere': [{ ...sound, logo_uri: 'https://evil.example/logo.png' }, 400, meta],
    'DCR-5-01 a javascript link': [{ ...sound, client_uri: 'javascript:alert(1)' }, 400, meta],
    'DCR-3.2.2-01 an unsigned software statement': [
      { ...sound, software_statement: 'eyJhbGciOiJub25lIn0.e30.' },
      400,
      'invalid_software_statement',
    ],
    'DCR-3.2.2-01 a statement that is none': [{ ...sound, software_statement: 7 }, 400, 'invalid_software_statement'],
  }
  for (const [why, [body, status, error]] of Object.entries(cases)) {
    it(`${why}: ${status} ${error}`, async () => {
      const form = typeof body === 'string' && body.startsWith('redirect_uris')
      const answer = await register(body, kit, form ? { 'content-type': 'application/x-www-form-urlencoded' } : {})
      expect(errorOf(answer)).toEqual([status, error])
      expect(answer.headers.get('cache-control')).toBe('no-store')
      expect(text(answer, 'error_description').length).toBeGreaterThan(10)
    })
  }

  it('DCR-5-01: hosts below a name, loopback and private-use schemes are taken where the policy names them', async () => {
    for (const uri of ['https://one.apps.example/cb', 'http://localhost/cb', 'com.example.app:/cb']) {
      const answer = await register({ redirect_uris: [uri], token_endpoint_auth_method: 'none' })
      expect([uri, answer.status]).toEqual([uri, 201])
    }
  })

  it('DCR-3-01: GET is 405 with Allow; a browser of any origin may register, without credentials', async () => {
    const got = await fetch(`${kit.issuer}/register`)
    expect([got.status, got.headers.get('allow')]).toEqual([405, 'POST'])
    const asked = await fetch(`${kit.issuer}/register`, { method: 'OPTIONS', headers: { origin: 'https://tool.example' } })
    expect([asked.headers.get('access-control-allow-origin'), asked.headers.get('access-control-allow-credentials')]).toEqual(['*', null])
  })

  it('DCR-2-01: any JSON at all is answered, never with a fault', async () => {
    const odd = [
      'null',
      '7',
      '"x"',
      '{"redirect_uris":[{}]}',
      '{"__proto__":{"a":1},"redirect_uris":["https://app.example/"]}',
      '{"jwks":{"keys":[null]}}',
    ]
    for (const body of [...odd, '{', '', '\u0000', '{"client_name":"\\ud800"}', '{"redirect_uris":["https://app.example:99999/"]}']) {
      const { status } = await register(body)
      expect([body, [201, 400].includes(status)]).toEqual([body, true])
    }
  })
})

describe('who may register', () => {
  const asBearer = (token: string) => ({ authorization: `Bearer ${token}` })

  it('DCR-3.2.2-01: without an initial access token 401 with a challenge; with a wrong or expired one 401 invalid_token', async () => {
    const none = await register(sound, gated)
    expect([...errorOf(none), none.headers.get('www-authenticate')]).toEqual([401, 'invalid_token', 'Bearer realm="registration"'])
    for (const headers of [asBearer('wrong'), asBearer('expired'), { authorization: `Basic ${initial}` }, { authorization: 'Bearer' }]) {
      const answer = await register(sound, gated, headers as Record<string, string>)
      expect([...errorOf(answer), answer.headers.get('www-authenticate')]).toEqual([
        401,
        'invalid_token',
        'Bearer realm="registration", error="invalid_token"',
      ])
    }
    expect((await register(sound, gated, asBearer(initial))).status).toBe(201)
  })

  it('DCR-3.2.2-01: a wrong token is refused where registration is open as well', async () => {
    expect(errorOf(await register(sound, kit, asBearer('wrong')))).toEqual([401, 'invalid_token'])
  })

  it('DCR-5-01: at most so many clients, then so many attempts of one address: 429 with Retry-After, and nothing is kept', async () => {
    const before = await few.storage.records.registrationCount(few.issuer)
    const answers = [await register(sound, few), await register(sound, few), await register(sound, few), await register(sound, few)]
    expect(answers.map(({ status }) => status).slice(-2)).toEqual([429, 429])
    expect(answers.at(-1)?.headers.get('retry-after')).toBe('3600')
    expect(await few.storage.records.registrationCount(few.issuer)).toBe(2)
    expect(before).toBeLessThanOrEqual(2)
  })

  it('DCR-5-01: one that is never used is forgotten, one in use is not', async () => {
    const idle = await register(sound)
    const used = await register(sound)
    const use = () =>
      postForm(kit, '/revoke', { token: 'x' }, { authorization: basicHeader(text(used, 'client_id'), text(used, 'client_secret')) })
    expect((await use()).status).toBe(200)
    passed += 8 * 86_400
    await kit.server.sweep()
    kit.server.context.directory.forget()
    expect((await use()).status).toBe(200)
    expect(await kit.storage.records.client(kit.issuer, text(idle, 'client_id'))).toBeUndefined()
    const gone = await postForm(
      kit,
      '/token',
      { grant_type: 'refresh_token', refresh_token: 'x' },
      { authorization: basicHeader(text(idle, 'client_id'), text(idle, 'client_secret')) },
    )
    expect(errorOf(gone)).toEqual([401, 'invalid_client'])
  })
})

describe('software statements', () => {
  const claims = { iss: 'https://vendor.example', software_id: 'notes-app', client_name: 'Notes by Vendor', iat: 1 }
  const statement = (change: object = {}, key = vendor, header: object = {}) =>
    wireJwt({ alg: 'ES256', kid: vendor.kid, ...header }, { ...claims, exp: clock() + 600, ...change }, key)
  const withIt = (software_statement: string, more: object = {}) => register({ ...sound, ...more, software_statement })

  it('DCR-3.2.2-01: what it says wins, and it is answered unchanged', async () => {
    const sent = statement({ redirect_uris: ['https://app.example/by-vendor'] })
    const { status, json } = await withIt(sent, { software_id: 'another' })
    expect([status, json['client_name'], json['software_id'], json['redirect_uris'], json['software_statement']]).toEqual([
      201,
      'Notes by Vendor',
      'notes-app',
      ['https://app.example/by-vendor'],
      sent,
    ])
  })

  it('DCR-3.2.2-01: with a bad signature, an expired one or one from the future 400 invalid_software_statement', async () => {
    const bad = [
      statement({}, wireKey('ES256', vendor.kid)),
      statement({ exp: clock() - 5000 }),
      statement({ nbf: clock() + 9 * 86_400 }),
      statement({ iss: undefined }),
    ]
    for (const one of bad) expect(errorOf(await withIt(one))).toEqual([400, 'invalid_software_statement'])
  })

  it('DCR-3.2.2-01: of an issuer that is not trusted, or for software that is not approved, 400 unapproved_software_statement', async () => {
    for (const change of [{ iss: 'https://other.example' }, { software_id: 'other-app' }]) {
      expect(errorOf(await withIt(statement(change)))).toEqual([400, 'unapproved_software_statement'])
    }
  })
})
