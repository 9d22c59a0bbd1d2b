// Where requests must be pushed (RFC 9126 §5, §6), and libraries that know nothing of Kimei pushing them.
import { webcrypto } from 'node:crypto'
import * as oauth from 'oauth4webapi'
import * as openid from 'openid-client'
import { authorizeUrl, type OpenAsk, startCodeKit, walkForms } from 'testkit/code'
import { claimsOfJwt, type IssuerKit, kitRedirect, postForm } from 'testkit/issuer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

let kit: IssuerKit
let demanding: IssuerKit
beforeAll(async () => {
  kit = await startCodeKit()
  demanding = await startCodeKit({ config: { requirePushedAuthorizationRequests: true, dpop: { nonce: { token: 'required' } } } })
})
afterAll(async () => {
  await kit.close()
  await demanding.close()
})

const formOf = (open: OpenAsk): Record<string, string> => Object.fromEntries(new URL(open.url).searchParams)
const page = async (url: string) => {
  const response = await fetch(url, { redirect: 'manual' })
  await response.body?.cancel()
  return { location: response.headers.get('location') }
}

describe('where pushing is demanded', () => {
  it('PAR-6-01 ASVS-10.4.13: a direct request is told invalid_request by redirect', async () => {
    const { location } = await page(authorizeUrl(demanding).url)
    const to = new URL(location ?? '')
    expect(`${to.origin}${to.pathname}`).toBe(kitRedirect)
    expect([to.searchParams.get('error'), to.searchParams.get('state'), to.searchParams.get('iss')]).toEqual([
      'invalid_request',
      'state-1',
      demanding.issuer,
    ])
  })

  it('PAR-6-01: of one client alone: the others still ask directly', async () => {
    const { spa, cli } = {
      spa: { clientId: 'spa', kind: 'spa' as const, name: 'Spa', redirectUris: [kitRedirect], requirePushedAuthorizationRequests: true },
      cli: { clientId: 'cli', kind: 'mobile' as const, name: 'Cli', redirectUris: ['http://127.0.0.1/callback'] },
    }
    const scopes = { scopes: ['openid', 'profile', 'notes:read'], apis: ['https://api.example/'] }
    const one = await startCodeKit({
      config: {
        clients: [
          { ...spa, ...scopes },
          { ...cli, ...scopes },
        ],
      },
    })
    const refusedTo = new URL((await page(authorizeUrl(one).url)).location ?? '')
    expect(refusedTo.searchParams.get('error')).toBe('invalid_request')
    expect((await page(authorizeUrl(one, { clientId: 'cli' }).url)).location).toContain('/signin')
    const pushed = await postForm(one, '/par', formOf(authorizeUrl(one)))
    const query = new URLSearchParams({ client_id: 'spa', request_uri: String(pushed.json['request_uri']) })
    expect((await page(`${one.issuer}/authorize?${query}`)).location).toContain('/signin')
    await one.close()
  })

  it('PAR-6-01: metadata says where to push and whether everybody must', async () => {
    for (const [at, must] of [
      [kit, false],
      [demanding, true],
    ] as const) {
      const document = await (await fetch(`${at.issuer}/.well-known/oauth-authorization-server`)).json()
      expect(document).toMatchObject({
        pushed_authorization_request_endpoint: `${at.issuer}/par`,
        require_pushed_authorization_requests: must,
      })
    }
  })
})

describe('libraries that know nothing of Kimei', () => {
  const insecure = { [oauth.allowInsecureRequests]: true }

  it('PAR-2-01 PAR-2.2-01 DPOP-10.1-01: oauth4webapi pushes with a proof and a nonce, and redeems with the same key', async () => {
    const issuer = new URL(demanding.issuer)
    const as = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, insecure))
    const client: oauth.Client = { client_id: 'spa' }
    const DPoP = oauth.DPoP(client, await oauth.generateKeyPair('ES256'))
    const verifier = oauth.generateRandomCodeVerifier()
    const state = oauth.generateRandomState()
    const parameters = {
      redirect_uri: kitRedirect,
      response_type: 'code',
      scope: 'openid notes:read',
      state,
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    }
    const ask = async () =>
      oauth.processPushedAuthorizationResponse(
        as,
        client,
        await oauth.pushedAuthorizationRequest(as, client, oauth.None(), parameters, { DPoP, ...insecure }),
      )
    const pushed = await ask().catch((error: unknown) => {
      expect(oauth.isDPoPNonceError(error)).toBe(true)
      return ask()
    })
    const url = new URL(as.authorization_endpoint ?? '')
    url.search = new URLSearchParams({ client_id: 'spa', request_uri: pushed.request_uri }).toString()
    const { landed } = await walkForms(demanding, url.href)
    const callback = oauth.validateAuthResponse(as, client, landed, state)
    const response = await oauth.authorizationCodeGrantRequest(as, client, oauth.None(), callback, kitRedirect, verifier, {
      DPoP,
      ...insecure,
    })
    const tokens = await oauth.processAuthorizationCodeResponse(as, client, response, { requireIdToken: true })
    expect(claimsOfJwt(tokens.access_token)['cnf']).toEqual({ jkt: await DPoP.calculateThumbprint() })
  })

  it('PAR-2-01 DPOP-10.1-01: openid-client pushes as a confidential client with private_key_jwt', async () => {
    const { privateJwk, kid } = demanding.clientKey
    const key = await webcrypto.subtle.importKey('jwk', privateJwk, { name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign'])
    const config = await openid.discovery(
      new URL(demanding.issuer),
      'web',
      undefined,
      openid.PrivateKeyJwt({ key: key as CryptoKey, kid }),
      {
        execute: [openid.allowInsecureRequests],
      },
    )
    const DPoP = openid.getDPoPHandle(config, await openid.randomDPoPKeyPair('ES256'))
    const verifier = openid.randomPKCECodeVerifier()
    const state = openid.randomState()
    const parameters = {
      redirect_uri: kitRedirect,
      scope: 'openid notes:read',
      state,
      code_challenge: await openid.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    }
    const url = await openid.buildAuthorizationUrlWithPAR(config, parameters, { DPoP })
    expect([...url.searchParams.keys()].sort()).toEqual(['client_id', 'request_uri'])
    const { landed } = await walkForms(demanding, url.href)
    const checks = { pkceCodeVerifier: verifier, expectedState: state }
    const tokens = await openid.authorizationCodeGrant(config, landed, checks, undefined, { DPoP })
    expect([tokens.token_type, tokens.claims()?.sub]).toEqual(['dpop', 'user-hanako'])
  })
})
