// Every way in which an access token can be wrong, and that nothing of it is followed or fetched.
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { flipSignature, macJwt, segment, wireJwt, wireKey } from 'testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Api, challenges, closeServer, issuer, publicKey, startApi, tokenClaims } from './guarded-api.ts'

let api: Api
beforeAll(async () => {
  api = await startApi()
})
afterAll(() => api.close())

/** Refused as a token: 401 `invalid_token` on the attempted challenge, with a rule in the audit event and no claim believed. */
async function refused(token: string, what: string): Promise<void> {
  for (const scheme of ['DPoP', 'Bearer'] as const) {
    const lines = scheme === 'DPoP' ? [`DPoP: ${api.proof('/mixed', { accessToken: token })}`] : []
    const answer = await api.send('GET /mixed', [`Authorization: ${scheme} ${token}`, ...lines])
    expect(answer.status, `${what} as ${scheme}`).toBe(401)
    const failed = challenges(answer).find((line) => line.startsWith(scheme))
    expect(failed, `${what} as ${scheme}`).toContain('error="invalid_token"')
    expect(challenges(answer).filter((line) => line.includes('error='))).toHaveLength(1)
    expect(api.last()).toMatchObject({ event: 'api_refused' })
    expect(api.last().rule).toMatch(/^(?:access-token|token|jose|jwk|credentials|binding)\./)
    expect(JSON.stringify(api.last())).not.toContain(token.slice(-20))
  }
}

const cnf = () => ({ cnf: { jkt: api.holder.jkt } })

describe('its shape and signature', () => {
  it('ASVS-9.1.1: an altered payload, a flipped bit and a stripped signature are refused', async () => {
    const token = api.token()
    const [head, , signature] = token.split('.') as [string, string, string]
    await refused(flipSignature(token), 'flipped')
    await refused(`${head}.${segment(tokenClaims(api.resource, api.clock(), { ...cnf(), sub: 'admin' }))}.${signature}`, 'altered')
    await refused(`${token.split('.').slice(0, 2).join('.')}.`, 'stripped')
  })

  it('ASVS-9.0: what is no JWT, an opaque token among them, is refused without guessing', async () => {
    for (const token of [
      'opaque',
      'Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU',
      'a.b.c',
      'a.b',
      'a.b.c.d.e',
      '...',
      `${segment([])}.${segment({})}.AA`,
    ]) {
      await refused(token, token)
    }
  })

  it('ASVS-9.1.2: none in any case, and a MAC under the public key, are refused', async () => {
    const claims = tokenClaims(api.resource, api.clock(), cnf())
    for (const alg of ['none', 'None', 'NONE', 'nOnE']) await refused(`${segment({ typ: 'at+jwt', alg })}.${segment(claims)}.AA`, alg)
    const rsa = wireKey('RS256', 'rsa')
    for (const secret of [JSON.stringify(rsa.publicJwk), rsa.publicJwk['n']!, JSON.stringify(api.signing.publicJwk)]) {
      await refused(macJwt({ typ: 'at+jwt', alg: 'HS256', kid: api.signing.kid }, claims, secret), 'HS256')
    }
  })

  it('ASVS-9.1.3 JWTBCP-3.10-01: jwk, jku, x5u and a hostile kid neither help nor cause a fetch', async () => {
    const visits: string[] = []
    const server: Server = createServer((request, response) => {
      visits.push(request.url ?? '')
      response.end(JSON.stringify({ keys: [publicKey(thief)] }))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const thief = wireKey('ES256', api.signing.kid)
    const claims = tokenClaims(api.resource, api.clock(), cnf())
    const jku = `http://127.0.0.1:${port}/jwks`
    const heads = [{ jwk: thief.publicJwk }, { jku }, { x5u: jku }, { kid: '../../etc/passwd' }, { kid: "' OR 1=1 --" }, { kid: jku }]
    for (const head of heads)
      await refused(wireJwt({ typ: 'at+jwt', alg: 'ES256', kid: thief.kid, ...head }, claims, thief), JSON.stringify(head))
    expect(visits).toEqual([])
    await closeServer(server)
  })

  it('AT-4-02: a key of somebody else is refused, even with a known kid', async () => {
    await refused(api.token({}, {}, wireKey('ES256', api.signing.kid)), 'foreign key')
    await refused(api.token({}, { kid: 'unknown' }), 'unknown kid')
  })
})

describe('its claims', () => {
  it.each([undefined, 'JWT', 'dpop+jwt', 'logout+jwt', 'token-introspection+jwt', 'client-authentication+jwt', 'at', 7])(
    'AT-4-01 ASVS-9.2.2: typ %j is refused',
    (typ) => refused(api.token({}, { typ }), String(typ)),
  )

  it.each(['at+jwt', 'AT+JWT', 'application/at+jwt'])('AT-4-01: typ %s is the right type', async (typ) => {
    expect((await api.call('/mixed', { token: api.token({}, { typ }) })).status).toBe(200)
  })

  it.each([undefined, '', `${issuer}/`, issuer.toUpperCase(), 'https://other.example', [issuer], 7])('AT-4-02: iss %j is refused', (iss) =>
    refused(api.token({ iss }), String(iss)),
  )

  it('AT-4-03 ASVS-9.2.3 ASVS-10.3.1: an audience that is not exactly ours is refused', async () => {
    const { resource } = api
    const wrong = [
      undefined,
      '',
      [],
      resource.slice(0, -1),
      `${resource}notes`,
      resource.toUpperCase(),
      'http://localhost/',
      'app-1',
      issuer,
      7,
      { a: resource },
    ]
    for (const aud of wrong) await refused(api.token({ aud }), JSON.stringify(aud))
    expect((await api.call('/mixed', { token: api.token({ aud: ['https://other.example', resource] }) })).status).toBe(200)
  })

  it('AT-4-04 ASVS-9.2.1: outside its time it is refused, small leeway aside', async () => {
    const now = api.clock()
    const wrong = [{ exp: now - 5 }, { exp: now - 3600 }, { exp: undefined }, { exp: String(now + 60) }, { nbf: now + 60 }, { nbf: 'soon' }]
    for (const claims of wrong) await refused(api.token(claims), JSON.stringify(claims))
    for (const claims of [{ exp: now - 4 }, { nbf: now + 4 }, { nbf: now - 100 }]) {
      expect((await api.call('/mixed', { token: api.token(claims) })).status, JSON.stringify(claims)).toBe(200)
    }
  })

  it('ASVS-9.2.1: a token that was accepted once is refused when its time is over', async () => {
    const token = api.token({ exp: api.clock() + 20 })
    expect((await api.call('/mixed', { token })).status).toBe(200)
    api.clock.advance(24)
    expect((await api.call('/mixed', { token })).status).toBe(200)
    api.clock.advance(1)
    expect((await api.call('/mixed', { token })).status).toBe(401)
  })

  it('CNF-3.1-01 DPOP-11.8-01: a cnf that says nothing known, or no thumbprint, is never an unbound token', async () => {
    const { jkt } = api.holder
    const wrong = [
      {},
      { kid: 'x' },
      { jwk: api.holder.publicJwk },
      { 'x5t#S1': jkt },
      { jkt: '' },
      { jkt: `${jkt}=` },
      { jkt: 'short' },
      { jkt: 7 },
      'text',
      null,
      [],
      [jkt],
      true,
    ]
    for (const value of wrong) await refused(api.token({ cnf: value }), JSON.stringify(value))
    expect((await api.call('/mixed', { token: api.token({ cnf: { jkt, other: 'ignored' } }) })).status).toBe(200)
  })

  it('ASVS-10.3.3: the application is told the subject and the issuer, never guesses by e-mail', async () => {
    const answer = await api.call('/mixed', { token: api.token({ sub: 'user-9', email: 'somebody@example.com' }) })
    expect(JSON.parse(answer.body)).toMatchObject({ subject: 'user-9' })
  })
})
