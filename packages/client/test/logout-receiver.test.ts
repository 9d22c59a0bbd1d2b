// The back-channel logout endpoint of a client: what it takes from its issuer, and everything it refuses without touching a session.
import { jwtTypes } from '@kimei/protocol'
import { type WireKey, wireJwt, wireKey } from 'testkit'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createLogoutReceiver, type EndedSignIn, type LogoutReceiver } from '../src/index.ts'
import { startHandServer } from './hand-server.ts'

const event = 'http://schemas.openid.net/event/backchannel-logout'
const now = 1_800_000_000
const key = wireKey('ES256', 'key-1')
let issuer: string
let keys: WireKey[] = [key]
let fetches = 0
let close: () => Promise<void>
let ended: EndedSignIn[] = []
let receive: LogoutReceiver
let count = 0

beforeAll(async () => {
  const server = await startHandServer(({ path }) => {
    if (path.startsWith('/.well-known/')) return json({ issuer, jwks_uri: `${issuer}/jwks`, authorization_endpoint: `${issuer}/a` })
    fetches += 1
    return json({ keys: keys.map((one) => ({ ...one.publicJwk, kid: one.kid, alg: 'ES256', use: 'sig' })) })
  })
  issuer = server.origin
  close = server.close
})
afterAll(() => close())
beforeEach(() => {
  ended = []
  fetches = 0
  keys = [key]
  receive = make()
})

const json = (body: unknown) => ({ status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })

function make(more: object = {}): LogoutReceiver {
  return createLogoutReceiver({
    issuer,
    clientId: 'app',
    idTokenAlg: 'ES256',
    clock: () => now,
    onLogout: (one) => void ended.push(one),
    ...more,
  })
}

function token(claims: Record<string, unknown> = {}, header: Record<string, unknown> = {}, by = key): string {
  count += 1
  const whole = {
    iss: issuer,
    aud: 'app',
    iat: now,
    exp: now + 120,
    jti: `jti-${count}`,
    sub: 'user-1',
    sid: 'sid-1',
    events: { [event]: {} },
  }
  return wireJwt({ alg: 'ES256', typ: 'logout+jwt', kid: by.kid, ...header }, { ...whole, ...claims }, by)
}

async function send(logoutToken: string, answer: LogoutReceiver = receive) {
  const body = new URLSearchParams({ logout_token: logoutToken })
  const response = await answer(new Request('https://app.example/out', { method: 'POST', body }))
  return { status: response.status, cache: response.headers.get('cache-control'), text: await response.text() }
}

describe('a sound logout token', () => {
  it('BCLO-2.6-01 BCLO-2.8-01: ends the sign-in it names, and is answered 200 without being stored', async () => {
    expect(await send(token())).toEqual({ status: 200, cache: 'no-store', text: '' })
    expect(ended).toEqual([{ subject: 'user-1', sid: 'sid-1' }])
  })

  it.each([
    ['sub alone', { sid: undefined }, { subject: 'user-1', sid: undefined }],
    ['sid alone', { sub: undefined }, { subject: undefined, sid: 'sid-1' }],
    ['unknown claims and events', { more: 1, events: { [event]: { x: 1 }, other: 7 } }, { subject: 'user-1', sid: 'sid-1' }],
    ['several audiences', { aud: ['other', 'app'] }, { subject: 'user-1', sid: 'sid-1' }],
  ])('BCLO-2.6-01: %s', async (_what, claims, told) => {
    expect((await send(token(claims))).status).toBe(200)
    expect(ended).toEqual([told])
  })

  it('BCLO-2.6-01: keys are fetched once, and again for a key that is new, but not at every stranger’s word', async () => {
    let clock = now
    const fresh = make({ clock: () => clock })
    await send(token(), fresh)
    await send(token(), fresh)
    expect(fetches).toBe(1)
    for (let time = 0; time < 5; time += 1) await send(token({}, {}, wireKey('ES256', `stranger-${time}`)), fresh)
    expect(fetches).toBe(1)
    const next = wireKey('ES256', 'key-2')
    keys = [key, next]
    clock += 31
    expect((await send(token({}, {}, next), fresh)).status).toBe(200)
    expect(fetches).toBe(2)
  })
})

describe('is answered 400, and no session is touched', () => {
  const others = Object.values(jwtTypes).filter((typ) => typ !== 'logout+jwt')
  const wrong: readonly (readonly [string, Record<string, unknown>, Record<string, unknown>])[] = [
    ...[...others, undefined, 7].map((typ) => [`typ ${typ}`, {}, { typ }] as const),
    ['another issuer', { iss: 'https://other.example' }, {}],
    ['no issuer', { iss: undefined }, {}],
    ['another audience', { aud: 'other' }, {}],
    ['no audience', { aud: undefined }, {}],
    ['no iat', { iat: undefined }, {}],
    ['an iat of tomorrow', { iat: now + 86_400, exp: now + 90_000 }, {}],
    ['an iat of an hour ago', { iat: now - 3600 }, {}],
    ['no exp', { exp: undefined }, {}],
    ['expired', { exp: now - 61 }, {}],
    ['an exp that is text', { exp: '1900000000' }, {}],
    ['no jti', { jti: undefined }, {}],
    ['neither sub nor sid', { sub: undefined, sid: undefined }, {}],
    ['a sub that is no text', { sub: 7 }, {}],
    ['no events', { events: undefined }, {}],
    ['events that are a list', { events: [event] }, {}],
    ['another event', { events: { 'https://other.example/event': {} } }, {}],
    ['an event that is no object', { events: { [event]: true } }, {}],
    ['an event that is null', { events: { [event]: null } }, {}],
    ['a nonce', { nonce: 'n' }, {}],
    ['a nonce of null', { nonce: null }, {}],
    ['another alg', {}, { alg: 'RS256' }],
    ['alg none', {}, { alg: 'none' }],
    ['a key in the header', {}, { jwk: key.publicJwk }],
    ['a critical extension', {}, { crit: ['x'], x: 1 }],
  ]
  it.each(wrong)('BCLO-2.6-01 ASVS-10.5.5: %s', async (_what, claims, header) => {
    const answer = await send(token(claims, header))
    expect([answer.status, answer.cache]).toEqual([400, 'no-store'])
    expect(JSON.parse(answer.text)).toMatchObject({ error: 'invalid_request' })
    expect(ended).toEqual([])
  })

  it('BCLO-2.6-01: an ID token, and a signature by somebody else under the same name', async () => {
    const idToken = wireJwt(
      { alg: 'ES256', typ: 'JWT', kid: key.kid },
      { iss: issuer, aud: 'app', sub: 'user-1', iat: now, exp: now + 300 },
      key,
    )
    expect((await send(idToken)).status).toBe(400)
    expect((await send(token({}, { kid: 'key-1' }, wireKey('ES256', 'key-1')))).status).toBe(400)
    expect(ended).toEqual([])
  })

  it('BCLO-2.6-01: the same token again, also of 64 at once', async () => {
    const once = token()
    const answers = await Promise.all(Array.from({ length: 64 }, () => send(once)))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    expect((await send(once)).status).toBe(400)
    expect(ended).toHaveLength(1)
  })

  it.each([
    ['GET', 405, { method: 'GET' }],
    ['JSON', 400, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' }],
    ['no token', 400, { method: 'POST', body: new URLSearchParams({ id_token: 'x' }) }],
    ['two tokens', 400, { method: 'POST', body: new URLSearchParams('logout_token=a&logout_token=b') }],
    ['a very long one', 400, { method: 'POST', body: new URLSearchParams({ logout_token: 'a'.repeat(20_000) }) }],
    [
      'broken encoding',
      400,
      { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: 'logout_token=%zz' },
    ],
  ])('BCLO-2.8-01: %s', async (_what, status, init) => {
    const response = await receive(new Request('https://app.example/out', init))
    expect([response.status, response.headers.get('cache-control')]).toEqual([status, 'no-store'])
    expect(ended).toEqual([])
  })
})

it('BCLO-2.6-01: without typ only where that was loosened by name', async () => {
  expect((await send(token({}, { typ: undefined }), make({ dangerouslyAcceptUntyped: true }))).status).toBe(200)
  expect((await send(token({}, { typ: 'at+jwt' }), make({ dangerouslyAcceptUntyped: true }))).status).toBe(400)
})

it('an application that fails may be told again', async () => {
  let failing = true
  const weak = make({
    onLogout: () => {
      if (failing) throw new Error('the session store is away')
    },
  })
  const once = token()
  await expect(send(once, weak)).rejects.toThrow('away')
  failing = false
  expect((await send(once, weak)).status).toBe(200)
})
