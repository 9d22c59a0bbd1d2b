// The holder against an issuer that is not ours: sign-in, renewal, UserInfo, revocation, client credentials, private_key_jwt.
import { generateSigningKey, proofKeyFrom } from '@kimei/protocol'
import { type IndependentIssuer, startIndependentIssuer, walk } from 'testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createClientCredentials, createMemoryDevice, createSession, type Session, type SessionOptions } from '../src/index.ts'

const redirectUri = 'http://127.0.0.1/callback'
const api = 'https://api.example.test/'
const assertionKey = await generateSigningKey('ES256')

const clients = [
  {
    client_id: 'spa',
    application_type: 'native' as const,
    token_endpoint_auth_method: 'none' as const,
    redirect_uris: [redirectUri],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code' as const],
    dpop_bound_access_tokens: true,
  },
  {
    client_id: 'machine',
    token_endpoint_auth_method: 'private_key_jwt' as const,
    token_endpoint_auth_signing_alg: 'ES256' as const,
    redirect_uris: [],
    response_types: [],
    grant_types: ['client_credentials'],
    jwks: { keys: [{ ...assertionKey.publicJwk, kid: 'machine-1' }] },
    dpop_bound_access_tokens: true,
  },
  {
    client_id: 'bearer-only',
    client_secret: 'a-secret-of-the-tests-that-is-long-enough',
    token_endpoint_auth_method: 'client_secret_basic' as const,
    redirect_uris: [],
    response_types: [],
    grant_types: ['client_credentials'],
  },
]

async function signIn(session: Session): Promise<void> {
  const { url } = await session.begin({ redirectUri })
  await session.complete(await walk(url, redirectUri))
}

describe.each([{ requireNonce: false }, { requireNonce: true }])(
  'an independent issuer, nonces required: $requireNonce',
  ({ requireNonce }) => {
    let peer: IndependentIssuer
    const options = (more: Partial<SessionOptions> = {}): SessionOptions => ({
      issuer: peer.issuer,
      clientId: 'spa',
      redirectUri,
      scopes: ['openid', 'profile', 'email', 'offline_access'],
      device: createMemoryDevice(),
      ...more,
    })
    beforeAll(async () => {
      peer = await startIndependentIssuer({ clients, resources: { [api]: 'notes:read notes:write' }, requireNonce })
    })
    afterAll(() => peer.close())

    it('SEED-DPOP-01, SEED-DPOP-02, DPOP-4.2-05: a person signs in and gets a ticket named after the key', async () => {
      const session = createSession(options())
      await signIn(session)
      const ticket = await session.ticket()
      expect(ticket).toMatchObject({ issuer: peer.issuer, clientId: 'spa', subject: 'user-1', renewable: true })
      expect(ticket?.jkt).toBe((await session.key()).jkt)
    })

    it('OIDC-17.1-2: of UserInfo only claims with a declared purpose are kept, each linked to its purposes', async () => {
      const session = createSession(options({ purposes: { greeting: ['name'], receipts: ['email', 'name', 'phone_number'] } }))
      await signIn(session)
      const profile = await session.profile()
      expect(profile).toEqual({
        issuer: peer.issuer,
        subject: 'user-1',
        claims: {
          name: { value: 'Hanako', purposes: ['greeting', 'receipts'] },
          email: { value: 'hanako@example.test', purposes: ['receipts'] },
        },
      })
    })

    it('DPOP-8-02: renewal gives a new ticket of the same name, and the refresh token has turned over', async () => {
      const session = createSession(options())
      await signIn(session)
      const before = [await session.ticket(), await session.dangerouslyRevealAccessToken()]
      const renewed = await session.renew()
      expect(renewed.jkt).toBe((before[0] as typeof renewed).jkt)
      expect(await session.dangerouslyRevealAccessToken()).not.toBe(before[1])
      await session.renew()
      expect(await session.ticket()).toMatchObject({ subject: 'user-1' })
    })

    it('signing out revokes, forgets the ticket and changes the key', async () => {
      const session = createSession(options())
      await signIn(session)
      const { jkt } = await session.key()
      expect(await session.signOut()).toEqual({ revoked: true })
      expect(await session.ticket()).toBeUndefined()
      expect((await session.key()).jkt).not.toBe(jkt)
      await expect(session.fetch(`${peer.issuer}/me`)).rejects.toMatchObject({ code: 'holder.session-lives' })
    })

    it('O21-2.3.3-01: a callback counts once, and one that no sign-in waits for counts never', async () => {
      const session = createSession(options())
      const { url } = await session.begin({ redirectUri })
      const callback = await walk(url, redirectUri)
      await session.complete(callback)
      await expect(session.complete(callback)).rejects.toMatchObject({ code: 'holder.state-is-ours' })
      const strange = new URL(callback)
      strange.searchParams.set('state', 'x'.repeat(43))
      await expect(session.complete(strange)).rejects.toMatchObject({ code: 'holder.state-is-ours' })
    })

    it('PKJWT-3-03, BCPU-2.1-01: client credentials with a signed assertion, made anew for every try', async () => {
      const machine = createClientCredentials({
        issuer: peer.issuer,
        clientId: 'machine',
        authentication: { method: 'private_key_jwt', key: await proofKeyFrom(assertionKey.privateJwk, 'ES256'), kid: 'machine-1' },
        scopes: ['notes:read'],
        resources: [api],
      })
      const ticket = await machine.ticket()
      expect(ticket).toMatchObject({ clientId: 'machine', scopes: ['notes:read'], renewable: false })
      expect(ticket?.jkt).toBe((await machine.key()).jkt)
    })

    it('twenty callers at once make one token request', async () => {
      const machine = createClientCredentials({
        issuer: peer.issuer,
        clientId: 'machine',
        authentication: { method: 'private_key_jwt', key: await proofKeyFrom(assertionKey.privateJwk, 'ES256'), kid: 'machine-1' },
        resources: [api],
      })
      await machine.ticket()
      const session = createSession(options())
      await signIn(session)
      const before = peer.seen.filter((line) => line === 'POST /token').length
      await Promise.all(Array.from({ length: 20 }, () => session.renew()))
      const after = peer.seen.filter((line) => line === 'POST /token').length
      expect(after - before).toBe(1)
    })
  },
)
