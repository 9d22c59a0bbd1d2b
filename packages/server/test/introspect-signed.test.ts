// Signed answers of introspection (RFC 9701): when they are given, what stands where, and that they pass for nothing else.
import * as oauth from 'oauth4webapi'
import { wireKey, wireProof } from 'testkit'
import { getTokens, startCodeKit } from 'testkit/code'
import {
  askAbout,
  askOwnToken,
  claimsOfJwt,
  type IssuerKit,
  kitApi,
  kitOtherApi,
  kitSecret,
  postForm,
  signedByIssuer,
} from 'testkit/issuer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const jwtType = 'application/token-introspection+jwt'

let kit: IssuerKit
const now = Math.floor(Date.now() / 1000)
beforeAll(async () => {
  kit = await startCodeKit({ clock: () => now })
})
afterAll(() => kit.close())

const ask = (token: unknown, form?: Record<string, string>, headers?: Record<string, string>) => askAbout(kit, token, form, headers)
const signedHere = (claims: object) => signedByIssuer(kit, claims)
const tell = async (token: unknown) => (await ask(token)).json

describe('the signed form', () => {
  it('INTROJWT-5-01 FAPIMS-5.5-01: typ, iss, aud, iat, and what is told inside token_introspection alone', async () => {
    const held = await getTokens(kit)
    const plain = await tell(held.answer.json['access_token'])
    const answer = await ask(held.answer.json['access_token'], {}, { accept: jwtType })
    expect([answer.status, answer.headers.get('content-type'), answer.headers.get('cache-control')]).toEqual([200, jwtType, 'no-store'])
    const header = JSON.parse(Buffer.from(answer.text.split('.')[0] ?? '', 'base64url').toString())
    expect(header).toMatchObject({ typ: 'token-introspection+jwt', alg: 'RS256' })
    expect(claimsOfJwt(answer.text)).toEqual({ iss: kit.issuer, aud: 'notes-server', iat: now, token_introspection: plain })
  })

  it('INTROJWT-5-01: inactive is signed the same way, and says nothing else', async () => {
    for (const token of ['unknown', await signedHere({ aud: kitOtherApi })]) {
      const answer = await ask(token, {}, { accept: `${jwtType}, application/json;q=0.5` })
      expect(claimsOfJwt(answer.text)).toEqual({
        iss: kit.issuer,
        aud: 'notes-server',
        iat: now,
        token_introspection: { active: false },
      })
    }
    const nobody = await postForm(kit, '/introspect', { token: 'x' }, { accept: jwtType })
    expect([nobody.status, nobody.headers.get('content-type')]).toEqual([401, 'application/json'])
  })

  it('INTROJWT-5-01: a plain answer where the signed one is not asked for, or asked for less', async () => {
    const { json } = await askOwnToken(kit, wireKey(), { resource: kitApi })
    for (const accept of ['application/json', '*/*', 'application/*', `${jwtType};q=0`, `${jwtType};q=0.4, application/json`]) {
      expect((await ask(json['access_token'], {}, { accept })).json['active'], accept).toBe(true)
    }
  })

  it('INTROJWT-5-01 DPOP-6.2-01: a client that is not ours reads both forms, by our metadata', async () => {
    const url = new URL(kit.issuer)
    const insecure = { [oauth.allowInsecureRequests]: true }
    const as = await oauth.processDiscoveryResponse(url, await oauth.discoveryRequest(url, { ...insecure, algorithm: 'oauth2' }))
    const key = wireKey()
    const token = await signedHere({ aud: kitOtherApi, cnf: { jkt: key.jkt } })
    const client: oauth.Client = { client_id: 'other-server', introspection_signed_response_alg: 'ES256' }
    for (const requestJwtResponse of [true, false]) {
      const options = { ...insecure, requestJwtResponse }
      const response = await oauth.introspectionRequest(as, client, oauth.ClientSecretBasic(kitSecret), token, options)
      expect(response.headers.get('content-type')).toBe(requestJwtResponse ? jwtType : 'application/json')
      const told = await oauth.processIntrospectionResponse(as, client, response)
      expect(told).toMatchObject({ active: true, token_type: 'DPoP', cnf: { jkt: key.jkt } })
      if (requestJwtResponse) await oauth.validateApplicationLevelSignature(as, response, insecure)
    }
  })

  it('INTROJWT-8-01: the signed answer passes for no access token, neither at an API nor here', async () => {
    const key = wireKey()
    const held = await getTokens(kit, { key })
    const { text } = await ask(held.answer.json['access_token'], {}, { accept: jwtType })
    const url = `${kit.issuer}/userinfo`
    const proof = wireProof(key, { method: 'GET', url, now, accessToken: text })
    const named = await fetch(url, { headers: { authorization: `DPoP ${text}`, dpop: proof } })
    expect([named.status, named.headers.get('www-authenticate')?.includes('invalid_token')]).toEqual([401, true])
    expect((await fetch(url, { headers: { authorization: `Bearer ${text}` } })).status).toBe(401)
    expect((await ask(text)).text).toBe('{"active":false}')
  })
})
