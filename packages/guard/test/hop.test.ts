// An API behind the proxy believes exactly one assertion of exactly one request.
import { createMemoryReplay } from '@kimei/storage'
import { fixedClock, flipSignature, segment, wireJwt, wireKey } from 'testkit'
import { describe, expect, it } from 'vitest'
import { checkHop, type HopExpectation } from '../src/hop/check-hop.ts'
import { staticKeys } from '../src/index.ts'
import { publicKey } from './guarded-api.ts'
import { publicUrl, said, startProxied } from './proxied-api.ts'

const key = wireKey('ES256', 'hop-1')
const clock = fixedClock()
const expected: HopExpectation = {
  guard: `${publicUrl}/`,
  audience: 'http://127.0.0.1:8080',
  method: 'GET',
  target: '/notes?page=2',
  now: clock(),
  keys: staticKeys({ keys: [publicKey(key)] }),
}
const hop = (claims: Record<string, unknown> = {}, header: Record<string, unknown> = {}, by = key): string =>
  wireJwt(
    { typ: 'kimei-hop+jwt', alg: 'ES256', kid: key.kid, ...header },
    {
      iss: expected.guard,
      aud: expected.audience,
      iat: clock(),
      exp: clock() + 5,
      jti: 'hop-1',
      htm: 'GET',
      htu: `${publicUrl}/notes`,
      target: expected.target,
      mode: 'dpop',
      sub: 'user-1',
      client_id: 'app-1',
      scope: 'notes:read b',
      ...claims,
    },
    by,
  )

async function rule(lines: readonly string[], change: Partial<HopExpectation> = {}): Promise<string> {
  const answer = await checkHop(lines, { ...expected, ...change })
  return 'broken' in answer ? answer.broken : 'believed'
}

describe('an assertion of the guard', () => {
  it('BCP-4.13-01: says who called, from the real proxy to the check of the API', async () => {
    const api = await startProxied()
    await api.call('/notes?page=2')
    const { keys } = JSON.parse((await api.send('GET /.well-known/kimei-hop-keys')).body) as { keys: object[] }
    const real = { ...expected, audience: `http://127.0.0.1:${api.upstreamPort}`, now: api.clock(), keys: staticKeys({ keys }) }
    expect(await checkHop(said(api.seen.at(-1), 'kimei-hop'), real)).toEqual({
      mode: 'dpop',
      subject: 'user-1',
      clientId: 'app-1',
      issuer: 'https://issuer.example',
      jkt: api.holder.jkt,
      scopes: ['notes:read'],
      url: `${publicUrl}/notes`,
    })
    await api.close()
  })

  it('is believed for its own request alone, while it is fresh, from this guard, for this API', async () => {
    expect(await rule([hop()])).toBe('believed')
    expect(await rule([])).toBe('hop.is-sent-once')
    expect(await rule([hop(), hop()])).toBe('hop.is-sent-once')
    expect(await rule([hop({}, {}, wireKey('ES256', 'hop-1'))])).toBe('hop.signature-verifies')
    expect(await rule([flipSignature(hop())])).toBe('hop.signature-verifies')
    expect(await rule([hop({}, { alg: 'none' })])).toBe('hop.signature-verifies')
    expect(await rule([hop({}, { kid: 'other' })])).toBe('hop.signature-verifies')
    for (const typ of ['at+jwt', 'JWT', undefined]) expect(await rule([hop({}, { typ })])).toBe('hop.typ-is-hop')
    expect(await rule([hop({ iss: 'https://other.example/' })])).toBe('hop.comes-from-our-guard')
    expect(await rule([hop({ aud: [expected.audience] })])).toBe('hop.is-for-this-api')
    expect(await rule([hop()], { method: 'POST' })).toBe('hop.is-of-this-request')
    expect(await rule([hop()], { target: '/notes?page=3' })).toBe('hop.is-of-this-request')
    for (const claims of [{ exp: clock() - 2 }, { iat: clock() + 3 }, { exp: clock() + 6 }, { exp: undefined }, { iat: '1' }]) {
      expect(await rule([hop(claims)]), JSON.stringify(claims)).toBe('hop.is-fresh')
    }
    expect(await rule(['x'])).toMatch(/^jose\./)
    expect(await rule([`${segment([])}.${segment({})}.AA`])).toMatch(/^jose\./)
  })

  it('is good once where the API remembers', async () => {
    const replay = createMemoryReplay()
    expect(await rule([hop()], { replay })).toBe('believed')
    expect(await rule([hop()], { replay })).toBe('hop.jti-is-first-use')
    expect(await rule([hop({ jti: 'hop-2' })], { replay })).toBe('believed')
  })
})
