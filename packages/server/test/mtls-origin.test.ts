// The origin for clients with certificates: what is served there, what proofs name there, and what stays at the issuer's own.
import { Misuse } from '@kimei/protocol'
import { parseIssuerConfig } from '@kimei/server'
import { selfSigned, wireKey, wireProof } from 'testkit'
import { asKeyClient, claimsOfJwt, kitApi, kitConfig, noPassword, postForm, signedByIssuer, tokenProof } from 'testkit/issuer'
import { callOverTls, type MtlsKit, postWithCertificate, startMtlsKit } from 'testkit/mtls'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

let kit: MtlsKit
const key = wireKey()
const certificate = selfSigned('client')

beforeAll(async () => {
  kit = await startMtlsKit({
    config: {
      deviceAuthorization: { assessment: 'devices of this test stand on one desk' },
      registration: { mode: 'open', policy: { apis: [kitApi] } },
    },
  })
})
afterAll(() => kit.close())

const there = (path: string, call = {}) => callOverTls(`${kit.mtlsUrl}${path}`, kit.serverCertificate, call)
const metadataOf = async (issuer: string) =>
  (await (await fetch(`${issuer}/.well-known/openid-configuration`)).json()) as Record<string, unknown>

describe('metadata', () => {
  it('MTLS-3.3-01, MTLS-5-01: names every endpoint that clients call at the other origin, and no page', async () => {
    const metadata = await metadataOf(kit.issuer)
    const aliases = metadata['mtls_endpoint_aliases'] as Record<string, string>
    expect(Object.keys(aliases).toSorted()).toEqual([
      'device_authorization_endpoint',
      'introspection_endpoint',
      'pushed_authorization_request_endpoint',
      'registration_endpoint',
      'revocation_endpoint',
      'token_endpoint',
      'userinfo_endpoint',
    ])
    for (const [member, url] of Object.entries(aliases)) {
      expect(url, member).toBe(`${kit.mtlsUrl}${String(metadata[member]).slice(kit.issuer.length)}`)
    }
    expect(metadata).toMatchObject({ issuer: kit.issuer, tls_client_certificate_bound_access_tokens: true })
  })

  it('MTLS-3.3-01: says nothing of certificates where they are not configured, and nothing of endpoints that are closed', async () => {
    const closed = await startMtlsKit()
    expect(Object.keys((await metadataOf(closed.issuer))['mtls_endpoint_aliases'] as object)).not.toContain('registration_endpoint')
    await closed.close()
    const config = parseIssuerConfig(kitConfig('https://id.example', kit.clientKey, noPassword))
    expect(config.mtls).toBeUndefined()
  })
})

describe('at the other origin', () => {
  it('MTLS-6.1-01: no page is shown, and no document: 404 for each', async () => {
    for (const path of ['/authorize', '/signin', '/consent', '/account', '/logout', '/device', '/signed-out', '/jwks', '/nothing']) {
      expect((await there(path)).status, path).toBe(404)
    }
    expect((await there('/.well-known/openid-configuration')).status).toBe(404)
    expect((await there('/authorize', { headers: { host: new URL(kit.issuer).host } })).status).toBe(404)
  })

  it('MTLS-5-01: every alias answers as its endpoint does', async () => {
    const metadata = await metadataOf(kit.issuer)
    for (const [member, url] of Object.entries(metadata['mtls_endpoint_aliases'] as Record<string, string>)) {
      const own = await fetch(String(metadata[member]), { method: 'DELETE' })
      const answer = await callOverTls(url, kit.serverCertificate, { method: 'DELETE' })
      expect([answer.status, answer.json['error']], member).toEqual([own.status, ((await own.json()) as { error: string }).error])
    }
  })

  it('MTLS-5-01: a proof names the URL that was called there, with a certificate and without one', async () => {
    const proof = () => wireProof(key, { method: 'POST', url: `${kit.mtlsUrl}/token`, now: kit.now() })
    for (const shown of [{}, { certificate }]) {
      const form = { grant_type: 'client_credentials', ...asKeyClient(kit) }
      const answer = await postWithCertificate(kit, '/token', form, { headers: { dpop: proof() }, ...shown })
      expect(answer.status, answer.text).toBe(200)
      expect(answer.json['token_type']).toBe('DPoP')
      expect(claimsOfJwt(answer.json['access_token'])).toMatchObject({ iss: kit.issuer, cnf: { jkt: key.jkt } })
    }
  })

  it('MTLS-5-01: a proof for one origin is none at the other', async () => {
    const form = () => ({ grant_type: 'client_credentials', ...asKeyClient(kit) })
    const own = await postWithCertificate(kit, '/token', form(), { headers: { dpop: tokenProof(kit, key) } })
    expect([own.status, own.json['error']]).toEqual([400, 'invalid_dpop_proof'])
    const other = wireProof(key, { method: 'POST', url: `${kit.mtlsUrl}/token`, now: kit.now() })
    const answer = await postForm(kit, '/token', form(), { dpop: other })
    expect([answer.status, answer.json['error']]).toEqual([400, 'invalid_dpop_proof'])
  })

  it('MTLS-5-01: pushed requests take proofs that name them there', async () => {
    const proof = wireProof(key, { method: 'POST', url: `${kit.mtlsUrl}/par`, now: kit.now() })
    const form = {
      response_type: 'code',
      redirect_uri: 'https://app.example/callback',
      scope: 'openid',
      code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
      code_challenge_method: 'S256',
      ...asKeyClient(kit, 'web'),
    }
    const answer = await postWithCertificate(kit, '/par', form, { headers: { dpop: proof } })
    expect(answer.status, answer.text).toBe(201)
  })

  it('MTLS-5-01: an assertion is for the issuer, never for the URL of the alias', async () => {
    const { kitAssertion } = await import('testkit/issuer')
    const form = { grant_type: 'client_credentials', ...asKeyClient(kit) }
    const proof = wireProof(key, { method: 'POST', url: `${kit.mtlsUrl}/token`, now: kit.now() })
    const aimed = { ...form, client_assertion: kitAssertion(kit, 'service', { claims: { aud: `${kit.mtlsUrl}/token` } }) }
    const answer = await postWithCertificate(kit, '/token', aimed, { headers: { dpop: proof } })
    expect([answer.status, answer.json['error']]).toEqual([401, 'invalid_client'])
  })

  it('MTLS-5-01: UserInfo takes a proof for the URL at which it was asked', async () => {
    const person = { sub: 'user-hanako', client_id: 'spa', aud: kit.issuer, scope: 'openid', cnf: { jkt: key.jkt } }
    const token = await signedByIssuer(kit, person)
    const ask = (url: string) =>
      there('/userinfo', {
        headers: { authorization: `DPoP ${token}`, dpop: wireProof(key, { url, now: kit.now(), accessToken: token }) },
      })
    expect((await ask(`${kit.mtlsUrl}/userinfo`)).status).toBe(200)
    expect((await ask(`${kit.issuer}/userinfo`)).status).toBe(401)
  })

  it('MTLS-3-01: UserInfo hears of the certificate there, and nowhere else', async () => {
    const person = { sub: 'user-hanako', client_id: 'spa', aud: kit.issuer, scope: 'openid', cnf: { 'x5t#S256': certificate.x5t } }
    const authorization = `Bearer ${await signedByIssuer(kit, person)}`
    expect((await there('/userinfo', { certificate, headers: { authorization } })).status).toBe(200)
    expect((await there('/userinfo', { headers: { authorization } })).status).toBe(401)
    expect((await there('/userinfo', { certificate: selfSigned('other'), headers: { authorization } })).status).toBe(401)
    expect((await fetch(`${kit.issuer}/userinfo`, { headers: { authorization } })).status).toBe(401)
  })
})

describe('a certificate that an embedder tells of', () => {
  it('MTLS-6.1-01: is not heard at the origin of the issuer', async () => {
    const person = { sub: 'user-hanako', client_id: 'spa', aud: kit.issuer, scope: 'openid', cnf: { 'x5t#S256': certificate.x5t } }
    const authorization = `Bearer ${await signedByIssuer(kit, person)}`
    const connection = { encrypted: true, peerCertificate: Buffer.from(certificate.der, 'base64') }
    const ask = (url: string) => kit.server.fetch(new Request(url, { headers: { authorization } }), connection)
    expect((await ask(`${kit.mtlsUrl}/userinfo`)).status).toBe(200)
    expect((await ask(`${kit.issuer}/userinfo`)).status).toBe(401)
  })
})

describe('early data', () => {
  it('a request that a terminator took in it is answered 425, whatever the header says, and nothing is used up', async () => {
    const form = { grant_type: 'client_credentials', ...asKeyClient(kit) }
    const dpop = tokenProof(kit, key)
    for (const value of ['1', '0', '']) {
      const answer = await postForm(kit, '/token', form, { dpop, 'early-data': value })
      expect([answer.status, answer.json['error']], value).toEqual([425, 'invalid_request'])
    }
    expect((await postForm(kit, '/token', form, { dpop })).status).toBe(200)
  })
})

describe('mtls.url', () => {
  const mistakes = (issuer: string, url: string): readonly string[] => {
    try {
      parseIssuerConfig({ ...kitConfig(issuer, kit.clientKey, noPassword), mtls: { url } })
      return []
    } catch (error) {
      if (error instanceof Misuse) return error.mistakes
      throw error
    }
  }

  it.each([
    ['https://id.example', 'https://mtls.id.example'],
    ['https://id.example', 'https://id.example:8443'],
    ['https://id.example/sales', 'https://mtls.id.example/sales'],
    ['http://localhost:4444', 'https://localhost:4443'],
  ])('%s goes with %s', (issuer, url) => {
    expect(mistakes(issuer, url)).toEqual([])
  })

  it.each([
    ['http://localhost:4443', 'must be https'],
    ['http://mtls.id.example', 'must be https'],
    ['https://id.example/sales', 'browsers would be asked'],
    ['https://id.example:443/sales', 'browsers would be asked'],
    ['https://mtls.id.example', 'must have the path of the issuer, "/sales"'],
    ['https://mtls.id.example/other', 'must have the path of the issuer'],
    ['https://mtls.id.example/sales/', 'must not end in a slash'],
    ['https://mtls.id.example/sales?x', 'neither query nor fragment'],
    ['https://me@mtls.id.example/sales', 'user information'],
    ['https://MTLS.id.example/sales', 'must be written "https://mtls.id.example/sales"'],
    ['mtls.id.example', 'is not an absolute URL'],
  ])('%s is refused: %s', (url, says) => {
    expect(mistakes('https://id.example/sales', url).join('\n')).toContain(says)
  })
})
