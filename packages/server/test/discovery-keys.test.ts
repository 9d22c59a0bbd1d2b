// Discovery, the key set and its rotation, CORS: what every client reads first.
import { createHash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseIssuerConfig, rotateIssuerKeys } from '@kimei/server'
import { createMemoryStorage } from '@kimei/storage'
import { openSqlite } from '@kimei/storage/sqlite'
import { createRemoteJWKSet, jwtVerify } from 'jose'
import { fixedClock, wireKey } from 'testkit'
import { getTokens, startCodeKit } from 'testkit/code'
import { askOwnToken, type IssuerKit, kitApi, startIssuerKit } from 'testkit/issuer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

let kit: IssuerKit
beforeAll(async () => {
  kit = await startIssuerKit()
})
afterAll(() => kit.close())

const json = async (url: string) => (await fetch(url)).json() as Promise<Record<string, unknown>>

describe('metadata', () => {
  it('META-3-01 DISC-3-01: the same document stands at all well-known forms', async () => {
    const one = await json(`${kit.issuer}/.well-known/openid-configuration`)
    expect(await json(`${kit.issuer}/.well-known/oauth-authorization-server`)).toEqual(one)
    const response = await fetch(`${kit.issuer}/.well-known/openid-configuration`)
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/json'])
  })

  it('META-3-01 MCP-DISC-02: an issuer with a path is found at all three', async () => {
    const path = await startIssuerKit({ issuerPath: '/tenants/one' })
    const { origin } = new URL(path.issuer)
    for (const form of [
      `${origin}/.well-known/oauth-authorization-server/tenants/one`,
      `${origin}/.well-known/openid-configuration/tenants/one`,
      `${origin}/tenants/one/.well-known/openid-configuration`,
    ]) {
      expect((await json(form))['issuer'], form).toBe(path.issuer)
    }
    expect((await fetch(`${origin}/.well-known/openid-configuration`)).status).toBe(404)
    expect((await askOwnToken(path, wireKey())).status).toBe(200)
    expect((await json(`${path.issuer}/jwks`))['keys']).toBeTruthy()
    await path.close()
  })

  it('DISC-3-01 ISS-2-01 BCP-2.1.1-01 DPOP-5.1-01 META-2-01 O21-4.1.1-01: says what is served, and nothing else', async () => {
    const document = await json(`${kit.issuer}/.well-known/openid-configuration`)
    expect(document).toMatchObject({
      issuer: kit.issuer,
      authorization_endpoint: `${kit.issuer}/authorize`,
      token_endpoint: `${kit.issuer}/token`,
      userinfo_endpoint: `${kit.issuer}/userinfo`,
      jwks_uri: `${kit.issuer}/jwks`,
      revocation_endpoint: `${kit.issuer}/revoke`,
      response_types_supported: ['code'],
      response_modes_supported: ['query', 'fragment', 'form_post', 'query.jwt', 'fragment.jwt', 'form_post.jwt', 'jwt'],
      authorization_signing_alg_values_supported: ['RS256', 'ES256'],
      userinfo_signing_alg_values_supported: ['RS256', 'ES256'],
      grant_types_supported: ['authorization_code', 'refresh_token', 'client_credentials'],
      code_challenge_methods_supported: ['S256'],
      authorization_response_iss_parameter_supported: true,
      subject_types_supported: ['public', 'pairwise'],
      id_token_signing_alg_values_supported: ['RS256', 'ES256'],
      dpop_signing_alg_values_supported: ['ES256', 'ES384', 'ES512', 'PS256', 'EdDSA', 'Ed25519'],
      token_endpoint_auth_methods_supported: ['private_key_jwt', 'client_secret_basic', 'client_secret_post', 'none'],
      claims_parameter_supported: true,
      request_parameter_supported: true,
      require_signed_request_object: false,
      request_object_signing_alg_values_supported: ['RS256', 'PS256', 'ES256', 'EdDSA', 'Ed25519'],
      request_uri_parameter_supported: true,
      require_request_uri_registration: true,
    })
    const algs = document['token_endpoint_auth_signing_alg_values_supported'] as string[]
    expect(algs).toContain('ES256')
    expect(algs.some((alg) => alg === 'none' || alg.startsWith('HS'))).toBe(false)
    for (const what of ['authorization', 'id_token', 'userinfo', 'introspection']) {
      expect(document[`${what}_encryption_alg_values_supported`]).toEqual(
        expect.arrayContaining(['RSA-OAEP-256', 'ECDH-ES', 'ECDH-ES+A128KW', 'ECDH-ES+A256KW']),
      )
      expect(document[`${what}_encryption_alg_values_supported`]).not.toContain('RSA1_5')
      expect(document[`${what}_encryption_enc_values_supported`]).toContain('A128CBC-HS256')
    }
    expect(document['scopes_supported']).toEqual(expect.arrayContaining(['openid', 'offline_access', 'notes:read']))
    expect(document['claims_supported']).toEqual(expect.arrayContaining(['sub', 'email']))
    expect(Object.values(document).some((value) => Array.isArray(value) && value.length === 0)).toBe(false)
  })
})

describe('the key set', () => {
  it('ASVS-9.1.3 OIDC-10.1-01 OIDC-15.1-01: public keys of both algorithms, each with kid, alg and use', async () => {
    const { keys } = (await json(`${kit.issuer}/jwks`)) as { keys: Record<string, string>[] }
    expect(keys.map((key) => key['alg']).sort()).toEqual(['ES256', 'ES256', 'RS256', 'RS256'])
    for (const key of keys) {
      expect(key).toMatchObject({ use: 'sig', kid: expect.any(String) })
      expect(Object.keys(key).some((member) => ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k'].includes(member))).toBe(false)
    }
    expect(new Set(keys.map((key) => key['kid'])).size).toBe(4)
  })

  it('a stranger’s library verifies our tokens with it', async () => {
    const { json: answer } = await askOwnToken(kit, wireKey())
    const { payload } = await jwtVerify(String(answer['access_token']), createRemoteJWKSet(new URL(`${kit.issuer}/jwks`)), {
      issuer: kit.issuer,
      audience: kitApi,
      typ: 'at+jwt',
    })
    expect(payload.sub).toBe('service')
  })

  it('OIDC-10.1-01: published → signing → retired → gone, and every token verifies as long as it lives', async () => {
    const clock = fixedClock(Math.floor(Date.now() / 1000))
    const dated = await startCodeKit({ clock })
    const kids = async () => ((await json(`${dated.issuer}/jwks`)) as { keys: { kid: string }[] }).keys.map((key) => key.kid)
    const kidOf = (jwt: unknown): string => JSON.parse(Buffer.from(String(jwt).split('.')[0] ?? '', 'base64url').toString()).kid
    const before = await getTokens(dated)
    const oldKids = await kids()
    expect((await dated.server.rotateKeys()).every((step) => step.outcome === 'waits')).toBe(true)
    clock.advance(600)
    const steps = await dated.server.rotateKeys()
    expect(steps.map((step) => step.outcome)).toEqual(['rotated', 'rotated', 'rotated'])
    const after = await getTokens(dated, { change: { prompt: 'login' } }, before.browser)
    expect(oldKids).toContain(kidOf(after.answer.json['access_token']))
    expect(kidOf(after.answer.json['access_token'])).not.toBe(kidOf(before.answer.json['access_token']))
    expect(kidOf(after.answer.json['id_token'])).not.toBe(kidOf(before.answer.json['id_token']))
    expect(await kids()).toContain(kidOf(before.answer.json['access_token']))
    expect(await kids()).toHaveLength(6)
    // The retired key leaves when nothing it signed can be valid: life of a token and what verifiers may be off by.
    clock.advance(601)
    expect(await kids()).toHaveLength(4)
    expect(await kids()).not.toContain(kidOf(before.answer.json['access_token']))
    expect(dated.audit.every((event) => event.event !== 'fault')).toBe(true)
    await dated.close()
  })

  it('a rotation by another process is seen within seconds', async () => {
    const clock = fixedClock(Math.floor(Date.now() / 1000))
    const storage = createMemoryStorage()
    const dated = await startIssuerKit({ clock, storage })
    const config = parseIssuerConfig({ issuer: dated.issuer })
    const [rotated] = await rotateIssuerKeys({ config, storage, clock }, { force: true })
    clock.advance(16)
    await askOwnToken(dated, wireKey())
    await new Promise((resolve) => setImmediate(resolve))
    const { json: answer } = await askOwnToken(dated, wireKey())
    expect(JSON.parse(Buffer.from(String(answer['access_token']).split('.')[0] ?? '', 'base64url').toString()).kid).toBe(rotated?.signing)
    await dated.close()
    await storage.close()
  })

  it('restarting keeps keys and clients', async () => {
    const storage = createMemoryStorage()
    const first = await startIssuerKit({ storage })
    const before = await json(`${first.issuer}/jwks`)
    await first.close()
    const second = await startIssuerKit({ storage, port: Number(new URL(first.issuer).port) })
    const again = () => json(`${second.issuer}/jwks`)
    // The first try may meet a connection that the closed issuer had kept open.
    expect(await again().catch(again)).toEqual(before)
    await second.close()
    await storage.close()
  })

  it('private keys are sealed at rest when a server key is configured, and unsealed ones are sealed at the next start', async () => {
    const storage = createMemoryStorage()
    const open = await startIssuerKit({ storage })
    await open.close()
    const sealedWith = (id: string) => ({ id, key: createHash('sha256').update(id).digest('base64url') })
    const again = (serverKeys: { id: string; key: string }[]) =>
      startIssuerKit({ storage, config: { serverKeys }, port: Number(new URL(open.issuer).port) })
    expect((await storage.records.keys(open.issuer)).every((key) => key.sealedPrivateJwk.includes('"d"'))).toBe(true)
    await (await again([sealedWith('k.1')])).close()
    const sealed = await storage.records.keys(open.issuer)
    expect(sealed.every((key) => key.sealedPrivateJwk.startsWith('sealed.k.1.') && !key.sealedPrivateJwk.includes('"d"'))).toBe(true)
    await (await again([sealedWith('k.2'), sealedWith('k.1')])).close()
    expect((await storage.records.keys(open.issuer)).every((key) => key.sealedPrivateJwk.startsWith('sealed.k.2.'))).toBe(true)
    await expect(again([sealedWith('k.3')])).rejects.toThrow('no server key opens')
    await storage.close()
  })
})

describe('SQLite underneath', () => {
  it('issues and refreshes on the engine that ships', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'kimei-server-'))
    const storage = await openSqlite({ file: join(folder, 'kimei.sqlite') })
    const lasting = await startCodeKit({ storage })
    expect((await askOwnToken(lasting, wireKey())).status).toBe(200)
    const held = await getTokens(lasting)
    expect(held.answer.status).toBe(200)
    const events = await storage.records.audit(lasting.issuer, { limit: 10 })
    expect(events.map((event) => event.event)).toEqual(['token_issued', 'consent', 'login', 'token_issued'])
    await lasting.close()
    await storage.close()
    await rm(folder, { recursive: true })
  })
})

describe('CORS', () => {
  const origin = 'https://app.example'
  const preflight = (path: string, method: string, from = origin) =>
    fetch(`${kit.issuer}${path}`, {
      method: 'OPTIONS',
      headers: { origin: from, 'access-control-request-method': method, 'access-control-request-headers': 'dpop,content-type' },
    })

  it('DPOP-7.1-05: browsers of registered clients may call token, userinfo and revoke, and read nonce and challenge', async () => {
    for (const [path, method] of [
      ['/token', 'POST'],
      ['/userinfo', 'GET'],
      ['/revoke', 'POST'],
    ] as const) {
      const before = await preflight(path, method)
      expect([before.status, before.headers.get('access-control-allow-origin')], path).toEqual([204, origin])
      expect(before.headers.get('access-control-allow-headers')).toMatch(/DPoP/)
      expect(before.headers.get('access-control-allow-methods')).toContain(method)
      expect(before.headers.get('access-control-allow-credentials')).toBeNull()
      const answer = await fetch(`${kit.issuer}${path}`, { method, headers: { origin } })
      expect(answer.headers.get('access-control-allow-origin'), path).toBe(origin)
      expect(answer.headers.get('access-control-expose-headers')).toMatch(/DPoP-Nonce/)
      expect(answer.headers.get('access-control-expose-headers')).toMatch(/WWW-Authenticate/)
      expect(answer.headers.get('vary')).toMatch(/Origin/)
      await answer.body?.cancel()
    }
  })

  it('other origins get nothing', async () => {
    expect((await preflight('/token', 'POST', 'https://evil.example')).headers.get('access-control-allow-origin')).toBeNull()
    expect((await preflight('/token', 'POST', 'null')).headers.get('access-control-allow-origin')).toBeNull()
    const answer = await fetch(`${kit.issuer}/token`, { method: 'POST', headers: { origin: 'https://evil.example' } })
    expect(answer.headers.get('access-control-allow-origin')).toBeNull()
  })

  it('metadata and keys are for everybody', async () => {
    for (const path of ['/jwks', '/.well-known/openid-configuration', '/.well-known/oauth-authorization-server']) {
      const answer = await fetch(`${kit.issuer}${path}`, { headers: { origin: 'https://any.example' } })
      expect(answer.headers.get('access-control-allow-origin'), path).toBe('*')
      expect(answer.headers.get('cache-control')).toMatch(/max-age=\d+/)
    }
    expect((await fetch(`${kit.issuer}/jwks`, { method: 'HEAD' })).status).toBe(200)
  })

  it('O21-3.1-02: the authorization endpoint and the pages have none', async () => {
    for (const path of ['/authorize', '/signin', '/consent']) {
      expect((await preflight(path, 'GET')).status, path).toBe(405)
      const answer = await fetch(`${kit.issuer}${path}`, { headers: { origin }, redirect: 'manual' })
      expect(answer.headers.get('access-control-allow-origin'), path).toBeNull()
    }
  })
})
