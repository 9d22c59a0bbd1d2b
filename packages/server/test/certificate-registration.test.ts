// Clients that authenticate by certificate, as they come to be: registered, changed, described by themselves, declared; and what is told of them.
import { Misuse } from '@kimei/protocol'
import { type IssuerConfigInput, parseIssuerConfig } from '@kimei/server'
import { wireKey } from 'testkit'
import { craftCertificate } from 'testkit/crafted'
import { type KitAnswer, kitApi, kitConfig, noPassword, readResponse } from 'testkit/issuer'
import { type MtlsKit, startMtlsKit } from 'testkit/mtls'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const methods = ['none', 'private_key_jwt', 'tls_client_auth', 'self_signed_tls_client_auth'] as const
const certificate = craftCertificate({ subject: [[{ type: '2.5.4.3', value: 'job' }]] })
const jwks = { keys: [{ kty: 'EC' as const, crv: 'P-256', x: 'unused', y: 'unused', x5c: [certificate.der] }] }

const authority = craftCertificate({ subject: [[{ type: '2.5.4.3', value: 'authority' }]], ca: true })

let kit: MtlsKit
beforeAll(async () => {
  kit = await startMtlsKit({
    mtls: { trustAnchors: [authority.cert] },
    config: {
      registration: {
        mode: 'open',
        policy: { authentication: [...methods], grants: ['client_credentials'], scopes: ['notes:read'], apis: [kitApi] },
        limits: { perAddressAndHour: 1000 },
      },
    },
  })
})
afterAll(() => kit.close())

const send = async (url: string, method: string, body: object, headers: Record<string, string> = {}): Promise<KitAnswer> =>
  readResponse(await fetch(url, { method, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) }))
const register = (more: object) =>
  send(`${kit.issuer}/register`, 'POST', {
    client_name: 'Job',
    token_endpoint_auth_method: 'tls_client_auth',
    grant_types: ['client_credentials'],
    response_types: [],
    ...more,
  })
const dn = { tls_client_auth_subject_dn: 'CN=job\\, nightly,O=Example,C=JP' }

describe('registration of clients with certificates', () => {
  it.each([
    [dn],
    [{ tls_client_auth_san_dns: 'job.example' }],
    [{ tls_client_auth_san_uri: 'spiffe://example/job' }],
    [{ tls_client_auth_san_ip: '2001:db8::1' }],
    [{ tls_client_auth_san_email: 'job@example.test' }],
  ])('MTLS-2.1.2-01: %j alone is registered and told', async (member) => {
    const answer = await register(member)
    expect(answer).toMatchObject({ status: 201, json: { token_endpoint_auth_method: 'tls_client_auth', ...member } })
    expect(answer.json).not.toHaveProperty('client_secret')
  })

  it.each([
    ['none', {}],
    ['two', { ...dn, tls_client_auth_san_dns: 'job.example' }],
    ['two of one kind of thing', { tls_client_auth_san_dns: 'job.example', tls_client_auth_san_uri: 'https://job.example' }],
  ])('MTLS-2.1.2-01: %s is refused', async (_what, members) => {
    const answer = await register(members)
    expect([answer.status, answer.json['error']]).toEqual([400, 'invalid_client_metadata'])
    expect(kit.audit.at(-1)).toMatchObject({ event: 'registration_refused', rule: 'registration.one-subject-is-sent' })
  })

  it.each([
    ['a name that is none', { tls_client_auth_subject_dn: 'job' }],
    ['a name of an unknown type', { tls_client_auth_subject_dn: 'DRINK=tea' }],
    ['an address that is none', { tls_client_auth_san_ip: '192.0.2.1/24' }],
    ['a host with a wildcard', { tls_client_auth_san_dns: '*.example' }],
    ['a URI without scheme', { tls_client_auth_san_uri: 'job' }],
    ['a mailbox without host', { tls_client_auth_san_email: 'job' }],
  ])('MTLS-2.1.2-01: %s is refused', async (_what, members) => {
    const answer = await register(members)
    expect([answer.status, answer.json['error']]).toEqual([400, 'invalid_client_metadata'])
    expect(kit.audit.at(-1)).toMatchObject({ rule: 'client-metadata.subject-is-readable' })
  })

  it.each([
    ['a list', { tls_client_auth_subject_dn: ['CN=a'] }],
    ['an empty text', { tls_client_auth_san_dns: '' }],
    ['2001 characters', { tls_client_auth_subject_dn: `CN=${'a'.repeat(1998)}` }],
    ['a control character', { tls_client_auth_subject_dn: 'CN=a\u0000b' }],
  ])('DCR-2-01: %s has not the type of the member', async (_what, members) => {
    expect((await register(members)).status).toBe(400)
    expect(kit.audit.at(-1)).toMatchObject({ rule: 'registration.members-have-their-types' })
  })

  it('MTLS-2.2-01: a self-signed client registers its certificate as x5c, or is refused', async () => {
    const method = { token_endpoint_auth_method: 'self_signed_tls_client_auth' }
    expect(await register({ ...method, jwks })).toMatchObject({ status: 201, json: { ...method, jwks } })
    for (const keys of [undefined, { keys: [] }, { keys: jwks.keys.map(({ x5c: _x5c, ...rest }) => rest) }]) {
      const answer = await register({ ...method, ...(keys && { jwks: keys }) })
      expect([answer.status, answer.json['error']]).toEqual([400, 'invalid_client_metadata'])
      expect(kit.audit.at(-1)).toMatchObject({ rule: 'client-metadata.certificates-are-declared' })
    }
  })

  it('DCRM-2.2-01: a change replaces the name, and is held to the same rules', async () => {
    const { json } = await register(dn)
    const url = String(json['registration_client_uri'])
    const authorization = { authorization: `Bearer ${json['registration_access_token']}` }
    const kept = {
      client_id: json['client_id'],
      client_name: 'Job',
      token_endpoint_auth_method: 'tls_client_auth',
      grant_types: ['client_credentials'],
      response_types: [],
    }
    const changed = await send(url, 'PUT', { ...kept, tls_client_auth_san_ip: '192.0.2.1' }, authorization)
    expect(changed).toMatchObject({ status: 200, json: { tls_client_auth_san_ip: '192.0.2.1' } })
    expect(changed.json).not.toHaveProperty('tls_client_auth_subject_dn')
    const stored = await kit.storage.records.client(kit.issuer, String(json['client_id']))
    expect(stored?.tlsClientAuth).toEqual({ sanIp: '192.0.2.1' })
    const both = await send(url, 'PUT', { ...kept, ...dn, tls_client_auth_san_ip: '192.0.2.1' }, authorization)
    expect([both.status, both.json['error']]).toEqual([400, 'invalid_client_metadata'])
  })
})

describe('what is told and what is taken', () => {
  const metadataOf = async (issuer: string) =>
    (await (await fetch(`${issuer}/.well-known/oauth-authorization-server`)).json()) as Record<string, readonly string[]>

  it('MTLS-2-01: metadata names the methods at every endpoint where clients authenticate, and only where there is an origin for them', async () => {
    const { startIssuerKit } = await import('testkit/issuer')
    const told = await metadataOf(kit.issuer)
    const plain = await startIssuerKit()
    const untold = await metadataOf(plain.issuer)
    await plain.close()
    for (const endpoint of ['token', 'revocation', 'introspection']) {
      const member = `${endpoint}_endpoint_auth_methods_supported`
      expect(told[member], member).toEqual(expect.arrayContaining(['tls_client_auth', 'self_signed_tls_client_auth']))
      expect(untold[member]?.join(' '), member).not.toContain('tls')
    }
  })

  it('DCR-2-01: without an origin for certificates nobody registers with one', async () => {
    const { startIssuerKit } = await import('testkit/issuer')
    const plain = await startIssuerKit({
      config: { registration: { mode: 'open', policy: { grants: ['client_credentials'], apis: [kitApi] } } },
    })
    const body = { token_endpoint_auth_method: 'tls_client_auth', grant_types: ['client_credentials'], response_types: [], ...dn }
    const answer = await send(`${plain.issuer}/register`, 'POST', body)
    expect([answer.status, answer.json['error']]).toEqual([400, 'invalid_client_metadata'])
    expect(plain.audit.at(-1)).toMatchObject({ rule: 'registration.authentication-is-supported' })
    await plain.close()
  })
})

describe('declared clients', () => {
  const key = wireKey('ES256', 'client-key')
  const mtls = { url: 'https://mtls.example', trustAnchors: [authority.cert] }
  const base = kitConfig('https://id.example', key, noPassword)
  const client = (more: object): IssuerConfigInput => ({
    ...base,
    mtls,
    clients: [{ clientId: 'job', kind: 'server', name: 'Job', scopes: ['notes:read'], apis: [kitApi], ...more }],
  })
  const mistakesOf = (config: IssuerConfigInput): string => {
    try {
      parseIssuerConfig(config)
      return ''
    } catch (error) {
      if (error instanceof Misuse) return error.message
      throw error
    }
  }
  const byName = { authentication: 'tls_client_auth', tlsClientAuth: { subjectDn: 'CN=job,O=Example' } }
  const bySelf = { authentication: 'self_signed_tls_client_auth', jwks }

  it('MTLS-2.1.2-01: mistakes are said at once, each in its own words', () => {
    expect(mistakesOf(client(bySelf))).toBe('')
    for (const [more, says] of [
      [{ authentication: 'tls_client_auth' }, 'names exactly one subject'],
      [{ ...byName, tlsClientAuth: { subjectDn: 'CN=job', sanDns: 'job.example' } }, 'exactly one of subjectDn'],
      [{ ...byName, tlsClientAuth: {} }, 'exactly one of subjectDn'],
      [{ ...byName, tlsClientAuth: { commonName: 'job' } }, '"commonName" is not a known key'],
      [{ ...byName, tlsClientAuth: { subjectDn: '/CN=job' } }, 'client-metadata.subject-is-readable'],
      [{ ...bySelf, jwks: { keys: [] } }, 'client-metadata.certificates-are-declared'],
      [{ jwks: { keys: [] }, tlsClientAuth: { sanDns: 'job.example' } }, 'other clients name none'],
      [{ ...byName, kind: 'spa' }, 'spa and mobile clients are public'],
    ] as const)
      expect(mistakesOf(client(more)), JSON.stringify(more)).toContain(says)
  })

  it('MTLS-2-01: nobody may be declared with a method that the issuer never asks for', () => {
    const { mtls: _mtls, ...without } = client(bySelf)
    expect(mistakesOf(without)).toContain('client "job" has authentication by certificate, but mtls is not configured')
    const { trustAnchors: _none, ...unvouched } = mtls
    expect(mistakesOf({ ...client(byName), mtls: unvouched })).toContain(
      'client "job" has tls_client_auth, but mtls.trustAnchors names no authority',
    )
    expect(mistakesOf({ ...client(bySelf), mtls: unvouched })).toBe('')
    const registration = { mode: 'open' as const, policy: { authentication: ['tls_client_auth' as const], apis: [kitApi] } }
    expect(mistakesOf({ ...base, registration })).toContain(
      'registration.policy has authentication by certificate, but mtls is not configured',
    )
  })

  it('FAPI2-5.3.2.1-01: fapi2 takes clients with certificates beside those with keys, and no others', () => {
    const fapi = {
      profile: 'fapi2' as const,
      apis: base.apis ?? [],
      scopes: base.scopes ?? [],
    }
    const fit = { idTokenAlg: 'ES256', introspectionAlg: 'ES256', authorizationSignedResponseAlg: 'ES256' }
    const whole = (more: object) => ({ ...client({ ...fit, ...more }), ...fapi, users: [] })
    expect(mistakesOf(whole(bySelf))).toBe('')
    const secret = { authentication: 'client_secret_basic', secretHashes: ['A'.repeat(43)] }
    expect(mistakesOf(whole(secret))).toContain('client "job" must authenticate by private_key_jwt or by certificate')
  })
})
