// The reverse proxy: what the API behind is told, what it is never told, and what a client sees when the API fails.
import { createHash } from 'node:crypto'
import { createServer as createTcpServer, type Server } from 'node:net'
import { importJWK, jwtVerify } from 'jose'
import { linesOf, sendRaw } from 'testkit'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { challenges } from './guarded-api.ts'
import { type ProxiedApi, type ProxiedOptions, publicUrl, said, startProxied } from './proxied-api.ts'

let api: ProxiedApi
beforeAll(async () => {
  api = await startProxied()
})
afterAll(() => api.close())

const extra: ProxiedApi[] = []
const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const one of extra.splice(0)) await one.close()
  for (const close of closing.splice(0)) await close()
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

  it('the token or the proof, bound or unbound, on any route', async () => {
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

describe('bodies', () => {
  it('stream through in both directions, chunked and counted, unchanged', async () => {
    const echoing = await start({ api: (request, response) => void request.pipe(response) })
    const body = Buffer.from('0123456789abcdef'.repeat(20_000)).toString('latin1')
    const counted = await echoing.call('/notes', { method: 'POST', body })
    expect(createHash('sha256').update(unchunk(counted.body)).digest('hex')).toBe(createHash('sha256').update(body).digest('hex'))
    const token = echoing.token()
    const lines = [
      `Authorization: DPoP ${token}`,
      `DPoP: ${echoing.proof('/notes', { method: 'POST', accessToken: token })}`,
      'Transfer-Encoding: chunked',
    ]
    const chunked = await echoing.send('POST /notes', lines, '5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n')
    expect(unchunk(chunked.body)).toBe('hello world')
    expect(echoing.seen.at(-1)!.body).toBe('hello world')
  })

  it('events reach the client while the API is still speaking', async () => {
    const speaking = await start({
      api: (_request, response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' })
        response.write('data: one\n\n')
      },
    })
    const token = speaking.token()
    const head = [
      'GET /notes HTTP/1.1',
      'Host: api.example',
      `Authorization: DPoP ${token}`,
      `DPoP: ${speaking.proof('/notes', { accessToken: token })}`,
      '',
      '',
    ]
    expect(await sendRaw(speaking.port, head.join('\r\n'), 300)).toContain('data: one')
  })

  it('DPOP-11.1-02: too large is 413, declared or discovered; too large a header is 431', async () => {
    const small = await start({ proxy: { limits: { bodyBytes: 100 } } })
    expect((await small.call('/notes', { method: 'POST', body: 'x'.repeat(101) })).status).toBe(413)
    expect(small.seen).toEqual([])
    const token = small.token()
    const lines = [
      `Authorization: DPoP ${token}`,
      `DPoP: ${small.proof('/notes', { method: 'POST', accessToken: token })}`,
      'Transfer-Encoding: chunked',
    ]
    expect((await small.send('POST /notes', lines, `c8\r\n${'x'.repeat(200)}\r\n0\r\n\r\n`)).status).toBe(413)
    expect(small.seen).toEqual([])
    expect((await small.call('/notes', { method: 'POST', body: 'x'.repeat(100) })).status).toBe(200)
    expect((await small.call('/notes', { lines: [`X-Long: ${'x'.repeat(20_000)}`] })).status).toBe(431)
  })
})

function unchunk(body: string): string {
  let rest = body
  let out = ''
  while (/^[0-9a-f]+\r\n/.test(rest)) {
    const size = Number.parseInt(rest, 16)
    const from = rest.indexOf('\r\n') + 2
    out += rest.slice(from, from + size)
    rest = rest.slice(from + size + 2)
  }
  return out === '' ? body : out
}

describe('answers', () => {
  it('come back whole, without headers that are nobody else’s to say', async () => {
    const talking = await start({
      guard: { nonce: { demand: 'required' }, cors: { origins: '*' } },
      api: (_request, response) => {
        response.writeHead(
          201,
          [
            ['Set-Cookie', 'a=1'],
            ['Set-Cookie', 'b=2'],
            ['DPoP-Nonce', 'of-the-api'],
            ['Access-Control-Allow-Origin', 'https://wrong.example'],
            ['Kimei-Subject', 'x'],
            ['Keep-Alive', 'timeout=9'],
            ['X-Hop', 'x'],
            ['Connection', 'X-Hop'],
            ['X-Own', 'y'],
          ].flat(),
        )
        response.end('made')
      },
    })
    const [nonce] = linesOf(await talking.call('/notes'), 'dpop-nonce')
    const token = talking.token()
    const proof = talking.proof('/notes', { accessToken: token, nonce: nonce! })
    const answer = await talking.send('GET /notes', [`Authorization: DPoP ${token}`, `DPoP: ${proof}`, 'Origin: https://app.example'])
    expect(answer.status).toBe(201)
    expect(linesOf(answer, 'set-cookie')).toEqual(['a=1', 'b=2'])
    expect(linesOf(answer, 'access-control-allow-origin')).toEqual(['*'])
    for (const name of ['dpop-nonce', 'kimei-subject', 'x-hop']) expect(linesOf(answer, name), name).toEqual([])
    expect(linesOf(answer, 'x-own')).toEqual(['y'])
  })

  it('an API that is down is 502, one that is silent 504, and neither tells where it was', async () => {
    const gone = await start({ upstream: 'http://127.0.0.1:9' })
    const down = await gone.call('/notes')
    expect(down.status).toBe(502)
    const silent = await start({ api: () => undefined, proxy: { limits: { responseSeconds: 1 } } })
    const late = await silent.call('/notes')
    expect(late.status).toBe(504)
    for (const answer of [down, late]) {
      expect(answer.text).not.toMatch(/127\.0\.0\.1|ECONN|:9\b/)
      expect(answer.body).toBe('')
    }
  })

  it('an API that breaks off is broken off for the client too: never a short answer that looks whole', async () => {
    const breaking = await start({
      api: (_request, response) => {
        response.writeHead(200, { 'content-length': '100' })
        response.write('half')
        setImmediate(() => response.destroy())
      },
    })
    const answer = await breaking.call('/notes')
    expect(answer.body.length).toBeLessThan(100)
    expect(linesOf(answer, 'content-length')).not.toEqual([String(answer.body.length)])
  })

  it.each([
    ['garbage', 'this is no HTTP\r\n\r\n'],
    ['a control character in a header', 'HTTP/1.1 200 OK\r\nX: a\u0001b\r\nContent-Length: 2\r\n\r\nok'],
    ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok'],
    ['a protocol nobody asked for', 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n'],
    ['nothing', ''],
  ])('an API that answers with %s is 502', async (_what, bytes) => {
    const server: Server = createTcpServer((socket) => {
      socket.on('error', () => undefined)
      socket.once('data', () => socket.end(Buffer.from(bytes, 'latin1')))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    closing.push(() => new Promise((resolve) => server.close(() => resolve())))
    const odd = await start({ upstream: `http://127.0.0.1:${(server.address() as { port: number }).port}` })
    expect((await odd.call('/notes')).status).toBe(502)
  })

  it('DPOP-4.3-08: HEAD goes on as HEAD and comes back without a body', async () => {
    const answer = await api.call('/notes', { method: 'HEAD' })
    expect([answer.status, answer.body]).toEqual([200, ''])
    expect(api.seen.at(-1)!.method).toBe('HEAD')
  })

  it('a client that goes away takes its request to the API with it', async () => {
    let gone: () => void = () => undefined
    const closed = new Promise<void>((resolve) => (gone = resolve))
    const waiting = await start({ api: (request) => void request.socket.once('close', () => gone()) })
    const token = waiting.token()
    const head = [
      'POST /notes HTTP/1.1',
      'Host: api.example',
      `Authorization: DPoP ${token}`,
      `DPoP: ${waiting.proof('/notes', { method: 'POST', accessToken: token })}`,
      'Content-Length: 100',
      '',
      'half',
    ]
    await sendRaw(waiting.port, head.join('\r\n'), 200)
    await closed
    expect(waiting.seen).toEqual([])
  })
})
