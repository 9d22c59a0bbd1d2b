import { importJWK, jwtVerify } from 'jose'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { challenges } from './guarded-api.ts'
import { type ProxiedApi, type ProxiedOptions, publicUrl, said, startProxied } from './proxied-api.ts'

let api: ProxiedApi
beforeAll(async () => {
  api = await startProxied()
})
afterAll(() => api.close())

const extra: ProxiedApi[] = []
afterEach(async () => {
  for (const one of extra.splice(0)) await one.close()
})
async function start(options: ProxiedOptions): Promise<ProxiedApi> {
  const made = await startProxied(options)
  extra.push(made)
  return made
}

describe('what the API is told', () => {
  it('the very bytes of the request: method, target, headers of its own, body', async () => {
    const target = '/notes/caf%C3%A9%20x?a=%2F..%2f&b=1&b=2&c=%zz'
    const answer = await api.call(target, {
      method: 'PUT',
      lines: ['X-Own: 1', 'x-own: 2', 'Content-Type: text/plain'],
      body: Buffer.from('körper').toString('latin1'),
    })
    expect(answer.status).toBe(200)
    const got = api.seen.at(-1)!
    expect(got).toMatchObject({ method: 'PUT', target })
    expect(got.body).toBe('körper')
    expect(said(got, 'x-own')).toEqual(['1', '2'])
    expect(said(got, 'content-length')).toEqual(['7'])
  })

  it('who calls, rebuilt', async () => {
    await api.call('/notes', { token: api.token({ sub: 'ユーザー\r\nX-Evil: 1 100%', scope: 'notes:read b' }) })
    const got = api.seen.at(-1)!
    const [subject] = said(got, 'kimei-subject')
    expect(decodeURIComponent(subject!)).toBe('ユーザー\r\nX-Evil: 1 100%')
    expect(said(got, 'x-evil')).toEqual([])
    expect(said(got, 'kimei-client')).toEqual(['app-1'])
    expect(said(got, 'kimei-scope')).toEqual(['notes:read b'])
    expect(said(got, 'kimei-jkt')).toEqual([api.holder.jkt])
    expect(said(got, 'kimei-mode')).toEqual(['dpop'])
    expect(said(got, 'kimei-request-id')).toEqual([api.events.at(-1)!.requestId])
    expect(said(got, 'x-forwarded-host')).toEqual(['api.example'])
    expect(said(got, 'x-forwarded-proto')).toEqual(['https'])
    expect(said(got, 'x-forwarded-for')).toEqual(['127.0.0.1'])
  })

  it('signed: one short assertion of exactly this request, checked with the published key', async () => {
    await api.call('/notes?page=2', { method: 'POST', body: '{}' })
    const [hop] = said(api.seen.at(-1), 'kimei-hop')
    const published = await api.send('GET /.well-known/kimei-hop-keys')
    const [jwk] = (JSON.parse(published.body) as { keys: Record<string, string>[] }).keys
    expect(jwk).not.toHaveProperty('d')
    const { payload, protectedHeader } = await jwtVerify(hop!, await importJWK(jwk!, 'ES256'), {
      issuer: `${publicUrl}/`,
      audience: `http://127.0.0.1:${api.upstreamPort}`,
      currentDate: new Date(api.clock() * 1000),
      typ: 'kimei-hop+jwt',
    })
    expect(protectedHeader).toMatchObject({ alg: 'ES256', kid: jwk!['kid'] })
    expect(payload).toMatchObject({
      htm: 'POST',
      htu: `${publicUrl}/notes`,
      target: '/notes?page=2',
      sub: 'user-1',
      client_id: 'app-1',
      scope: 'notes:read',
      jkt: api.holder.jkt,
      mode: 'dpop',
    })
    expect(payload.exp! - payload.iat!).toBeLessThanOrEqual(5)
  })
})

describe('what the API is never told', () => {
  const secret = 'value-of-a-stranger'

  it('MCP-TOK-01: the token or the proof, bound or unbound, on any route', async () => {
    const token = api.token()
    await api.call('/notes', { token })
    await api.send('GET /mixed', [`Authorization: Bearer ${api.token({ cnf: undefined })}`])
    await api.send('GET /open', [`Authorization: Bearer ${token}`, `DPoP: ${api.proof('/open')}`])
    await api.send('GET /open', ['Authorization: Basic dXNlcjpwYXNz', 'Proxy-Authorization: Basic dXNlcjpwYXNz'])
    for (const got of api.seen.slice(-4)) {
      for (const name of ['authorization', 'dpop', 'proxy-authorization']) expect(said(got, name)).toEqual([])
      expect(JSON.stringify(got)).not.toContain(token.split('.')[2])
    }
  })

  it('an unbound token goes on only where the configuration says so, and a bound one never', async () => {
    const passing = await start({ proxy: { authorization: 'unbound' } })
    const unbound = passing.token({ cnf: undefined })
    await passing.send('GET /mixed', [`Authorization: Bearer ${unbound}`])
    expect(said(passing.seen.at(-1), 'authorization')).toEqual([`Bearer ${unbound}`])
    await passing.call('/notes')
    await passing.send('GET /open', [`Authorization: Bearer ${passing.token()}`])
    for (const got of passing.seen.slice(-2)) expect(said(got, 'authorization')).toEqual([])
  })

  it.each([
    'Kimei-Subject',
    'kimei-subject',
    'KIMEI_SUBJECT',
    'Kimei_Subject',
    'Kimei.Subject',
    'Kimei-Hop',
    'Kimei-Anything',
    'X-Forwarded-For',
    'X_Forwarded_For',
    'X-Forwarded-Host',
    'X-Forwarded-Proto',
    'X-Forwarded-Client-Cert',
    'X-Forwarded-User',
    'X-Real-IP',
    'X_Real_Ip',
    'Forwarded',
    'Client-Cert',
    'Client_Cert',
    'Client-Cert-Chain',
    'X-SSL-Client-Cert',
    'SSL-Client-Verify',
    'X-Client-Cert',
    'X-Amzn-Mtls-Clientcert',
    'X-Original-URL',
    'X-Rewrite-Url',
  ])('BCP-4.13-01 CERT-2.4-01: %s from outside', async (name) => {
    const answer = await api.call('/notes', { lines: [`${name}: ${secret}`] })
    expect(answer.status).toBe(200)
    const got = api.seen.at(-1)!
    const [folded] = [name.toLowerCase().replace(/[^a-z0-9]/g, '-')]
    const same = got.lines.filter(([each]) => each.toLowerCase().replace(/[^a-z0-9]/g, '-') === folded).map(([, value]) => value)
    // What the proxy writes itself is there once, in its own words; the rest is gone.
    expect(same.length).toBeLessThanOrEqual(1)
    expect(same).not.toContain(secret)
  })

  it('hop-by-hop headers, and what the client calls so; its identity headers cannot be called so', async () => {
    const lines = [
      'Connection: X-Drop, Kimei-Subject, kimei_subject, Kimei-Hop',
      'X-Drop: 1',
      'Keep-Alive: 1',
      'TE: trailers',
      'Trailer: X',
      'Proxy-Connection: x',
    ]
    await api.call('/notes', { lines })
    const got = api.seen.at(-1)!
    for (const name of ['x-drop', 'keep-alive', 'te', 'trailer', 'proxy-connection']) expect(said(got, name), name).toEqual([])
    expect(said(got, 'kimei-subject')).toEqual(['user-1'])
    expect(said(got, 'kimei-hop')).toHaveLength(1)
  })
})

describe('what is refused here', () => {
  it('BCP-4.13-01: reaches the API in no form', async () => {
    const before = api.seen.length
    const token = api.token()
    expect((await api.send('GET /notes')).status).toBe(401)
    expect((await api.send('GET /notes', [`Authorization: Bearer ${token}`])).status).toBe(401)
    expect(challenges(await api.send('GET /notes', [`Authorization: DPoP ${token}`]))[0]).toMatch(/^DPoP error=/)
    for (const target of [
      '/notes%2fx',
      '//notes',
      '/notes;x',
      '/notes/../open',
      '/notes/%2e%2e/open',
      '/notes\\x',
      'http://127.0.0.1/open',
    ]) {
      expect((await api.send(`GET ${target}`)).status, target).toBe(400)
    }
    for (const target of ['/unknown', '/Open', '/open/']) expect((await api.send(`GET ${target}`)).status, target).toBe(401)
    expect((await api.send('CONNECT api.example:443')).status).not.toBe(200)
    expect(api.seen.length).toBe(before)
  })

  it('serves its metadata itself, also while the API is down', async () => {
    const lonely = await start({ upstream: 'http://127.0.0.1:9' })
    expect((await lonely.send('GET /.well-known/oauth-protected-resource')).status).toBe(200)
    expect((await lonely.send('GET /.well-known/kimei-hop-keys')).status).toBe(200)
  })
})
