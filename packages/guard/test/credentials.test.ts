// How credentials may stand in a request, and what a client is told when they do not.

import { wholeLaw } from '@kimei/protocol'
import fc from 'fast-check'
import { linesOf } from 'testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readToken } from '../src/read-token.ts'
import { type Api, challenges, startApi } from './guarded-api.ts'

let api: Api
beforeAll(async () => {
  api = await startApi()
})
afterAll(() => api.close())

const metadata = () => `resource_metadata="${api.url}/.well-known/oauth-protected-resource"`
const algs = 'algs="ES256 ES384 ES512 PS256 EdDSA Ed25519"'

describe('no credentials', () => {
  it('DPOP-7.1-03 PRM-5.1-01: a challenge without error, with algorithms, scope and metadata', async () => {
    const answer = await api.send('GET /notes')
    expect(answer.status).toBe(401)
    expect(challenges(answer)).toEqual([`DPoP ${algs}, scope="notes:read", ${metadata()}`])
    expect(answer.body).toBe('')
    expect(api.last()).toMatchObject({ event: 'api_refused', rule: 'credentials.are-present' })
  })

  it('DPOP-7.2-02: where both schemes apply, two challenges in two lines, neither with an error', async () => {
    const answer = await api.send('GET /mixed')
    expect(challenges(answer)).toEqual([`DPoP ${algs}, ${metadata()}`, `Bearer ${metadata()}`])
  })

  it.each(['Basic dXNlcjpwYXNz', 'Digest username="x", realm="y"', 'Token abc', 'ApiKey x', 'Bearerx abc', 'DPoPx abc', ''])(
    'DPOP-7.1-03: the scheme in %j is none of ours: no error',
    async (value) => {
      const answer = await api.send('GET /mixed', [`Authorization: ${value}`])
      expect(answer.status).toBe(401)
      expect(challenges(answer).join()).not.toContain('error')
    },
  )

  it('SEED-O21-10 O21-5.1-01 DPOP-7.1-04: tokens in the query, in the body or in other headers, Proxy-Authorization included, are no credentials', async () => {
    const token = api.unbound()
    const ways: [string, string[], string?][] = [
      [`GET /mixed?access_token=${token}`, []],
      [`GET /mixed?access_token=${token}&access_token=${token}`, []],
      ['GET /mixed', [`X-Access-Token: ${token}`, `Cookie: access_token=${token}`]],
      ['GET /mixed', [`Proxy-Authorization: DPoP ${token}`, `Proxy-Authorization: Bearer ${token}`]],
      ['POST /mixed', ['Content-Type: application/x-www-form-urlencoded', `Content-Length: ${token.length + 13}`], `access_token=${token}`],
    ]
    for (const [start, lines, body] of ways) {
      const answer = await api.send(start, lines, body)
      expect(answer.status, start.slice(0, 20)).toBe(401)
      expect(challenges(answer).join(), start.slice(0, 20)).not.toContain('error')
      expect(JSON.stringify(api.last())).not.toContain(token)
    }
  })

  it('O21-5.1-01: a token in the query changes nothing for a call that is sound', async () => {
    expect((await api.call('/notes?access_token=other')).status).toBe(200)
  })
})

describe('mixed credentials', () => {
  it('DPOP-7.2-03: two ways to send a token are 400, with the error on every challenge', async () => {
    const [bound, unbound] = [api.token(), api.unbound()]
    const proof = api.proof('/mixed', { accessToken: bound })
    const ways = [
      [`Authorization: Bearer ${unbound}`, `Authorization: Bearer ${unbound}`],
      [`Authorization: DPoP ${bound}`, `Authorization: Bearer ${unbound}`, `DPoP: ${proof}`],
      [`Authorization: Bearer ${unbound}`, `Authorization: DPoP ${bound}`, `DPoP: ${proof}`],
      [`Authorization: Bearer ${unbound}`, 'Authorization: Basic dXNlcjpwYXNz'],
      [`Authorization: Bearer ${unbound}, DPoP ${bound}`, `DPoP: ${proof}`],
      [`Authorization: DPoP ${bound}, Bearer ${unbound}`, `DPoP: ${proof}`],
      [`Authorization: Basic dXNlcjpwYXNz, Bearer ${unbound}`],
      [`Authorization: Bearer ${unbound},${unbound}`],
    ]
    for (const lines of ways) {
      const answer = await api.send('GET /mixed', lines)
      expect(answer.status).toBe(400)
      expect(challenges(answer)).toHaveLength(2)
      for (const line of challenges(answer)) expect(line).toContain('error="invalid_request"')
      expect(api.last()).toMatchObject({ event: 'api_refused', rule: 'credentials.are-sent-once' })
    }
  })

  it.each(['Bearer', 'DPoP', 'Bearer ', 'Bearer a b', 'DPoP a b', 'Bearer "quoted"', 'Bearer a=b', 'Bearer ä', 'Bearer {}', 'Bearer =='])(
    'DPOP-7.1-01: %j holds no token68: 401 invalid_token',
    async (value) => {
      const answer = await api.send('GET /mixed', [`Authorization: ${value}`, ...(value.startsWith('D') ? ['DPoP: x'] : [])])
      expect(answer.status).toBe(401)
      const own = challenges(answer).find((line) => line.startsWith(value.slice(0, 4)))
      expect(own).toContain('error="invalid_token"')
      expect(api.last().rule).toBe('credentials.are-token68')
    },
  )

  it('DPOP-11.1-02: a token of absurd length is refused before it is looked at', async () => {
    const answer = await api.send('GET /mixed', [`Authorization: Bearer ${'a'.repeat(9000)}`])
    expect(answer.status).toBe(401)
    expect(api.last().rule).toBe('credentials.are-bounded')
    expect((await api.send('GET /mixed', [`Authorization: Bearer ${'a'.repeat(30_000)}`])).status).toBe(431)
  })

  it('no header value makes the reader do anything but answer', () => {
    const value = fc.oneof(
      fc.string(),
      fc.string({ unit: 'binary' }),
      fc.constantFrom('Bearer ', 'DPoP ', 'Basic '),
      fc.stringMatching(/^(Bearer|DPoP) [\w,. =]*$/),
    )
    fc.assert(
      fc.property(fc.array(fc.tuple(value, value), { maxLength: 3 }), (parts) => {
        const read = readToken(
          parts.map(([a, b]) => a + b),
          wholeLaw,
        )
        if (read.broken) expect(read.token).toBeUndefined()
        else expect(read.token).toMatch(/^[A-Za-z0-9\-._~+/]+=*$/)
      }),
      { numRuns: 300 },
    )
  })
})

describe('what a refusal carries', () => {
  it('O21-5.3-01: a status with its challenge, no-store, each parameter once, and a small JSON body', async () => {
    const expired = await api.send('GET /mixed', [`Authorization: Bearer ${api.unbound({ exp: 1 })}`])
    expect(expired.status).toBe(401)
    expect(challenges(expired)[1]).toMatch(/^Bearer error="invalid_token", resource_metadata="[^"]+"$/)
    expect(linesOf(expired, 'cache-control')).toEqual(['no-store'])
    expect(JSON.parse(expired.body)).toEqual({ error: 'invalid_token' })
    for (const line of challenges(expired)) {
      const names = [...line.matchAll(/([a-z_]+)="/g)].map((match) => match[1])
      expect(new Set(names).size).toBe(names.length)
    }
  })

  it('O21-5.3-01 MCP-SCOPE-01 ASVS-10.3.2 BCP-2.3-01: a missing scope is 403 with all scopes that are needed', async () => {
    const answer = await api.call('/notes', { token: api.token({ scope: 'other profile' }) })
    expect(answer.status).toBe(403)
    expect(challenges(answer)[0]).toMatch(/^DPoP error="insufficient_scope", .*scope="notes:read"/)
    expect(api.last()).toMatchObject({
      event: 'api_refused',
      rule: 'access.scope-is-granted',
      expected: 'notes:read',
      received: 'other profile',
      clientId: 'app-1',
    })
    for (const scope of [undefined, '', 'notes:rea', 'notes:read2', 'NOTES:READ', 7]) {
      expect((await api.call('/notes', { token: api.token({ scope }) })).status, String(scope)).not.toBe(200)
    }
  })

  it('DPOP-7.1-03: every sentence stays within the characters that a challenge may have', async () => {
    const refusals = [
      await api.send('GET /mixed', ['Authorization: Bearer ä"']),
      await api.call('/notes', { proof: 'x' }),
      await api.call('/notes', { token: 'x' }),
    ]
    for (const answer of refusals) {
      for (const line of challenges(answer)) {
        for (const [, value] of line.matchAll(/="([^"]*)"/g)) expect(value).toMatch(/^[\x20-\x21\x23-\x5B\x5D-\x7E]*$/)
      }
    }
  })
})

describe('strength of the sign-in', () => {
  it('STEP-3-01 ASVS-10.3.4: too old or too weak a sign-in is 401 with what is needed', async () => {
    const acr = ['urn:strong', 'urn:stronger']
    const strict = await startApi({ config: { routes: [{ policy: 'required', path: '/pay', maxAuthenticationAgeSeconds: 300, acr }] } })
    const now = strict.clock()
    expect((await strict.call('/pay', { token: strict.token({ auth_time: now - 300, acr: 'urn:strong' }) })).status).toBe(200)
    const weak = [
      {},
      { auth_time: now - 301, acr: 'urn:strong' },
      { auth_time: now, acr: 'urn:weak' },
      { auth_time: String(now), acr: 'urn:strong' },
    ]
    for (const claims of weak) {
      const answer = await strict.call('/pay', { token: strict.token(claims) })
      expect(answer.status).toBe(401)
      expect(challenges(answer)[0]).toMatch(
        /^DPoP error="insufficient_user_authentication", .*acr_values="urn:strong urn:stronger", max_age="300", algs=/,
      )
    }
    await strict.close()
  })
})
