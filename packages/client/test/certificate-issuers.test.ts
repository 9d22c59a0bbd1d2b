// The holder with a certificate against real issuers: ours, and one that is not ours. People sign in, certificates change.
import { createPublicKey } from 'node:crypto'
import { type IndependentIssuer, selfSigned, startIndependentIssuer } from 'testkit'
import { boundAuthority, boundCertificates, startBoundKit } from 'testkit/bound'
import { walkForms } from 'testkit/code'
import { type Crafted, craftCertificate } from 'testkit/crafted'
import { kitApi, kitRedirect } from 'testkit/issuer'
import type { MtlsKit } from 'testkit/mtls'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { createClientCredentials, createMemoryDevice, createSession, type Device, type Session } from '../src/index.ts'
import { createCertificate, type ShownCertificate } from '../src/node.ts'
import { claimsOf } from './hand-server.ts'

let kit: MtlsKit
beforeAll(async () => {
  kit = await startBoundKit()
})
afterAll(() => kit.close())

function open({ cert, key }: Crafted): ShownCertificate {
  const made = createCertificate({ cert, key, ca: kit.serverCertificate })
  onTestFinished(() => made.close())
  return made
}

interface Person {
  readonly clientId: 'job' | 'phone'
  readonly certificate: ShownCertificate
  readonly device?: Device
}

function session({ clientId, certificate, device = createMemoryDevice() }: Person): Session {
  return createSession({
    issuer: kit.issuer,
    clientId,
    certificate,
    device,
    redirectUri: kitRedirect,
    scopes: ['openid', 'profile', 'offline_access', 'notes:read'],
    purposes: { greeting: ['name'] },
    ...(clientId === 'job' && { authentication: { method: 'tls_client_auth' } }),
  })
}

async function signIn(held: Session): Promise<Session> {
  const { url } = await held.begin()
  const ticket = await held.complete((await walkForms(kit, url)).landed)
  expect(ticket).toMatchObject({ jkt: undefined, subject: 'user-hanako', renewable: true })
  return held
}

const renewedJob = craftCertificate({ subject: [[{ type: '2.5.4.3', value: 'job' }]], by: boundAuthority })

describe('our own issuer', () => {
  it('MTLS-3-01, MTLS-5-01: a machine gets a ticket of its certificate at the alias, with a key beside it where that is wanted', async () => {
    const certificate = open(boundCertificates.job)
    const machine = createClientCredentials({
      issuer: kit.issuer,
      clientId: 'job',
      authentication: { method: 'tls_client_auth' },
      certificate,
      scopes: ['notes:read'],
      resources: [kitApi],
    })
    expect(await machine.ticket()).toMatchObject({ x5t: boundCertificates.job.x5t, jkt: undefined })
    const both = createClientCredentials({
      issuer: kit.issuer,
      clientId: 'job',
      authentication: { method: 'tls_client_auth' },
      certificate,
      binding: 'both',
      scopes: ['notes:read'],
      resources: [kitApi],
    })
    expect(await both.ticket()).toMatchObject({ x5t: boundCertificates.job.x5t, jkt: (await both.key()).jkt })
  })

  it('MTLS-5-01: UserInfo and revocation too are called at their aliases, over the certificate', async () => {
    const held = await signIn(session({ clientId: 'job', certificate: open(boundCertificates.job) }))
    expect((await held.profile()).claims).toEqual({ name: { value: '花子', purposes: ['greeting'] } })
    expect(await held.signOut()).toEqual({ revoked: true })
  })

  it('MTLS-6.3-01: a confidential client takes its sign-in along to the next certificate', async () => {
    const certificate = open(boundCertificates.job)
    const held = await signIn(session({ clientId: 'job', certificate }))
    const before = await held.dangerouslyRevealAccessToken()
    certificate.exchange({ ...renewedJob, ca: kit.serverCertificate })
    expect(await held.ticket()).toMatchObject({ x5t: renewedJob.x5t, subject: 'user-hanako' })
    expect(await held.dangerouslyRevealAccessToken()).not.toBe(before)
    expect((await held.profile()).subject).toBe('user-hanako')
  })

  it('MTLS-4-01: a public client renews with its certificate; with another the sign-in is over, and nobody else loses theirs', async () => {
    const device = createMemoryDevice()
    const held = await signIn(session({ clientId: 'phone', certificate: open(boundCertificates.phone), device }))
    expect(await held.renew()).toMatchObject({ x5t: boundCertificates.phone.x5t })
    const stranger = session({ clientId: 'phone', certificate: open(boundCertificates.other), device })
    expect(await stranger.ticket()).toBeUndefined()
    expect(await held.renew()).toMatchObject({ x5t: boundCertificates.phone.x5t, subject: 'user-hanako' })
  })

  it('a certificate that the issuer does not know is refused in its own words', async () => {
    const machine = createClientCredentials({
      issuer: kit.issuer,
      clientId: 'job',
      authentication: { method: 'tls_client_auth' },
      certificate: open(boundCertificates.other),
    })
    await expect(machine.ticket()).rejects.toMatchObject({ code: 'holder.request-is-granted', oauthError: 'invalid_client', status: 401 })
  })
})

describe('an issuer that is not ours', () => {
  const serving = selfSigned('localhost')
  const own = selfSigned('machine')
  const api = 'https://api.example.test/'
  let peer: IndependentIssuer
  beforeAll(async () => {
    const jwk = createPublicKey(own.key).export({ format: 'jwk' })
    peer = await startIndependentIssuer({
      mtls: serving,
      resources: { [api]: 'notes:read' },
      clients: [
        {
          client_id: 'machine',
          token_endpoint_auth_method: 'self_signed_tls_client_auth',
          tls_client_certificate_bound_access_tokens: true,
          redirect_uris: [],
          response_types: [],
          grant_types: ['client_credentials'],
          jwks: { keys: [{ ...jwk, kid: 'machine-1', x5c: [own.der] } as never] },
        },
      ],
    })
  })
  afterAll(() => peer.close())

  it('MTLS-5-01: its alias is called, and its token names the certificate', async () => {
    const certificate = createCertificate({ ...own, ca: serving.cert })
    onTestFinished(() => certificate.close())
    const machine = createClientCredentials({
      issuer: peer.issuer,
      clientId: 'machine',
      authentication: { method: 'self_signed_tls_client_auth' },
      certificate,
      scopes: ['notes:read'],
      resources: [api],
    })
    expect(await machine.ticket()).toMatchObject({ x5t: own.x5t, scopes: ['notes:read'] })
    expect(claimsOf(await machine.dangerouslyRevealAccessToken())?.['cnf']).toEqual({ 'x5t#S256': own.x5t })
    const stranger = createCertificate({ ...selfSigned('machine'), ca: serving.cert })
    onTestFinished(() => stranger.close())
    const refused = createClientCredentials({
      issuer: peer.issuer,
      clientId: 'machine',
      authentication: { method: 'self_signed_tls_client_auth' },
      certificate: stranger,
    })
    await expect(refused.ticket()).rejects.toMatchObject({ code: 'holder.request-is-granted', oauthError: 'invalid_client' })
  })
})
