// A bound token is only good in the hands it names: whatever the route allows, under whatever scheme it comes.
import { createMemoryReplay } from '@kimei/storage'
import { wireKey } from 'testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Api, challenges, issuer, routes, startApi } from './guarded-api.ts'

let api: Api
beforeAll(async () => {
  api = await startApi()
})
afterAll(() => api.close())

describe('a bound token as Bearer', () => {
  it.each(['/notes', '/mixed'])('DPOP-7.2-01 SEED-TB-25: is refused at %s, with the error on the Bearer challenge', async (path) => {
    const answer = await api.send(`GET ${path}`, [`Authorization: Bearer ${api.token()}`])
    expect(answer.status).toBe(401)
    const [dpop, bearer] = challenges(answer)
    expect(dpop).toMatch(/^DPoP algs="/)
    expect(bearer).toMatch(/^Bearer error="invalid_token"/)
    expect(api.last()).toMatchObject({ event: 'binding_mismatch', rule: 'binding.named-token-is-not-bearer' })
  })

  it('SEED-TB-74: is refused even beside a sound proof', async () => {
    const token = api.token()
    const answer = await api.send('GET /mixed', [`Authorization: Bearer ${token}`, `DPoP: ${api.proof('/mixed', { accessToken: token })}`])
    expect(answer.status).toBe(401)
    expect(challenges(answer)[1]).toMatch(/^Bearer error="invalid_token"/)
    expect(api.last().rule).toBe('binding.named-token-is-not-bearer')
  })

  it('a proof beside a Bearer token must be a sound one', async () => {
    const answer = await api.send('GET /mixed', [`Authorization: Bearer ${api.unbound()}`, 'DPoP: nonsense'])
    expect(answer.status).toBe(401)
    expect(api.last().event).toBe('dpop_invalid')
  })

  it('MTLS-3-04 SEED-TB-28: a token that names a certificate is refused without one', async () => {
    const token = api.token({ cnf: { 'x5t#S256': 'A4DtL2JmUMhAsvJj5tKyn64SqzmuXbMrJa0n761y5v0' } })
    const answer = await api.send('GET /mixed', [`Authorization: Bearer ${token}`])
    expect(answer.status).toBe(401)
    expect(challenges(answer)[1]).toMatch(/^Bearer error="invalid_token"/)
    expect(api.last()).toMatchObject({ event: 'mtls_missing', rule: 'binding.certificate-comes-along' })
  })

  it('CERT-4-01: a certificate in a header is no certificate', async () => {
    const token = api.token({ cnf: { 'x5t#S256': 'A4DtL2JmUMhAsvJj5tKyn64SqzmuXbMrJa0n761y5v0' } })
    for (const name of ['Client-Cert', 'X-SSL-Client-Cert', 'X-Forwarded-Client-Cert', 'ssl-client-cert']) {
      const answer = await api.send('GET /mixed', [`Authorization: Bearer ${token}`, `${name}: :MIIBAA==:`])
      expect(answer.status, name).toBe(401)
      expect(api.last().event).toBe('mtls_missing')
    }
  })

  it('CNF-3.1-01: a token that names a key and a certificate needs both', async () => {
    const token = api.token({ cnf: { jkt: api.holder.jkt, 'x5t#S256': 'A4DtL2JmUMhAsvJj5tKyn64SqzmuXbMrJa0n761y5v0' } })
    expect((await api.call('/mixed', { token })).status).toBe(401)
    expect(api.last()).toMatchObject({ event: 'mtls_missing', rule: 'binding.certificate-comes-along' })
  })

  it('a token that names a certificate does not become sound by a proof', async () => {
    const token = api.token({ cnf: { 'x5t#S256': 'A4DtL2JmUMhAsvJj5tKyn64SqzmuXbMrJa0n761y5v0' } })
    expect((await api.call('/mixed', { token })).status).toBe(401)
  })
})

describe('an unbound token', () => {
  it('SEED-O21-14 ASVS-10.3.5: is refused where binding is required', async () => {
    const answer = await api.send('GET /notes', [`Authorization: Bearer ${api.unbound()}`])
    expect(answer.status).toBe(401)
    expect(challenges(answer)[1]).toMatch(/^Bearer error="invalid_token"/)
    expect(api.last()).toMatchObject({ event: 'api_refused', rule: 'binding.token-is-bound' })
  })

  it('DPOP-7.2-04: is refused under the DPoP scheme, proof or no proof, also where it would pass as Bearer', async () => {
    for (const path of ['/notes', '/mixed']) {
      const answer = await api.call(path, { token: api.unbound() })
      expect(answer.status).toBe(401)
      expect(challenges(answer)[0]).toMatch(/^DPoP error="invalid_token"/)
      expect(api.last().rule).toBe('binding.dpop-scheme-carries-named-token')
    }
  })

  it('O21-5.1-01: passes as Bearer, in any spelling, where the policy is optional', async () => {
    for (const scheme of ['Bearer', 'bearer', 'bEaReR']) {
      const answer = await api.send('GET /mixed', [`Authorization: ${scheme} ${api.unbound()}`])
      expect(answer.status).toBe(200)
      expect(api.last()).toMatchObject({ event: 'api_access', mode: 'bearer' })
    }
    expect((await api.call('/mixed')).status).toBe(200)
    expect(api.last().mode).toBe('dpop')
  })
})

describe('permission for unbound tokens', () => {
  const reason = 'the billing job is rewritten in spring'
  const bearer = (token: string): string[] => [`Authorization: Bearer ${token}`]

  it('ends with its last second, and bound tokens never were concerned', async () => {
    const until = 1_800_000_100
    const dated = await startApi({ config: { routes: [{ policy: 'bearer-allowed', path: '/bills', reason, until }] } })
    expect((await dated.send('GET /bills', bearer(dated.unbound()))).status).toBe(200)
    expect((await dated.send('GET /bills', bearer(dated.token()))).status).toBe(401)
    dated.clock.set(until)
    expect((await dated.send('GET /bills', bearer(dated.unbound()))).status).toBe(200)
    dated.clock.set(until + 1)
    expect((await dated.send('GET /bills', bearer(dated.unbound()))).status).toBe(401)
    expect(dated.last().rule).toBe('binding.token-is-bound')
    expect((await dated.call('/bills')).status).toBe(200)
    await dated.close()
  })

  it('report-only lets unbound tokens pass and counts them; everything else is enforced; then it ends', async () => {
    const until = 1_800_000_100
    const enforcement = { mode: 'report-only', reason, until } as const
    const soft = await startApi({ config: { enforcement, routes: [{ policy: 'required', path: '/notes', scopes: ['notes:read'] }] } })
    expect((await soft.send('GET /notes', bearer(soft.unbound()))).status).toBe(200)
    expect(soft.events.map(({ event, rule }) => [event, rule])).toEqual([
      ['would_refuse', 'binding.token-is-bound'],
      ['api_access', undefined],
    ])
    expect((await soft.call('/notes', { token: soft.unbound() })).status).toBe(200)
    expect(soft.events.at(-2)).toMatchObject({ event: 'would_refuse', rule: 'binding.dpop-scheme-carries-named-token', clientId: 'app-1' })
    expect(soft.guard.counts()).toEqual({ admitted: 2, ignoredCertificates: 0, refused: {}, wouldRefuse: { 'GET /notes': 2 } })

    const stillRefused = [
      bearer(soft.token()),
      bearer(soft.unbound({ exp: soft.clock() - 60 })),
      bearer(soft.unbound({ aud: 'https://other.example' })),
      bearer(soft.unbound({ iss: `${issuer}/` })),
      bearer(soft.unbound({ cnf: {} })),
      bearer(soft.token({ cnf: undefined }, { typ: 'JWT' })),
      bearer(soft.token({ cnf: undefined }, {}, wireKey('ES256', soft.signing.kid))),
      [`Authorization: DPoP ${soft.unbound()}`],
      [`Authorization: DPoP ${soft.unbound()}`, 'DPoP: x'],
      [],
    ]
    for (const lines of stillRefused) expect((await soft.send('GET /notes', lines)).status).toBe(401)
    expect((await soft.send('GET /notes', bearer(soft.unbound({ scope: 'other' })))).status).toBe(403)
    expect((await soft.call('/notes', { proof: soft.proof('/notes', { accessToken: 'x' }) })).status).toBe(401)

    soft.clock.set(until + 1)
    expect((await soft.send('GET /notes', bearer(soft.unbound({})))).status).toBe(401)
    expect(soft.last().rule).toBe('binding.token-is-bound')
    await soft.close()
  })

  it('SEED-TB-55: replicas that would each remember proofs alone do not start', async () => {
    const config = { replicas: 2, routes, nonce: { secret: 'A'.repeat(43) } }
    await expect(startApi({ config, replay: createMemoryReplay() })).rejects.toThrow(/shared memory of used proofs/)
  })
})
