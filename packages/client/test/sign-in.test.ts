// Sign-in against an issuer that bends one thing at a time: what a holder must refuse, and that nothing is kept then.
import { createHash } from 'node:crypto'
import { fixedClock } from 'testkit'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { accountName, createMemoryDevice, createSession } from '../src/index.ts'
import { headOf, type Said } from './hand-server.ts'
import { type PliableIssuer, redirectUri, startPliableIssuer } from './pliable-issuer.ts'

let peer: PliableIssuer
beforeAll(async () => {
  peer = await startPliableIssuer()
})
afterAll(() => peer.server.close())
afterEach(() => {
  for (const name of Object.keys(peer.bend)) delete peer.bend[name as keyof typeof peer.bend]
  peer.server.heard.length = 0
})

async function completes(change?: (callback: URL) => void, more = {}): Promise<unknown> {
  const session = peer.session(more)
  const callback = await peer.begun(session, change)
  try {
    return await session.complete(callback)
  } finally {
    if (change !== undefined) expect(await session.ticket()).toBeUndefined()
  }
}

describe('the authorization request', () => {
  it('DPOP-4.2-01, O21-2.3.3-01, SEED-O21-15: carries state, nonce, an S256 challenge and the name of the key', async () => {
    const session = peer.session({ resources: ['https://a.example.test/', 'https://b.example.test/'] })
    const { url, state } = await session.begin({ prompt: 'login', maxAgeSeconds: 60, uiLocales: 'ja', loginHint: 'hanako' })
    const asked = Object.fromEntries(new URL(url).searchParams)
    expect(asked).toMatchObject({
      response_type: 'code',
      client_id: 'app',
      redirect_uri: redirectUri,
      state,
      code_challenge_method: 'S256',
      dpop_jkt: (await session.key()).jkt,
      prompt: 'login',
      max_age: '60',
      ui_locales: 'ja',
      login_hint: 'hanako',
    })
    expect(new URL(url).searchParams.getAll('resource')).toEqual(['https://a.example.test/', 'https://b.example.test/'])
    for (const name of ['state', 'nonce', 'code_challenge']) expect(asked[name]).toMatch(/^[\w-]{43}$/)
  })

  it('the code is redeemed with the verifier of the challenge', async () => {
    const session = peer.session()
    const { url, state } = await session.begin()
    await session.complete(`${redirectUri}?code=x&state=${state}&iss=${peer.issuer}`).catch(() => undefined)
    const verifier = peer.tokenRequests()[0]?.get('code_verifier') ?? ''
    expect(createHash('sha256').update(verifier).digest('base64url')).toBe(new URL(url).searchParams.get('code_challenge'))
  })
})

describe('metadata', () => {
  it('META-3.3-01, DISC-4-01, OIDC-16.15-1, ASVS-10.5.3: an issuer that differs by a slash, a letter or a path is another issuer', async () => {
    for (const change of [(issuer: string) => `${issuer}/`, (issuer: string) => issuer.toUpperCase(), (issuer: string) => `${issuer}/b`]) {
      peer.bend.metadata = (right) => ({ ...right, issuer: change(String(right['issuer'])) })
      await expect(peer.session().begin()).rejects.toMatchObject({ code: 'holder.issuer-is-exact' })
    }
    expect(peer.tokenRequests()).toHaveLength(0)
  })

  it('DISC-4-01: is asked for at issuer + well-known path, a last slash trimmed', async () => {
    await peer
      .session({ issuer: `${peer.issuer}/tenant/` })
      .begin()
      .catch(() => undefined)
    expect(peer.server.heard[0]?.path).toBe('/tenant/.well-known/openid-configuration')
  })

  it('MCP-PKCE-01: without code_challenge_methods_supported, or without S256 in it, nothing begins', async () => {
    for (const methods of [undefined, [], ['plain']]) {
      peer.bend.metadata = (right) => ({ ...right, code_challenge_methods_supported: methods })
      await expect(peer.session().begin()).rejects.toMatchObject({ code: 'holder.pkce-is-supported' })
    }
  })

  it('endpoints in plain http are not used, nor any that is missing', async () => {
    peer.bend.metadata = (right) => ({ ...right, token_endpoint: 'http://issuer.example.test/token' })
    await expect(completes()).rejects.toMatchObject({ code: 'holder.https-or-loopback' })
    peer.bend.metadata = (right) => ({ ...right, token_endpoint: undefined })
    await expect(completes()).rejects.toMatchObject({ code: 'holder.metadata-is-complete' })
  })
})

describe('the callback', () => {
  it('O21-2.3.3-01, ASVS-10.2.1: a state that is missing, strange or doubled ends it before the code is sent', async () => {
    for (const change of [
      (callback: URL) => callback.searchParams.delete('state'),
      (callback: URL) => callback.searchParams.set('state', 'strange'),
      (callback: URL) => callback.searchParams.append('state', 'second'),
    ]) {
      await expect(completes(change)).rejects.toMatchObject({ code: 'holder.state-is-ours' })
    }
    expect(peer.tokenRequests()).toHaveLength(0)
  })

  it('O21-2.3.3-01: another device does not know the state', async () => {
    const callback = await peer.begun(peer.session())
    await expect(peer.session().complete(callback)).rejects.toMatchObject({ code: 'holder.state-is-ours' })
  })

  it('ISS-2.4-01, MCP-ISS-01, O21-7.15-01, ASVS-10.2.2: iss is compared as it stands, and the code goes nowhere when it differs', async () => {
    for (const iss of [
      `${peer.issuer}/`,
      peer.issuer.toUpperCase(),
      peer.issuer.replace('127', '%3127'),
      'https://other.example.test',
      '',
    ]) {
      await expect(completes((callback) => callback.searchParams.set('iss', iss))).rejects.toMatchObject({ code: 'holder.iss-is-ours' })
    }
    await expect(completes((callback) => callback.searchParams.delete('iss'))).rejects.toMatchObject({ code: 'holder.iss-is-ours' })
    expect(peer.tokenRequests()).toHaveLength(0)
  })

  it('ISS-2.4-01, MCP-ISS-01: an error from the wrong issuer is not even read', async () => {
    const error = await completes((callback) => {
      callback.search = `?state=${callback.searchParams.get('state')}&iss=https://evil.example.test&error=access_denied&error_description=call+0120`
    }).catch((found: unknown) => found)
    expect(error).toMatchObject({ code: 'holder.iss-is-ours', oauthError: undefined })
    expect(String(error)).not.toMatch(/access_denied|0120/)
  })

  it('MCP-ISS-01: where the issuer promises nothing, a callback without iss passes, and a wrong one never', async () => {
    peer.bend.metadata = (right) => ({ ...right, authorization_response_iss_parameter_supported: undefined })
    const session = peer.session()
    await expect(session.complete(await peer.begun(session, (callback) => callback.searchParams.delete('iss')))).resolves.toBeDefined()
    await expect(completes((callback) => callback.searchParams.set('iss', 'https://other.example.test'))).rejects.toMatchObject({
      code: 'holder.iss-is-ours',
    })
  })

  it('O21-2.3.3-01: a sign-in of yesterday, or of a key that is gone, is over', async () => {
    const clock = fixedClock(Math.floor(Date.now() / 1000))
    const late = peer.session({ clock })
    const callback = await peer.begun(late)
    clock.advance(1_801)
    await expect(late.complete(callback)).rejects.toMatchObject({ code: 'holder.state-is-ours' })
    const device = createMemoryDevice()
    const keyless = peer.session({ device })
    const second = await peer.begun(keyless)
    await device.keys.forget({ issuer: peer.issuer, clientId: 'app' })
    await expect(keyless.complete(second)).rejects.toMatchObject({ code: 'holder.state-is-ours' })
    expect(peer.tokenRequests()).toHaveLength(0)
  })

  it('O21-7.15-01: a sign-in that began with one issuer cannot be completed with another', async () => {
    const other = await startPliableIssuer()
    const device = createMemoryDevice()
    const callback = await peer.begun(peer.session({ device }))
    await expect(other.session({ device }).complete(callback)).rejects.toMatchObject({ code: 'holder.iss-is-ours' })
    expect([...peer.tokenRequests(), ...other.tokenRequests()]).toHaveLength(0)
    await other.server.close()
  })

  it('an error is reported by its code, never by its text; a doubled code is refused', async () => {
    const denied = await completes((callback) => {
      callback.searchParams.delete('code')
      callback.searchParams.set('error', 'access_denied')
      callback.searchParams.set('error_description', '<b>call 0120</b>')
    }).catch((found: unknown) => found)
    expect(denied).toMatchObject({ code: 'holder.sign-in-is-granted', oauthError: 'access_denied' })
    expect(String(denied)).not.toContain('0120')
    await expect(completes((callback) => callback.searchParams.append('code', 'second'))).rejects.toMatchObject({
      code: 'holder.callback-is-readable',
    })
  })
})

describe('the token response', () => {
  it('DPOP-5-05, O21-6.1-01: a ticket that is not DPoP is thrown away, and DPoP may be written in any case', async () => {
    for (const tokenType of ['Bearer', 'foo', 'mac', 'DPoPx']) {
      peer.bend.tokens = (right) => ({ ...right, token_type: tokenType })
      await expect(completes(() => undefined)).rejects.toMatchObject({ code: 'holder.token-type-is-dpop' })
    }
    for (const tokenType of ['dpop', 'DPOP', 'DPoP']) {
      peer.bend.tokens = (right) => ({ ...right, token_type: tokenType, unheard_of: { deep: true } })
      await expect(completes()).resolves.toMatchObject({ scopes: ['openid', 'profile'] })
    }
  })

  it('no error of the holder carries a token, however it is printed', async () => {
    const { inspect } = await import('node:util')
    peer.bend.tokens = (right) => ({ ...right, token_type: 'Bearer' })
    const error = await completes().catch((found: unknown) => found)
    peer.bend.tokens = (right) => ({ ...right, expires_in: 'soon' })
    const second = await completes().catch((found: unknown) => found)
    expect(second).toMatchObject({ code: 'holder.answer-is-readable' })
    for (const text of [inspect(error, { depth: 9, showHidden: true }), inspect(second, { depth: 9, showHidden: true })]) {
      expect(text).not.toMatch(/opaque-|refresh-|eyJ/)
    }
  })

  it('an answer that is no JSON, or lacks what it must have, is refused', async () => {
    const unreadable: Said[] = [
      { headers: { 'content-type': 'text/html' }, body: '<p>' },
      { headers: { 'content-type': 'application/json' }, body: '[]' },
      { headers: { 'content-type': 'application/json' }, body: '{"access_token":1,"token_type":"DPoP"}' },
      { status: 302, headers: { location: '/elsewhere' } },
      { status: 500, body: 'oh' },
    ]
    for (const said of unreadable) {
      peer.bend.token = () => said
      await expect(completes(() => undefined)).rejects.toMatchObject({ code: 'holder.answer-is-readable' })
    }
  })

  it('DPOP-8-02: a second nonce challenge is an error, after two requests', async () => {
    let count = 0
    peer.bend.token = () => {
      count += 1
      return {
        status: 400,
        headers: { 'content-type': 'application/json', 'dpop-nonce': `n-${count}` },
        body: '{"error":"use_dpop_nonce"}',
      }
    }
    await expect(completes()).rejects.toMatchObject({ code: 'holder.nonce-is-accepted' })
    expect(count).toBe(2)
  })
})

describe('issuers and accounts', () => {
  it('OIDC-16.15-2, OIDC-5.7-01: the same sub at two issuers of one host is two people', async () => {
    const sales = await startPliableIssuer('/sales')
    const session = sales.session()
    const ticket = await session.complete(await sales.begun(session))
    expect(ticket.subject).toBe('user-1')
    const names = [peer.issuer, sales.issuer, `${sales.issuer}/`].map((issuer) => accountName({ issuer, subject: 'user-1' }))
    expect(new Set(names).size).toBe(3)
    await sales.server.close()
  })

  it('FAPI2-6.3-01: each issuer, and each client, meets another key on the same device', async () => {
    const device = createMemoryDevice()
    const jkts = await Promise.all(
      [
        { issuer: 'https://a.example.test', clientId: 'app' },
        { issuer: 'https://a.example.test/', clientId: 'app' },
        { issuer: 'https://b.example.test', clientId: 'app' },
        { issuer: 'https://b.example.test', clientId: 'app2' },
      ].map(async (owner) => (await createSession({ ...owner, redirectUri, device }).key()).jkt),
    )
    expect(new Set(jkts).size).toBe(4)
    expect((await createSession({ issuer: 'https://a.example.test', clientId: 'app', redirectUri, device }).key()).jkt).toBe(jkts[0])
  })

  it('PKJWT-3-03, BCPU-2.1-01: an assertion names the issuer alone, whatever endpoint the metadata names', async () => {
    const key = await createMemoryDevice().keys.keyFor({ issuer: peer.issuer, clientId: 'assertions' })
    const other = await startPliableIssuer()
    peer.bend.metadata = (right) => ({ ...right, token_endpoint: `${other.issuer}/token` })
    const session = peer.session({ authentication: { method: 'private_key_jwt', key, kid: 'k1' }, scopes: [] })
    let first: URLSearchParams | undefined
    other.bend.token = (_heard, form) => {
      if (first !== undefined) return undefined
      first = form
      return { status: 400, headers: { 'content-type': 'application/json', 'dpop-nonce': 'n' }, body: '{"error":"use_dpop_nonce"}' }
    }
    await session.complete(await peer.begun(session)).catch(() => undefined)
    const assertions = other.tokenRequests().map((form) => form.get('client_assertion') ?? '')
    expect(assertions).toHaveLength(2)
    const claims = assertions.map((jwt) => JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString()))
    expect(headOf(assertions[0])).toEqual({ alg: 'ES256', kid: 'k1', typ: 'client-authentication+jwt' })
    expect(claims[0]).toMatchObject({ iss: 'app', sub: 'app', aud: peer.issuer })
    expect(claims[0].jti).not.toBe(claims[1].jti)
    expect(claims[0].exp - claims[0].iat).toBe(60)
    await other.server.close()
  })
})
