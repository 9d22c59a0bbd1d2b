// UserInfo behind the guard, and revocation with all that goes along.

import { wireKey, wireProof } from 'testkit'
import { authorizeUrl, getTokens, type HeldTokens, redemption, refresh, startCodeKit, walkForms } from 'testkit/code'
import {
  asKeyClient,
  askOwnToken,
  basicHeader,
  claimsOfJwt,
  type IssuerKit,
  kitApi,
  kitSecret,
  postForm,
  readResponse,
} from 'testkit/issuer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

let kit: IssuerKit
beforeAll(async () => {
  kit = await startCodeKit()
})
afterAll(() => kit.close())

interface Call {
  readonly method?: string
  readonly scheme?: string
  readonly token?: string
  readonly proof?: string | null
}
const userinfo = async (held: HeldTokens, call: Call = {}) => {
  const url = `${kit.issuer}/userinfo`
  const method = call.method ?? 'GET'
  const token = call.token ?? String(held.answer.json['access_token'])
  const proof = call.proof === undefined ? wireProof(held.key, { method, url, now: kit.now(), accessToken: token }) : call.proof
  const headers = { authorization: `${call.scheme ?? 'DPoP'} ${token}`, ...(proof !== null && { dpop: proof }) }
  return readResponse(await fetch(url, { method, headers }))
}

describe('UserInfo', () => {
  it('OIDC-5.3-01: GET and POST give sub and the claims of the granted scopes, nothing else', async () => {
    const held = await getTokens(kit, { change: { scope: 'openid email' } })
    for (const method of ['GET', 'POST']) {
      const answer = await userinfo(held, { method })
      expect([answer.status, answer.json]).toEqual([200, { sub: 'user-hanako', email: 'hanako@example.test', email_verified: true }])
      expect(answer.headers.get('cache-control')).toBe('no-store')
    }
    const plain = await getTokens(kit, { change: { scope: 'openid' } })
    expect((await userinfo(plain)).json).toEqual({ sub: 'user-hanako' })
  })

  it('OIDC-5.3-01 DPOP-7.2-01: a thief with the token is refused in every way', async () => {
    const held = await getTokens(kit)
    const url = `${kit.issuer}/userinfo`
    const token = String(held.answer.json['access_token'])
    const proof = wireProof(held.key, { method: 'GET', url, now: kit.now(), accessToken: token })
    expect((await userinfo(held, { proof })).status).toBe(200)
    const thefts: Record<string, Call> = {
      'as Bearer': { scheme: 'Bearer', proof: null },
      'as Bearer with a proof along': { scheme: 'Bearer' },
      'without a proof': { proof: null },
      'with another key': { proof: wireProof(wireKey(), { method: 'GET', url, now: kit.now(), accessToken: token }) },
      'with the used proof': { proof },
      'with a proof of another token': { proof: wireProof(held.key, { method: 'GET', url, now: kit.now(), accessToken: 'x' }) },
      'with a proof of another method': { proof: wireProof(held.key, { method: 'POST', url, now: kit.now(), accessToken: token }) },
    }
    for (const [why, call] of Object.entries(thefts)) {
      const answer = await userinfo(held, call)
      expect(answer.status, why).toBe(401)
      expect(answer.headers.get('www-authenticate'), why).toMatch(/DPoP/)
      expect(answer.text, why).not.toContain('hanako')
    }
    expect((await fetch(`${url}?access_token=${token}`)).status).toBe(401)
  })

  it('AT-4-03 OIDC-5.3-01: tokens for another audience, without openid or of no person are refused', async () => {
    const held = await getTokens(kit)
    const narrowed = await refresh(kit, held, held.answer.json['refresh_token'], { resource: kitApi })
    expect((await userinfo(held, { token: String(narrowed.json['access_token']) })).status).toBe(401)
    const own = await askOwnToken(kit, held.key)
    expect((await userinfo(held, { token: String(own.json['access_token']) })).status).toBe(401)
    expect((await userinfo(held, { token: String(held.answer.json['id_token']) })).status).toBe(401)
  })

  it('a bearer token works where its client has permission', async () => {
    const open = authorizeUrl(kit, { clientId: 'old-spa' })
    const { landed } = await walkForms(kit, open.url)
    const answer = await postForm(kit, '/token', redemption(kit, open, landed.searchParams.get('code') ?? ''))
    const response = await fetch(`${kit.issuer}/userinfo`, { headers: { authorization: `Bearer ${answer.json['access_token']}` } })
    expect(response.status).toBe(200)
  })

  it('OIDC-17.2-1: every call is remembered, admitted and refused ones', async () => {
    const held = await getTokens(kit)
    await userinfo(held)
    expect(kit.audit.at(-1)).toMatchObject({
      event: 'api_access',
      mode: 'dpop',
      subject: 'user-hanako',
      clientId: 'spa',
      jkt: held.key.jkt,
    })
    await userinfo(held, { scheme: 'Bearer', proof: null })
    expect(kit.audit.at(-1)).toMatchObject({ rule: 'binding.named-token-is-not-bearer' })
    expect(JSON.stringify(kit.audit)).not.toContain(held.answer.json['access_token'])
  })
})

describe('revocation', () => {
  const revoke = (token: unknown, form: Record<string, string> = {}, headers: Record<string, string> = {}) =>
    postForm(kit, '/revoke', { token: String(token), ...form }, headers)

  it('REV-2-01 REV-2.1-01 OIDC-16.18-4: a refresh token takes its grant along', async () => {
    const held = await getTokens(kit)
    expect((await userinfo(held)).status).toBe(200)
    const answer = await revoke(held.answer.json['refresh_token'], { client_id: 'spa' })
    expect([answer.status, answer.text]).toEqual([200, ''])
    expect((await refresh(kit, held, held.answer.json['refresh_token'])).json['error']).toBe('invalid_grant')
    const after = await userinfo(held)
    expect([after.status, after.headers.get('www-authenticate')?.includes('invalid_token')]).toEqual([401, true])
    expect(kit.audit.some((event) => event.event === 'token_revoked')).toBe(true)
  })

  it('an access token goes alone', async () => {
    const held = await getTokens(kit)
    expect((await revoke(held.answer.json['access_token'], { client_id: 'spa' })).status).toBe(200)
    expect((await userinfo(held)).status).toBe(401)
    expect((await refresh(kit, held, held.answer.json['refresh_token'])).status).toBe(200)
  })

  it('a token of client credentials is remembered only then', async () => {
    const { json } = await askOwnToken(kit, wireKey())
    const jti = String(claimsOfJwt(json['access_token'])['jti'])
    expect(await kit.storage.records.accessToken(kit.issuer, jti)).toBeUndefined()
    expect((await revoke(json['access_token'], asKeyClient(kit))).status).toBe(200)
    expect((await kit.storage.records.accessToken(kit.issuer, jti))?.revokedAt).not.toBeNull()
  })

  it('REV-2-01: unknown tokens are fine, foreign ones are not touched, nobody is refused', async () => {
    expect((await revoke('unknown', asKeyClient(kit))).status).toBe(200)
    const held = await getTokens(kit)
    const foreign = await revoke(held.answer.json['refresh_token'], asKeyClient(kit))
    expect([foreign.status, foreign.json['error']]).toEqual([400, 'unauthorized_client'])
    expect((await revoke(held.answer.json['access_token'], asKeyClient(kit))).status).toBe(400)
    expect((await refresh(kit, held, held.answer.json['refresh_token'])).status).toBe(200)
    expect((await revoke('x')).status).toBe(401)
    expect((await revoke('x', {}, { authorization: basicHeader('basic', 'wrong') })).headers.get('www-authenticate')).toMatch(/^Basic/)
    expect((await revoke('', { client_id: 'spa' })).json['error']).toBe('invalid_request')
    expect((await revoke('x', { client_id: 'post', client_secret: kitSecret })).status).toBe(200)
  })

  it('PKJWT-3-01: an assertion is used once here, too', async () => {
    const auth = asKeyClient(kit)
    expect((await revoke('x', auth)).status).toBe(200)
    expect((await revoke('x', auth)).json['error']).toBe('invalid_client')
  })

  it('a refresh token that was rotated away still takes its grant along', async () => {
    const held = await getTokens(kit)
    const next = await refresh(kit, held, held.answer.json['refresh_token'])
    expect((await revoke(held.answer.json['refresh_token'], { client_id: 'spa' })).status).toBe(200)
    expect((await refresh(kit, held, next.json['refresh_token'])).json['error']).toBe('invalid_grant')
  })
})
