// Signed authorization requests inside a push, where signing is demanded, and by the narrower rules of FAPI 2.0 Message Signing.
import { Misuse } from '@kimei/protocol'
import { wireKey, wireProof } from 'testkit'
import { authorizeUrl, redemption, walkForms } from 'testkit/code'
import { assertionType, kitAssertion, kitRedirect, postForm, tokenProof } from 'testkit/issuer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseIssuerConfig } from '../src/index.ts'
import { ask, carryUrl, jwkOf, type ObjectAsk, type RequestKit, signedRequest, startRequestKit } from './request-kit.ts'

const now = 1_800_000_000
let kit: RequestKit
let strict: RequestKit
beforeAll(async () => {
  const clock = () => now
  kit = await startRequestKit({ clock }, [
    { clientId: 'must-sign', requireSignedRequestObject: true },
    { clientId: 'ps-only', requestObjectSigningAlg: 'PS256' },
    { clientId: 'eddsa-only', requestObjectSigningAlg: 'EdDSA' },
    { clientId: 'fapi', requestObjects: 'fapi2-message-signing' },
  ])
  strict = await startRequestKit({ clock, config: { requestObjects: 'fapi2-message-signing', requireSignedRequestObject: true } })
})
afterAll(async () => {
  await kit.close()
  await strict.close()
})

const push = async (at: RequestKit, form: Record<string, string>, headers: Record<string, string> = {}) => {
  const { status, json } = await postForm(at, '/par', form, headers)
  return { status, error: json['error'], requestUri: String(json['request_uri']) }
}
const pushSigned = (at: RequestKit, change: ObjectAsk = {}, beside: Record<string, string> = {}) => {
  const clientId = change.clientId ?? 'signer'
  return push(at, { client_id: clientId, request: signedRequest(at, change).object, ...beside })
}

describe('a pushed request object', () => {
  it('JAR-4-01 PAR-4-02: what is inside is remembered and used, what stands beside it is not', async () => {
    const signed = signedRequest(kit, { change: { scope: 'openid notes:read', state: 'inside' } })
    const beside = { scope: 'openid notes:write', state: 'outside', redirect_uri: 'https://evil.example/', response_type: 'token' }
    const { status, requestUri } = await push(kit, { client_id: 'signer', request: signed.object, ...beside })
    expect(status).toBe(201)
    const { landed } = await walkForms(kit, carryUrl(kit, { client_id: 'signer', request_uri: requestUri, state: 'outside' }))
    expect([`${landed.origin}${landed.pathname}`, landed.searchParams.get('state')]).toEqual([kitRedirect, 'inside'])
    const form = redemption(kit, signed, landed.searchParams.get('code') ?? '')
    const tokens = await postForm(kit, '/token', form, { dpop: tokenProof(kit, wireKey()) })
    expect([tokens.status, tokens.json['scope']]).toEqual([200, 'openid notes:read'])
  })

  it('JAR-6.2-01: a confidential client authenticates and signs, each with its own JWT', async () => {
    const assertion = kitAssertion(kit, 'web', { key: kit.keys.ES256, header: { kid: kit.keys.ES256.kid } })
    const { object } = signedRequest(kit, { clientId: 'web' })
    const form = { client_assertion_type: assertionType, client_assertion: assertion, request: object }
    expect((await push(kit, form)).status).toBe(201)
  })

  it('DPOP-10.1-02: dpop_jkt inside is held against the proof of the push, and without one the proof binds', async () => {
    const key = wireKey()
    const proof = (of = key) => ({ dpop: wireProof(of, { method: 'POST', url: `${kit.issuer}/par`, now: kit.now() }) })
    const { object } = signedRequest(kit, { key })
    expect(await push(kit, { client_id: 'signer', request: object }, proof(wireKey()))).toMatchObject({
      status: 400,
      error: 'invalid_dpop_proof',
    })
    expect((await push(kit, { client_id: 'signer', request: object }, proof())).status).toBe(201)
    const signed = signedRequest(kit)
    const { requestUri } = await push(kit, { client_id: 'signer', request: signed.object, dpop_jkt: wireKey().jkt }, proof())
    const { landed } = await walkForms(kit, carryUrl(kit, { client_id: 'signer', request_uri: requestUri }))
    const form = redemption(kit, signed, landed.searchParams.get('code') ?? '')
    expect((await postForm(kit, '/token', form, { dpop: tokenProof(kit, wireKey()) })).json['error']).toBe('invalid_grant')
    expect((await postForm(kit, '/token', form, { dpop: tokenProof(kit, key) })).status).toBe(200)
  })

  const refused: Record<string, [ObjectAsk, string]> = {
    'JAR-6.2-01 of a key nobody registered': [{ signer: wireKey() }, 'invalid_request_object'],
    'JAR-5-01 of another client': [{ claims: { client_id: 'other' } }, 'invalid_request_object'],
    'JAR-4-01 for another audience': [{ claims: { aud: 'https://other.example' } }, 'invalid_request_object'],
    'JAR-4-01 with request_uri inside': [{ claims: { request_uri: 'urn:ietf:params:oauth:request_uri:x' } }, 'invalid_request_object'],
    'JAR-10.8-01 with the client as subject': [{ claims: { sub: 'signer' } }, 'invalid_request_object'],
    'FAPIMS-5.3-01 expired': [{ claims: { exp: now - 60 } }, 'invalid_request_object'],
    'PAR-7.2-01 with a redirect URI that is not registered': [{ claims: { redirect_uri: 'https://evil.example/' } }, 'invalid_request'],
    'O21-4.1.2.1-02 asking for an unknown scope': [{ claims: { scope: 'admin' } }, 'invalid_scope'],
  }
  for (const [why, [change, error]] of Object.entries(refused)) {
    it(`${why}: 400 ${error}`, async () => {
      expect(await pushSigned(kit, change)).toMatchObject({ status: 400, error })
    })
  }

  it('PAR-2-01 JAR-5-01: request_uri beside it is refused', async () => {
    expect(await pushSigned(kit, {}, { request_uri: 'urn:ietf:params:oauth:request_uri:x' })).toMatchObject({
      status: 400,
      error: 'invalid_request',
    })
  })
})

describe('signing demanded', () => {
  it('JAR-10.5-01 FAPIMS-5.3-01: of one client: unsigned is invalid_request at both doors, unsigned objects are invalid_request_object', async () => {
    const open = authorizeUrl(kit, { clientId: 'must-sign' })
    const { to } = await ask(open.url)
    expect([to?.searchParams.get('error'), to?.searchParams.get('state')]).toEqual(['invalid_request', 'state-1'])
    const plain = Object.fromEntries(new URL(open.url).searchParams)
    expect(await push(kit, plain)).toMatchObject({ status: 400, error: 'invalid_request' })
    expect(await push(kit, { ...plain, request: 'eyJhbGciOiJub25lIn0.e30.' })).toMatchObject({
      status: 400,
      error: 'invalid_request_object',
    })
    const { status, requestUri } = await pushSigned(kit, { clientId: 'must-sign' })
    expect(status).toBe(201)
    const used = await ask(carryUrl(kit, { client_id: 'must-sign', request_uri: requestUri }))
    expect([used.status, used.to?.pathname]).toEqual([303, '/signin'])
    expect((await ask(signedRequest(kit, { clientId: 'must-sign' }).url)).to?.pathname).toBe('/signin')
  })

  it('JAR-10.5-01: of everybody, and said in the metadata', async () => {
    const { to } = await ask(authorizeUrl(strict, { clientId: 'signer' }).url)
    expect(to?.searchParams.get('error')).toBe('invalid_request')
    const metadata = await (await fetch(`${strict.issuer}/.well-known/openid-configuration`)).json()
    expect(metadata).toMatchObject({
      require_signed_request_object: true,
      request_object_signing_alg_values_supported: ['PS256', 'ES256', 'EdDSA', 'Ed25519'],
    })
  })

  it('JAR-6.2-01: a registered algorithm is the only one; both names of Ed25519 are one', async () => {
    expect(await pushSigned(kit, { clientId: 'ps-only', alg: 'ES256' })).toMatchObject({ status: 400, error: 'invalid_request_object' })
    expect((await pushSigned(kit, { clientId: 'ps-only', alg: 'PS256' })).status).toBe(201)
    expect((await pushSigned(kit, { clientId: 'eddsa-only', alg: 'Ed25519' })).status).toBe(201)
    expect(await pushSigned(kit, { clientId: 'eddsa-only', alg: 'PS256' })).toMatchObject({ status: 400 })
  })

  it('JAR-6.2-01: a client without keys cannot be declared to sign', () => {
    const client = { clientId: 'x', kind: 'spa' as const, name: 'X', redirectUris: [kitRedirect], scopes: ['openid'] }
    for (const how of [{ requireSignedRequestObject: true }, { requestObjectSigningAlg: 'ES256' as const }]) {
      expect(() => parseIssuerConfig({ issuer: 'https://id.example', clients: [{ ...client, ...how }] })).toThrow(Misuse)
      const jwks = { keys: [jwkOf(wireKey())] }
      expect(() => parseIssuerConfig({ issuer: 'https://id.example', clients: [{ ...client, jwks, ...how }] })).not.toThrow()
    }
  })
})

describe('by the rules of FAPI', () => {
  const sound: Record<string, ObjectAsk> = {
    'an hour old, with an hour to live': { claims: { nbf: now - 3600, exp: now } },
    'eight seconds ahead': { claims: { nbf: now + 8, iat: now + 8, exp: now + 300 } },
    'with several audiences': { claims: { aud: ['https://other.example', 'self'] } },
    'signed with PS256': { alg: 'PS256' },
    'without typ': { header: { typ: undefined } },
  }
  for (const [why, change] of Object.entries(sound)) {
    it(`FAPIMS-5.3-01: ${why}: taken`, async () => {
      const aud = change.claims?.['aud'] === undefined ? {} : { aud: ['https://other.example', strict.issuer] }
      expect((await pushSigned(strict, { ...change, claims: { ...change.claims, ...aud } })).status).toBe(201)
    })
  }
  const bad: Record<string, ObjectAsk> = {
    'without nbf': { claims: { nbf: undefined } },
    'without exp': { claims: { exp: undefined } },
    'with nbf over an hour old': { claims: { nbf: now - 3611, exp: now + 10 } },
    'with exp over an hour after nbf': { claims: { nbf: now, exp: now + 3601 } },
    'with typ JWT': { header: { typ: 'JWT' } },
    'signed with RS256': { alg: 'RS256' },
  }
  for (const [why, change] of Object.entries(bad)) {
    it(`FAPIMS-5.3-01 JAR-10.8-01: ${why}: 400 invalid_request_object; by RFC 9101 alone it is taken`, async () => {
      for (const [at, clientId] of [
        [strict, 'signer'],
        [kit, 'fapi'],
      ] as const) {
        expect(await pushSigned(at, { ...change, clientId })).toMatchObject({ status: 400, error: 'invalid_request_object' })
      }
      expect((await pushSigned(kit, change)).status).toBe(201)
    })
  }
})
