// The holder against Kimei's own issuer: sign-in through the pages, rotation, lost answers, parallel renewals, machines.
import { type PrivateJwk, proofKeyFrom } from '@kimei/protocol'
import { startCodeKit, walkForms } from 'testkit/code'
import { type IssuerKit, kitApi, startIssuerKit } from 'testkit/issuer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createClientCredentials, createMemoryDevice, createSession, type Fetch, type Session, type SessionOptions } from '../src/index.ts'

const redirectUri = 'http://127.0.0.1:49152/callback'

describe.each(['off', 'required'] as const)('our own issuer, nonces %s', (nonce) => {
  let kit: IssuerKit
  beforeAll(async () => {
    kit = await startCodeKit({ config: { dpop: { nonce: { token: nonce, userinfo: nonce } } } })
  })
  afterAll(() => kit.close())

  const session = (more: Partial<SessionOptions> = {}): Session =>
    createSession({
      issuer: kit.issuer,
      clientId: 'cli',
      redirectUri,
      scopes: ['openid', 'profile', 'notes:read'],
      device: createMemoryDevice(),
      ...more,
    })
  const slot = (): string => `ticket:${JSON.stringify([kit.issuer, 'cli'])}`
  async function signIn(held: Session): Promise<Session> {
    const { url } = await held.begin()
    await held.complete((await walkForms(kit, url)).landed)
    return held
  }

  it('SEED-DPOP-01, OIDC-17.1-2: a person signs in, is greeted, renews and leaves', async () => {
    const held = await signIn(session({ purposes: { greeting: ['name'] } }))
    expect(await held.ticket()).toMatchObject({ subject: 'user-hanako', scopes: ['openid', 'profile', 'notes:read'], renewable: true })
    expect((await held.profile()).claims).toEqual({ name: { value: '花子', purposes: ['greeting'] } })
    const before = await held.dangerouslyRevealAccessToken()
    await held.renew()
    expect(await held.dangerouslyRevealAccessToken()).not.toBe(before)
    expect(await held.signOut()).toEqual({ revoked: true })
    expect(await held.ticket()).toBeUndefined()
  })

  it('who signs out on one device has ended that sign-in for a copy of it too', async () => {
    const device = createMemoryDevice()
    const held = await signIn(session({ device }))
    const key = await held.key()
    const copy = { ...createMemoryDevice(), keys: { ...device.keys, keyFor: async () => key } }
    await copy.shelf.write(slot(), await device.shelf.read(slot()))
    await held.signOut()
    await expect(session({ device: copy }).renew()).rejects.toMatchObject({ code: 'holder.session-lives' })
  })

  it('an answer that is lost on the way costs nothing: the honest retry gets the same successor', async () => {
    let losing = false
    const lossy: Fetch = async (input, init) => {
      const response = await fetch(input, init)
      if (!losing || !String(input).endsWith('/token') || response.status !== 200) return response
      losing = false
      await response.body?.cancel()
      throw new TypeError('the connection is gone')
    }
    const held = await signIn(session({ fetch: lossy }))
    for (let round = 0; round < 3; round += 1) {
      losing = true
      await expect(held.renew()).rejects.toThrow('the connection is gone')
      await expect(held.renew()).resolves.toMatchObject({ renewable: true })
    }
    expect(kit.audit.some(({ event }) => event === 'refresh_reused')).toBe(false)
  })

  it('two copies of one device that do not know of each other both keep their sign-in', async () => {
    const device = createMemoryDevice()
    await signIn(session({ device }))
    const copy = { ...createMemoryDevice(), keys: device.keys }
    await copy.shelf.write(slot(), await device.shelf.read(slot()))
    const renewed = await Promise.all([session({ device }).renew(), session({ device: copy }).renew()])
    expect(renewed.map(({ renewable }) => renewable)).toEqual([true, true])
    await session({ device }).renew()
    expect(kit.audit.some(({ event }) => event === 'refresh_reused')).toBe(false)
  })

  it('PKJWT-3-03: a machine proves who it is and gets a ticket of another name', async () => {
    const { privateJwk, kid } = kit.clientKey
    const machine = createClientCredentials({
      issuer: kit.issuer,
      clientId: 'service',
      authentication: { method: 'private_key_jwt', key: await proofKeyFrom(privateJwk as unknown as PrivateJwk, 'ES256'), kid },
      scopes: ['notes:read'],
      resources: [kitApi],
    })
    expect(await machine.ticket()).toMatchObject({ clientId: 'service', scopes: ['notes:read'], jkt: (await machine.key()).jkt })
  })
})

describe('issuers side by side', () => {
  it('OIDC-16.15-1: an issuer with a path is found, and is not the one without', async () => {
    const kit = await startIssuerKit({ issuerPath: '/sales' })
    const held = (issuer: string): Session => createSession({ issuer, clientId: 'cli', redirectUri, device: createMemoryDevice() })
    expect((await held(kit.issuer).begin()).url.startsWith(`${kit.issuer}/authorize?`)).toBe(true)
    await expect(held(`${kit.issuer}/`).begin()).rejects.toMatchObject({ code: 'holder.issuer-is-exact' })
    await kit.close()
  })
})
