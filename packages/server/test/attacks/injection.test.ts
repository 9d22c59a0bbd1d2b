// Somebody else's code, token or answer, put where one's own belongs: RFC 9700's injections, each end to end.
import * as openid from 'openid-client'
import { wireKey, wireProof } from 'testkit'
import { authorizeUrl, getTokens, redemption, startCodeKit, walkForms } from 'testkit/code'
import { askAbout, basicHeader, type IssuerKit, kitApi, kitRedirect, postForm, readResponse, tokenProof } from 'testkit/issuer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

let kit: IssuerKit
beforeAll(async () => {
  kit = await startCodeKit()
})
afterAll(() => kit.close())

/** A victim's code, as an attacker finds it in a log. */
async function stolen(change: Record<string, string | undefined> = {}, key = wireKey()) {
  const open = authorizeUrl(kit, { key, change: { scope: 'openid notes:read', ...change } })
  const code = (await walkForms(kit, open.url)).landed.searchParams.get('code') ?? ''
  const redeem = (by: typeof open = open, proven = key) =>
    postForm(kit, '/token', redemption(kit, by, code), { dpop: tokenProof(kit, proven) })
  return { open, code, key, redeem }
}

describe('code injection', () => {
  it('O21-4.1.3-01: a code in a flow of the attacker’s own, with its verifier, is invalid_grant, and the victim loses nothing', async () => {
    const victim = await stolen()
    const attacker = authorizeUrl(kit)
    const injected = await victim.redeem(attacker, wireKey())
    expect([injected.status, injected.json['error']]).toEqual([400, 'invalid_grant'])
    expect((await victim.redeem()).status).toBe(200)
  })

  it('O21-4.1.3-01: code and verifier stolen together are worth nothing without the key the request named', async () => {
    const victim = await stolen()
    const injected = await victim.redeem(victim.open, wireKey())
    expect([injected.status, injected.json['error']]).toEqual([400, 'invalid_grant'])
    expect((await victim.redeem()).status).toBe(200)
  })

  it('O21-4.1.3-01: a code of one app is none for another, nor for another redirect URI', async () => {
    const victim = await stolen()
    for (const by of [
      { ...victim.open, clientId: 'old-spa' },
      { ...victim.open, redirectUri: `${kitRedirect}/2` },
    ])
      expect((await victim.redeem(by)).json['error']).toBe('invalid_grant')
    expect((await victim.redeem()).status).toBe(200)
  })

  it('OIDC-2-02 OIDC-15.5.2-01: where the issuer would be fooled, the nonce of the ID token tells an honest client', async () => {
    const config = await openid.discovery(new URL(kit.issuer), 'old-spa', undefined, openid.None(), {
      execute: [openid.allowInsecureRequests],
    })
    const verifier = openid.randomPKCECodeVerifier()
    const code_challenge = await openid.calculatePKCECodeChallenge(verifier)
    const change = { scope: 'openid', nonce: 'nonce-of-the-victim', code_challenge }
    const { landed } = await walkForms(kit, authorizeUrl(kit, { clientId: 'old-spa', change }).url)
    const checks = { pkceCodeVerifier: verifier, expectedState: 'state-1', expectedNonce: 'nonce-of-the-attacker' }
    await expect(openid.authorizationCodeGrant(config, landed, checks)).rejects.toMatchObject({ cause: { cause: { claim: 'nonce' } } })
  })
})

describe('token substitution', () => {
  const atUserinfo = async (token: unknown, key = wireKey(), scheme = 'DPoP') => {
    const url = `${kit.issuer}/userinfo`
    const dpop = wireProof(key, { url, now: kit.now(), accessToken: String(token) })
    return readResponse(await fetch(url, { headers: { authorization: `${scheme} ${token}`, ...(scheme === 'DPoP' && { dpop }) } }))
  }

  it('OIDC-16.11-3: a token of one app in the hands of another opens nothing: by its own key, by another, or as bearer', async () => {
    const held = await getTokens(kit, { change: { scope: 'openid profile' } })
    const token = held.answer.json['access_token']
    expect((await atUserinfo(token, held.key)).status).toBe(200)
    expect((await atUserinfo(token)).status).toBe(401)
    expect((await atUserinfo(token, held.key, 'Bearer')).status).toBe(401)
  })

  it('AT-4-02: a token for an API is none at UserInfo, and says nothing to the server of another API', async () => {
    const held = await getTokens(kit, { change: { scope: 'notes:read', resource: kitApi } })
    const token = held.answer.json['access_token']
    expect((await atUserinfo(token, held.key)).status).toBe(401)
    expect((await askAbout(kit, token)).json['active']).toBe(true)
    const other = await postForm(kit, '/introspect', { token: String(token) }, { authorization: basicHeader('other-server') })
    expect(other.json).toEqual({ active: false })
  })
})
