// Libraries that know nothing of Kimei sign, push and encrypt authorization requests: oauth4webapi, openid-client, jose.
import { webcrypto } from 'node:crypto'
import { CompactEncrypt, importJWK, type JWK } from 'jose'
import * as oauth from 'oauth4webapi'
import * as openid from 'openid-client'
import type { WireAlg } from 'testkit'
import { walkForms } from 'testkit/code'
import { claimsOfJwt, kitRedirect } from 'testkit/issuer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { carryUrl, type RequestKit, startRequestKit } from './request-kit.ts'

let kit: RequestKit
let strict: RequestKit
beforeAll(async () => {
  kit = await startRequestKit({ config: { requestObjectEncryption: ['RSA-OAEP-256', 'ECDH-ES'] } })
  strict = await startRequestKit({
    config: { requestObjects: 'fapi2-message-signing', requireSignedRequestObject: true, requirePushedAuthorizationRequests: true },
  })
})
afterAll(async () => {
  await kit.close()
  await strict.close()
})

const insecure = { [oauth.allowInsecureRequests]: true }
const imports: Partial<Record<WireAlg, webcrypto.AlgorithmIdentifier | webcrypto.EcKeyImportParams | webcrypto.RsaHashedImportParams>> = {
  ES256: { name: 'ECDSA', namedCurve: 'P-256' },
  PS256: { name: 'RSA-PSS', hash: 'SHA-256' },
  RS256: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' },
  Ed25519: { name: 'Ed25519' },
}

async function signingKey(at: RequestKit, alg: WireAlg): Promise<oauth.PrivateKey> {
  const { privateJwk, kid } = at.keys[alg]
  const { use: _, ...jwk } = privateJwk
  return { key: (await webcrypto.subtle.importKey('jwk', jwk, imports[alg]!, false, ['sign'])) as CryptoKey, kid }
}

async function ask(verifier: string): Promise<Record<string, string>> {
  return {
    redirect_uri: kitRedirect,
    response_type: 'code',
    scope: 'openid notes:read',
    state: oauth.generateRandomState(),
    nonce: oauth.generateRandomNonce(),
    max_age: '3600',
    claims: JSON.stringify({ id_token: { name: null }, userinfo: { email: { essential: true } } }),
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  }
}

describe('oauth4webapi', () => {
  const discover = async (at: RequestKit) => {
    const issuer = new URL(at.issuer)
    return oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, insecure))
  }
  const signer: oauth.Client = { client_id: 'signer' }

  for (const alg of ['ES256', 'PS256', 'RS256', 'Ed25519'] as const) {
    it(`JAR-4-01 OIDC-5.5-01: issueRequestObject with ${alg}, max_age and claims inside, as far as UserInfo`, async () => {
      const as = await discover(kit)
      const verifier = oauth.generateRandomCodeVerifier()
      const parameters = await ask(verifier)
      const request = await oauth.issueRequestObject(as, signer, parameters, await signingKey(kit, alg))
      const { landed } = await walkForms(kit, carryUrl(kit, { client_id: 'signer', request }))
      const callback = oauth.validateAuthResponse(as, signer, landed, parameters['state'])
      const DPoP = oauth.DPoP(signer, await oauth.generateKeyPair('ES256'))
      const response = await oauth.authorizationCodeGrantRequest(as, signer, oauth.None(), callback, kitRedirect, verifier, {
        DPoP,
        ...insecure,
      })
      const tokens = await oauth.processAuthorizationCodeResponse(as, signer, response, {
        expectedNonce: parameters['nonce']!,
        maxAge: 3600,
        requireIdToken: true,
      })
      const claims = oauth.getValidatedIdTokenClaims(tokens)
      expect([claims?.sub, claims?.['name'], claims?.['email']]).toEqual(['user-hanako', '花子', undefined])
      const info = await oauth.userInfoRequest(as, signer, tokens.access_token, { DPoP, ...insecure })
      expect(await oauth.processUserInfoResponse(as, signer, 'user-hanako', info)).toEqual({
        sub: 'user-hanako',
        email: 'hanako@example.test',
      })
    })
  }

  for (const alg of ['RSA-OAEP-256', 'ECDH-ES']) {
    it(`OIDC-16.21-1 OIDC-16.14-1: the same object in an envelope by jose, to the published key for ${alg}`, async () => {
      const as = await discover(kit)
      const parameters = await ask(oauth.generateRandomCodeVerifier())
      const object = await oauth.issueRequestObject(as, signer, parameters, await signingKey(kit, 'ES256'))
      const { keys } = (await (await fetch(as.jwks_uri ?? '')).json()) as { keys: JWK[] }
      const jwk = keys.find((key) => key.use === 'enc' && key.alg === alg)!
      const header = { alg, enc: 'A128CBC-HS256', kid: jwk.kid!, cty: 'JWT' }
      const request = await new CompactEncrypt(new TextEncoder().encode(object))
        .setProtectedHeader(header)
        .encrypt(await importJWK(jwk, alg))
      const { landed } = await walkForms(kit, carryUrl(kit, { client_id: 'signer', request }))
      expect(oauth.validateAuthResponse(as, signer, landed, parameters['state']).get('code')).toBeTruthy()
    })
  }

  it('FAPIMS-5.3-01: signed and pushed where both are demanded, by the narrower rules', async () => {
    const as = await discover(strict)
    expect([as.require_signed_request_object, as.require_pushed_authorization_requests]).toEqual([true, true])
    const parameters = await ask(oauth.generateRandomCodeVerifier())
    const request = await oauth.issueRequestObject(as, signer, parameters, await signingKey(strict, 'PS256'))
    const response = await oauth.pushedAuthorizationRequest(as, signer, oauth.None(), new URLSearchParams({ request }), insecure)
    const { request_uri } = await oauth.processPushedAuthorizationResponse(as, signer, response)
    const { landed } = await walkForms(strict, carryUrl(strict, { client_id: 'signer', request_uri }))
    expect(oauth.validateAuthResponse(as, signer, landed, parameters['state']).get('code')).toBeTruthy()
    const plain = await oauth.pushedAuthorizationRequest(as, signer, oauth.None(), new URLSearchParams(parameters), insecure)
    await expect(oauth.processPushedAuthorizationResponse(as, signer, plain)).rejects.toMatchObject({ error: 'invalid_request' })
  })
})

describe('openid-client', () => {
  const configure = (at: RequestKit) =>
    openid.discovery(new URL(at.issuer), 'signer', undefined, openid.None(), { execute: [openid.allowInsecureRequests] })

  it('JAR-4-01: buildAuthorizationUrlWithJAR, as far as the tokens', async () => {
    const config = await configure(kit)
    const verifier = openid.randomPKCECodeVerifier()
    const parameters = await ask(verifier)
    const url = await openid.buildAuthorizationUrlWithJAR(config, parameters, await signingKey(kit, 'ES256'))
    expect([...url.searchParams.keys()].sort()).toEqual(['client_id', 'request'])
    const { landed } = await walkForms(kit, url.href)
    const DPoP = openid.getDPoPHandle(config, await openid.randomDPoPKeyPair())
    const checks = { pkceCodeVerifier: verifier, expectedState: parameters['state']!, expectedNonce: parameters['nonce']!, maxAge: 3600 }
    const tokens = await openid.authorizationCodeGrant(config, landed, checks, undefined, { DPoP })
    expect([tokens.claims()?.sub, claimsOfJwt(tokens.id_token)['name']]).toEqual(['user-hanako', '花子'])
  })

  it('JAR-4-01 PAR-4-02: the object of buildAuthorizationUrlWithJAR, pushed by buildAuthorizationUrlWithPAR', async () => {
    const config = await configure(strict)
    const parameters = await ask(openid.randomPKCECodeVerifier())
    const signed = await openid.buildAuthorizationUrlWithJAR(config, parameters, await signingKey(strict, 'Ed25519'))
    const url = await openid.buildAuthorizationUrlWithPAR(config, { request: signed.searchParams.get('request')! })
    const { landed } = await walkForms(strict, url.href)
    expect([landed.searchParams.get('state'), landed.searchParams.get('iss')]).toEqual([parameters['state'], strict.issuer])
    expect(landed.searchParams.get('code')).toBeTruthy()
  })
})
