// What the dynamic plan of OpenID Connect certification asks beyond the basic one: request objects by reference, keys that change,
// keys without names, signed UserInfo, secrets with odd signs.
import { createPublicKey, verify } from 'node:crypto'
import { wireJwt, wireKey } from 'testkit'
import { walkForms } from 'testkit/code'
import { claimsOfJwt, readResponse } from 'testkit/issuer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  askToken,
  callback,
  type Rp,
  registerRp,
  type Suite,
  sendRegistration,
  startSuite,
  suiteMetadata,
  tokensOf,
} from './conformance-parts.ts'

let suite: Suite
beforeAll(async () => {
  suite = await startSuite()
})
afterAll(() => suite.close())

const byKey = { token_endpoint_auth_method: 'private_key_jwt' }
const objectOf = (rp: Rp, change: Record<string, unknown> = {}) =>
  wireJwt(
    { alg: 'RS256', kid: rp.key.kid },
    {
      client_id: rp.clientId,
      redirect_uri: callback,
      response_type: 'code',
      scope: 'openid',
      state: 'inside',
      nonce: 'inside',
      iss: rp.clientId,
      aud: suite.issuer,
      ...change,
    },
    rp.key,
  )

describe('request objects of registered relying parties', () => {
  it('JAR-5.2-01 JAR-6.2-01 OIDC-15.1-01: signed with RS256, fetched from the registered address, served as application/jose', async () => {
    const uri = `${suite.host.origin}/requestobject/abc`
    const rp = await registerRp(suite, { ...byKey, request_object_signing_alg: 'RS256', request_uris: [uri] })
    expect(rp.registered).toMatchObject({ request_object_signing_alg: 'RS256', request_uris: [uri] })
    suite.host.texts['/requestobject/abc'] = { type: 'application/jose;charset=UTF-8', text: objectOf(rp) }
    const query = new URLSearchParams({ client_id: rp.clientId, response_type: 'code', scope: 'openid', request_uri: uri })
    const { landed } = await walkForms(suite, `${suite.issuer}/authorize?${query}`)
    expect([landed.searchParams.get('state'), landed.searchParams.has('code')]).toEqual(['inside', true])
  })

  it('JAR-4-01: sent by value, what is inside wins, its redirect URI too', async () => {
    const rp = await registerRp(suite, { ...byKey, request_object_signing_alg: 'RS256', redirect_uris: [callback, `${callback}/2`] })
    const request = objectOf(rp, { redirect_uri: `${callback}/2` })
    const query = new URLSearchParams({ client_id: rp.clientId, response_type: 'code', scope: 'openid', redirect_uri: callback, request })
    const { landed } = await walkForms(suite, `${suite.issuer}/authorize?${query}`)
    expect([landed.pathname.endsWith('/2'), landed.searchParams.get('state')]).toEqual([true, 'inside'])
  })
})

describe('what is signed cannot be altered on the way', () => {
  it('OIDC-16.20-1: max_age and prompt inside win over those beside: the password is asked for again', async () => {
    const rp = await registerRp(suite, { ...byKey, request_object_signing_alg: 'RS256' })
    const { browser } = await tokensOf(suite, rp, { max_age: '15000' })
    suite.wait(2)
    const ask = (inside: Record<string, unknown>, beside: Record<string, string>) => {
      const query = { client_id: rp.clientId, response_type: 'code', scope: 'openid', redirect_uri: callback, ...beside }
      return browser.open(`${suite.issuer}/authorize?${new URLSearchParams({ ...query, request: objectOf(rp, inside) })}`)
    }
    expect((await ask({ max_age: 1 }, { max_age: '15000' })).text).toContain('id="login-submit"')
    expect((await ask({ prompt: 'login' }, { prompt: 'none' })).text).toContain('id="login-submit"')
    const silent = await ask({ prompt: 'none', max_age: 15_000 }, { prompt: 'login', max_age: '0' })
    expect([silent.url.href.startsWith(callback), silent.url.searchParams.has('code')]).toEqual([true, true])
  })

  it('OIDC-16.20-1: an acr that is demanded inside is not talked away beside', async () => {
    const rp = await registerRp(suite, { ...byKey, request_object_signing_alg: 'RS256' })
    const claims = { id_token: { acr: { essential: true, values: ['urn:nobody:knows'] } } }
    const query = { client_id: rp.clientId, response_type: 'code', scope: 'openid', redirect_uri: callback, claims: '{}', acr_values: 'x' }
    const url = `${suite.issuer}/authorize?${new URLSearchParams({ ...query, request: objectOf(rp, { claims, prompt: 'none' }) })}`
    const { landed } = await walkForms(suite, url)
    expect(landed.searchParams.get('error')).toBe('unmet_authentication_requirements')
  })
})

describe('keys of relying parties', () => {
  it('OIDC-10.1-01 PKJWT-3-01: a key without kid, and an assertion without kid, typ and use', async () => {
    const key = wireKey('RS256')
    const { status, json } = await sendRegistration(
      suite,
      suiteMetadata({ ...byKey, jwks: { keys: [{ ...key.publicJwk, alg: 'RS256' }] } }),
    )
    expect(status).toBe(201)
    const rp: Rp = {
      clientId: String(json['client_id']),
      secret: '',
      method: 'private_key_jwt',
      key: { ...key, kid: undefined as never },
      registered: json,
    }
    expect((await tokensOf(suite, rp)).answer.status).toBe(200)
  })

  it('OIDC-10.1-01: a key that changes at jwks_uri refreshes a minute later, and one relying party waits for no other at one URL', async () => {
    const jwksUri = `${suite.host.origin}/jwks`
    const publish = (rp: Rp) => {
      suite.host.documents['/jwks'] = { keys: [{ ...rp.key.publicJwk, kid: rp.key.kid, use: 'sig', alg: 'RS256' }] }
    }
    const register = () => registerRp(suite, { ...byKey, jwks_uri: jwksUri, grant_types: ['authorization_code', 'refresh_token'] })
    for (let times = 0; times < 2; times += 1) {
      const rp = await register()
      publish(rp)
      const first = (await tokensOf(suite, rp, { scope: 'openid offline_access', prompt: 'consent' })).answer
      expect(first.status).toBe(200)
      const renewed = { ...rp, key: wireKey('RS256') }
      publish(renewed)
      if (times > 0) suite.wait(60)
      const form = { grant_type: 'refresh_token', refresh_token: String(first.json['refresh_token']) }
      if (times > 0) expect((await askToken(suite, renewed, form)).status).toBe(200)
    }
  })

  it('OIDC-5.3-01: UserInfo signed with RS256, for this relying party, by a published key', async () => {
    const rp = await registerRp(suite, { ...byKey, userinfo_signed_response_alg: 'RS256' })
    const { answer } = await tokensOf(suite, rp)
    const headers = { authorization: `Bearer ${answer.json['access_token']}` }
    const told = await readResponse(await fetch(`${suite.issuer}/userinfo`, { headers }))
    expect([told.status, told.headers.get('content-type')]).toEqual([200, 'application/jwt'])
    const [header = '', claims = '', signature = ''] = told.text.split('.')
    const { kid } = JSON.parse(Buffer.from(header, 'base64url').toString())
    const { keys } = (await (await fetch(`${suite.issuer}/jwks`)).json()) as { keys: Record<string, string>[] }
    const key = createPublicKey({ key: keys.find((one) => one['kid'] === kid) ?? {}, format: 'jwk' })
    expect(verify('sha256', Buffer.from(`${header}.${claims}`), key, Buffer.from(signature, 'base64url'))).toBe(true)
    expect(claimsOfJwt(told.text)).toMatchObject({ iss: suite.issuer, aud: rp.clientId, sub: 'user-hanako' })
  })

  it('OIDC-10.1-01: when the issuer changes its keys, the new one is there, the old one still is, and old ID tokens verify', async () => {
    const rp = await registerRp(suite, byKey)
    const kidOf = (jwt: unknown) => JSON.parse(Buffer.from(String(jwt).split('.')[0] ?? '', 'base64url').toString())['kid']
    const kids = async () =>
      ((await (await fetch(`${suite.issuer}/jwks`)).json()) as { keys: { kid: string }[] }).keys.map(({ kid }) => kid)
    const before = kidOf((await tokensOf(suite, rp)).answer.json['id_token'])
    const old = await kids()
    await suite.server.rotateKeys({ force: true })
    const fresh = await kids()
    expect(fresh).toEqual(expect.arrayContaining([before]))
    expect(fresh.filter((kid) => !old.includes(kid)).length).toBeGreaterThan(0)
    expect(kidOf((await tokensOf(suite, rp)).answer.json['id_token'])).not.toBe(before)
  })
})
