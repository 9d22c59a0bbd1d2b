// Callbacks: on the right redirect URI, without tokens, and in a signed answer where one was asked for. And options that ask for what is gone.
import { Misuse } from '@kimei/protocol'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createMemoryDevice, createSession, type Session } from '../src/index.ts'
import { type PliableIssuer, redirectUri, signedByPeer, startPliableIssuer } from './pliable-issuer.ts'

let peer: PliableIssuer
beforeAll(async () => {
  peer = await startPliableIssuer()
})
afterAll(() => peer.server.close())
beforeEach(() => {
  peer.server.heard.length = 0
})

const keysAsked = () => peer.server.heard.filter(({ path }) => path === '/jwks').length

describe('where the answer comes back to', () => {
  it('NATIVE-8.10-01, BCPU-2.2-01: an answer on another redirect URI ends it before the code is sent', async () => {
    for (const change of [
      (url: URL) => (url.pathname = '/callback/other'),
      (url: URL) => (url.host = 'other.example.test'),
      (url: URL) => (url.protocol = 'http:'),
      (url: URL) => (url.port = '8443'),
    ]) {
      const session = peer.session()
      const callback = await peer.begun(session, (url) => void change(url))
      await expect(session.complete(callback)).rejects.toMatchObject({ code: 'holder.redirect-is-ours' })
    }
    expect(peer.tokenRequests()).toHaveLength(0)
  })

  it('BCPU-2.2-01: a context in the redirect URI comes back as it went', async () => {
    const own = `${redirectUri}?context=tenant-1`
    const begin = async (session: Session, context: string[]) => {
      const { state } = await session.begin()
      const back = new URLSearchParams({ code: 'x', state, iss: peer.issuer })
      for (const value of context) back.append('context', value)
      return session.complete(`${redirectUri}?${back}`)
    }
    for (const context of [[], ['tenant-2']]) {
      await expect(begin(peer.session({ redirectUri: own }), context)).rejects.toMatchObject({ code: 'holder.redirect-is-ours' })
    }
    expect(peer.tokenRequests()).toHaveLength(0)
  })

  it('OIDC-16.16-1: a token in the fragment or the query is not taken, and ends the sign-in', async () => {
    for (const put of [
      (url: URL) => (url.hash = 'access_token=stolen&token_type=Bearer'),
      (url: URL) => (url.hash = 'id_token=e30.e30.'),
      (url: URL) => url.searchParams.set('access_token', 'stolen'),
    ]) {
      const session = peer.session()
      const callback = await peer.begun(session, (url) => void put(url))
      await expect(session.complete(callback)).rejects.toMatchObject({ code: 'holder.no-token-in-callback' })
      expect(await session.ticket()).toBeUndefined()
    }
  })

  it('SEED-O21-27: flows that are gone cannot be asked for: each stranger among the options is named', () => {
    const bad = { responseType: 'token', responseMode: 'fragment', resources: ['https://a.example.test/#part', 'notes'] }
    try {
      createSession({ issuer: peer.issuer, clientId: 'app', redirectUri, device: createMemoryDevice(), ...bad })
      expect.unreachable()
    } catch (error) {
      expect(error).toBeInstanceOf(Misuse)
      const { mistakes } = error as Misuse
      expect(mistakes).toHaveLength(4)
      for (const part of ['responseType', 'responseMode', '#part', '"notes"']) expect(mistakes.join('\n')).toContain(part)
    }
  })
})

describe('a signed answer', () => {
  const session = () => peer.session({ responses: 'signed' })
  const now = () => Math.floor(Date.now() / 1000)
  /** Begins, and answers with a signed callback that says what the test wants. */
  async function answered(held: Session, change: object = {}, make: (claims: object) => Promise<string> = signedByPeer): Promise<URL> {
    const { url, state } = await held.begin()
    expect(new URL(url).searchParams.get('response_mode')).toBe('jwt')
    const right = peer.callback(url).searchParams
    const claims = { iss: peer.issuer, aud: 'app', exp: now() + 60, code: right.get('code'), state, ...change }
    return new URL(`${redirectUri}?response=${await make(claims)}`)
  }

  it('JARM-2.4-01: is verified and then used', async () => {
    const held = session()
    expect(await held.complete(await answered(held))).toMatchObject({ subject: 'user-1' })
  })

  it('JARM-2.4-01, ISS-4-01: another issuer, another client, an old one: refused before any key is asked for', async () => {
    for (const change of [{ iss: 'https://other.example.test' }, { aud: 'else' }, { aud: ['app'] }, { exp: now() - 1 }, { exp: 'later' }]) {
      const held = session()
      await expect(held.complete(await answered(held, change))).rejects.toMatchObject({ code: 'holder.response-is-sound' })
    }
    expect(keysAsked()).toBe(0)
    expect(peer.tokenRequests()).toHaveLength(0)
  })

  it('JARM-2.4-01: an unsigned one, one of another key, and a plain answer instead are refused', async () => {
    const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const forged = [
      async (claims: object) => `${encode({ alg: 'none' })}.${encode(claims)}.`,
      async (claims: object) => `${(await signedByPeer(claims)).slice(0, -8)}AAAAAAAA`,
      async () => 'no.jwt.here',
    ]
    for (const make of forged) {
      const held = session()
      await expect(held.complete(await answered(held, {}, make))).rejects.toMatchObject({ code: 'holder.response-is-sound' })
    }
    const held = session()
    await expect(held.complete(await peer.begun(held))).rejects.toMatchObject({ code: 'holder.response-is-sound' })
    expect(peer.tokenRequests()).toHaveLength(0)
  })

  it('ISS-4-01: what stands beside it must agree with it', async () => {
    for (const [name, value] of [
      ['iss', 'https://other.example.test'],
      ['state', 'other'],
      ['code', 'other'],
    ] as const) {
      const held = session()
      const callback = await answered(held)
      callback.searchParams.set(name, value)
      await expect(held.complete(callback)).rejects.toMatchObject({ code: 'holder.response-is-sound' })
    }
  })

  it('an error in it is told by its code alone', async () => {
    const held = session()
    const callback = await answered(held, { code: undefined, error: 'access_denied', error_description: 'secret words' })
    await expect(held.complete(callback)).rejects.toMatchObject({ code: 'holder.sign-in-is-granted', oauthError: 'access_denied' })
  })
})
