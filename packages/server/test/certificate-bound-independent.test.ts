// Libraries that know nothing of Kimei get tokens bound to certificates over real TLS, and spend them at a guarded API that asks for certificates.
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { createGuard, staticKeys } from '@kimei/guard'
import { guardNode } from '@kimei/guard/node'
import { createMemoryReplay } from '@kimei/storage'
import * as oauth from 'oauth4webapi'
import * as openid from 'openid-client'
import { selfSigned } from 'testkit'
import { boundCertificates, boundCode, startBoundKit } from 'testkit/bound'
import { claimsOfJwt, kitApi } from 'testkit/issuer'
import { callOverTls, type MtlsKit } from 'testkit/mtls'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

type Held = (typeof boundCertificates)['job']
const { job, other, phone } = boundCertificates
const serving = selfSigned('api')
const api = createServer({ key: serving.key, cert: serving.cert, requestCert: true, rejectUnauthorized: false })
let kit: MtlsKit
let url = ''
beforeAll(async () => {
  kit = await startBoundKit()
  await new Promise<void>((resolve) => api.listen(0, '127.0.0.1', resolve))
  url = `https://localhost:${(api.address() as AddressInfo).port}`
  const keys = (await (await fetch(`${kit.issuer}/jwks`)).json()) as Parameters<typeof staticKeys>[0]
  const guard = createGuard(
    { issuer: kit.issuer, resource: kitApi, baseUrls: [url], constraint: 'either', routes: [{ policy: 'required', path: '/notes' }] },
    {
      replay: createMemoryReplay(),
      keys: staticKeys(keys),
      random: (bytes) => crypto.getRandomValues(new Uint8Array(bytes)),
      clock: kit.now,
      audit: () => undefined,
    },
  )
  api.on(
    'request',
    guardNode(guard, (_request, response) => void response.end('notes')),
  )
})
afterAll(async () => {
  api.closeAllConnections()
  api.close()
  await kit.close()
})

/** How a library reaches the issuer and the API: with this certificate, on a connection of its own. */
const fetchAs =
  (certificate: Held | undefined) =>
  async (to: string, options: { readonly method?: string; readonly headers?: object; readonly body?: unknown }): Promise<Response> => {
    if (to.startsWith('http:')) return fetch(to, options as RequestInit)
    const headers = Object.fromEntries(new Headers(options.headers as Record<string, string>))
    const body = options.body === undefined || options.body === null ? {} : { body: String(options.body) }
    const ca = to.startsWith(url) ? serving.cert : kit.serverCertificate
    const answer = await callOverTls(to, ca, { ...(certificate && { certificate }), headers, method: options.method ?? 'GET', ...body })
    return new Response(answer.text === '' ? null : answer.text, { status: answer.status, headers: answer.headers })
  }
const insecure = { [oauth.allowInsecureRequests]: true }
const as = (certificate: Held | undefined) => ({ ...insecure, [oauth.customFetch]: fetchAs(certificate) })
const bound = ({ x5t }: Held) => ({ 'x5t#S256': x5t })

describe('oauth4webapi', () => {
  const discover = async () => {
    const issuer = new URL(kit.issuer)
    return oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', ...insecure }))
  }
  /** 200, or what the library makes of the challenge. */
  const spend = async (token: string, certificate: Held | undefined) => {
    try {
      const answer = await oauth.protectedResourceRequest(token, 'GET', new URL(`${url}/notes`), undefined, undefined, as(certificate))
      return answer.status
    } catch (error) {
      return error instanceof oauth.WWWAuthenticateChallengeError
        ? error.cause.find(({ scheme }) => scheme === 'bearer')?.parameters.error
        : error
    }
  }

  it('MTLS-3-01 MTLS-3-02 MTLS-3-04: job asks at the alias, spends with its certificate, and nobody else can', async () => {
    const server = await discover()
    const client: oauth.Client = { client_id: 'job', use_mtls_endpoint_aliases: true }
    const how = [oauth.TlsClientAuth(), { scope: 'notes:read', resource: kitApi }, as(job)] as const
    const answer = await oauth.processClientCredentialsResponse(
      server,
      client,
      await oauth.clientCredentialsGrantRequest(server, client, ...how),
    )
    expect([answer.token_type, claimsOfJwt(answer.access_token)['cnf']]).toEqual(['bearer', bound(job)])
    expect(await spend(answer.access_token, job)).toBe(200)
    expect(await spend(answer.access_token, other)).toBe('invalid_token')
    expect(await spend(answer.access_token, undefined)).toBe('invalid_token')
  })

  it('MTLS-3.4-01: at the plain endpoint the same client is refused', async () => {
    const server = await discover()
    const client: oauth.Client = { client_id: 'phone' }
    const { open, form } = await boundCode(kit, 'phone')
    const callback = oauth.validateAuthResponse(
      server,
      client,
      new URLSearchParams({ code: form['code'] as string, state: 'state-1', iss: kit.issuer }),
      'state-1',
    )
    const redeem = async (one: oauth.Client, certificate: Held | undefined) =>
      oauth.processAuthorizationCodeResponse(
        server,
        one,
        await oauth.authorizationCodeGrantRequest(server, one, oauth.None(), callback, open.redirectUri, open.verifier, as(certificate)),
        { expectedNonce: 'nonce-1' },
      )
    await expect(redeem(client, phone)).rejects.toMatchObject({ error: 'invalid_request', status: 400 })
    const aliased = { ...client, use_mtls_endpoint_aliases: true }
    const held = await redeem(aliased, phone)
    expect(claimsOfJwt(held.access_token)['cnf']).toEqual(bound(phone))
    const refresh = async (certificate: Held) =>
      oauth.processRefreshTokenResponse(
        server,
        aliased,
        await oauth.refreshTokenGrantRequest(server, aliased, oauth.None(), held.refresh_token as string, as(certificate)),
      )
    await expect(refresh(other)).rejects.toMatchObject({ error: 'invalid_grant', status: 400 })
    expect(claimsOfJwt((await refresh(phone)).access_token)['cnf']).toEqual(bound(phone))
    const userinfo = await oauth.userInfoRequest(server, aliased, held.access_token, as(phone))
    expect(await oauth.processUserInfoResponse(server, aliased, 'user-hanako', userinfo)).toMatchObject({ sub: 'user-hanako' })
  })
})

describe('openid-client', () => {
  const connect = (clientId: string, certificate: Held, authentication: openid.ClientAuth) =>
    openid.discovery(new URL(kit.issuer), clientId, { use_mtls_endpoint_aliases: true }, authentication, {
      execute: [openid.allowInsecureRequests],
      [openid.customFetch]: fetchAs(certificate) as openid.CustomFetch,
    })

  it('MTLS-3-01: private_key_jwt with tokens bound to a certificate, and to a key beside it', async () => {
    const jwk = { ...kit.clientKey.privateJwk } as JsonWebKey
    const signing = await crypto.subtle.importKey('jwk', jwk, { name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign'])
    const authentication = openid.PrivateKeyJwt({ key: signing, kid: kit.clientKey.kid })
    const config = await connect('keyed', other, authentication)
    const token = await openid.clientCredentialsGrant(config, { scope: 'notes:read', resource: kitApi })
    expect([token.token_type, claimsOfJwt(token.access_token)['cnf']]).toEqual(['bearer', bound(other)])
    const pair = await openid.randomDPoPKeyPair()
    const DPoP = openid.getDPoPHandle(config, pair)
    const both = await openid.clientCredentialsGrant(config, { scope: 'notes:read', resource: kitApi }, { DPoP })
    expect(both.token_type).toBe('dpop')
    expect(claimsOfJwt(both.access_token)['cnf']).toEqual({ jkt: await DPoP.calculateThumbprint(), ...bound(other) })
    const answer = await openid.fetchProtectedResource(config, both.access_token, new URL(`${url}/notes`), 'GET', undefined, undefined, {
      DPoP,
    })
    expect(answer.status).toBe(200)
  })
})
