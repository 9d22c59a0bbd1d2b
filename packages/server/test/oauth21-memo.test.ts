// What the two memos that asked for Kimei say of DPoP and OAuth 2.1, read back over real HTTP: which flows there are,
// what is mandatory, what is gone, how requests and answers look.
import { macJwt, wireKey, wireProof } from 'testkit'
import { authorizeUrl, getTokens, refresh, startCodeKit, walkForms } from 'testkit/code'
import {
  asKeyClient,
  askOwnToken,
  basicHeader,
  claimsOfJwt,
  type IssuerKit,
  kitAssertion,
  kitSecret,
  postForm,
  tokenProof,
} from 'testkit/issuer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseIssuerConfig } from '../src/index.ts'

let kit: IssuerKit
beforeAll(async () => {
  kit = await startCodeKit()
})
afterAll(() => kit.close())

const metadata = async (): Promise<Record<string, unknown>> => (await fetch(`${kit.issuer}/.well-known/openid-configuration`)).json()
const refusedAt = async (change: Record<string, string | undefined>) => {
  const answer = await fetch(authorizeUrl(kit, { change }).url, { redirect: 'manual' })
  return { status: answer.status, to: answer.headers.get('location'), page: await answer.text() }
}
/** What would have carried a token is answered by fragment (OAuth 2.0 Multiple Response Types §5). */
const errorOf = ({ to }: { to: string | null }) => {
  const { searchParams, hash } = new URL(to ?? 'about:blank')
  return hash === '' ? searchParams : new URLSearchParams(hash.slice(1))
}

describe('the memo on DPoP', () => {
  it('SEED-DPOP-06 DPOP-5-01: the signature is verified with the key inside the proof; without it there is no token', async () => {
    const key = wireKey()
    const other = wireKey()
    const forged = wireProof(other, { method: 'POST', url: `${kit.issuer}/token`, now: kit.now(), header: { jwk: key.publicJwk } })
    const mac = macJwt(
      { typ: 'dpop+jwt', alg: 'HS256', jwk: key.publicJwk },
      { jti: 'mac', htm: 'POST', htu: `${kit.issuer}/token`, iat: kit.now() },
      'secret',
    )
    for (const dpop of [forged, mac, 'not a proof']) {
      const answer = await askOwnToken(kit, undefined, {}, { dpop })
      expect([answer.status, answer.json['error']]).toEqual([400, 'invalid_dpop_proof'])
      expect(answer.headers.get('cache-control')).toContain('no-store')
      expect(answer.json).not.toHaveProperty('access_token')
    }
  })

  it('SEED-DPOP-07 SEED-O21-07: the access token is tied to that key, the answer is 200 JSON, token_type DPoP, expires_in, no-store', async () => {
    const key = wireKey()
    const answer = await askOwnToken(kit, key)
    expect(answer.status).toBe(200)
    expect(answer.headers.get('content-type')).toBe('application/json')
    expect(answer.headers.get('cache-control')).toContain('no-store')
    expect(answer.json).toMatchObject({ token_type: 'DPoP', expires_in: 300 })
    expect(claimsOfJwt(answer.json['access_token'])['cnf']).toEqual({ jkt: key.jkt })
  })
})

describe('the memo on OAuth 2.1: flows', () => {
  it('SEED-O21-08 SEED-O21-09: password and implicit are gone, from metadata and endpoints', async () => {
    const known = await metadata()
    expect(known['grant_types_supported']).not.toContain('password')
    expect(known['grant_types_supported']).not.toContain('implicit')
    expect(known['response_types_supported']).toEqual(['code'])
    const password = await postForm(kit, '/token', { grant_type: 'password', username: 'hanako', password: 'x', ...asKeyClient(kit) })
    expect([password.status, password.json['error']]).toEqual([400, 'unsupported_grant_type'])
    for (const type of ['token', 'id_token token', 'code token', 'id_token']) {
      expect(errorOf(await refusedAt({ response_type: type })).get('error'), type).toBe('unsupported_response_type')
    }
  })

  it('SEED-O21-26: configuration that would enable a removed flow is refused with the name of the key', () => {
    const client = { clientId: 'old', kind: 'server' as const, name: 'Old', grants: ['password'] }
    expect(() => parseIssuerConfig({ issuer: 'https://id.example', clients: [client] })).toThrow(/clients\[0\]\.grants|clients\.0\.grants/)
    expect(() => parseIssuerConfig({ issuer: 'https://id.example', responseTypes: ['token'] })).toThrow(/responseTypes/)
  })

  it('SEED-O21-02 SEED-O21-15: PKCE by S256 is mandatory: without challenge, without method or with plain, the client is told with state and iss', async () => {
    for (const change of [{ code_challenge: undefined }, { code_challenge_method: undefined }, { code_challenge_method: 'plain' }]) {
      const told = errorOf(await refusedAt(change))
      expect(told.get('error'), JSON.stringify(change)).toBe('invalid_request')
      expect(told.get('state')).toBe('state-1')
      expect(told.get('iss')).toBe(kit.issuer)
    }
  })

  it('SEED-O21-03: another path, host case, final slash or added query is a 400 page, never a redirect', async () => {
    for (const uri of [
      'https://app.example/other',
      'https://APP.example/callback',
      'https://app.example/callback/',
      'https://app.example/callback?x=1',
    ]) {
      const answer = await refusedAt({ redirect_uri: uri })
      expect([answer.status, answer.to], uri).toEqual([400, null])
      expect(answer.page).toContain('Request cannot be processed')
    }
  })

  it('SEED-O21-04 SEED-O21-11: redirect_uri need not come again at the token endpoint; where it does, it must be the same', async () => {
    const key = wireKey()
    const redeem = async (change: Record<string, string>) => {
      const open = authorizeUrl(kit)
      const { landed } = await walkForms(kit, open.url)
      const form = {
        grant_type: 'authorization_code',
        code: landed.searchParams.get('code') ?? '',
        code_verifier: open.verifier,
        client_id: 'spa',
      }
      return postForm(kit, '/token', { ...form, ...change }, { dpop: tokenProof(kit, key) })
    }
    expect((await redeem({})).status).toBe(200)
    const other = await redeem({ redirect_uri: 'https://app.example/callback/2' })
    expect([other.status, other.json['error']]).toEqual([400, 'invalid_grant'])
  })
})

describe('the memo on OAuth 2.1: tokens', () => {
  it('SEED-O21-19: the answer has access_token, token_type, expires_in, refresh_token, scope, and id_token since openid was asked for', async () => {
    const { answer } = await getTokens(kit)
    for (const member of ['access_token', 'token_type', 'expires_in', 'refresh_token', 'scope', 'id_token']) {
      expect(answer.json).toHaveProperty(member)
    }
    expect(answer.headers.get('cache-control')).toContain('no-store')
    const without = await getTokens(kit, { change: { scope: 'notes:read' } })
    expect(without.answer.json).not.toHaveProperty('id_token')
  })

  it('SEED-O21-05 SEED-O21-06 SEED-O21-20: a public client’s refresh token is bound and rotates; nothing in the configuration can turn that off', async () => {
    const held = await getTokens(kit)
    const next = await refresh(kit, held, held.answer.json['refresh_token'])
    expect(next.status).toBe(200)
    expect(next.json['refresh_token']).not.toBe(held.answer.json['refresh_token'])
    const thief = await refresh(kit, { ...held, key: wireKey() }, next.json['refresh_token'])
    expect(thief.status).toBe(400)
    const spa = { clientId: 'spa', kind: 'spa' as const, name: 'Spa', redirectUris: ['https://app.example/callback'] }
    for (const loose of [{ rotation: false }, { refreshRotation: 'off' }, { rotates: false }]) {
      expect(() => parseIssuerConfig({ issuer: 'https://id.example', clients: [{ ...spa, ...loose }] })).toThrow(Object.keys(loose)[0])
    }
  })

  it('SEED-O21-06 DPOP-5-04: a confidential client’s refresh token stays, bound by the client’s authentication', async () => {
    const held = await getTokens(kit, { clientId: 'web' })
    const again = await refresh(kit, { ...held, key: wireKey() }, held.answer.json['refresh_token'])
    expect(again.status).toBe(200)
    expect(again.json['refresh_token'] ?? held.answer.json['refresh_token']).toBe(held.answer.json['refresh_token'])
  })

  it('SEED-O21-22: client credentials never give a refresh token', async () => {
    expect((await askOwnToken(kit, wireKey())).json).not.toHaveProperty('refresh_token')
  })

  it('O21-7.7-01: codes, tokens and ids have 128 random bits or more, and no two are alike', async () => {
    const one = await getTokens(kit)
    const two = await getTokens(kit)
    const bits = (value: unknown) => String(value).length * 6
    for (const held of [one, two]) {
      expect(bits(held.code)).toBeGreaterThanOrEqual(256)
      expect(bits(held.answer.json['refresh_token'])).toBeGreaterThanOrEqual(256)
      expect(bits(claimsOfJwt(held.answer.json['access_token'])['jti'])).toBeGreaterThanOrEqual(128)
    }
    expect(one.code).not.toBe(two.code)
    expect(one.answer.json['refresh_token']).not.toBe(two.answer.json['refresh_token'])
  })

  it('OIDC-16.18-1: access tokens that live longer than ten minutes need a key that says so', () => {
    const long = { issuer: 'https://id.example', lifetimes: { accessTokenSeconds: 1200 } }
    expect(() => parseIssuerConfig(long)).toThrow(/600/)
    expect(() => parseIssuerConfig({ ...long, dangerouslyAllowLongAccessTokens: true })).not.toThrow()
  })
})

describe('the memo on OAuth 2.1: who asks', () => {
  it('SEED-O21-21: Basic, body and private_key_jwt are served; a secret in the query never is', async () => {
    const key = wireKey()
    expect((await askOwnToken(kit, key, {}, { authorization: basicHeader('basic') })).status).toBe(200)
    expect((await askOwnToken(kit, wireKey(), { client_id: 'post', client_secret: kitSecret })).status).toBe(200)
    expect((await askOwnToken(kit, wireKey())).status).toBe(200)
    const form = { grant_type: 'client_credentials' }
    const leaked = await postForm(kit, `/token?client_id=post&client_secret=${kitSecret}`, form, { dpop: tokenProof(kit, wireKey()) })
    expect([leaked.status, leaked.json['error']]).toEqual([400, 'invalid_request'])
  })

  it('SEED-O21-13: two authentication methods in one request are invalid_request', async () => {
    const both = await askOwnToken(kit, wireKey(), asKeyClient(kit), { authorization: basicHeader('basic') })
    expect([both.status, both.json['error']]).toEqual([400, 'invalid_request'])
  })

  it('SEED-O21-18: the token request is a POST; a client_id in the body that is not the one of Basic is refused', async () => {
    const get = await fetch(`${kit.issuer}/token?grant_type=client_credentials`)
    expect(get.status).toBe(405)
    const torn = await askOwnToken(kit, wireKey(), { client_id: 'post' }, { authorization: basicHeader('basic') })
    expect(torn.status).toBeGreaterThanOrEqual(400)
    expect(['invalid_request', 'invalid_client']).toContain(torn.json['error'])
  })

  it('O21-2.4-02 PKJWT-3-02: an assertion is for the issuer alone: not for the token endpoint, not for both', async () => {
    for (const aud of [`${kit.issuer}/token`, [kit.issuer, `${kit.issuer}/token`], `${kit.issuer}/`, 'https://other.example']) {
      const form = { ...asKeyClient(kit), client_assertion: kitAssertion(kit, 'service', { claims: { aud } }) }
      const answer = await askOwnToken(kit, wireKey(), form)
      expect([answer.status, answer.json['error']], JSON.stringify(aud)).toEqual([401, 'invalid_client'])
    }
  })
})
