// Signing in with a code on another screen: against our own issuer with a person at its page, and against a server written by hand.

import { decideAtPage, startDeviceKit } from 'testkit/device'
import type { IssuerKit } from 'testkit/issuer'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { beginDeviceSignIn, createMemoryDevice, createSession, type DeviceSignInOptions, type Fetch, pollDeviceCode } from '../src/index.ts'
import { type HandServer, type Said, startHandServer } from './hand-server.ts'

describe('our own issuer', () => {
  let now = 1_800_000_000
  let kit: IssuerKit
  beforeAll(async () => {
    kit = await startDeviceKit({ clock: () => now })
  })
  afterAll(() => kit.close())

  /** Node writes the machine's own time into its answers; this issuer lives in another. */
  const fetchThen: Fetch = async (input, init) => {
    const response = await fetch(input, init)
    const { status, body } = response
    const headers = new Headers(response.headers)
    headers.delete('date')
    return new Response(body, { status, headers })
  }
  const waits: number[] = []
  afterEach(() => {
    waits.length = 0
  })
  const begin = (atWait: (count: number) => unknown = () => undefined, more: Partial<DeviceSignInOptions> = {}) =>
    beginDeviceSignIn({
      issuer: kit.issuer,
      clientId: 'tv',
      scopes: ['openid', 'profile', 'notes:read'],
      device: createMemoryDevice(),
      clock: () => now,
      fetch: fetchThen,
      sleep: async (seconds) => {
        waits.push(seconds)
        now += seconds
        await atWait(waits.length)
      },
      ...more,
    })

  it('DEV-3.5-02: waits the interval until the person has allowed, and a session of the same device goes on with the ticket', async () => {
    const device = createMemoryDevice()
    const allow = async (count: number) => count === 3 && (await decideAtPage(kit, { completeUri: waiting.verificationUriComplete ?? '' }))
    const waiting = await begin(allow, { device })
    expect(waiting.userCode).toMatch(/^[A-Z]{4}-[A-Z]{4}$/)
    expect(waiting.verificationUri).toBe(`${kit.issuer}/device`)
    const told: number[] = []
    const ticket = await waiting.complete((seconds) => told.push(seconds))
    expect(waits).toEqual([5, 5, 5])
    expect(told).toEqual(waits)
    expect(ticket).toMatchObject({ clientId: 'tv', subject: 'user-hanako', scopes: ['openid', 'profile', 'notes:read'], renewable: true })
    const session = createSession({
      issuer: kit.issuer,
      clientId: 'tv',
      redirectUri: 'http://127.0.0.1/callback',
      device,
      clock: () => now,
      fetch: fetchThen,
    })
    expect(await session.ticket()).toEqual(ticket)
    await session.renew()
    expect((await session.key()).jkt).toBe(ticket.jkt)
  })

  it('DEV-3.5-02: no polling goes on after access_denied, and nothing is kept', async () => {
    const device = createMemoryDevice()
    const waiting = await begin(() => decideAtPage(kit, { completeUri: waiting.verificationUriComplete ?? '' }, 'device-deny'), { device })
    await expect(waiting.complete()).rejects.toMatchObject({ code: 'holder.request-is-granted', oauthError: 'access_denied' })
    expect(waits).toEqual([5])
  })

  it('DEV-3.5-02: ends by itself when nobody answers in time', async () => {
    const waiting = await begin()
    await expect(waiting.complete()).rejects.toMatchObject({ code: 'holder.device-code-lives' })
    expect(now).toBeLessThan(waiting.expiresAt)
  })
})

describe('a server that answers as it likes', () => {
  let server: HandServer
  let answers: Said[] = []
  let device: Record<string, unknown> = {}
  let polls = 0
  let endpoint: Record<string, unknown> = {}
  beforeAll(async () => {
    server = await startHandServer(({ path }) => {
      if (path.startsWith('/.well-known/')) return said({ issuer: server.origin, token_endpoint: `${server.origin}/token`, ...endpoint })
      if (path === '/device')
        return said({ device_code: 'd', user_code: 'ABCD-EFGH', verification_uri: 'https://id.example/device', expires_in: 600, ...device })
      polls += 1
      return answers.shift() ?? said({ access_token: 'at', token_type: 'DPoP' })
    })
    endpoint = { device_authorization_endpoint: `${server.origin}/device` }
  })
  afterAll(() => server.close())
  afterEach(() => {
    answers = []
    device = {}
    polls = 0
  })
  const said = (body: object, status = 200): Said => ({
    status,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  const error = (name: string): Said => said({ error: name }, 400)

  async function waitsFor(...given: Said[]): Promise<{ readonly waits: readonly number[]; readonly outcome: unknown }> {
    answers = given
    let now = 1_800_000_000
    const waits: number[] = []
    const waiting = await beginDeviceSignIn({
      issuer: server.origin,
      clientId: 'tv',
      device: createMemoryDevice(),
      clock: () => now,
      sleep: async (seconds) => {
        waits.push(seconds)
        now += seconds
      },
    })
    const outcome = await waiting.complete().catch((refusal: unknown) => refusal)
    return { waits, outcome }
  }

  it('DEV-3.5-02: adds five seconds for good at each slow_down', async () => {
    const pending = error('authorization_pending')
    const { waits, outcome } = await waitsFor(pending, error('slow_down'), pending, error('slow_down'), pending)
    expect(waits).toEqual([5, 5, 10, 10, 15, 15])
    expect(outcome).toMatchObject({ clientId: 'tv' })
  })

  it('DEV-3.5-02: takes the interval of the issuer', async () => {
    device = { interval: 2 }
    expect((await waitsFor(error('authorization_pending'))).waits).toEqual([2, 2])
  })

  it('DEV-3.5-02: doubles the wait each time the line is cut', async () => {
    const { waits, outcome } = await waitsFor({ hangUp: true }, { hangUp: true }, error('authorization_pending'))
    expect(waits).toEqual([5, 10, 20, 20])
    expect(outcome).toMatchObject({ clientId: 'tv' })
  })

  it('DEV-3.5-02: doubles the wait on a timeout, and stops on any other exception', async () => {
    const thrown = [new DOMException('too slow', 'TimeoutError'), new DOMException('too slow', 'TimeoutError'), new RangeError('a mistake')]
    const waits: number[] = []
    const polling = pollDeviceCode({
      ask: () => Promise.reject(thrown.shift()),
      intervalSeconds: 5,
      expiresAt: 1000,
      clock: () => 0,
      sleep: async (seconds) => void waits.push(seconds),
    })
    await expect(polling).rejects.toThrow('a mistake')
    expect(waits).toEqual([5, 10, 20])
  })

  it.each(['access_denied', 'expired_token', 'invalid_grant', 'invalid_client', 'something_else'])(
    'DEV-3.5-02: stops on %s',
    async (name) => {
      const { waits, outcome } = await waitsFor(error('authorization_pending'), error(name))
      expect(waits).toEqual([5, 5])
      expect(outcome).toMatchObject({ code: 'holder.request-is-granted', oauthError: name })
      expect(polls).toBe(2)
    },
  )

  it('DEV-3.5-02: stops on an answer that is no OAuth error, and on a ticket without a name', async () => {
    expect((await waitsFor({ status: 500, body: 'oops' })).outcome).toMatchObject({ code: 'holder.answer-is-readable' })
    const bearer = said({ access_token: 'at', token_type: 'Bearer' })
    expect((await waitsFor(bearer)).outcome).toMatchObject({ code: 'holder.token-type-is-dpop' })
  })

  it.each([
    ['an address in plain http', { verification_uri: 'http://id.example/device' }, 'holder.https-or-loopback'],
    ['an address that is none', { verification_uri_complete: 'javascript:alert(1)' }, 'holder.https-or-loopback'],
    ['a code that would move the cursor', { user_code: 'AB\u001b[2J' }, 'holder.answer-is-readable'],
    ['no code', { user_code: undefined }, 'holder.answer-is-readable'],
  ])('%s is not shown to anybody', async (_what, change, code) => {
    device = change
    await expect(waitsFor()).rejects.toMatchObject({ code })
    expect(polls).toBe(0)
  })

  it('an issuer without the endpoint says so before anything is sent', async () => {
    const kept = endpoint
    endpoint = {}
    await expect(waitsFor()).rejects.toMatchObject({ code: 'holder.metadata-is-complete' })
    endpoint = kept
  })
})
