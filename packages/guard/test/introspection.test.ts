// What the guard makes of an issuer's answers about opaque tokens, and for how long it believes them.
import type { ServerResponse } from 'node:http'
import { type WireKey, wireKey } from 'testkit'
import { describe, expect, it } from 'vitest'
import { challenges, startApi } from './guarded-api.ts'
import { basic, type HandIssuer, json, opaque, startScene, until } from './hand-issuer.ts'

describe('an opaque token', () => {
  it('DPOP-7.1-01 INTRO-2.1-01: is asked about once, and passes with its key, ath over the token as sent', async () => {
    const { hand, call } = await startScene()
    const answer = await call()
    expect([answer.status, JSON.parse(answer.body)]).toEqual([200, { url: '/notes', subject: 'user-1', mode: 'dpop' }])
    expect(Object.fromEntries(hand.asked[0]!.form)).toEqual({ token: opaque, token_type_hint: 'access_token' })
    const credentials = Buffer.from(hand.asked[0]!.headers.authorization!.slice(6), 'base64').toString()
    expect(credentials).toBe('notes+api:p%3A%C3%A4%2Bss')
  })

  it('DPOP-4.2-03: the published vector of ath for an opaque token is the one expected', async () => {
    const { api, call } = await startScene()
    const ath = 'fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo'
    expect((await api.call('/notes', { token: opaque, proof: api.proof('/notes', { claims: { ath } }) })).status).toBe(200)
    const other = await api.call('/notes', { token: opaque, proof: api.proof('/notes', { claims: { ath: ath.replace('f', 'g') } }) })
    expect([other.status, JSON.parse(other.body).error]).toEqual([401, 'invalid_dpop_proof'])
    expect((await call()).status).toBe(200)
  })

  it('DPOP-7.2-01: bound, it is refused as Bearer, without a proof and with the key of another', async () => {
    const { api } = await startScene()
    expect((await api.send('GET /notes', [`Authorization: Bearer ${opaque}`])).status).toBe(401)
    expect((await api.send('GET /mixed', [`Authorization: Bearer ${opaque}`])).status).toBe(401)
    const thief = await api.call('/notes', { token: opaque, proof: api.proof('/notes', { accessToken: opaque }, wireKey()) })
    expect([thief.status, api.last().rule]).toEqual([401, 'binding.proof-key-is-named-key'])
  })

  it('private_key_jwt: a fresh assertion for the issuer with every question', async () => {
    const key: WireKey = wireKey('ES256', 'api-key')
    const jwk = { ...key.privateJwk, kid: key.kid, alg: 'ES256' } as never
    const { hand, api, call } = await startScene({ authentication: { method: 'private_key_jwt', key: jwk }, cacheSeconds: 0 })
    await call()
    await call()
    const claims = hand.asked.map(({ form }) =>
      JSON.parse(Buffer.from(form.get('client_assertion')!.split('.')[1]!, 'base64url').toString()),
    )
    expect(claims[0]).toMatchObject({ iss: 'notes api', sub: 'notes api', aud: hand.url, iat: api.clock(), exp: api.clock() + 60 })
    expect(new Set(claims.map(({ jti }) => jti)).size).toBe(2)
    const header = JSON.parse(Buffer.from(hand.asked[0]!.form.get('client_assertion')!.split('.')[0]!, 'base64url').toString())
    expect(header).toMatchObject({ typ: 'client-authentication+jwt', alg: 'ES256', kid: 'api-key' })
  })

  it('without anybody to ask only JWTs are taken', async () => {
    const api = await startApi()

    expect((await api.call('/notes', { token: opaque })).status).toBe(401)
    expect(api.last().rule).toBe('jose.is-compact')
    await api.close()
  })
})

describe('what is told', () => {
  const refusals: readonly (readonly [string, Record<string, unknown>, string])[] = [
    ['INTRO-2.2-01: inactive', { active: false }, 'told-token.is-active'],
    ['INTRO-2.2-01: active in words', { active: 'true' }, 'told-token.is-active'],
    ['INTRO-4-01: no end', { exp: undefined }, 'told-token.end-is-told'],
    ['INTRO-4-01: an end in words', { exp: '2100' }, 'told-token.end-is-told'],
    ['INTRO-4-01: an end that has passed', { exp: 1 }, 'access-token.exp-has-not-passed'],
    ['INTRO-2.2-01: nobody', { sub: undefined, client_id: undefined }, 'told-token.holder-is-told'],
    ['INTRO-2.2-01: a subject that is no text', { sub: { a: 1 } }, 'told-token.holder-is-told'],
    ['AT-4-02: another issuer', { iss: 'https://elsewhere.example' }, 'access-token.iss-is-issuer'],
    ['AT-4-03: another audience', { aud: 'https://elsewhere.example/' }, 'access-token.aud-is-ours'],
    ['AT-4-03: no audience', { aud: undefined }, 'access-token.aud-is-ours'],
    ['DPOP-6.2-01: type DPoP without its key', { cnf: undefined }, 'told-token.key-is-told'],
    ['DPOP-6.2-01: a key that is none', { cnf: { jkt: 'short' } }, 'binding.thumbprint-is-sha256'],
    ['DPOP-7.2-04: bound to nothing', { cnf: undefined, token_type: 'Bearer' }, 'binding.dpop-scheme-carries-named-token'],
    ['DPOP-11.8-01: bound in a way nobody knows', { cnf: { other: 'x' }, token_type: 'Bearer' }, 'binding.cnf-is-known'],
    ['AT-4-04: not yet valid', { nbf: 4_000_000_000 }, 'access-token.nbf-has-come'],
    ['O21-5.3-01: a scope that is missing', { scope: 'other' }, 'access.scope-is-granted'],
  ]
  it.each(refusals)('%s', async (_title, change, rule) => {
    const { hand, api, tell, call } = await startScene()
    hand.answer = (_asked, response) => json(response, tell(change))
    const answer = await call()
    expect(answer.status).toBe(rule === 'access.scope-is-granted' ? 403 : 401)
    expect(api.last().rule).toBe(rule)
    expect(JSON.stringify(api.events)).not.toContain(opaque)
  })

  it('AT-2.2-02: a token that is nobody else’s is its client’s own', async () => {
    const { hand, tell, call } = await startScene()
    hand.answer = (_asked, response) => json(response, tell({ sub: undefined, iss: undefined, jti: undefined, iat: undefined }))
    expect(JSON.parse((await call()).body)).toMatchObject({ subject: 'app-1' })
  })
})

describe('how long it is believed', () => {
  it('INTRO-4-01: for the stated seconds, which bound how long a revocation goes unseen', async () => {
    const { hand, api, call } = await startScene({ cacheSeconds: 10 })
    for (let i = 0; i < 3; i += 1) expect((await call()).status).toBe(200)
    expect(hand.asked.length).toBe(1)
    hand.answer = (_asked, response) => json(response, { active: false })
    api.clock.advance(9)
    expect((await call()).status).toBe(200)
    api.clock.advance(1)
    expect((await call()).status).toBe(401)
    expect(hand.asked.length).toBe(2)
  })

  it('INTRO-4-01: never past exp, however long the cache', async () => {
    const { hand, api, tell, call } = await startScene({ cacheSeconds: 300 }, { accessTokens: { leewaySeconds: 0 } })
    const end = api.clock() + 20
    hand.answer = (_asked, response) => json(response, tell({ exp: end }))
    expect((await call()).status).toBe(200)
    api.clock.set(end - 1)
    expect((await call()).status).toBe(200)
    api.clock.set(end)
    expect((await call()).status).toBe(401)
    expect(hand.asked.length).toBe(2)
  })

  it('INTRO-4-01: an inactive one for no more than its second: it may be one that is about to be issued', async () => {
    const { hand, api, tell, call } = await startScene()
    hand.answer = (_asked, response) => json(response, { active: false })
    expect([(await call()).status, (await call()).status]).toEqual([401, 401])
    expect(hand.asked.length).toBe(1)
    hand.answer = (_asked, response) => json(response, tell())
    api.clock.advance(1)
    expect((await call()).status).toBe(200)
  })

  it('INTRO-4-01: a clock that stepped back makes every answer old', async () => {
    const { hand, api, call } = await startScene()
    await call()
    api.clock.advance(-3600)
    await call()
    expect(hand.asked.length).toBe(2)
  })

  it('0 seconds: every request asks', async () => {
    const { hand, call } = await startScene({ cacheSeconds: 0 })
    await call()
    await call()
    expect(hand.asked.length).toBe(2)
  })

  it('one question at a time for a token: 20 callers wait for the same answer', async () => {
    const { hand, tell, call } = await startScene()
    const waiting: (() => void)[] = []
    hand.answer = (_asked, response) => void waiting.push(() => json(response, tell()))
    const answers = Promise.all(Array.from({ length: 20 }, () => call()))
    await until(() => waiting.length > 0)
    waiting[0]!()
    expect((await answers).map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 200))
    expect(hand.asked.length).toBe(1)
  })
})

describe('when the issuer does not answer', () => {
  const faults: readonly (readonly [string, HandIssuer['answer']])[] = [
    ['it hangs up', (_asked, response) => response.destroy()],
    ['500', (_asked, response) => response.writeHead(500).end()],
    ['it refuses us', (_asked, response) => response.writeHead(401).end('{"error":"invalid_client"}')],
    ['a redirect', (_asked, response) => response.writeHead(302, { location: 'https://evil.example/' }).end()],
    ['no JSON', (_asked, response) => json(response, 'active: true')],
    ['a member twice', (_asked, response) => json(response, '{"active":false,"active":true}')],
    ['a list', (_asked, response) => json(response, [{ active: true }])],
    ['too much', (_asked, response) => json(response, { active: true, more: 'x'.repeat(600_000) })],
    ['a token of another kind', (_asked, response) => json(response, 'a.b.c', 'application/token-introspection+jwt')],
  ]
  it.each(faults)('INTRO-4-01: nobody passes: 503 and when to come again: %s', async (_title, answer) => {
    const { hand, api, call } = await startScene()
    hand.answer = answer
    const refused = await call()
    expect(refused.status).toBe(503)
    expect(refused.headers.find(([name]) => name.toLowerCase() === 'retry-after')).toBeDefined()
    expect(challenges(refused)).toEqual([])
    expect(api.last().event).toBe('fault')
    expect(JSON.stringify(api.events) + refused.text).not.toContain(opaque)
  })

  it('INTRO-4-01: a fault is not remembered, and what was remembered is not stretched', async () => {
    const { hand, api, tell, call } = await startScene()
    expect((await call()).status).toBe(200)
    hand.answer = (_asked, response) => response.writeHead(503).end()
    expect((await call()).status).toBe(200)
    api.clock.advance(10)
    expect((await call()).status).toBe(503)
    hand.answer = (_asked, response) => json(response, tell())
    expect((await call()).status).toBe(200)
  })

  it('a flood of invented tokens does not become one at the issuer', async () => {
    const { hand, call } = await startScene({ mostAtOnce: 2 })
    const waiting: ServerResponse[] = []
    hand.answer = (_asked, response) => void waiting.push(response)
    const first = [call('invented-1'), call('invented-2')]
    await until(() => waiting.length === 2)
    expect((await call('invented-3')).status).toBe(503)
    expect(hand.asked.length).toBe(2)
    for (const response of waiting) json(response, { active: false })
    expect((await Promise.all(first)).map(({ status }) => status)).toEqual([401, 401])
  })
})

it('an endpoint that is not https is a mistake', async () => {
  const introspection = { ...basic, endpoint: 'http://id.example/introspect' }
  await expect(startApi({ config: { introspection } })).rejects.toThrow(
    'introspection.endpoint: http://id.example/introspect must be https',
  )
})
