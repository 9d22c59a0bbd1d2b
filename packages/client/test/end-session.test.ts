// Signing out at the issuer, too: the address the holder builds, opened in the browser that signed in.
import { formBrowser } from 'testkit/browser'
import { authorizeUrl, startCodeKit, walkForms } from 'testkit/code'
import type { IssuerKit } from 'testkit/issuer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createMemoryDevice, createSession, type Session } from '../src/index.ts'
import { redirectUri, startPliableIssuer } from './pliable-issuer.ts'

const bye = 'https://app.example/bye'
let kit: IssuerKit
beforeAll(async () => {
  kit = await startCodeKit({
    extend: (config) => ({
      ...config,
      clients: (config.clients ?? []).map((client) => (client.clientId === 'spa' ? { ...client, postLogoutRedirectUris: [bye] } : client)),
    }),
  })
})
afterAll(() => kit.close())

const session = (): Session =>
  createSession({
    issuer: kit.issuer,
    clientId: 'spa',
    redirectUri: 'https://app.example/callback',
    scopes: ['openid', 'notes:read'],
    device: createMemoryDevice(),
  })

describe('session.endSessionUrl', () => {
  it.each(['at once', 'after a renewal'])(
    'RPLO-3-01: %s it ends the sign-in of the browser without a question and goes back with state',
    async (when) => {
      const held = session()
      const browser = formBrowser(kit.issuer)
      const { landed } = await walkForms(kit, (await held.begin()).url, browser)
      await held.complete(landed)
      if (when === 'after a renewal') await held.renew()
      const url = await held.endSessionUrl({ postLogoutRedirectUri: bye, state: 'a b&c', uiLocales: 'ja' })
      expect((await browser.open(url ?? '')).url.href).toBe(`${bye}?state=a%20b%26c`)
      const again = await walkForms(kit, authorizeUrl(kit, { change: { prompt: 'none' } }).url, browser)
      expect(again.landed.searchParams.get('error')).toBe('login_required')
    },
  )

  it('without a sign-in it names the client alone, and sends no state to nowhere', async () => {
    const url = new URL((await session().endSessionUrl({ state: 's' })) ?? '')
    expect([url.pathname, [...url.searchParams]]).toEqual(['/logout', [['client_id', 'spa']]])
  })

  it('is undefined where the issuer has no such page, and plain http elsewhere is refused', async () => {
    const peer = await startPliableIssuer()
    const at = () => createSession({ issuer: peer.issuer, clientId: 'app', redirectUri, device: createMemoryDevice() })
    expect(await at().endSessionUrl()).toBeUndefined()
    peer.bend.metadata = (right) => ({ ...right, end_session_endpoint: 'http://id.example/logout' })
    await expect(at().endSessionUrl()).rejects.toMatchObject({ code: 'holder.https-or-loopback' })
    await peer.server.close()
  })
})
