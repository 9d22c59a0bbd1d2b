// Clients that no configuration names, under a profile: what may register, what was registered before, and who vouches for people.
import { Misuse } from '@kimei/protocol'
import { type IssuerConfigInput, parseIssuerConfig } from '@kimei/server'
import { sha256u, wireJwt, wireKey } from 'testkit'
import { authorizeUrl, startCodeKit } from 'testkit/code'
import { startDocumentKit } from 'testkit/documents'
import { asKeyClient, basicHeader, type IssuerKit, kitApi, kitRedirect, kitSecret, postForm, tokenProof } from 'testkit/issuer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const apis = [{ identifier: kitApi, name: 'Notes', scopes: ['notes:read'] }]
const scopes = [{ scope: 'notes:read', description: { ja: '読む', en: 'Read' } }]
const clientKey = wireKey('ES256', 'client-key')
const rsaKey = wireKey('RS256', 'rsa-key')
const jwk = { ...clientKey.publicJwk, kty: 'EC' as const, kid: 'client-key', alg: 'ES256' }
const rsaJwk = { ...rsaKey.publicJwk, kty: 'RSA' as const, kid: 'rsa-key', alg: 'RS256' }
const web = {
  clientId: 'web',
  kind: 'server' as const,
  name: 'Web',
  jwks: { keys: [jwk, rsaJwk] },
  redirectUris: [kitRedirect],
  scopes: ['openid', 'notes:read'],
  apis: [kitApi],
}
const vouching = {
  issuer: 'https://idp.example',
  jwks: { keys: [jwk] },
  subjects: 'username' as const,
  scopes: ['notes:read'],
  apis: [kitApi],
}
const policy = { authentication: ['private_key_jwt' as const], scopes: ['openid', 'notes:read'], apis: [kitApi] }

describe('a profile and those who come by themselves', () => {
  const mistakesOf = (input: IssuerConfigInput) => {
    try {
      parseIssuerConfig(input)
      return ''
    } catch (error) {
      if (!(error instanceof Misuse)) throw error
      return error.mistakes.join('\n')
    }
  }
  const base = { issuer: 'https://id.example', apis, scopes, clients: [web] }

  it('FAPI2-5.3.2.1-01 FAPI2-5.4.1-01: fapi2 names every contradiction of registration, documents and assertions at once', () => {
    const mistakes = mistakesOf({
      ...base,
      profile: 'fapi2',
      dangerouslyAllowLongAccessTokens: true,
      clientIdMetadataDocuments: { enabled: true, apis: [kitApi] },
      registration: {
        mode: 'open',
        policy: {
          ...policy,
          authentication: ['private_key_jwt', 'client_secret_jwt'],
          grants: ['authorization_code', 'urn:ietf:params:oauth:grant-type:device_code'],
          dangerouslyAcceptTokenEndpointAudience: true,
        },
      },
      assertionIssuers: [{ ...vouching, algorithms: ['RS256'] }],
    })
    for (const part of [
      'profile fapi2: dangerouslyAllowLongAccessTokens',
      'profile fapi2: clientIdMetadataDocuments must stay off',
      'registration.policy must have binding "required" and authentication private_key_jwt, tls_client_auth, self_signed_tls_client_auth alone',
      'registration.policy has a key that begins with dangerously',
      'registration.policy has grant urn:ietf:params:oauth:grant-type:device_code, which is not configured',
      'profile fapi2: assertion issuer "https://idp.example" may have algorithms PS256, ES256, EdDSA, Ed25519',
    ])
      expect(mistakes, part).toContain(part)
  })

  it('FAPI2-5.4.1-01 ATP-META-01: what is silent is filled in; atproto has no loosening either', () => {
    const fapi = parseIssuerConfig({ ...base, profile: 'fapi2', assertionIssuers: [vouching] })
    expect(fapi.assertionIssuers[0]?.algorithms).toEqual(['ES256', 'PS256'])
    const atproto = { ...base, profile: 'atproto' as const, assertionIssuers: [vouching] }
    expect(parseIssuerConfig(atproto).assertionIssuers[0]?.algorithms).toEqual(['ES256'])
    expect(mistakesOf({ ...atproto, dangerouslyAllowLongAccessTokens: true })).toContain(
      'profile atproto: dangerouslyAllowLongAccessTokens is not allowed',
    )
  })
})

describe('at an issuer under fapi2', () => {
  let kit: IssuerKit
  beforeAll(async () => {
    const config = { profile: 'fapi2' as const, apis, scopes, clients: [web], registration: { mode: 'open' as const, policy } }
    kit = await startCodeKit({ clientKey, config })
  })
  afterAll(() => kit.close())

  const register = async (body: object) => {
    const answer = await fetch(`${kit.issuer}/register`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ redirect_uris: [kitRedirect], token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [jwk] }, ...body }),
    })
    return { status: answer.status, json: (await answer.json()) as Record<string, unknown> }
  }

  it('FAPI2-5.4.1-01: a registration is given algorithms of the profile, and refused with others', async () => {
    const { status, json } = await register({})
    expect([status, json['id_token_signed_response_alg']]).toEqual([201, 'ES256'])
    for (const body of [
      { id_token_signed_response_alg: 'RS256' },
      { userinfo_signed_response_alg: 'RS256' },
      { authorization_signed_response_alg: 'RS256' },
      { request_object_signing_alg: 'RS256' },
      { token_endpoint_auth_signing_alg: 'RS256' },
      { token_endpoint_auth_method: 'none', jwks: undefined },
      { token_endpoint_auth_method: 'client_secret_jwt', jwks: undefined },
    ]) {
      expect([(await register(body)).status, JSON.stringify(body)]).toEqual([400, JSON.stringify(body)])
    }
  })

  it('FAPI2-5.3.2.1-01: a client that was registered before, with a secret or without binding, is refused', async () => {
    const known = await kit.storage.records.client(kit.issuer, 'web')
    if (!known) throw new Error('there is no client')
    const old = { ...known, source: 'registered' as const, grants: ['client_credentials' as const], redirectUris: [], version: 1 }
    const binding = { kind: 'optional' as const, reason: 'registered under another profile' }
    const records = [
      { ...old, clientId: 'secretive', authentication: 'client_secret_basic' as const, secretHashes: [sha256u(kitSecret)], jwks: [] },
      { ...old, clientId: 'loose', binding },
    ]
    const writes = records.map((record) => ({ write: 'put-client' as const, record }))
    expect((await kit.storage.commit({ issuer: kit.issuer, now: kit.now(), audit: [], writes })).done).toBe('committed')
    const form = { grant_type: 'client_credentials', scope: 'notes:read' }
    const proof = { dpop: tokenProof(kit, wireKey()) }
    const secretive = await postForm(kit, '/token', form, { ...proof, authorization: basicHeader('secretive') })
    expect([secretive.status, secretive.json['error'], kit.audit.at(-1)?.rule]).toEqual([
      401,
      'invalid_client',
      'client-auth.method-is-of-the-profile',
    ])
    const loose = await postForm(kit, '/token', { ...form, ...asKeyClient(kit, 'loose') })
    expect([loose.status, loose.json['access_token']]).toEqual([400, undefined])
    expect((await postForm(kit, '/token', { ...form, ...asKeyClient(kit, 'loose') }, proof)).json['token_type']).toBe('DPoP')
  })

  it('FAPI2-5.4.1-01 JAR-10.8-01: a request object signed with RS256 is refused, and no metadata offers it', async () => {
    const pushed = (key: typeof rsaKey) => {
      const parameters = Object.fromEntries(
        new URL(authorizeUrl(kit, { clientId: 'web', change: { scope: 'openid notes:read' } }).url).searchParams,
      )
      const now = kit.now()
      const claims = { iss: 'web', aud: kit.issuer, iat: now, nbf: now, exp: now + 300, ...parameters }
      const request = wireJwt({ alg: key.alg, kid: key.kid, typ: 'oauth-authz-req+jwt' }, claims, key)
      return postForm(kit, '/par', { ...asKeyClient(kit, 'web'), request })
    }
    const refused = await pushed(rsaKey)
    expect([refused.status, refused.json['error'], kit.audit.at(-1)?.rule]).toEqual([
      400,
      'invalid_request_object',
      'request-object.alg-is-accepted',
    ])
    const taken = await pushed(clientKey)
    expect(taken.status, taken.text).toBe(201)
    const metadata = (await (await fetch(`${kit.issuer}/.well-known/openid-configuration`)).json()) as Record<string, unknown>
    expect(metadata['request_object_signing_alg_values_supported']).toEqual(['PS256', 'ES256', 'EdDSA', 'Ed25519'])
    for (const [name, values] of Object.entries(metadata)) if (name.includes('signing_alg')) expect(values, name).not.toContain('RS256')
  })
})

describe('browsers of clients that come by a document', () => {
  it('ATP-META-01 DPOP-7.1-05: nobody knows their origin before the first answer: push and token answer every page, without credentials', async () => {
    const documents = await startDocumentKit()
    const { kit } = documents
    try {
      const origin = 'https://never-seen.example'
      for (const path of ['/par', '/token']) {
        const asked = { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'dpop,content-type' }
        const preflight = await fetch(`${kit.issuer}${path}`, { method: 'OPTIONS', headers: asked })
        expect([preflight.status, preflight.headers.get('access-control-allow-origin')], path).toEqual([204, '*'])
        expect(preflight.headers.get('access-control-allow-headers'), path).toMatch(/DPoP/)
        expect(preflight.headers.get('access-control-allow-credentials'), path).toBeNull()
        const answer = await fetch(`${kit.issuer}${path}`, { method: 'POST', headers: { origin } })
        expect(answer.headers.get('access-control-allow-origin'), path).toBe('*')
        expect(answer.headers.get('access-control-expose-headers'), path).toMatch(/DPoP-Nonce/)
      }
      for (const path of ['/authorize', '/introspect', '/signin', '/account'])
        expect(
          (await fetch(`${kit.issuer}${path}`, { headers: { origin }, redirect: 'manual' })).headers.get('access-control-allow-origin'),
          path,
        ).toBeNull()
    } finally {
      await documents.close()
    }
  })
})
