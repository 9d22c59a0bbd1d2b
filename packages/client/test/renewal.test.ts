// Keeping a ticket fresh: one renewal for many callers, no loops, an honest end.
import { fixedClock } from 'testkit'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createMemoryDevice, type Session } from '../src/index.ts'
import { type HandServer, type Said, startHandServer } from './hand-server.ts'
import { type PliableIssuer, startPliableIssuer } from './pliable-issuer.ts'

let peer: PliableIssuer
let api: HandServer
let answer: (token: string, count: number) => Said = () => ({})
beforeAll(async () => {
  peer = await startPliableIssuer()
  api = await startHandServer((heard, count) => answer(String(heard.headers.authorization), count))
})
afterAll(() => Promise.all([peer.server.close(), api.close()]))
afterEach(() => {
  for (const name of Object.keys(peer.bend)) delete peer.bend[name as keyof typeof peer.bend]
  peer.server.heard.length = 0
  api.heard.length = 0
  answer = () => ({})
})

async function signedIn(more = {}): Promise<Session> {
  const session = peer.session(more)
  await session.complete(await peer.begun(session))
  peer.server.heard.length = 0
  return session
}
const stale: Said = {
  status: 401,
  headers: { 'www-authenticate': 'Bearer error="invalid_token", DPoP error="invalid_token", algs="ES256"' },
}
const refusal = (error: string, status = 400): Said => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ error }),
})

describe('renewal', () => {
  it('OIDC-16.18-2: a ticket that an API no longer accepts is renewed once and the call repeated, body and all', async () => {
    const session = await signedIn()
    const old = await session.dangerouslyRevealAccessToken()
    answer = (token) => (token === `DPoP ${old}` ? stale : { body: 'ok' })
    const response = await session.fetch(api.origin, { method: 'POST', body: 'again' })
    expect(await response.text()).toBe('ok')
    expect(api.heard.map(({ body }) => body)).toEqual(['again', 'again'])
    expect(peer.tokenRequests()).toHaveLength(1)
  })

  it('the proof after a renewal is made for the new token, with the same key', async () => {
    const session = await signedIn()
    const { createHash } = await import('node:crypto')
    await session.renew()
    await session.fetch(api.origin)
    const token = String(api.heard[0]?.headers.authorization).slice(5)
    expect(token).toBe(await session.dangerouslyRevealAccessToken())
    expect(api.heard[0]?.proof?.['ath']).toBe(createHash('sha256').update(token).digest('base64url'))
    expect(token.endsWith((await session.key()).jkt)).toBe(true)
  })

  it('OIDC-16.18-2: an API that refuses every ticket gets two calls and has the last word', async () => {
    const session = await signedIn()
    answer = () => stale
    expect((await session.fetch(api.origin)).status).toBe(401)
    expect([api.heard.length, peer.tokenRequests().length]).toEqual([2, 1])
  })

  it('other refusals renew nothing', async () => {
    const session = await signedIn()
    for (const said of [
      { status: 401, headers: { 'www-authenticate': 'DPoP error="invalid_dpop_proof"' } },
      { status: 401, headers: { 'www-authenticate': 'DPoP algs="ES256"' } },
      { status: 403, headers: { 'www-authenticate': 'DPoP error="insufficient_scope"' } },
      { status: 500 },
    ]) {
      answer = () => said
      expect((await session.fetch(api.origin)).status).toBe(said.status)
    }
    expect(peer.tokenRequests()).toHaveLength(0)
  })

  it('thirty calls with a stale ticket make one renewal between them', async () => {
    const session = await signedIn()
    const old = await session.dangerouslyRevealAccessToken()
    answer = (token) => (token === `DPoP ${old}` ? stale : {})
    const responses = await Promise.all(Array.from({ length: 30 }, () => session.fetch(api.origin)))
    expect(responses.every(({ status }) => status === 200)).toBe(true)
    expect(peer.tokenRequests()).toHaveLength(1)
  })

  it('two sessions on one device are one: what the one renews, the other uses', async () => {
    const device = createMemoryDevice()
    const [first, second] = [await signedIn({ device }), peer.session({ device })]
    await Promise.all([first.renew(), second.renew()])
    expect(peer.tokenRequests()).toHaveLength(1)
    expect(await second.dangerouslyRevealAccessToken()).toBe(await first.dangerouslyRevealAccessToken())
  })

  it('a ticket is renewed a little before it expires, by the issuer’s clock', async () => {
    const start = Math.floor(Date.now() / 1000)
    const clock = fixedClock(start)
    const session = await signedIn({ clock })
    clock.advance(269)
    await session.fetch(api.origin)
    expect(peer.tokenRequests()).toHaveLength(0)
    clock.advance(1)
    await session.fetch(api.origin)
    expect(peer.tokenRequests()).toHaveLength(1)
  })

  it('when the issuer says the sign-in is over, the ticket is forgotten and nothing loops', async () => {
    const session = await signedIn()
    peer.bend.token = () => refusal('invalid_grant')
    await expect(session.renew()).rejects.toMatchObject({ code: 'holder.session-lives' })
    expect(await session.ticket()).toBeUndefined()
    await expect(session.fetch(api.origin)).rejects.toMatchObject({ code: 'holder.session-lives' })
    expect(peer.tokenRequests()).toHaveLength(1)
  })

  it('trouble on the way keeps the ticket: a later renewal presents the same refresh token', async () => {
    const session = await signedIn()
    const troubles: Said[] = [{ hangUp: true }, { status: 503 }, refusal('temporarily_unavailable', 503), refusal('invalid_dpop_proof')]
    for (const said of troubles) {
      peer.bend.token = () => said
      await expect(session.renew()).rejects.toThrow()
    }
    delete peer.bend.token
    await session.renew()
    const sent = peer.tokenRequests().map((form) => form.get('refresh_token'))
    expect(sent).toHaveLength(troubles.length + 1)
    expect(new Set(sent).size).toBe(1)
  })

  it('OIDC-16.11-3: a renewed ID token about somebody else is refused and the old ticket stays', async () => {
    const session = await signedIn()
    const before = await session.dangerouslyRevealAccessToken()
    peer.bend.tokens = (right) => ({ ...right, id_token: 'e30.e30.e30' })
    await expect(session.renew()).rejects.toMatchObject({ code: 'holder.id-token-is-sound' })
    expect(await session.dangerouslyRevealAccessToken()).toBe(before)
  })

  it('OIDC-16.11-3: so is a sound one whose subject is another', async () => {
    const session = await signedIn()
    const before = await session.dangerouslyRevealAccessToken()
    peer.bend.renewedSubject = 'user-2'
    await expect(session.renew()).rejects.toMatchObject({ code: 'holder.subject-is-the-same' })
    expect(await session.dangerouslyRevealAccessToken()).toBe(before)
    peer.bend.renewedSubject = 'user-1'
    expect(await session.renew()).toMatchObject({ subject: 'user-1' })
  })

  it('an issuer that does not turn refresh tokens over gets the same one again, and scopes stay', async () => {
    const session = await signedIn()
    peer.bend.tokens = ({ refresh_token: _, scope: __, ...rest }) => rest
    await session.renew()
    expect(await session.renew()).toMatchObject({ renewable: true, scopes: ['openid', 'profile'] })
    expect(new Set(peer.tokenRequests().map((form) => form.get('refresh_token'))).size).toBe(1)
  })

  it('DPOP-5-05: a renewal that comes back as bearer is thrown away', async () => {
    const session = await signedIn()
    peer.bend.tokens = (right) => ({ ...right, token_type: 'Bearer' })
    await expect(session.renew()).rejects.toMatchObject({ code: 'holder.token-type-is-dpop' })
  })

  it('a ticket whose key is gone is no ticket', async () => {
    const device = createMemoryDevice()
    const session = await signedIn({ device })
    await device.keys.forget({ issuer: peer.issuer, clientId: 'app' })
    expect(await session.ticket()).toBeUndefined()
  })
})
