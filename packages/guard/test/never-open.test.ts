// Whatever arrives: no fault, no rejection, no 5xx, and nobody passes who does not bring exactly the right things.

import { createMemoryReplay } from '@kimei/storage'
import fc from 'fast-check'
import { fixedClock, segment, wireJwt, wireKey, wireProof, wireSignature } from 'testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createGuard, type RequestFacts, staticKeys } from '../src/index.ts'
import { type Api, issuer, publicKey, startApi, tokenClaims } from './guarded-api.ts'

const signing = wireKey('ES256', 'issuer-1')
const holder = wireKey()
const clock = fixedClock()
const resource = 'https://api.example/'
const guard = createGuard(
  {
    issuer,
    resource,
    forwarded: { peers: ['127.0.0.1'] },
    baseUrls: ['https://api.example', 'https://other.example'],
    cors: { origins: '*' },
    routes: [
      { policy: 'required', path: '/notes/*' },
      { policy: 'required', path: '/nonce', nonce: 'required' },
      { policy: 'optional', path: '/mixed', reason: 'half of the apps are still moving' },
    ],
  },
  {
    replay: createMemoryReplay(),
    keys: staticKeys({ keys: [publicKey(signing)] }),
    clock,
    random: (bytes) => new Uint8Array(bytes),
    audit: () => undefined,
  },
)

const anyText = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.base64String(),
  fc.constantFrom('', ',', 'null', '[]', '{}', '..', 'a.b.c'),
)
const anyJson = fc.jsonValue({ maxDepth: 3 })
const claims = (change: Record<string, unknown>) => tokenClaims(resource, clock(), { cnf: { jkt: holder.jkt }, ...change })
const bound = () => wireJwt({ typ: 'at+jwt', alg: 'ES256', kid: signing.kid }, claims({}), signing)
const facts = (target: string, headers: RequestFacts['headers'], method = 'GET'): RequestFacts => ({
  method,
  target,
  headers,
  connection: { encrypted: true, remoteAddress: '127.0.0.1' },
})

/** Everything a stranger can make: no key of the issuer or of the holder is in it. */
async function staysShut(request: RequestFacts): Promise<void> {
  guard.answer(request)
  const verdict = await guard.verify(request)
  if (verdict.admitted) throw new Error(`admitted: ${JSON.stringify(request)}`)
  expect([400, 401, 403, 431]).toContain(verdict.status)
  expect(verdict.rule).toMatch(/^[a-z0-9-]+\.[a-z0-9-]+$/)
  for (const [name, value] of verdict.headers) expect(`${name}: ${value}`).toMatch(/^[\x20-\x7e]+$/)
}

describe('a stranger', () => {
  it('DPOP-7.1-02: with any headers at all stays outside, and the guard stays up', async () => {
    const name = fc.oneof(
      anyText,
      fc.constantFrom(
        'Authorization',
        'authorization',
        'DPoP',
        'dpop',
        'Origin',
        'Host',
        'X-Forwarded-Proto',
        'X-Forwarded-Host',
        'Forwarded',
      ),
    )
    const value = fc.oneof(
      anyText,
      anyText.map((text) => `DPoP ${text}`),
      anyText.map((text) => `Bearer ${text}`),
      fc.constant(`DPoP ${bound()}`),
    )
    const target = fc.oneof(
      anyText,
      anyText.map((text) => `/notes/${text}`),
      fc.constantFrom('/notes/1', '/nonce', '/mixed', '/.well-known/oauth-protected-resource'),
    )
    const method = fc.oneof(fc.constantFrom('GET', 'POST', 'HEAD', 'OPTIONS', 'get', ''), anyText)
    await fc.assert(
      fc.asyncProperty(target, fc.array(fc.tuple(name, value), { maxLength: 6 }), method, (at, headers, verb) =>
        staysShut(facts(at, headers, verb)),
      ),
      { numRuns: 400 },
    )
  })

  it('DPOP-4.3-02: with any JSON in proof and token, signed or not, stays outside', async () => {
    const own = wireKey()
    const part = fc.oneof(
      anyJson,
      fc.record(
        { typ: anyJson, alg: anyJson, jwk: anyJson, kid: anyJson, iss: anyJson, aud: anyJson, exp: anyJson, cnf: anyJson },
        { requiredKeys: [] },
      ),
    )
    const signed = fc.tuple(part, part, fc.boolean()).map(([head, body, mine]) => {
      const input = `${segment(head)}.${segment(body)}`
      return `${input}.${mine ? wireSignature(input, own) : 'AAAA'}`
    })
    await fc.assert(
      fc.asyncProperty(signed, signed, fc.constantFrom('/notes/1', '/nonce', '/mixed'), async (token, proof, path) => {
        await staysShut(
          facts(path, [
            ['Authorization', `DPoP ${token}`],
            ['DPoP', proof],
          ]),
        )
        await staysShut(facts(path, [['Authorization', `Bearer ${token}`]]))
        await staysShut(
          facts(path, [
            ['Authorization', `DPoP ${bound()}`],
            ['DPoP', proof],
          ]),
        )
      }),
      { numRuns: 200 },
    )
  })

  it('SEED-DPOP-10: with the token and a proof of another key, whatever that proof says, stays outside', async () => {
    const thief = wireKey()
    const change = fc.dictionary(fc.constantFrom('jti', 'htm', 'htu', 'iat', 'ath', 'nonce', 'exp', 'nbf'), anyJson)
    const header = fc.dictionary(
      fc.constantFrom('typ', 'alg', 'jwk', 'kid', 'crit', 'b64'),
      fc.oneof(anyJson, fc.constant(holder.publicJwk)),
    )
    await fc.assert(
      fc.asyncProperty(change, header, async (claimed, head) => {
        const token = bound()
        const proof = wireProof(thief, {
          url: 'https://api.example/notes/1',
          now: clock(),
          accessToken: token,
          claims: claimed,
          header: head,
        })
        await staysShut(
          facts('/notes/1', [
            ['Authorization', `DPoP ${token}`],
            ['DPoP', proof],
          ]),
        )
      }),
      { numRuns: 200 },
    )
  })
})

describe('the holder', () => {
  it('DPOP-7.1-02: passes with the sound call, and with no single character of it changed', async () => {
    const change = fc.record({
      where: fc.constantFrom('token', 'proof'),
      at: fc.nat(),
      to: fc.constantFrom('A', 'B', 'z', '0', '-', '_', '.', '=', '!'),
    })
    await fc.assert(
      fc.asyncProperty(change, async ({ where, at, to }) => {
        const token = bound()
        const proof = wireProof(holder, { url: 'https://api.example/notes/1', now: clock(), accessToken: token })
        const edit = (text: string): string => text.slice(0, at % text.length) + to + text.slice((at % text.length) + 1)
        const edited = { token, proof, [where]: edit(where === 'token' ? token : proof) }
        const headers = [
          ['Authorization', `DPoP ${edited.token}`],
          ['DPoP', edited.proof],
        ] as const
        if (edited.token !== token || edited.proof !== proof) await staysShut(facts('/notes/1', headers))
        const sound = await guard.verify(
          facts('/notes/1', [
            ['Authorization', `DPoP ${token}`],
            ['DPoP', proof],
          ]),
        )
        expect(sound.admitted).toBe(true)
      }),
      { numRuns: 300 },
    )
  })

  it('issuer claims of any kind lead to a decision, never to a fault', async () => {
    const change = fc.dictionary(
      fc.constantFrom('iss', 'aud', 'sub', 'client_id', 'scope', 'cnf', 'exp', 'iat', 'nbf', 'jti', 'acr', 'auth_time'),
      anyJson,
    )
    await fc.assert(
      fc.asyncProperty(change, async (odd) => {
        const token = wireJwt({ typ: 'at+jwt', alg: 'ES256', kid: signing.kid }, claims(odd), signing)
        const proof = wireProof(holder, { url: 'https://api.example/notes/1', now: clock(), accessToken: token })
        const verdict = await guard.verify(
          facts('/notes/1', [
            ['Authorization', `DPoP ${token}`],
            ['DPoP', proof],
          ]),
        )
        if (!verdict.admitted) expect([401, 403]).toContain(verdict.status)
      }),
      { numRuns: 200 },
    )
  })
})

describe('over real HTTP', () => {
  let api: Api
  beforeAll(async () => {
    api = await startApi()
  })
  afterAll(() => api.close())

  it('DPOP-7.1-02: no header lines make the server answer 5xx or fall', async () => {
    const line = fc.string({ unit: fc.constantFrom(...'abcDPoPBearer .,=:;"\\/%\t{}[]\u0001\u007f\u00ff'), maxLength: 60 })
    await fc.assert(
      fc.asyncProperty(line, line, fc.boolean(), async (authorization, proof, scheme) => {
        const answer = await api.send('GET /mixed', [`Authorization: ${scheme ? 'DPoP ' : ''}${authorization}`, `DPoP: ${proof}`])
        expect([400, 401]).toContain(answer.status)
      }),
      { numRuns: 100 },
    )
    expect((await api.call('/notes')).status).toBe(200)
  })
})
