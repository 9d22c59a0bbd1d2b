// Token exchange over real HTTP (RFC 8693): by the server of an API, by the holder, for others; and what never comes out of it.
import * as oauth from 'oauth4webapi'
import { type WireKey, wireKey } from 'testkit'
import { getTokens, type HeldTokens, startCodeKit } from 'testkit/code'
import { exchangeGrant as grantType, thirdApi, withExchanges } from 'testkit/exchange'
import {
  asKeyClient,
  askAbout,
  askOwnToken,
  claimsOfJwt,
  type IssuerKit,
  kitApi,
  kitOtherApi,
  postForm,
  signedByIssuer,
  tokenProof,
} from 'testkit/issuer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const accessTokenType = 'urn:ietf:params:oauth:token-type:access_token'
const jwtType = 'urn:ietf:params:oauth:token-type:jwt'

let kit: IssuerKit
let passed = 0
let held: HeldTokens
const clock = () => Math.floor(Date.now() / 1000) + passed
const key = wireKey()

beforeAll(async () => {
  kit = await startCodeKit({ clock, extend: withExchanges })
  held = await getTokens(kit, { change: { scope: 'notes:read notes:write', resource: kitApi } })
})
afterAll(() => kit.close())

interface Ask {
  readonly clientId?: string
  readonly key?: WireKey | null
  readonly token?: unknown
  readonly change?: Record<string, string>
}

/** A sound exchange by the server of the notes API, but for what is changed. */
function exchange({ clientId = 'front', key: proven = key, token = held.answer.json['access_token'], change = {} }: Ask = {}) {
  const form = {
    grant_type: grantType,
    subject_token: String(token),
    subject_token_type: accessTokenType,
    resource: kitOtherApi,
    ...asKeyClient(kit, clientId),
    ...change,
  }
  return postForm(kit, '/token', form, proven ? { dpop: tokenProof(kit, proven) } : {})
}
const errorOf = (answer: { status: number; json: Record<string, unknown> }) => [answer.status, answer.json['error']]
const own = (proven: WireKey | undefined, clientId = 'holder', form: Record<string, string> = {}) =>
  askOwnToken(kit, proven, { ...asKeyClient(kit, clientId), scope: 'notes:read', resource: kitApi, ...form })

describe('what comes out', () => {
  it('TEX-2.2-01 TEX-4-01: issued_token_type, DPoP, the scope that remains, bound to the caller, and who acts for whom', async () => {
    const { status, json, headers } = await exchange()
    expect(status).toBe(200)
    expect(headers.get('cache-control')).toBe('no-store')
    expect(json).toMatchObject({ issued_token_type: accessTokenType, token_type: 'DPoP', scope: 'notes:read' })
    expect(Object.keys(json).sort()).toEqual(['access_token', 'expires_in', 'issued_token_type', 'scope', 'token_type'])
    expect(claimsOfJwt(json['access_token'])).toMatchObject({
      sub: 'user-hanako',
      client_id: 'front',
      aud: kitOtherApi,
      cnf: { jkt: key.jkt },
      act: { sub: 'front' },
    })
    expect(kit.audit.at(-1)).toMatchObject({
      event: 'token_exchanged',
      clientId: 'front',
      subject: 'user-hanako',
      from: 'spa',
      source: kitApi,
      act: { sub: 'front' },
    })
  })

  it('TEX-2.1-01: a JWT may be asked for by its other name; audience names an API as resource does', async () => {
    const { json } = await exchange({
      change: { requested_token_type: jwtType, subject_token_type: jwtType, resource: '', audience: kitOtherApi },
    })
    expect(json['issued_token_type']).toBe(jwtType)
    expect(claimsOfJwt(json['access_token'])['aud']).toBe(kitOtherApi)
  })

  it('TEX-2.2-01: with one API to go to, that is the default; with several one must be named', async () => {
    expect(claimsOfJwt((await exchange({ change: { resource: '' } })).json['access_token'])['aud']).toBe(kitOtherApi)
    const first = (await exchange()).json['access_token']
    expect(errorOf(await exchange({ clientId: 'next', token: first, change: { resource: '' } }))).toEqual([400, 'invalid_target'])
  })

  it('TEX-4-01: in a chain the last one who acts stands outermost, those before are told inside', async () => {
    const first = (await exchange()).json['access_token']
    const nextKey = wireKey()
    const { json } = await exchange({ clientId: 'next', key: nextKey, token: first, change: { resource: thirdApi } })
    expect(claimsOfJwt(json['access_token'])).toMatchObject({
      sub: 'user-hanako',
      client_id: 'next',
      cnf: { jkt: nextKey.jkt },
      act: { sub: 'next', act: { sub: 'front' } },
    })
    let token: unknown = first
    const answers = []
    for (const [clientId, resource] of [
      ['next', kitApi],
      ['front', kitOtherApi],
      ['next', kitApi],
      ['front', kitOtherApi],
    ] as const) {
      const answer = await exchange({ clientId, token, change: { resource } })
      answers.push(answer.status)
      token = answer.json['access_token']
    }
    expect(answers).toEqual([200, 200, 200, 400])
  })

  it('TEX-4-01: who impersonates leaves no act, and may name no actor', async () => {
    expect(claimsOfJwt((await exchange({ clientId: 'silent' })).json['access_token'])['act']).toBeUndefined()
    const actor = (await exchange({ clientId: 'silent' })).json['access_token']
    const change = { actor_token: String(actor), actor_token_type: accessTokenType }
    expect(errorOf(await exchange({ clientId: 'silent', change }))).toEqual([400, 'invalid_request'])
  })

  it('TEX-4-01: an actor token says who acts; only the caller is one, with its own key', async () => {
    const mine = (await own(key)).json['access_token']
    const actorOf = (token: unknown) => ({ actor_token: String(token), actor_token_type: accessTokenType })
    const { json } = await exchange({ clientId: 'holder', token: mine, change: actorOf(mine) })
    expect(claimsOfJwt(json['access_token'])['act']).toEqual({ sub: 'holder' })
    expect(errorOf(await exchange({ change: actorOf(mine) }))).toEqual([400, 'invalid_request'])
    const otherKey = (await own(wireKey())).json['access_token']
    expect(errorOf(await exchange({ clientId: 'holder', token: mine, change: actorOf(otherKey) }))).toEqual([400, 'invalid_request'])
    expect(errorOf(await exchange({ change: actorOf('e30.e30.e30') }))).toEqual([400, 'invalid_request'])
  })

  it('REV-2.1-01: it ends with the grant that it descends from', async () => {
    const other = await getTokens(kit, { change: { scope: 'notes:read', resource: kitApi } }, undefined, 'taro')
    const { json } = await exchange({ token: other.answer.json['access_token'] })
    const known = await kit.storage.records.accessToken(kit.issuer, String(claimsOfJwt(json['access_token'])['jti']))
    expect(known?.revokedAt).toBeNull()
    await postForm(kit, '/revoke', { token: String(other.answer.json['refresh_token']), client_id: 'spa' })
    const form = { ...asKeyClient(kit, 'next') }
    expect((await askAbout(kit, json['access_token'], form)).json).toEqual({ active: false })
    expect(errorOf(await exchange({ token: other.answer.json['access_token'] }))).toEqual([400, 'invalid_request'])
  })

  it('TEX-2.1-02: it never outlives the token that was exchanged', async () => {
    const short = await getTokens(kit, { change: { scope: 'notes:read', resource: kitApi } })
    passed += 290
    const { json } = await exchange({ token: short.answer.json['access_token'] })
    expect(json['expires_in']).toBeLessThanOrEqual(10)
    const { exp } = claimsOfJwt(json['access_token'])
    expect(exp).toBe(claimsOfJwt(short.answer.json['access_token'])['exp'])
    held = await getTokens(kit, { change: { scope: 'notes:read notes:write', resource: kitApi } })
  })
})

describe('nothing is laundered', () => {
  it('TEX-2.1-02: a bound token without a proof is 400, also for a client that may stay unbound', async () => {
    expect(errorOf(await exchange({ key: null }))).toEqual([400, 'invalid_request'])
    expect(errorOf(await exchange({ clientId: 'silent', key: null }))).toEqual([400, 'invalid_dpop_proof'])
    const bound = (await own(key)).json['access_token']
    expect(errorOf(await exchange({ clientId: 'holder', token: bound, key: null }))).toEqual([400, 'invalid_request'])
  })

  it('TEX-2.1-02: a bound token is exchanged by its holder, or by the server of its API, and by nobody else', async () => {
    expect(errorOf(await exchange({ clientId: 'stranger' }))).toEqual([400, 'invalid_request'])
    expect(errorOf(await exchange({ clientId: 'holder' }))).toEqual([400, 'invalid_request'])
    const bound = (await own(key)).json['access_token']
    expect((await exchange({ clientId: 'holder', token: bound })).status).toBe(200)
    expect(errorOf(await exchange({ clientId: 'holder', token: bound, key: wireKey() }))).toEqual([400, 'invalid_request'])
  })

  it('TEX-2.1-02: an unbound token is exchanged by the client it was issued to, not by one that found it', async () => {
    const loose = (await own(undefined)).json['access_token']
    const unbound = await exchange({ clientId: 'holder', token: loose, key: null })
    expect(unbound.json['token_type']).toBe('Bearer')
    expect((await exchange({ clientId: 'holder', token: loose })).json['token_type']).toBe('DPoP')
    expect(errorOf(await exchange({ clientId: 'stranger', token: loose }))).toEqual([400, 'invalid_request'])
  })

  const refused: Record<string, [Ask['change'] & object, string]> = {
    'no subject_token': [{ subject_token: '' }, 'invalid_request'],
    'no subject_token_type': [{ subject_token_type: '' }, 'invalid_request'],
    'an unknown subject_token_type': [{ subject_token_type: 'urn:ietf:params:oauth:token-type:saml2' }, 'invalid_request'],
    'a refresh token as the subject': [{ subject_token_type: 'urn:ietf:params:oauth:token-type:refresh_token' }, 'invalid_request'],
    'actor_token_type alone': [{ actor_token_type: accessTokenType }, 'invalid_request'],
    'actor_token alone': [{ actor_token: 'x' }, 'invalid_request'],
    'an unknown actor_token_type': [{ actor_token: 'x', actor_token_type: 'x' }, 'invalid_request'],
    'a refresh token asked for': [{ requested_token_type: 'urn:ietf:params:oauth:token-type:refresh_token' }, 'invalid_request'],
    'a subject_token that is none': [{ subject_token: 'garbage' }, 'invalid_request'],
    'an unsigned subject_token': [{ subject_token: 'e30.e30.' }, 'invalid_request'],
    'a target that is not assigned': [{ resource: kitApi }, 'invalid_target'],
    'an unknown target': [{ resource: 'https://unknown.example/' }, 'invalid_target'],
    'a second target that is not assigned': [{ audience: kitApi }, 'invalid_target'],
    'a scope that the subject token has not': [{ scope: 'other:read' }, 'invalid_scope'],
    'a scope that means nothing there': [{ scope: 'notes:write' }, 'invalid_scope'],
  }
  for (const [why, [change, error]] of Object.entries(refused)) {
    it(`TEX-2.1-01 TEX-2.2-01: ${why}: 400 ${error}`, async () => {
      expect(errorOf(await exchange({ change }))).toEqual([400, error])
    })
  }

  it('TEX-2.1-01: foreign, expired, revoked and wrong-API tokens, and tokens that are no access tokens, are 400 invalid_request', async () => {
    const expired = await signedByIssuer(kit, { iat: kit.now() - 600, exp: kit.now() - 1 })
    const foreign = await signedByIssuer(kit, { iss: 'https://other.example' })
    const idToken = (await getTokens(kit, { change: { scope: 'openid' } })).answer.json['id_token']
    const elsewhere = await signedByIssuer(kit, { aud: thirdApi })
    const revoked = (await own(key, 'service')).json['access_token']
    await postForm(kit, '/revoke', { token: String(revoked), ...asKeyClient(kit, 'service') })
    for (const token of [expired, foreign, idToken, elsewhere, revoked])
      expect(errorOf(await exchange({ token }))).toEqual([400, 'invalid_request'])
  })

  it('TEX-2.2-01: when nothing of the scope remains there is no token', async () => {
    const writer = await getTokens(kit, { change: { scope: 'notes:write', resource: kitApi } })
    expect(errorOf(await exchange({ token: writer.answer.json['access_token'] }))).toEqual([400, 'invalid_scope'])
  })

  it('TEX-2.1-01: clients without the grant, and public ones, are refused', async () => {
    expect(errorOf(await exchange({ clientId: 'service' }))).toEqual([400, 'unauthorized_client'])
    const form = { grant_type: grantType, client_id: 'spa', subject_token: 'x', subject_token_type: accessTokenType }
    expect(errorOf(await postForm(kit, '/token', form, { dpop: tokenProof(kit, key) }))).toEqual([400, 'unauthorized_client'])
  })

  it('DPOP-4.3-13: a copied exchange is refused, and the same token may be exchanged again with a fresh proof', async () => {
    const form = { grant_type: grantType, subject_token: String(held.answer.json['access_token']), subject_token_type: accessTokenType }
    const dpop = tokenProof(kit, key)
    expect((await postForm(kit, '/token', { ...form, ...asKeyClient(kit, 'front') }, { dpop })).status).toBe(200)
    expect(errorOf(await postForm(kit, '/token', { ...form, ...asKeyClient(kit, 'front') }, { dpop }))).toEqual([400, 'invalid_dpop_proof'])
    expect((await exchange()).status).toBe(200)
  })
})

describe('an independent client', () => {
  it('TEX-2.2-01: oauth4webapi sends the exchange and reads the answer', async () => {
    const as: oauth.AuthorizationServer = { issuer: kit.issuer, token_endpoint: `${kit.issuer}/token` }
    const client: oauth.Client = { client_id: 'front', [oauth.clockSkew]: passed }
    const DPoP = oauth.DPoP(client, await oauth.generateKeyPair('ES256'))
    const parameters = new URLSearchParams({ subject_token: String(held.answer.json['access_token']), subject_token_type: accessTokenType })
    const withAssertion: oauth.ClientAuth = (_as, _client, body) => {
      for (const [name, value] of Object.entries(asKeyClient(kit, 'front'))) body.set(name, value)
    }
    const options = { DPoP, [oauth.allowInsecureRequests]: true }
    const response = await oauth.genericTokenEndpointRequest(as, client, withAssertion, grantType, parameters, options)
    const answer = await oauth.processGenericTokenEndpointResponse(as, client, response)
    expect(answer).toMatchObject({ token_type: 'dpop', issued_token_type: accessTokenType, scope: 'notes:read' })
  })
})
