// A certificate is renewed: who is told in time, what works side by side, and what the new one does not take over.
import { getCACertificates } from 'node:tls'
import { Misuse } from '@kimei/protocol'
import { parseIssuerConfig } from '@kimei/server'
import { askBound, boundAuthority, boundCertificates, boundCode, ownToken, startBoundKit } from 'testkit/bound'
import { type Crafted, type CraftedParts, craftCertificate } from 'testkit/crafted'
import { claimsOfJwt, type KitAnswer, kitApi, readResponse } from 'testkit/issuer'
import { callOverTls, type MtlsKit, postWithCertificate } from 'testkit/mtls'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const day = 86_400
const start = 1_790_000_000
let now = start
let kit: MtlsKit
const named = (value: string, more: Partial<CraftedParts> = {}) => craftCertificate({ subject: [[{ type: '2.5.4.3', value }]], ...more })
const ownOld = named('own', { notAfter: start + 10 * day })
const ownNew = named('own')
const jwksOf = (...all: readonly Crafted[]) => ({
  keys: all.map(({ der }) => ({ kty: 'EC' as const, crv: 'P-256', x: 'unused', y: 'unused', x5c: [der] })),
})
beforeAll(async () => {
  const policy = {
    authentication: ['self_signed_tls_client_auth' as const],
    grants: ['client_credentials' as const],
    scopes: ['notes:read'],
    apis: [kitApi],
  }
  kit = await startBoundKit({ clock: () => now, config: { registration: { mode: 'open', policy } } })
})
afterAll(() => kit.close())

const cnfOf = ({ json }: KitAnswer) => claimsOfJwt(json['access_token'])['cnf']
const bound = ({ x5t }: Crafted) => ({ 'x5t#S256': x5t })
const warnings = (x5t: string) => kit.audit.filter((event) => event.event === 'certificate_expires_soon' && event.x5t === x5t)
const userinfo = (token: unknown, certificate: Crafted) =>
  callOverTls(`${kit.mtlsUrl}/userinfo`, kit.serverCertificate, { certificate, headers: { authorization: `Bearer ${token}` } })

describe('a certificate that tickets are bound to', () => {
  const ending = named('ending', { notAfter: start + 31 * day })

  it('MTLS-6.3-01: is told of before it ends, once a day, whoever its client is and however it authenticates', async () => {
    const ask = () => askBound(kit, 'keyed', ownToken, { certificate: ending })
    expect([(await ask()).status, warnings(ending.x5t).length]).toEqual([200, 0])
    now = start + day
    await ask()
    await ask()
    expect(warnings(ending.x5t)).toHaveLength(1)
    expect(warnings(ending.x5t)[0]).toMatchObject({ clientId: 'keyed', notAfter: start + 31 * day })
    now += day
    await ask()
    expect(warnings(ending.x5t)).toHaveLength(2)
  })

  it('MTLS-6.2-01: one that has ended, or that nobody certified, binds as well: no chain and no time is asked, and nobody is warned', async () => {
    const ended = named('ended', { notAfter: start - day })
    const answer = await askBound(kit, 'keyed', ownToken, { certificate: ended })
    expect([answer.status, cnfOf(answer), warnings(ended.x5t).length]).toEqual([200, bound(ended), 0])
  })
})

describe('tls_client_auth', () => {
  const { job } = boundCertificates
  const renewed = named('job', { by: boundAuthority, key: job.key })

  it('MTLS-6.3-01: the same key in a new certificate has another thumbprint: its tickets are others', async () => {
    expect(renewed.x5t).not.toBe(job.x5t)
    expect(renewed.spki).toBe(job.spki)
    const { form } = await boundCode(kit, 'job', { change: { scope: 'openid' } })
    const held = await askBound(kit, 'job', form, { certificate: job })
    const old = held.json['access_token']
    expect([(await userinfo(old, job)).status, (await userinfo(old, renewed)).status]).toEqual([200, 401])
    const refreshed = await askBound(
      kit,
      'job',
      { grant_type: 'refresh_token', refresh_token: String(held.json['refresh_token']) },
      { certificate: renewed },
    )
    expect([refreshed.status, cnfOf(refreshed)]).toEqual([200, bound(renewed)])
    const fresh = refreshed.json['access_token']
    expect([(await userinfo(fresh, renewed)).status, (await userinfo(fresh, job)).status, (await userinfo(old, job)).status]).toEqual([
      200, 401, 200,
    ])
  })

  it('MTLS-2.1-01: both certificates of one name work side by side', async () => {
    for (const certificate of [job, renewed, job])
      expect(cnfOf(await askBound(kit, 'job', ownToken, { certificate }))).toEqual(bound(certificate))
  })
})

describe('self_signed_tls_client_auth', () => {
  it('MTLS-2.2-02 MTLS-6.3-01: the new certificate is registered beside the old, then the old one is taken away', async () => {
    const send = async (url: string, method: string, body: object, headers: Record<string, string> = {}) =>
      readResponse(await fetch(url, { method, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) }))
    const wish = {
      token_endpoint_auth_method: 'self_signed_tls_client_auth',
      grant_types: ['client_credentials'],
      response_types: [],
      tls_client_certificate_bound_access_tokens: true,
    }
    const client = await send(`${kit.issuer}/register`, 'POST', { ...wish, jwks: jwksOf(ownOld) })
    const client_id = String(client.json['client_id'])
    const headers = { authorization: `Bearer ${client.json['registration_access_token']}` }
    const change = (jwks: object) => send(String(client.json['registration_client_uri']), 'PUT', { ...wish, client_id, jwks }, headers)
    const ask = (certificate: Crafted) => postWithCertificate(kit, '/token', { ...ownToken, client_id }, { certificate })
    expect([(await ask(ownOld)).status, (await ask(ownNew)).status]).toEqual([200, 401])
    expect(warnings(ownOld.x5t)).toHaveLength(1)
    expect((await change(jwksOf(ownOld, ownNew))).status).toBe(200)
    expect([cnfOf(await ask(ownOld)), cnfOf(await ask(ownNew))]).toEqual([bound(ownOld), bound(ownNew)])
    expect((await change(jwksOf(ownNew))).status).toBe(200)
    expect([(await ask(ownOld)).status, (await ask(ownNew)).status]).toEqual([401, 200])
  })
})

describe('a public client', () => {
  it('MTLS-4-01 MTLS-6.3-01: a new certificate does not take over its refresh token, and does not harm it', async () => {
    const { phone } = boundCertificates
    const renewed = named('phone', { key: phone.key })
    const held = await askBound(kit, 'phone', (await boundCode(kit, 'phone')).form, { certificate: phone })
    const form = { grant_type: 'refresh_token', refresh_token: String(held.json['refresh_token']) }
    const refused = await askBound(kit, 'phone', form, { certificate: renewed })
    expect([refused.status, refused.json['error']]).toEqual([400, 'invalid_grant'])
    expect((await askBound(kit, 'phone', form, { certificate: phone })).status).toBe(200)
    const again = await askBound(kit, 'phone', (await boundCode(kit, 'phone')).form, { certificate: renewed })
    expect(cnfOf(again)).toEqual(bound(renewed))
  })
})

describe('authorities for clients', () => {
  it('MTLS-7.5-01: one that certifies the whole web is none, unless the operator says so', () => {
    const [web = ''] = getCACertificates('bundled')
    const mtls = { url: 'https://mtls.id.example', trustAnchors: [boundAuthority.cert, web] }
    const parse = (more: object) => parseIssuerConfig({ issuer: 'https://id.example', mtls: { ...mtls, ...more } })
    expect(() => parse({})).toThrow(Misuse)
    expect(() => parse({})).toThrow(/trustAnchors\[1\] holds ".+", which certifies the whole web/)
    expect(parse({ dangerouslyTrustPublicAuthorities: true }).mtls?.trustAnchors).toHaveLength(2)
    expect(parse({ trustAnchors: [boundAuthority.cert] }).mtls?.trustAnchors).toHaveLength(1)
  })
})
