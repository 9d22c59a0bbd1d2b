// What a holder never offers, what it never tells, and what it asks for: no more than was declared.
import { Misuse } from '@kimei/protocol'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type PliableIssuer, redirectUri, startPliableIssuer } from './pliable-issuer.ts'

let peer: PliableIssuer
beforeAll(async () => {
  peer = await startPliableIssuer()
})
afterAll(() => peer.server.close())

const asked = async (more = {}) => new URL((await peer.session(more).begin()).url).searchParams

describe('the person’s own browser', () => {
  it.each(['webView', 'embedded', 'embeddedWebView', 'userAgent', 'iframe', 'popup', 'window', 'username', 'password'])(
    'O21-8-01: there is no option %s: the sign-in page is opened by the browser the person knows',
    (name) => {
      expect(() => peer.session({ [name]: true })).toThrow(Misuse)
    },
  )

  it('O21-8-01: a sign-in begins with an address to open, and with nothing that could show a page', async () => {
    const begun = await peer.session().begin()
    expect(Object.values(begun).every((value) => typeof value === 'string')).toBe(true)
    expect(new URL(begun.url).searchParams.get('redirect_uri')).toBe(redirectUri)
  })
})

describe('nonce and state', () => {
  it('OIDC-15.5.2-01 O21-7.7-01: are 256 random bits each, never the same, and none follows from another', async () => {
    const times = 64
    const seen = new Set<string>()
    const ones = { nonce: 0, state: 0 }
    for (let time = 0; time < times; time += 1) {
      const parameters = await asked()
      for (const name of ['nonce', 'state', 'code_challenge'] as const) {
        const value = parameters.get(name) ?? ''
        expect(value).toMatch(/^[\w-]{43}$/)
        seen.add(value)
        if (name === 'code_challenge') continue
        for (const byte of Buffer.from(value, 'base64url')) ones[name] += byte.toString(2).replaceAll('0', '').length
      }
    }
    expect(seen.size).toBe(times * 3)
    // Half of all bits, within ten standard deviations.
    const bits = times * 256
    for (const count of Object.values(ones)) expect(Math.abs(count - bits / 2)).toBeLessThan(5 * Math.sqrt(bits))
  })
})

describe('scopes', () => {
  it('ASVS-10.2.3: asks for what was declared, no more, also where the issuer offers more', async () => {
    expect((await asked({ scopes: ['openid'] })).get('scope')).toBe('openid')
    expect((await asked({ scopes: ['openid', 'notes:read'] })).get('scope')).toBe('openid notes:read')
    for (const name of ['claims', 'acr_values', 'authorization_details', 'resource']) expect((await asked()).has(name)).toBe(false)
  })
})
