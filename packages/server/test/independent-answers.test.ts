// Libraries that know nothing of Kimei read its signed, encrypted and hybrid answers: oauth4webapi and openid-client.
import { webcrypto } from 'node:crypto'
import * as oauth from 'oauth4webapi'
import * as openid from 'openid-client'
import { authorizeUrl, startCodeKit, walkForms } from 'testkit/code'
import { type IssuerKit, kitApi, kitRedirect } from 'testkit/issuer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const person = { scopes: ['openid', 'profile', 'email', 'notes:read'], apis: [kitApi], redirectUris: [kitRedirect] }
const insecure = { [oauth.allowInsecureRequests]: true }

let kit: IssuerKit
let keys: CryptoKeyPair
beforeAll(async () => {
  keys = (await webcrypto.subtle.generateKey({ name: 'ECDH', namedCurve: 'P-256' }, true, ['deriveBits'])) as CryptoKeyPair
  const jwk = { ...(await webcrypto.subtle.exportKey('jwk', keys.publicKey)), kid: 'seal', use: 'enc', key_ops: undefined } as never
  const alg = 'ECDH-ES'
  kit = await startCodeKit({
    config: {
      clients: [
        { clientId: 'spa', kind: 'spa', name: 'Spa', ...person, authorizationSignedResponseAlg: 'ES256', idTokenAlg: 'ES256' },
        { clientId: 'both', kind: 'spa', name: 'Both', ...person, responseTypes: ['code', 'code id_token'] },
        {
          clientId: 'sealed',
          kind: 'spa',
          name: 'Sealed',
          ...person,
          jwks: { keys: [jwk] },
          responseTypes: ['code', 'code id_token'],
          authorizationEncryptedResponseAlg: alg,
          idTokenEncryptedResponseAlg: alg,
          idTokenEncryptedResponseEnc: 'A256GCM',
          userinfoSignedResponseAlg: 'RS256',
          userinfoEncryptedResponseAlg: alg,
        },
      ],
    },
  })
})
afterAll(() => kit.close())

/** What the browser brings, as the client's server sees it: a URL, or the post. */
async function brought(url: string): Promise<URL | Request> {
  const { landed, posted } = await walkForms(kit, url)
  return posted ? new Request(kitRedirect, { method: 'POST', body: new URLSearchParams(posted) }) : landed
}

describe('oauth4webapi', () => {
  const discover = async () => {
    const issuer = new URL(kit.issuer)
    return oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, insecure))
  }

  it('JARM-2.1-01: takes a signed answer as sound, and an error inside as an error', async () => {
    const as = await discover()
    const client: oauth.Client = { client_id: 'spa', authorization_signed_response_alg: 'ES256' }
    const landed = await brought(authorizeUrl(kit, { change: { response_mode: 'jwt' } }).url)
    const parameters = await oauth.validateJwtAuthResponse(as, client, landed as URL, 'state-1', insecure)
    expect(parameters.get('code')).toMatch(/^[A-Za-z0-9_-]{43}$/)
    const refused = await brought(authorizeUrl(kit, { change: { response_mode: 'jwt', prompt: 'none' } }).url)
    await expect(oauth.validateJwtAuthResponse(as, client, refused as URL, 'state-1', insecure)).rejects.toMatchObject({
      error: 'login_required',
    })
    await expect(oauth.validateJwtAuthResponse(as, { ...client, client_id: 'other' }, landed as URL, 'state-1', insecure)).rejects.toThrow()
  })

  it.each(['fragment', 'form_post'])('OIDC-3.1.3.6-01: takes code id_token by %s as sound, c_hash and s_hash checked', async (mode) => {
    const as = await discover()
    const client: oauth.Client = { client_id: 'both' }
    const change = { response_type: 'code id_token', response_mode: mode }
    const answer = () => brought(authorizeUrl(kit, { clientId: 'both', change }).url)
    const code = await oauth.validateCodeIdTokenResponse(as, client, await answer(), 'nonce-1', 'state-1', undefined, insecure)
    expect(code.has('code')).toBe(true)
    // FAPI 1.0 has the ID token as a detached signature: there s_hash is demanded.
    const signed = await oauth.validateDetachedSignatureResponse(as, client, await answer(), 'nonce-1', 'state-1', undefined, insecure)
    expect(signed.has('code')).toBe(true)
  })
})

describe('openid-client', () => {
  const configure = async (clientId: string, more: object, prepare: readonly ((config: openid.Configuration) => void)[]) =>
    openid.discovery(new URL(kit.issuer), clientId, more, openid.None(), { execute: [openid.allowInsecureRequests, ...prepare] })
  const decrypting = (config: openid.Configuration) =>
    openid.enableDecryptingResponses(config, ['A128CBC-HS256', 'A256GCM'], { key: keys.privateKey, kid: 'seal' })

  const signIn = async (config: openid.Configuration, more: Record<string, string> = {}) => {
    const DPoP = openid.getDPoPHandle(config, await openid.randomDPoPKeyPair('ES256'))
    const verifier = openid.randomPKCECodeVerifier()
    const [state, nonce] = [openid.randomState(), openid.randomNonce()]
    const url = openid.buildAuthorizationUrl(config, {
      redirect_uri: kitRedirect,
      scope: 'openid email notes:read',
      state,
      nonce,
      code_challenge: await openid.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      ...more,
    })
    const checks = { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true }
    const tokens = await openid.authorizationCodeGrant(config, await brought(url.href), checks, undefined, { DPoP })
    return { tokens, DPoP }
  }

  it('JARM-2.3-01: useJwtResponseMode, from the request to the tokens', async () => {
    const algs = { authorization_signed_response_alg: 'ES256', id_token_signed_response_alg: 'ES256' }
    const { tokens } = await signIn(await configure('spa', algs, [openid.useJwtResponseMode]))
    expect(tokens.claims()?.sub).toBe('user-hanako')
  })

  it('FORMPOST-2-01: response_mode form_post, from the request to the tokens', async () => {
    const { tokens } = await signIn(await configure('spa', { id_token_signed_response_alg: 'ES256' }, []), { response_mode: 'form_post' })
    expect(tokens.claims()?.sub).toBe('user-hanako')
  })

  it.each(['fragment', 'form_post'])(
    'ASVS-10.6.1: useCodeIdTokenResponseType by %s, from the request to the tokens',
    async (response_mode) => {
      const { tokens } = await signIn(await configure('both', {}, [openid.useCodeIdTokenResponseType]), { response_mode })
      expect(tokens.claims()?.sub).toBe('user-hanako')
    },
  )

  it('OIDC-16.14-1 OIDC-5.3-01: enableDecryptingResponses reads ID token and UserInfo', async () => {
    const { tokens, DPoP } = await signIn(await configure('sealed', { userinfo_signed_response_alg: 'RS256' }, [decrypting]))
    expect(tokens.claims()?.sub).toBe('user-hanako')
    expect(String(tokens.id_token).split('.')).toHaveLength(5)
    const config = await configure('sealed', { userinfo_signed_response_alg: 'RS256' }, [decrypting])
    const info = await openid.fetchUserInfo(config, tokens.access_token, 'user-hanako', { DPoP })
    expect(info.email).toBe('hanako@example.test')
  })

  it('JARM-2.1-01 OIDC-16.14-1: enableDecryptingResponses reads encrypted signed answers, and code id_token with an encrypted ID token', async () => {
    const jarm = await signIn(await configure('sealed', {}, [decrypting, openid.useJwtResponseMode]))
    expect(jarm.tokens.claims()?.sub).toBe('user-hanako')
    const hybrid = await signIn(await configure('sealed', {}, [decrypting, openid.useCodeIdTokenResponseType]))
    expect(hybrid.tokens.claims()?.sub).toBe('user-hanako')
  })
})
