// `code id_token`: an ID token beside the code, for clients that are registered for it, by fragment or form, never by query.
import { createHash } from 'node:crypto'
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose'
import { wireKey } from 'testkit'
import { authorizeUrl, type CodeAsk, redemption, startCodeKit, walkForms } from 'testkit/code'
import { claimsOfJwt, type IssuerKit, kitApi, kitRedirect, postForm, tokenProof } from 'testkit/issuer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const person = { scopes: ['openid', 'profile', 'notes:read', 'offline_access'], apis: [kitApi], redirectUris: [kitRedirect] }

let kit: IssuerKit
let jwks: JSONWebKeySet
beforeAll(async () => {
  kit = await startCodeKit({
    config: {
      clients: [
        { clientId: 'spa', kind: 'spa', name: 'Spa', ...person },
        { clientId: 'both', kind: 'spa', name: 'Both', ...person, responseTypes: ['code', 'code id_token'] },
        { clientId: 'pair', kind: 'spa', name: 'Pair', ...person, responseTypes: ['code', 'code id_token'], subjectType: 'pairwise' },
        { clientId: 'es', kind: 'spa', name: 'Es', ...person, responseTypes: ['code id_token'], idTokenAlg: 'ES256' },
      ],
    },
  })
  jwks = (await (await fetch(`${kit.issuer}/jwks`)).json()) as JSONWebKeySet
})
afterAll(() => kit.close())

const hybrid = { response_type: 'code id_token' }

/** Through sign-in and consent, to what the client is told. */
async function told(change: CodeAsk['change'], clientId = 'both') {
  const open = authorizeUrl(kit, { clientId, change })
  const { landed, posted } = await walkForms(kit, open.url)
  return { open, landed, answer: posted ?? Object.fromEntries(new URLSearchParams(landed.hash.slice(1))) }
}

/** As refused at once: no page was needed. */
async function refused(change: CodeAsk['change'], clientId = 'both') {
  const response = await fetch(authorizeUrl(kit, { clientId, change }).url, { redirect: 'manual' })
  const location = response.headers.get('location')
  const fragment = location === null ? undefined : new URLSearchParams(new URL(location).hash.slice(1))
  return { status: response.status, location, error: fragment?.get('error'), text: await response.text() }
}

const leftHalf = (value: string) => createHash('sha256').update(value).digest().subarray(0, 16).toString('base64url')

describe('a client that is registered for it', () => {
  it.each(['code id_token', 'id_token code'])(
    'ASVS-10.6.1 OIDC-3.1.3.6-01: %s: by fragment, with c_hash and s_hash, no access token',
    async (response_type) => {
      const { landed, answer } = await told({ response_type })
      expect(landed.search).toBe('')
      expect(Object.keys(answer).sort()).toEqual(['code', 'id_token', 'iss', 'state'])
      const { payload, protectedHeader } = await jwtVerify(answer['id_token'] ?? '', createLocalJWKSet(jwks), {
        issuer: kit.issuer,
        audience: 'both',
      })
      expect(protectedHeader).toMatchObject({ alg: 'RS256', typ: 'JWT' })
      expect(payload).toMatchObject({
        sub: 'user-hanako',
        nonce: 'nonce-1',
        c_hash: leftHalf(answer['code'] ?? ''),
        s_hash: leftHalf('state-1'),
      })
      expect(payload).not.toHaveProperty('at_hash')
      expect(payload['auth_time']).toEqual(expect.any(Number))
    },
  )

  it('OIDC-3.1.3.6-01: the token endpoint then gives one with at_hash, of the same iss and sub', async () => {
    const { open, answer } = await told({ ...hybrid, scope: 'openid notes:read' })
    const key = wireKey()
    const { json } = await postForm(kit, '/token', redemption(kit, open, answer['code'] ?? ''), { dpop: tokenProof(kit, key) })
    const front = claimsOfJwt(answer['id_token'])
    const back = claimsOfJwt(json['id_token'])
    for (const claim of ['iss', 'sub', 'aud', 'nonce', 'auth_time', 'sid']) expect(back[claim], claim).toEqual(front[claim])
    expect(back['at_hash']).toBe(leftHalf(String(json['access_token'])))
    expect(back).not.toHaveProperty('c_hash')
  })

  it('OIDC-8.1-01: a pairwise client is told the same name of the person in both, and never that of others', async () => {
    const { open, answer } = await told({ ...hybrid, scope: 'openid notes:read' }, 'pair')
    const form = redemption(kit, open, answer['code'] ?? '')
    const { json } = await postForm(kit, '/token', form, { dpop: tokenProof(kit, wireKey()) })
    const { sub } = claimsOfJwt(answer['id_token'])
    expect(sub).toBe(claimsOfJwt(json['id_token'])['sub'])
    expect(sub).not.toBe('user-hanako')
  })

  it('form_post carries both', async () => {
    const { answer } = await told({ ...hybrid, response_mode: 'form_post' })
    expect(Object.keys(answer)).toEqual(['code', 'id_token', 'state', 'iss'])
  })

  it.each(['jwt', 'fragment.jwt', 'form_post.jwt'])('JARM-2.3-01: %s carries both inside, by fragment or form', async (response_mode) => {
    const { landed, answer } = await told({ ...hybrid, response_mode })
    expect(landed.searchParams.has('response')).toBe(false)
    expect(Object.keys(answer)).toEqual(['response'])
    expect(claimsOfJwt(answer['response'])).toMatchObject({ code: expect.any(String), id_token: expect.any(String), state: 'state-1' })
  })

  it('OIDC-3.1.3.6-01: hashes follow the algorithm of the client', async () => {
    const { answer } = await told(hybrid, 'es')
    const { protectedHeader } = await jwtVerify(answer['id_token'] ?? '', createLocalJWKSet(jwks))
    expect(protectedHeader.alg).toBe('ES256')
    expect(claimsOfJwt(answer['id_token'])).toMatchObject({ c_hash: leftHalf(answer['code'] ?? '') })
  })

  it('without a state there is no s_hash', async () => {
    const { answer } = await told({ ...hybrid, state: undefined })
    expect(claimsOfJwt(answer['id_token'])).not.toHaveProperty('s_hash')
    expect(Object.keys(answer).sort()).toEqual(['code', 'id_token', 'iss'])
  })

  it('still gets code alone by query', async () => {
    const { landed } = await walkForms(kit, authorizeUrl(kit, { clientId: 'both' }).url)
    expect([...landed.searchParams.keys()]).toEqual(['code', 'state', 'iss'])
  })

  it('offline access is kept: no access token travels through the browser', async () => {
    const { open, answer } = await told({ ...hybrid, scope: 'openid offline_access notes:read', prompt: 'consent' })
    const { json } = await postForm(kit, '/token', redemption(kit, open, answer['code'] ?? ''), { dpop: tokenProof(kit, wireKey()) })
    expect(json['refresh_token']).toEqual(expect.any(String))
    expect(json['scope']).toContain('offline_access')
  })
})

describe('what is refused', () => {
  it.each(['query', 'query.jwt'])('JARM-2.3-01: by %s: 400 page, nothing travels', async (response_mode) => {
    const { status, location, text } = await refused({ ...hybrid, response_mode })
    expect([status, location]).toEqual([400, null])
    expect(text).toContain('authorize.response-mode-fits-type')
  })

  it('without nonce: invalid_request, by fragment', async () => {
    expect(await refused({ ...hybrid, nonce: undefined })).toMatchObject({ status: 303, error: 'invalid_request' })
  })

  it('without openid: invalid_request', async () => {
    expect(await refused({ ...hybrid, scope: 'notes:read' })).toMatchObject({ error: 'invalid_request' })
  })

  it('ASVS-10.6.1: by a client that is not registered for it: unauthorized_client', async () => {
    expect(await refused(hybrid, 'spa')).toMatchObject({ error: 'unauthorized_client' })
  })

  it('code alone, by a client that is registered for code id_token alone: unauthorized_client', async () => {
    const response = await fetch(authorizeUrl(kit, { clientId: 'es' }).url, { redirect: 'manual' })
    expect(new URL(response.headers.get('location') ?? '').searchParams.get('error')).toBe('unauthorized_client')
  })

  it.each(['code code', 'code id_token id_token', 'code  id_token', 'CODE', 'code id_token none', 'none'])(
    'OIDC-16.11-1: response_type "%s": unsupported',
    async (response_type) => {
      const response = await fetch(authorizeUrl(kit, { clientId: 'both', change: { response_type } }).url, { redirect: 'manual' })
      expect(response.headers.get('location')).toContain('error=unsupported_response_type')
    },
  )
})

describe('what is published', () => {
  it('DISC-3-01 ASVS-10.6.1: code id_token only while some client is registered for it', async () => {
    const types = async (at: IssuerKit) =>
      ((await (await fetch(`${at.issuer}/.well-known/openid-configuration`)).json()) as Record<string, unknown>)['response_types_supported']
    expect(await types(kit)).toEqual(['code', 'code id_token'])
    const plain = await startCodeKit()
    expect(await types(plain)).toEqual(['code'])
    await plain.close()
  })
})
