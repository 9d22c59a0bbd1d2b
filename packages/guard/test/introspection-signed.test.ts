// Signed answers about tokens, and routes on which every token is asked about.
import type { ServerResponse } from 'node:http'
import { segment, type WireKey, wireJwt, wireKey } from 'testkit'
import { describe, expect, it } from 'vitest'
import type { GuardConfigInput } from '../src/index.ts'
import { type Api, routes, startApi } from './guarded-api.ts'
import { type HandIssuer, json, opaque, type Scene, startScene, until } from './hand-issuer.ts'

describe('signed answers', () => {
  const signed = (api: Api, hand: HandIssuer, told: unknown, change: { header?: object; claims?: object; key?: WireKey } = {}) =>
    wireJwt(
      { typ: 'token-introspection+jwt', alg: 'ES256', kid: api.signing.kid, ...change.header },
      { iss: hand.url, aud: 'notes api', iat: api.clock(), token_introspection: told, ...change.claims },
      change.key ?? api.signing,
    )
  const jwtType = 'application/token-introspection+jwt; charset=utf-8'

  it('INTROJWT-5-01: are asked for, verified with the keys of the issuer, and believed', async () => {
    const { hand, api, tell, call } = await startScene({ signed: 'required' })
    hand.answer = (_asked, response) => json(response, signed(api, hand, tell()), jwtType)
    expect((await call()).status).toBe(200)
    expect(hand.asked[0]!.headers.accept).toBe('application/token-introspection+jwt')
    hand.answer = (_asked, response) => json(response, signed(api, hand, { active: false }, { claims: { aud: [api.resource] } }), jwtType)
    api.clock.advance(10)
    expect((await call()).status).toBe(401)
  })

  it.each([
    ['another typ', 'signed-answer.typ-is-introspection', { header: { typ: 'at+jwt' } }],
    ['iss', 'signed-answer.iss-is-issuer', { claims: { iss: 'https://elsewhere.example' } }],
    ['aud of another API', 'signed-answer.aud-is-the-asker', { claims: { aud: 'other api' } }],
    ['no aud', 'signed-answer.aud-is-the-asker', { claims: { aud: undefined } }],
    ['old', 'signed-answer.iat-is-now', { claims: { iat: 1_700_000_000 } }],
    ['empty', 'signed-answer.holds-an-answer', { claims: { token_introspection: undefined, active: true } }],
    ['a key of somebody else', 'token.signature-verifies', { key: wireKey('ES256', 'issuer-1') }],
    ['a key nobody knows', 'token.key-is-known', { header: { kid: 'unknown' } }],
  ])('INTROJWT-5-01 INTROJWT-8-01: are not believed: %s', async (_title, rule, change) => {
    const { hand, api, tell, call } = await startScene()
    hand.answer = (_asked, response) => json(response, signed(api, hand, tell(), change), jwtType)
    expect((await call()).status).toBe(503)
    expect(api.last().rule).toBe(rule)
  })

  it('INTROJWT-5-01: alg none is no signature', async () => {
    const { hand, tell, call, api } = await startScene()
    const unsigned = `${segment({ typ: 'token-introspection+jwt', alg: 'none' })}.${segment({ iss: hand.url, aud: 'notes api', iat: api.clock(), token_introspection: tell() })}.`
    hand.answer = (_asked, response) => json(response, unsigned, jwtType)
    expect((await call()).status).toBe(503)
  })

  it('INTROJWT-5-01: where they are required, a plain answer is none; preferred, it is taken; off, none is asked for', async () => {
    const demanding = await startScene({ signed: 'required' })
    expect((await demanding.call()).status).toBe(503)
    expect(demanding.api.last().rule).toBe('signed-answer.typ-is-introspection')
    const plain = await startScene({ signed: 'off' })
    expect((await plain.call()).status).toBe(200)
    expect(plain.hand.asked[0]!.headers.accept).toBe('application/json')
  })

  it('INTROJWT-8-01: one that is shown as an access token is refused', async () => {
    const { hand, api, tell, call } = await startScene()
    const answer = await call(signed(api, hand, tell()))
    expect([answer.status, api.last().rule]).toEqual([401, 'access-token.typ-is-at-jwt'])
    expect(hand.asked.length).toBe(0)
  })
})

describe('a route that asks always', () => {
  const always: GuardConfigInput['routes'] = [...routes, { policy: 'required', path: '/now', introspect: 'always' }]
  const jwt = ({ api, hand }: Scene) => api.token({ iss: hand.url })

  it('INTRO-4-01 REV-2.1-01: a revocation is seen at once, whatever other routes remember, of JWTs too', async () => {
    const scene = await startScene({}, { routes: always })
    const { hand, call } = scene
    const token = jwt(scene)
    expect((await call(token)).status).toBe(200)
    expect(hand.asked.length).toBe(0)
    expect([(await call(token, '/now')).status, (await call(opaque, '/now')).status, (await call()).status]).toEqual([200, 200, 200])
    hand.answer = (_asked, response) => json(response, { active: false })
    expect((await call()).status).toBe(200)
    expect([(await call(token, '/now')).status, (await call(opaque, '/now')).status]).toEqual([401, 401])
    // What one route learned, all know.
    expect((await call()).status).toBe(401)
  })

  it('AT-4-01: a JWT is read all the same: the issuer is not asked about one that is none', async () => {
    const scene = await startScene({}, { routes: always })
    expect((await scene.call(`${jwt(scene).slice(0, -4)}AAAA`, '/now')).status).toBe(401)
    expect((await scene.call(scene.api.token(), '/now')).status).toBe(401)
    expect(scene.hand.asked.length).toBe(0)
  })

  it('a question that began before a request does not answer it: the next one does, for all who wait', async () => {
    const { hand, tell, call } = await startScene({}, { routes: always })
    const waiting: ServerResponse[] = []
    hand.answer = (_asked, response) => void waiting.push(response)
    const early = call(opaque, '/now')
    await until(() => waiting.length === 1)
    const late = [call(opaque, '/now'), call(opaque, '/now')]
    await until(() => false, 50)
    expect(hand.asked.length).toBe(1)
    json(waiting[0]!, tell())
    expect((await early).status).toBe(200)
    await until(() => waiting.length === 2)
    json(waiting[1]!, { active: false })
    expect((await Promise.all(late)).map(({ status }) => status)).toEqual([401, 401])
    expect(hand.asked.length).toBe(2)
  })

  it('needs somebody to ask', async () => {
    await expect(startApi({ config: { routes: always } })).rejects.toThrow(
      'routes[6] (/now): introspect is always, but introspection does not say whom to ask and how',
    )
  })
})
