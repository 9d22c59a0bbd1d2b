// A client with a certificate at every endpoint where clients authenticate, and libraries that know nothing of Kimei with certificates of their own.
import { createHash } from 'node:crypto'
import * as oauth from 'oauth4webapi'
import * as openid from 'openid-client'
import { wireKey, wireProof } from 'testkit'
import { type Crafted, craftCertificate } from 'testkit/crafted'
import { deviceGrant } from 'testkit/device'
import { kitApi, kitRedirect } from 'testkit/issuer'
import { callOverTls, type MtlsKit, postWithCertificate, startMtlsKit } from 'testkit/mtls'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const named = (value: string) => ({ subject: [[{ type: '2.5.4.3', value }]] })
const authority = craftCertificate({ ...named('authority'), ca: true })
const job = craftCertificate({ ...named('job'), by: authority })
const other = craftCertificate({ ...named('other'), by: authority })
const batch = craftCertificate(named('batch'))
const jwks = { keys: [{ kty: 'EC' as const, crv: 'P-256', x: 'unused', y: 'unused', x5c: [batch.der] }] }
const key = wireKey()

let kit: MtlsKit
beforeAll(async () => {
  const base = {
    kind: 'server' as const,
    redirectUris: [kitRedirect],
    grants: ['authorization_code' as const, 'refresh_token' as const, 'client_credentials' as const, deviceGrant] as const,
    scopes: ['openid', 'notes:read'],
    apis: [kitApi],
    introspects: [kitApi],
  }
  kit = await startMtlsKit({
    mtls: { trustAnchors: [authority.cert] },
    config: {
      deviceAuthorization: { assessment: 'devices of this test stand on one desk' },
      clients: [
        {
          clientId: 'job',
          name: 'Job',
          authentication: 'tls_client_auth',
          tlsClientAuth: { subjectDn: 'CN=job' },
          ...base,
          grants: [...base.grants],
        },
        { clientId: 'batch', name: 'Batch', authentication: 'self_signed_tls_client_auth', jwks, ...base, grants: [...base.grants] },
      ],
    },
  })
})
afterAll(() => kit.close())

const challenge = createHash('sha256').update('v'.repeat(43)).digest('base64url')
const authorization = {
  response_type: 'code',
  redirect_uri: kitRedirect,
  scope: 'openid',
  code_challenge: challenge,
  code_challenge_method: 'S256',
}
const proofAt = (path: string) => ({ dpop: wireProof(key, { method: 'POST', url: `${kit.mtlsUrl}${path}`, now: kit.now() }) })

const endpoints: readonly (readonly [path: string, form: Record<string, string>, status: number, proven: boolean])[] = [
  ['/token', { grant_type: 'client_credentials', scope: 'notes:read' }, 200, true],
  ['/par', authorization, 201, true],
  ['/device_authorization', { scope: 'openid' }, 200, true],
  ['/revoke', { token: 'none of ours' }, 200, false],
  ['/introspect', { token: 'none of ours' }, 200, false],
]
const clients: readonly (readonly [id: string, certificate: Crafted])[] = [
  ['job', job],
  ['batch', batch],
]

describe.each(endpoints)('%s', (path, form, status, proven) => {
  const ask = (client_id: string | undefined, certificate: Crafted | undefined) =>
    postWithCertificate(
      kit,
      path,
      { ...form, ...(client_id !== undefined && { client_id }) },
      { ...(proven && { headers: proofAt(path) }), ...(certificate && { certificate }) },
    )

  it.each(clients)('MTLS-2-01: %s gets in by its certificate alone', async (id, certificate) => {
    const answer = await ask(id, certificate)
    expect(answer.status, answer.text).toBe(status)
  })

  it.each(clients)('MTLS-2-01 MTLS-2-02: %s without it, with another, or nameless, does not', async (id, certificate) => {
    for (const answer of [await ask(id, undefined), await ask(id, other), await ask(undefined, certificate)]) {
      expect([answer.status, answer.json['error']]).toEqual([401, 'invalid_client'])
      expect(answer.headers.get('www-authenticate')).toBeNull()
    }
  })
})

/** How a library reaches the issuer: with this certificate, on a connection of its own. */
const fetchAs =
  (certificate: Crafted) =>
  async (url: string, options: { readonly method?: string; readonly headers?: object; readonly body?: unknown }): Promise<Response> => {
    if (!url.startsWith(kit.mtlsUrl)) return fetch(url, options as RequestInit)
    const headers = Object.fromEntries(new Headers(options.headers as Record<string, string>))
    const body = options.body === undefined || options.body === null ? {} : { body: String(options.body) }
    const answer = await callOverTls(url, kit.serverCertificate, { certificate, headers, method: options.method ?? 'GET', ...body })
    return new Response(answer.text === '' ? null : answer.text, { status: answer.status, headers: answer.headers })
  }

describe('independent clients', () => {
  const insecure = { [oauth.allowInsecureRequests]: true }

  it.each(clients)('MTLS-2-01: oauth4webapi, %s, finds the aliases by itself and gets a bound token', async (client_id, certificate) => {
    const issuer = new URL(kit.issuer)
    const as = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', ...insecure }))
    const client: oauth.Client = { client_id, use_mtls_endpoint_aliases: true }
    const DPoP = oauth.DPoP(client, await oauth.generateKeyPair('ES256'))
    const custom = { ...insecure, [oauth.customFetch]: fetchAs(certificate) }
    const response = await oauth.clientCredentialsGrantRequest(
      as,
      client,
      oauth.TlsClientAuth(),
      { scope: 'notes:read' },
      { DPoP, ...custom },
    )
    const token = await oauth.processClientCredentialsResponse(as, client, response)
    expect(token.token_type).toBe('dpop')
    const revoked = await oauth.revocationRequest(as, client, oauth.TlsClientAuth(), token.access_token, custom)
    await expect(oauth.processRevocationResponse(revoked)).resolves.toBeUndefined()
    const asked = await oauth.introspectionRequest(as, client, oauth.TlsClientAuth(), token.access_token, custom)
    expect(await oauth.processIntrospectionResponse(as, client, asked)).toMatchObject({ active: false })
  })

  it('MTLS-2-01: openid-client pushes, asks and is refused with the certificate of another', async () => {
    const connect = (certificate: Crafted) =>
      openid.discovery(new URL(kit.issuer), 'job', { use_mtls_endpoint_aliases: true }, openid.TlsClientAuth(), {
        execute: [openid.allowInsecureRequests],
        [openid.customFetch]: fetchAs(certificate) as openid.CustomFetch,
      })
    const config = await connect(job)
    const pushed = await openid.buildAuthorizationUrlWithPAR(config, {
      redirect_uri: kitRedirect,
      scope: 'openid',
      code_challenge: challenge,
      code_challenge_method: 'S256',
    })
    expect(pushed.searchParams.get('request_uri')).toMatch(/^urn:ietf:params:oauth:request_uri:/)
    const DPoP = openid.getDPoPHandle(config, await openid.randomDPoPKeyPair())
    const token = await openid.clientCredentialsGrant(config, { scope: 'notes:read' }, { DPoP })
    expect(token.token_type).toBe('dpop')
    const stranger = await connect(other)
    await expect(openid.clientCredentialsGrant(stranger, { scope: 'notes:read' })).rejects.toMatchObject({
      error: 'invalid_client',
      status: 401,
    })
  })
})
