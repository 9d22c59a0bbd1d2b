// ID tokens and UserInfo from an issuer that bends one thing at a time: what a holder must refuse.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type PliableIssuer, startPliableIssuer } from './pliable-issuer.ts'

let peer: PliableIssuer
beforeAll(async () => {
  peer = await startPliableIssuer()
})
afterAll(() => peer.server.close())
afterEach(() => {
  for (const name of Object.keys(peer.bend)) delete peer.bend[name as keyof typeof peer.bend]
})

/** Signs in on a fresh device and expects it to fail, and nobody to be signed in then. */
async function fails(code: string): Promise<void> {
  const session = peer.session()
  const callback = await peer.begun(session)
  await expect(session.complete(callback)).rejects.toMatchObject({ code })
  expect(await session.ticket()).toBeUndefined()
}

describe('the ID token', () => {
  const now = (): number => Math.floor(Date.now() / 1000)
  const unsound: [string, (right: Record<string, unknown>) => Record<string, unknown>][] = [
    ['iss with a slash', (right) => ({ ...right, iss: `${right['iss']}/` })],
    ['another audience', (right) => ({ ...right, aud: 'someone' })],
    ['a stranger in the audience', (right) => ({ ...right, aud: ['app', 'stranger'] })],
    ['a stranger in the audience, excused by azp', (right) => ({ ...right, aud: ['app', 'stranger'], azp: 'app' })],
    ['no audience', ({ aud: _, ...rest }) => rest],
    ['another nonce', (right) => ({ ...right, nonce: 'other' })],
    ['no nonce', ({ nonce: _, ...rest }) => rest],
    ['expired', (right) => ({ ...right, exp: now() - 3_600 })],
    ['no exp', ({ exp: _, ...rest }) => rest],
    ['made tomorrow', (right) => ({ ...right, iat: now() + 86_400, exp: now() + 90_000 })],
    ['made yesterday', (right) => ({ ...right, iat: now() - 86_400 })],
    ['no sub', ({ sub: _, ...rest }) => rest],
  ]
  it.each(unsound)('OIDC-3.1.3.7-01, ASVS-10.5.1: %s is refused, and nobody is signed in', async (_, change) => {
    peer.bend.idToken = change
    await fails('holder.id-token-is-sound')
  })

  it('OIDC-3.1.3.7-01: another algorithm, no algorithm, an altered signature, or none at all are refused', async () => {
    const head = (alg: string): string => Buffer.from(JSON.stringify({ alg, kid: 'rsa-1' })).toString('base64url')
    for (const change of [
      (text: string) => text.replace(/^[^.]+/, head('none')).replace(/[^.]+$/, ''),
      (text: string) => text.replace(/^[^.]+/, head('HS256')),
      (text: string) => text.replace(/^[^.]+/, head('ES256')),
      (text: string) =>
        text.replace(/\.([\w-]{4})([\w-]+)$/, (_all, start: string, rest: string) => `.${start === 'AAAA' ? 'BBBB' : 'AAAA'}${rest}`),
    ]) {
      peer.bend.idTokenText = change
      await fails('holder.id-token-is-sound')
    }
    delete peer.bend.idTokenText
    peer.bend.tokens = ({ id_token: _, ...rest }) => rest
    await fails('holder.answer-is-readable')
  })

  it('OIDC-16.11-3: an access token that at_hash does not name is thrown away', async () => {
    peer.bend.tokens = (right) => ({ ...right, access_token: 'swapped' })
    await fails('holder.token-hash-matches')
  })

  it('OIDC-16.11-3: UserInfo about somebody else is thrown away', async () => {
    const session = peer.session({ purposes: { greeting: ['name'] } })
    await session.complete(await peer.begun(session))
    expect((await session.profile()).claims['name']?.value).toBe('Hanako')
    peer.bend.userInfo = (right) => ({ ...right, sub: 'user-2' })
    await expect(session.profile()).rejects.toMatchObject({ code: 'holder.subject-is-the-same' })
  })
})
