// Libraries that know nothing of Kimei drive the issuer: oauth4webapi and openid-client, from discovery to revocation.
import { generateKeyPairSync, webcrypto } from 'node:crypto'
import * as oauth from 'oauth4webapi'
import * as openid from 'openid-client'
import { startCodeKit, walkForms } from 'testkit/code'
import { claimsOfJwt, type IssuerKit, kitApi, kitRedirect } from 'testkit/issuer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

let kit: IssuerKit
let strict: IssuerKit
beforeAll(async () => {
  kit = await startCodeKit()
  strict = await startCodeKit({ config: { dpop: { nonce: { token: 'required', userinfo: 'required' } } } })
})
afterAll(async () => {
  await kit.close()
  await strict.close()
})

const insecure = { [oauth.allowInsecureRequests]: true }

async function clientKey(at: IssuerKit): Promise<oauth.PrivateKey> {
  const { privateJwk, kid } = at.clientKey
  const key = await webcrypto.subtle.importKey('jwk', privateJwk, { name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign'])
  return { key: key as CryptoKey, kid }
}

describe('oauth4webapi', () => {
  const discover = async (at: IssuerKit, algorithm: 'oidc' | 'oauth2' = 'oidc') => {
    const issuer = new URL(at.issuer)
    return oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, { algorithm, ...insecure }))
  }

  it('client_credentials with private_key_jwt and DPoP', async () => {
    const as = await discover(kit, 'oauth2')
    const client: oauth.Client = { client_id: 'service' }
    const DPoP = oauth.DPoP(client, await oauth.generateKeyPair('ES256'))
    const response = await oauth.clientCredentialsGrantRequest(
      as,
      client,
      oauth.PrivateKeyJwt(await clientKey(kit)),
      { scope: 'notes:read' },
      { DPoP, ...insecure },
    )
    const result = await oauth.processClientCredentialsResponse(as, client, response)
    expect(result.token_type).toBe('dpop')
    expect(claimsOfJwt(result.access_token)['cnf']).toEqual({ jkt: await DPoP.calculateThumbprint() })
  })

  for (const nonces of ['off', 'required']) {
    it(`code, PKCE, DPoP bound from the start, ID token, UserInfo, refresh, revocation; nonces ${nonces}`, async () => {
      const at = nonces === 'off' ? kit : strict
      const as = await discover(at)
      const client: oauth.Client = { client_id: 'spa' }
      const DPoP = oauth.DPoP(client, await oauth.generateKeyPair('ES256'))
      const verifier = oauth.generateRandomCodeVerifier()
      const [state, nonce] = [oauth.generateRandomState(), oauth.generateRandomNonce()]
      const url = new URL(as.authorization_endpoint ?? '')
      url.search = new URLSearchParams({
        client_id: 'spa',
        redirect_uri: kitRedirect,
        response_type: 'code',
        scope: 'openid email notes:read',
        state,
        nonce,
        code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
        dpop_jkt: await DPoP.calculateThumbprint(),
      }).toString()
      const { landed } = await walkForms(at, url.href)
      const callback = oauth.validateAuthResponse(as, client, landed, state)
      const redeem = () =>
        oauth.authorizationCodeGrantRequest(as, client, oauth.None(), callback, kitRedirect, verifier, { DPoP, ...insecure })
      const read = async (response: Response) =>
        oauth.processAuthorizationCodeResponse(as, client, response, { expectedNonce: nonce, requireIdToken: true })
      const tokens = await read(await redeem()).catch(async (error: unknown) => {
        expect([nonces, oauth.isDPoPNonceError(error)]).toEqual(['required', true])
        return read(await redeem())
      })
      const claims = oauth.getValidatedIdTokenClaims(tokens)
      expect(claims?.sub).toBe('user-hanako')

      const ask = () => oauth.userInfoRequest(as, client, tokens.access_token, { DPoP, ...insecure })
      const readInfo = async (response: Response) => oauth.processUserInfoResponse(as, client, claims?.sub ?? '', response)
      const info = await readInfo(await ask()).catch(async (error: unknown) => {
        expect([nonces, oauth.isDPoPNonceError(error)]).toEqual(['required', true])
        return readInfo(await ask())
      })
      expect(info.email).toBe('hanako@example.test')

      const refreshed = await oauth.processRefreshTokenResponse(
        as,
        client,
        await oauth.refreshTokenGrantRequest(as, client, oauth.None(), tokens.refresh_token ?? '', { DPoP, ...insecure }),
      )
      expect(refreshed.refresh_token).not.toBe(tokens.refresh_token)
      await oauth.processRevocationResponse(
        await oauth.revocationRequest(as, client, oauth.None(), refreshed.refresh_token ?? '', insecure),
      )
      const dead = await oauth.refreshTokenGrantRequest(as, client, oauth.None(), refreshed.refresh_token ?? '', { DPoP, ...insecure })
      await expect(oauth.processRefreshTokenResponse(as, client, dead)).rejects.toMatchObject({ error: 'invalid_grant' })
    })
  }

  it('ISS-2-01: an error response carries iss, and the library takes it as this issuer’s', async () => {
    const as = await discover(kit)
    const client: oauth.Client = { client_id: 'spa' }
    const url = new URL(as.authorization_endpoint ?? '')
    url.search = new URLSearchParams({ client_id: 'spa', redirect_uri: kitRedirect, response_type: 'ticket', state: 's' }).toString()
    const answer = await fetch(url, { redirect: 'manual' })
    const landed = new URL(answer.headers.get('location') ?? '')
    expect(() => oauth.validateAuthResponse(as, client, landed, 's')).toThrow(
      expect.objectContaining({ error: 'unsupported_response_type' }),
    )
  })
})

describe('openid-client', () => {
  it('code, PKCE, DPoP and refresh as a confidential client with private_key_jwt', async () => {
    const config = await openid.discovery(new URL(strict.issuer), 'web', undefined, openid.PrivateKeyJwt(await clientKey(strict)), {
      execute: [openid.allowInsecureRequests],
    })
    const DPoP = openid.getDPoPHandle(config, await openid.randomDPoPKeyPair('ES256'))
    const verifier = openid.randomPKCECodeVerifier()
    const [state, nonce] = [openid.randomState(), openid.randomNonce()]
    const url = openid.buildAuthorizationUrl(config, {
      redirect_uri: kitRedirect,
      scope: 'openid notes:read',
      state,
      nonce,
      resource: kitApi,
      code_challenge: await openid.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    })
    const { landed } = await walkForms(strict, url.href)
    const tokens = await openid.authorizationCodeGrant(
      config,
      landed,
      { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce },
      undefined,
      { DPoP },
    )
    expect([tokens.token_type, tokens.claims()?.sub]).toEqual(['dpop', 'user-hanako'])
    expect(claimsOfJwt(tokens.access_token)['aud']).toBe(kitApi)
    const refreshed = await openid.refreshTokenGrant(config, tokens.refresh_token ?? '', undefined, { DPoP })
    expect(refreshed.token_type).toBe('dpop')
    const own = openid.clientCredentialsGrant(config, { scope: 'notes:read' }, { DPoP })
    await expect(own).rejects.toMatchObject({ error: 'unauthorized_client' })
  })

  it('client_credentials with a proof by Ed25519', async () => {
    const config = await openid.discovery(new URL(strict.issuer), 'service', undefined, openid.PrivateKeyJwt(await clientKey(strict)), {
      execute: [openid.allowInsecureRequests],
    })
    const pair = generateKeyPairSync('ed25519')
    const algorithm = { name: 'Ed25519' }
    const privateKey = await webcrypto.subtle.importKey(
      'jwk',
      pair.privateKey.export({ format: 'jwk' }) as webcrypto.JsonWebKey,
      algorithm,
      false,
      ['sign'],
    )
    const publicKey = await webcrypto.subtle.importKey(
      'jwk',
      pair.publicKey.export({ format: 'jwk' }) as webcrypto.JsonWebKey,
      algorithm,
      true,
      ['verify'],
    )
    const DPoP = openid.getDPoPHandle(config, { privateKey, publicKey } as CryptoKeyPair)
    const tokens = await openid.clientCredentialsGrant(config, { scope: 'notes:write', resource: kitApi }, { DPoP })
    expect([tokens.token_type, tokens.scope]).toEqual(['dpop', 'notes:write'])
  })
})
