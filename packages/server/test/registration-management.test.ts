// Managing a registration over real HTTP (RFC 7592): read, replace, end; by the one token that stays; and secrets that follow each other.
import { startCodeKit, walkForms } from 'testkit/code'
import { basicHeader, type IssuerKit, type KitAnswer, kitRedirect, pkcePair, postForm, readResponse } from 'testkit/issuer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

let passed = 0
const clock = () => Math.floor(Date.now() / 1000) + passed
let kit: IssuerKit
beforeAll(async () => {
  kit = await startCodeKit({
    clock,
    config: {
      registration: {
        mode: 'open',
        secretDays: 10,
        limits: { perAddressAndHour: 1000 },
        policy: {
          binding: { kind: 'bearer', reason: 'plain clients of the tests' },
          dangerouslyAllowWithoutPkce: true,
          authentication: ['none', 'client_secret_basic', 'client_secret_post'],
        },
      },
    },
  })
})
afterAll(() => kit.close())

const sound = { redirect_uris: [kitRedirect], grant_types: ['authorization_code', 'refresh_token'] }
const errorOf = ({ status, json }: KitAnswer) => [status, json['error']]

interface Registered {
  readonly clientId: string
  readonly secret: string
  readonly token: string
  readonly uri: string
}

async function send(method: string, uri: string, token: string | undefined, body?: unknown): Promise<KitAnswer> {
  const headers = {
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
    ...(body !== undefined && { 'content-type': 'application/json' }),
  }
  return readResponse(await fetch(uri, { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) }))
}
async function register(more: object = {}): Promise<Registered> {
  const { json } = await send('POST', `${kit.issuer}/register`, undefined, { ...sound, ...more })
  const said = (name: string) => String(json[name])
  return {
    clientId: said('client_id'),
    secret: said('client_secret'),
    token: said('registration_access_token'),
    uri: said('registration_client_uri'),
  }
}
const ask = (one: Registered, secret = one.secret) =>
  postForm(kit, '/revoke', { token: 'nothing' }, { authorization: basicHeader(one.clientId, secret) })

describe('reading', () => {
  it('DCRM-2-01: answers what is registered, the token as presented, no secret and no-store', async () => {
    const one = await register({ client_name: 'Notes' })
    const answer = await send('GET', one.uri, one.token)
    expect([answer.status, answer.headers.get('cache-control')]).toEqual([200, 'no-store'])
    expect(answer.json).toMatchObject({
      ...sound,
      client_id: one.clientId,
      client_name: 'Notes',
      registration_access_token: one.token,
      registration_client_uri: one.uri,
    })
    expect('client_secret' in answer.json).toBe(false)
  })

  it('DCRM-2-01: without a token, with another client’s, for an unknown client: 401 each, never 404, told alike', async () => {
    const [one, other] = [await register(), await register()]
    const answers = [
      await send('GET', one.uri, other.token),
      await send('GET', `${kit.issuer}/register/nobody`, one.token),
      await send('GET', `${kit.issuer}/register/%E0%A4%A`, one.token),
      await send('PUT', one.uri, other.token, { ...sound, client_id: one.clientId }),
      await send('DELETE', one.uri, other.token),
    ]
    for (const answer of answers) expect([...errorOf(answer), answer.text]).toEqual([401, 'invalid_token', answers[0]?.text])
    const none = await send('GET', one.uri, undefined)
    expect([none.status, none.headers.get('www-authenticate')]).toEqual([401, 'Bearer realm="registration"'])
    expect((await ask(one)).status).toBe(200)
  })

  it('DCRM-2-01: POST at the URI of a client is 405 with Allow; a declared client has no registration', async () => {
    const one = await register()
    const answer = await send('POST', one.uri, one.token, {})
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET, PUT, DELETE'])
    expect((await send('GET', `${kit.issuer}/register/spa`, one.token)).status).toBe(401)
  })
})

describe('replacing', () => {
  it('DCRM-2.2-01: replaces everything: what is not sent again falls back to its default', async () => {
    const one = await register({ client_name: 'Notes', scope: 'openid' })
    const answer = await send('PUT', one.uri, one.token, { client_id: one.clientId, redirect_uris: [`${kitRedirect}/new`] })
    expect(answer.status).toBe(200)
    expect(answer.json).toMatchObject({
      redirect_uris: [`${kitRedirect}/new`],
      grant_types: ['authorization_code'],
      registration_access_token: one.token,
    })
    expect('client_name' in answer.json).toBe(false)
    const client = await kit.storage.records.client(kit.issuer, one.clientId)
    expect([client?.redirectUris, client?.source, client?.version]).toEqual([[`${kitRedirect}/new`], 'registered', 2])
    // The old token and the old secret go on: an answer that is lost costs nothing.
    expect((await send('GET', one.uri, one.token)).status).toBe(200)
    expect((await ask(one)).status).toBe(200)
  })

  const bad: Record<string, (one: Registered) => object> = {
    'another client_id': () => ({ client_id: 'spa' }),
    'no client_id': () => ({ client_id: undefined }),
    'a registration_access_token': ({ token }) => ({ registration_access_token: token }),
    'a registration_client_uri': ({ uri }) => ({ registration_client_uri: uri }),
    'an expiry of the secret': () => ({ client_secret_expires_at: 0 }),
    'an issuing time': () => ({ client_id_issued_at: 1 }),
    'a secret of its own choice': () => ({ client_secret: 'correct horse battery staple' }),
    'a secret that is no text': () => ({ client_secret: 7 }),
  }
  for (const [why, change] of Object.entries(bad)) {
    it(`DCRM-2.2-01: ${why}: 400 invalid_client_metadata, and nothing changes`, async () => {
      const one = await register()
      const answer = await send('PUT', one.uri, one.token, { ...sound, client_id: one.clientId, client_name: 'Changed', ...change(one) })
      expect(errorOf(answer)).toEqual([400, 'invalid_client_metadata'])
      expect((await kit.storage.records.client(kit.issuer, one.clientId))?.version).toBe(1)
    })
  }

  it('DCRM-2.2-01: the secret that was issued may be sent, and is answered', async () => {
    const one = await register()
    const answer = await send('PUT', one.uri, one.token, { ...sound, client_id: one.clientId, client_secret: one.secret })
    expect([answer.status, answer.json['client_secret']]).toEqual([200, one.secret])
  })

  it('DCRM-2.2-01: two changes at once: each is whole, none is a fault', async () => {
    const one = await register()
    const change = (i: number) => send('PUT', one.uri, one.token, { ...sound, client_id: one.clientId, client_name: `Name ${i}` })
    const answers = await Promise.all(Array.from({ length: 2 }, (_, i) => change(i)))
    expect(answers.map(({ status }) => status)).toEqual([200, 200])
    const read = await send('GET', one.uri, one.token)
    expect(read.json['client_name']).toBe((await kit.storage.records.client(kit.issuer, one.clientId))?.name.en)
  })

  it('O21-2.1-01: a client that becomes public loses its secrets, and one that becomes confidential gets one', async () => {
    const one = await register()
    const change = (method: string) =>
      send('PUT', one.uri, one.token, { ...sound, client_id: one.clientId, token_endpoint_auth_method: method })
    expect('client_secret' in (await change('none')).json).toBe(false)
    expect(errorOf(await ask(one))).toEqual([401, 'invalid_client'])
    const again = await change('client_secret_basic')
    expect((await ask(one, String(again.json['client_secret']))).status).toBe(200)
    expect(errorOf(await ask(one))).toEqual([401, 'invalid_client'])
  })
})

describe('ending', () => {
  it('DCRM-2.3-01: 204, and client, registration token, refresh token and consent are gone; a second time 401', async () => {
    const one = await register()
    const { verifier, challenge } = pkcePair()
    const asked = {
      response_type: 'code',
      client_id: one.clientId,
      redirect_uri: kitRedirect,
      scope: 'openid',
      code_challenge: challenge,
      code_challenge_method: 'S256',
    }
    const { landed } = await walkForms(kit, `${kit.issuer}/authorize?${new URLSearchParams(asked)}`)
    const form = { grant_type: 'authorization_code', code: landed.searchParams.get('code') ?? '', code_verifier: verifier }
    const tokens = await postForm(kit, '/token', form, { authorization: basicHeader(one.clientId, one.secret) })
    expect([tokens.status, tokens.json['token_type']]).toEqual([200, 'Bearer'])
    const gone = await send('DELETE', one.uri, one.token)
    expect([gone.status, gone.text]).toEqual([204, ''])
    const refresh = { grant_type: 'refresh_token', refresh_token: String(tokens.json['refresh_token']) }
    expect(errorOf(await postForm(kit, '/token', refresh, { authorization: basicHeader(one.clientId, one.secret) }))).toEqual([
      401,
      'invalid_client',
    ])
    const info = await fetch(`${kit.issuer}/userinfo`, { headers: { authorization: `Bearer ${tokens.json['access_token']}` } })
    expect(info.status).toBe(401)
    expect((await send('GET', one.uri, one.token)).status).toBe(401)
    expect((await send('DELETE', one.uri, one.token)).status).toBe(401)
    const grants = await kit.storage.records.grantsOf(kit.issuer, 'user-hanako', clock())
    expect(grants.filter(({ clientId }) => clientId === one.clientId)).toEqual([])
  })

  it('DCRM-2.3-01: of eight requests at once one ends it, the others are told 401', async () => {
    const one = await register()
    const answers = await Promise.all(Array.from({ length: 8 }, () => send('DELETE', one.uri, one.token)))
    expect(answers.map(({ status }) => status).sort()).toEqual([204, 401, 401, 401, 401, 401, 401, 401])
  })
})

describe('secrets that end', () => {
  it('O21-2.4.1-01: a change in the second half of a secret’s life brings a new one beside it; the old one works until its end', async () => {
    const one = await register()
    const change = () => send('PUT', one.uri, one.token, { ...sound, client_id: one.clientId })
    expect('client_secret' in (await change()).json).toBe(false)
    passed += 6 * 86_400
    const renewed = await change()
    const next = String(renewed.json['client_secret'])
    expect(next).not.toBe(one.secret)
    expect(Number(renewed.json['client_secret_expires_at'])).toBeGreaterThan(clock() + 9 * 86_400)
    expect([(await ask(one)).status, (await ask(one, next)).status]).toEqual([200, 200])
    passed += 5 * 86_400
    expect([(await ask(one)).status, (await ask(one, next)).status]).toEqual([401, 200])
  })
})
