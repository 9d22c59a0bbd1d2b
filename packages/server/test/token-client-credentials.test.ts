// client_credentials over real HTTP: what is issued, and every way in which it is refused.

import { createHash } from 'node:crypto'
import { fixedClock, flipSignature, macJwt, wireKey } from 'testkit'
import {
  asKeyClient,
  askOwnToken,
  assertionType,
  basicHeader,
  claimsOfJwt,
  type IssuerKit,
  kitApi,
  kitAssertion,
  kitOtherApi,
  kitSecret,
  postForm,
  startIssuerKit,
  tokenProof,
} from 'testkit/issuer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

let kit: IssuerKit
const key = wireKey()
beforeAll(async () => {
  kit = await startIssuerKit()
})
afterAll(() => kit.close())

describe('a token by client_credentials', () => {
  it('DPOP-5-02 DPOP-6.1-01 AT-2.1-01 AT-2.2-01 AT-2.2-02: names the key, says DPoP, carries every claim', async () => {
    const { status, json, headers } = await askOwnToken(kit, key, { scope: 'notes:read' })
    expect(status).toBe(200)
    expect(json).toMatchObject({ token_type: 'DPoP', expires_in: 300, scope: 'notes:read' })
    expect(json['refresh_token']).toBeUndefined()
    const claims = claimsOfJwt(json['access_token'])
    expect(claims).toMatchObject({
      iss: kit.issuer,
      aud: kitApi,
      sub: 'service',
      client_id: 'service',
      scope: 'notes:read',
      cnf: { jkt: key.jkt },
    })
    expect(claims['exp']).toBe((claims['iat'] as number) + 300)
    expect(String(claims['jti']).length).toBeGreaterThanOrEqual(22)
    const header = JSON.parse(Buffer.from(String(json['access_token']).split('.')[0] ?? '', 'base64url').toString())
    expect(header).toMatchObject({ typ: 'at+jwt', alg: 'ES256' })
    expect(headers.get('cache-control')).toBe('no-store')
    expect(headers.get('content-type')).toBe('application/json')
    expect(headers.get('dpop-nonce')).toBeNull()
  })

  it('O21-1.4.1-01: without scope it gets all the client has at the target, and says so', async () => {
    const { json } = await askOwnToken(kit, key)
    expect(json['scope']).toBe('notes:read notes:write')
  })

  it('RES-2-01 RES-2-02: resource becomes the audience, its lifetime the token’s', async () => {
    const { status, json } = await askOwnToken(kit, key, { resource: kitApi, scope: 'notes:write' })
    expect(status).toBe(200)
    expect(claimsOfJwt(json['access_token'])['aud']).toBe(kitApi)
  })

  it('RES-2-01: an unknown, relative or fragment resource is invalid_target', async () => {
    for (const resource of ['foo', 'https://unknown.example/', `${kitApi}#x`, kit.issuer]) {
      const { status, json } = await askOwnToken(kit, key, { resource })
      expect([status, json['error']], resource).toEqual([400, 'invalid_target'])
    }
  })

  it('AT-3-01 ASVS-10.4.11: scopes of another API or of nobody are invalid_scope', async () => {
    for (const scope of ['other:read', 'admin', 'openid', 'notes:read  notes:write', 'notes:read "x"']) {
      const { status, json } = await askOwnToken(kit, key, { scope })
      expect([status, json['error']], scope).toEqual([400, 'invalid_scope'])
    }
    const { status, json } = await askOwnToken(kit, key, { resource: kitOtherApi, scope: 'notes:read' })
    expect([status, json['error']]).toEqual([400, 'invalid_scope'])
  })

  it('DPOP-5.2-01: a client whose tokens must be bound gets none without a proof', async () => {
    const { status, json } = await askOwnToken(kit, undefined)
    expect([status, json['error']]).toEqual([400, 'invalid_dpop_proof'])
  })

  it('a client with permission gets a bearer token, and a named one as soon as it makes a proof', async () => {
    const bearer = await askOwnToken(kit, undefined, {}, { authorization: basicHeader('legacy') })
    expect(bearer.json['token_type']).toBe('Bearer')
    expect(claimsOfJwt(bearer.json['access_token'])['cnf']).toBeUndefined()
    const named = await askOwnToken(kit, key, {}, { authorization: basicHeader('legacy') })
    expect(named.json['token_type']).toBe('DPoP')
  })

  it('every event is remembered with its request, and no credential is in it', async () => {
    const { json } = await askOwnToken(kit, key)
    const [event] = await kit.storage.records.audit(kit.issuer, { limit: 1 })
    expect(event).toMatchObject({ event: 'token_issued', mode: 'dpop', clientId: 'service', jkt: key.jkt, grantType: 'client_credentials' })
    expect(event?.requestId).toBeTruthy()
    expect(JSON.stringify(kit.audit)).not.toContain(json['access_token'])
    expect(JSON.stringify(kit.audit)).not.toContain(kitSecret)
  })
})

describe('client authentication', () => {
  const refused = async (form: Record<string, string>, headers: Record<string, string> = {}) => {
    const answer = await postForm(kit, '/token', { grant_type: 'client_credentials', ...form }, { dpop: tokenProof(kit, key), ...headers })
    return [answer.status, answer.json['error']]
  }

  it('client_secret_basic and client_secret_post work for the clients registered with them', async () => {
    expect((await askOwnToken(kit, key, {}, { authorization: basicHeader('basic') })).status).toBe(200)
    expect((await askOwnToken(kit, key, { client_id: 'post', client_secret: kitSecret })).status).toBe(200)
  })

  it('O21-3.2.4-01: a wrong Basic secret is 401 with the Basic challenge, an unknown client the same', async () => {
    for (const client of ['basic', 'nobody']) {
      const answer = await askOwnToken(kit, key, {}, { authorization: basicHeader(client, 'wrong') })
      expect(answer.status).toBe(401)
      expect(answer.text).toBe('{"error":"invalid_client"}')
      expect(answer.headers.get('www-authenticate')).toMatch(/^Basic /)
    }
  })

  it('every failure of an assertion reads alike', async () => {
    const other = wireKey('ES256', 'client-key')
    const now = kit.now()
    const bad: Record<string, string> = {
      'another key': kitAssertion(kit, 'service', { key: other }),
      'a flipped signature': flipSignature(kitAssertion(kit)),
      'an unknown client': kitAssertion(kit, 'nobody'),
      'another issuer in iss': kitAssertion(kit, 'service', { claims: { iss: 'web' } }),
      'PKJWT-3-02 O21-2.4-02 the token endpoint as audience': kitAssertion(kit, 'service', { claims: { aud: `${kit.issuer}/token` } }),
      'PKJWT-3-02 two audiences': kitAssertion(kit, 'service', { claims: { aud: [kit.issuer, `${kit.issuer}/token`] } }),
      'PKJWT-3-02 a slash too many': kitAssertion(kit, 'service', { claims: { aud: `${kit.issuer}/` } }),
      'no audience': kitAssertion(kit, 'service', { claims: { aud: undefined } }),
      expired: kitAssertion(kit, 'service', { claims: { exp: now - 1 } }),
      'no exp': kitAssertion(kit, 'service', { claims: { exp: undefined } }),
      'exp as text': kitAssertion(kit, 'service', { claims: { exp: String(now + 60) } }),
      'PKJWT-3-01 exp far away': kitAssertion(kit, 'service', { claims: { exp: now + 86_400 } }),
      'PKJWT-3-05 nbf far ahead': kitAssertion(kit, 'service', { claims: { nbf: now + 61 } }),
      'PKJWT-3-05 iat far ahead': kitAssertion(kit, 'service', { claims: { iat: now + 61 } }),
      'no jti': kitAssertion(kit, 'service', { claims: { jti: undefined } }),
      'a jti of another kind': kitAssertion(kit, 'service', { claims: { jti: 7 } }),
      'PKJWT-3-04 the typ of a proof': kitAssertion(kit, 'service', { header: { typ: 'dpop+jwt' } }),
      'PKJWT-3-04 the typ of an access token': kitAssertion(kit, 'service', { header: { typ: 'at+jwt' } }),
      'alg none': kitAssertion(kit, 'service', { header: { alg: 'none' } }),
      'a MAC under the public key': macJwt(
        { alg: 'HS256', kid: kit.clientKey.kid },
        { iss: 'service', sub: 'service', aud: kit.issuer, exp: now + 60, jti: 'x' },
        JSON.stringify(kit.clientKey.publicJwk),
      ),
      'an unknown kid': kitAssertion(kit, 'service', { header: { kid: '../../etc/passwd' } }),
      'not a JWT': 'x.y',
      'JSON too deep': `${Buffer.from(`${'['.repeat(5000)}${']'.repeat(5000)}`).toString('base64url')}.e30.AA`,
    }
    for (const [why, assertion] of Object.entries(bad)) {
      const answer = await postForm(
        kit,
        '/token',
        { grant_type: 'client_credentials', client_assertion_type: assertionType, client_assertion: assertion },
        { dpop: tokenProof(kit, key) },
      )
      expect([answer.status, answer.text], why).toEqual([401, '{"error":"invalid_client"}'])
      expect(answer.headers.get('www-authenticate'), why).toBeNull()
    }
  })

  it('PKJWT-3-04 PKJWT-3-05: typ JWT, no typ, one audience in a list and a clock 8 s ahead are fine', async () => {
    const fine = [
      kitAssertion(kit, 'service', { header: { typ: 'JWT' } }),
      kitAssertion(kit, 'service', { header: { typ: undefined } }),
      kitAssertion(kit, 'service', { claims: { aud: [kit.issuer] } }),
      kitAssertion(kit, 'service', { claims: { nbf: kit.now() + 8, iat: kit.now() + 8 } }),
    ]
    for (const client_assertion of fine) {
      expect((await askOwnToken(kit, key, { client_assertion_type: assertionType, client_assertion })).status).toBe(200)
    }
  })

  it('PKJWT-3-01: an assertion is used once, even 64 times at once', async () => {
    const auth = asKeyClient(kit)
    const answers = await Promise.all(Array.from({ length: 64 }, () => askOwnToken(kit, key, auth)))
    expect(answers.filter((answer) => answer.status === 200)).toHaveLength(1)
    expect(new Set(answers.filter((answer) => answer.status !== 200).map((answer) => answer.text))).toEqual(
      new Set(['{"error":"invalid_client"}']),
    )
  })

  it('PKJWT-3-01: a refused request does not use its assertion up', async () => {
    const auth = asKeyClient(kit)
    expect((await askOwnToken(kit, key, { ...auth, scope: 'admin' })).json['error']).toBe('invalid_scope')
    expect((await askOwnToken(kit, key, auth)).status).toBe(200)
  })

  it('O21-2.4-01: two methods in one request are 400 invalid_request', async () => {
    const assertion = asKeyClient(kit)
    expect(await refused({ ...assertion, client_secret: 'x' })).toEqual([400, 'invalid_request'])
    expect(await refused(assertion, { authorization: basicHeader('service') })).toEqual([400, 'invalid_request'])
    expect(await refused({ client_secret: kitSecret, client_id: 'post' }, { authorization: basicHeader('basic') })).toEqual([
      400,
      'invalid_request',
    ])
  })

  it('PKJWT-2.2-01: a wrong or missing assertion type is 400, a client_id that differs is 401', async () => {
    const { client_assertion = '' } = asKeyClient(kit)
    expect(await refused({ client_assertion })).toEqual([400, 'invalid_request'])
    expect(await refused({ client_assertion, client_assertion_type: 'jwt' })).toEqual([400, 'invalid_request'])
    expect(await refused({ ...asKeyClient(kit), client_id: 'web' })).toEqual([401, 'invalid_client'])
    expect((await askOwnToken(kit, key, { ...asKeyClient(kit), client_id: 'service' })).status).toBe(200)
  })

  it('OIDC-9-01 O21-2.1-01: only the registered method counts', async () => {
    expect(await refused({ client_id: 'service' })).toEqual([401, 'invalid_client'])
    expect(await refused({ client_id: 'basic', client_secret: kitSecret })).toEqual([401, 'invalid_client'])
    expect(await refused({}, { authorization: basicHeader('post') })).toEqual([401, 'invalid_client'])
    expect(await refused({ client_id: 'spa', client_secret: 'x' })).toEqual([401, 'invalid_client'])
  })

  it('ASVS-10.4.10: nobody at all is 401', async () => {
    expect(await refused({})).toEqual([401, 'invalid_client'])
    expect(await refused({}, { authorization: 'Bearer abc' })).toEqual([401, 'invalid_client'])
    expect(await refused({}, { authorization: 'Basic !!!' })).toEqual([401, 'invalid_client'])
    expect(await refused({}, { authorization: `Basic ${Buffer.from('no-colon').toString('base64')}` })).toEqual([401, 'invalid_client'])
  })

  it('O21-2.4.1-02: Basic credentials are form-encoded inside', async () => {
    const raw = `Basic ${Buffer.from('basic:100%').toString('base64')}`
    expect(await refused({}, { authorization: raw })).toEqual([401, 'invalid_client'])
  })

  it('O21-2.4.1-01: a secret in the URI is refused', async () => {
    const answer = await postForm(kit, `/token?client_secret=${kitSecret}`, { grant_type: 'client_credentials', client_id: 'post' })
    expect([answer.status, answer.json['error']]).toEqual([400, 'invalid_request'])
  })

  it('O21-2.4.1-01: guessing at one secret is slowed down', async () => {
    const slow = await startIssuerKit()
    const statuses: number[] = []
    for (let attempt = 0; attempt < 22; attempt += 1) {
      statuses.push((await askOwnToken(slow, key, {}, { authorization: basicHeader('basic', 'guess') })).status)
    }
    expect(statuses.filter((status) => status === 401)).toHaveLength(20)
    expect(statuses.at(-1)).toBe(429)
    // The owner of the secret is not locked out, and another client of the same address is not hindered.
    expect((await askOwnToken(slow, key, {}, { authorization: basicHeader('basic') })).status).toBe(200)
    expect((await askOwnToken(slow, key, { client_id: 'post', client_secret: kitSecret })).status).toBe(200)
    await slow.close()
  })

  it('PKJWT-3-02: the token endpoint as audience is taken from the one client declared so, and from it alone', async () => {
    const jwks = { keys: [{ ...kit.clientKey.publicJwk, kty: 'EC' as const, kid: kit.clientKey.kid }] }
    const shared = { kind: 'server' as const, name: 'Old', scopes: ['notes:read'], apis: [kitApi] }
    const apis = [{ identifier: kitApi, name: 'Notes', scopes: ['notes:read'] }]
    const clients = [
      { ...shared, clientId: 'old', jwks, dangerouslyAcceptTokenEndpointAudience: true },
      { ...shared, clientId: 'new', jwks },
    ]
    const mixed = await startIssuerKit({ config: { clients, apis } })
    const asks = async (clientId: string, aud: unknown) => {
      // The kit's own key is another one: these clients have the key of the first issuer.
      const client_assertion = kitAssertion(kit, clientId, { claims: { aud } })
      return (await askOwnToken(mixed, key, { client_assertion_type: assertionType, client_assertion })).status
    }
    expect(await asks('old', `${mixed.issuer}/token`)).toBe(200)
    expect(await asks('old', mixed.issuer)).toBe(200)
    expect(await asks('new', `${mixed.issuer}/token`)).toBe(401)
    expect(await asks('old', [mixed.issuer, `${mixed.issuer}/token`])).toBe(401)
    await mixed.close()
  })

  it('a dated permission for bearer tokens ends with its last second', async () => {
    const clock = fixedClock(1_800_000_000)
    const until = new Date(1_800_000_100_000).toISOString()
    const secretHashes = [createHash('sha256').update(kitSecret).digest('base64url')]
    const client = { clientId: 'printer', kind: 'server' as const, name: 'P', secretHashes, scopes: ['notes:read'], apis: [kitApi] }
    const dated = await startIssuerKit({
      clock,
      config: {
        apis: [{ identifier: kitApi, name: 'Notes', scopes: ['notes:read'] }],
        clients: [{ ...client, binding: { kind: 'bearer', reason: 'an old printer', until } }],
      },
    })
    const ask = () => askOwnToken(dated, undefined, {}, { authorization: basicHeader('printer') })
    clock.advance(100)
    expect((await ask()).json['token_type']).toBe('Bearer')
    clock.advance(1)
    expect((await ask()).json['error']).toBe('invalid_dpop_proof')
    await dated.close()
  })

  it('O21-4.2-01 ASVS-10.4.4: a client gets only the grants it is registered for', async () => {
    expect(await refused({ client_id: 'spa' })).toEqual([400, 'unauthorized_client'])
    expect(await refused(asKeyClient(kit, 'web'))).toEqual([400, 'unauthorized_client'])
  })
})
