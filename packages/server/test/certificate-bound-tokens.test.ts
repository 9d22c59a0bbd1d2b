// Tokens bound to the certificate of their client (RFC 8705 §3), by every way to authenticate; and who is refused one.
import { wireKey, wireProof } from 'testkit'
import { asBoundClient, askBound, boundCertificates, boundCode, mtlsProof, ownToken, startBoundKit } from 'testkit/bound'
import { authorizeUrl, redemption, walkForms } from 'testkit/code'
import { asKeyClient, claimsOfJwt, kitApi, kitRedirect, postForm, tokenProof } from 'testkit/issuer'
import { callOverTls, type MtlsKit, postWithCertificate } from 'testkit/mtls'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const { job, other, phone } = boundCertificates
const key = wireKey()
let kit: MtlsKit
beforeAll(async () => {
  kit = await startBoundKit()
})
afterAll(() => kit.close())

const own = (clientId: string, ask: Parameters<typeof askBound>[3] = {}) => askBound(kit, clientId, ownToken, ask)
const told = () => kit.audit.at(-1)
const cnfOf = ({ json }: { json: Record<string, unknown> }) => claimsOfJwt(json['access_token'])['cnf']
const bound = (certificate: { x5t: string }) => ({ 'x5t#S256': certificate.x5t })

describe('cnf of an access token', () => {
  it('MTLS-3-01 MTLS-3.1-01: the certificate that authenticates its client also names its tokens; the log says mtls', async () => {
    const answer = await own('job', { certificate: job })
    expect([answer.status, answer.json['token_type'], cnfOf(answer)]).toEqual([200, 'Bearer', bound(job)])
    expect(told()).toMatchObject({ event: 'token_issued', mode: 'mtls', clientId: 'job', x5t: job.x5t, authentication: 'tls_client_auth' })
  })

  it('MTLS-3-01: a client with private_key_jwt is named by whichever certificate it shows: no authority is asked', async () => {
    for (const certificate of [job, other]) {
      const answer = await own('keyed', { certificate })
      expect([answer.status, cnfOf(answer)]).toEqual([200, bound(certificate)])
      expect(told()).toMatchObject({ event: 'token_issued', mode: 'mtls', x5t: certificate.x5t })
      expect(told()).not.toHaveProperty('authentication')
    }
  })

  it('MTLS-3-01 CNF-3.1-01: with a proof beside it the token names key and certificate, and comes as DPoP', async () => {
    for (const clientId of ['keyed', 'both']) {
      const answer = await own(clientId, { certificate: other, key })
      expect([answer.json['token_type'], cnfOf(answer)]).toEqual(['DPoP', { jkt: key.jkt, ...bound(other) }])
      expect(told()).toMatchObject({ event: 'token_issued', mode: 'mixed', jkt: key.jkt, x5t: other.x5t })
    }
  })

  it('MTLS-3-01: a client that is not registered for it is bound to its key alone, over the same connection', async () => {
    const answer = await own('service', { certificate: other, key })
    expect([answer.json['token_type'], cnfOf(answer)]).toEqual(['DPoP', { jkt: key.jkt }])
  })

  it('DPOP-5.2-01: nor does a certificate that nobody asked for take the place of a proof', async () => {
    const answer = await own('service', { certificate: other })
    expect([answer.status, answer.json['error']]).toEqual([400, 'invalid_dpop_proof'])
    expect(told()).toMatchObject({ event: 'dpop_invalid', rule: 'binding.bearer-is-permitted' })
  })
})

describe('a client whose tokens are bound to certificates', () => {
  it.each(['keyed', 'both'])('MTLS-3.4-01: %s is refused at the origin without certificates, with a proof or without', async (clientId) => {
    const proven: Record<string, string> = { dpop: tokenProof(kit, key) }
    for (const headers of [{}, proven]) {
      const answer = await postForm(kit, '/token', { ...ownToken, ...asKeyClient(kit, clientId) }, headers)
      expect([answer.status, answer.json['error']]).toEqual([400, 'invalid_request'])
      expect(answer.json['error_description']).toMatch(/certificate/)
      expect(told()).toMatchObject({ event: 'mtls_missing', rule: 'binding.certificate-is-shown', clientId })
    }
  })

  it('MTLS-3.4-01: and at the other one, where it shows none', async () => {
    for (const ask of [{}, { key }]) {
      const answer = await own('keyed', ask)
      expect([answer.status, answer.json['error']]).toEqual([400, 'invalid_request'])
      expect(told()).toMatchObject({ event: 'mtls_missing', rule: 'binding.certificate-is-shown' })
    }
  })

  it('MTLS-3.4-01: the refusal uses nothing up: the same assertion and proof are taken with the certificate', async () => {
    const headers = { dpop: mtlsProof(kit, key) }
    const form = { ...ownToken, ...asKeyClient(kit, 'keyed') }
    expect((await postWithCertificate(kit, '/token', form, { headers })).status).toBe(400)
    expect((await postWithCertificate(kit, '/token', form, { headers, certificate: other })).status).toBe(200)
  })

  it('DPOP-5.2-01: where key and certificate are demanded, the certificate alone is refused', async () => {
    const answer = await own('both', { certificate: other })
    expect([answer.status, answer.json['error']]).toEqual([400, 'invalid_dpop_proof'])
    expect(told()).toMatchObject({ rule: 'binding.key-is-proven-beside' })
  })

  it('MTLS-3-03: what the form says of a certificate, or a header, is nothing', async () => {
    const pem = encodeURIComponent(other.cert)
    const forged = [
      ['client-cert', `:${other.der}:`],
      ['x-forwarded-client-cert', `Cert="${pem}"`],
      ['ssl-client-cert', pem],
    ] as const
    for (const [name, value] of forged) {
      const headers = { [name]: value }
      const answer = await own('keyed', { headers })
      expect(answer.json['error']).toBe('invalid_request')
    }
  })
})

const introspect = (token: unknown, accept?: string) =>
  postForm(kit, '/introspect', { token: String(token), ...asKeyClient(kit, 'notes-server') }, accept === undefined ? {} : { accept })

describe('introspection', () => {
  it('MTLS-3.2-01: tells the certificate at the top level, plainly and signed', async () => {
    const token = (await own('job', { certificate: job })).json['access_token']
    const plain = await introspect(token)
    expect(plain.json).toMatchObject({ active: true, token_type: 'Bearer', cnf: bound(job) })
    const signed = await introspect(token, 'application/token-introspection+jwt')
    expect(claimsOfJwt(signed.text)).toMatchObject({ token_introspection: { active: true, cnf: bound(job) } })
    expect(claimsOfJwt(signed.text)).not.toHaveProperty('cnf')
    expect(told()).toMatchObject({ event: 'token_introspected', x5t: job.x5t })
  })

  it('MTLS-3.2-01: and both where a token names both', async () => {
    const token = (await own('both', { certificate: other, key })).json['access_token']
    expect((await introspect(token)).json).toMatchObject({ token_type: 'DPoP', cnf: { jkt: key.jkt, ...bound(other) } })
  })

  it('MTLS-3.2-01: the server of an API asks over mutual TLS as well, whatever its own tokens are bound to', async () => {
    const token = (await own('job', { certificate: job })).json['access_token']
    const form = { token: String(token), ...asKeyClient(kit, 'notes-server') }
    const answer = await postWithCertificate(kit, '/introspect', form, { certificate: other })
    expect(answer.json).toMatchObject({ active: true, cnf: bound(job) })
  })
})

describe('an opaque token', () => {
  it('MTLS-3-01 MTLS-3.2-01: is bound as another is', async () => {
    const opaque = await startBoundKit({
      config: { accessTokenFormat: 'opaque' },
      extend: (config) => ({ ...config, clients: introspected(config.clients) }),
    })
    try {
      const { json } = await askBound(opaque, 'job', ownToken, { certificate: job })
      const form = { token: String(json['access_token']), ...asKeyClient(opaque, 'notes-server') }
      expect((await postForm(opaque, '/introspect', form)).json).toMatchObject({ active: true, cnf: bound(job) })
    } finally {
      await opaque.close()
    }
  })
})

/** Opaque tokens need somebody who may ask about them. */
const introspected = <T extends { clientId: string }>(clients: readonly T[] = []) =>
  clients.map((client) => (client.clientId === 'notes-server' ? { ...client, introspects: [kitApi, 'https://other.example/'] } : client))

describe('UserInfo', () => {
  const userinfo = (url: string, token: unknown, ask: Parameters<typeof callOverTls>[2] = {}, scheme = 'Bearer') =>
    callOverTls(`${url}/userinfo`, kit.serverCertificate, { ...ask, headers: { authorization: `${scheme} ${token}`, ...ask.headers } })
  const proofFor = (token: unknown) =>
    wireProof(key, { method: 'GET', url: `${kit.mtlsUrl}/userinfo`, now: kit.now(), accessToken: String(token) })

  it('MTLS-3-02 MTLS-3-04: takes a token over the connection that it names, and over no other', async () => {
    const { form } = await boundCode(kit, 'phone', { change: { scope: 'openid' } })
    const token = (await askBound(kit, 'phone', form, { certificate: phone })).json['access_token']
    const answer = await userinfo(kit.mtlsUrl, token, { certificate: phone })
    expect([answer.status, answer.json['sub']]).toEqual([200, 'user-hanako'])
    const none = await userinfo(kit.mtlsUrl, token)
    expect([none.status, none.headers.get('www-authenticate')]).toEqual([401, expect.stringContaining('error="invalid_token"')])
    expect(told()).toMatchObject({ event: 'mtls_missing', rule: 'binding.certificate-comes-along' })
    expect((await userinfo(kit.mtlsUrl, token, { certificate: other })).status).toBe(401)
    expect(told()).toMatchObject({ event: 'binding_mismatch', rule: 'binding.certificate-is-named-certificate' })
    const plain = await fetch(`${kit.issuer}/userinfo`, { headers: { authorization: `Bearer ${token}` } })
    expect(plain.status).toBe(401)
  })

  it('MTLS-3-02 DPOP-7.2-01: a token bound one way is refused the other way; one bound both ways needs both', async () => {
    const redeem = async (clientId: string, ask: Parameters<typeof askBound>[3]) =>
      (await askBound(kit, clientId, (await boundCode(kit, clientId, { change: { scope: 'openid' } })).form, ask)).json['access_token']
    const certified = await redeem('keyed', { certificate: phone })
    const proven = { headers: { dpop: proofFor(certified) }, certificate: phone }
    expect((await userinfo(kit.mtlsUrl, certified, proven, 'DPoP')).status).toBe(401)
    const both = await redeem('both', { certificate: phone, key })
    const dpop = () => ({ dpop: proofFor(both) })
    expect((await userinfo(kit.mtlsUrl, both, { certificate: phone }, 'Bearer')).status).toBe(401)
    expect((await userinfo(kit.mtlsUrl, both, { certificate: other, headers: dpop() }, 'DPoP')).status).toBe(401)
    expect((await userinfo(kit.mtlsUrl, both, { headers: dpop() }, 'DPoP')).status).toBe(401)
    expect((await userinfo(kit.mtlsUrl, both, { certificate: phone, headers: dpop() }, 'DPoP')).status).toBe(200)
  })
})

describe('revocation and pushed requests', () => {
  it('REV-2.1-01: a bound token is revoked by its client over mutual TLS, and by no other', async () => {
    const token = String((await own('job', { certificate: job })).json['access_token'])
    await postWithCertificate(kit, '/revoke', { token, ...asBoundClient(kit, 'keyed') }, { certificate: job })
    expect((await introspect(token)).json['active']).toBe(true)
    expect((await postWithCertificate(kit, '/revoke', { token, client_id: 'job' }, { certificate: job })).status).toBe(200)
    expect((await introspect(token)).json['active']).toBe(false)
  })

  it('PAR-2.1-01: a public client pushes over mutual TLS, and its code becomes a bound token', async () => {
    const open = authorizeUrl(kit, { clientId: 'phone', redirectUri: kitRedirect })
    const pushed = await postWithCertificate(kit, '/par', Object.fromEntries(new URL(open.url).searchParams), { certificate: phone })
    expect(pushed.status).toBe(201)
    const asked = new URLSearchParams({ client_id: 'phone', request_uri: String(pushed.json['request_uri']) })
    const { landed } = await walkForms(kit, `${kit.issuer}/authorize?${asked}`)
    const form = { ...redemption(kit, open, landed.searchParams.get('code') ?? ''), client_id: 'phone' }
    const answer = await postWithCertificate(kit, '/token', form, { certificate: phone })
    expect([answer.status, cnfOf(answer)]).toEqual([200, bound(phone)])
  })
})
