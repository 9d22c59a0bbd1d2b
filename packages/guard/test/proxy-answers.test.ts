// The reverse proxy: bodies and answers as they cross, and what a client sees when the API fails.
import { createHash } from 'node:crypto'
import { createServer as createTcpServer, type Server } from 'node:net'
import { linesOf, sendRaw } from 'testkit'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type ProxiedApi, type ProxiedOptions, startProxied } from './proxied-api.ts'

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

describe('connections to the API', () => {
  it('are used again, and a request that meets a closed one is sent once more when that is safe', async () => {
    let accepted = 0
    const kept = await start({})
    kept.upstream.on('connection', () => {
      accepted += 1
    })
    for (let time = 0; time < 4; time += 1) expect((await kept.call('/notes', { method: 'POST', body: 'x' })).status).toBe(200)
    expect(accepted).toBe(1)
    kept.upstream.closeAllConnections()
    expect((await kept.call('/notes')).status).toBe(200)
    expect(accepted).toBe(2)
  })
})

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

  it('a client that stops waiting is not waited for at the API', async () => {
    let gone: () => void = () => undefined
    const closed = new Promise<void>((resolve) => {
      gone = resolve
    })
    const waiting = await start({ api: (request) => void request.socket.once('close', () => gone()) })
    const token = waiting.token()
    const proof = waiting.proof('/notes', { accessToken: token })
    await sendRaw(waiting.port, `GET /notes HTTP/1.1\r\nHost: api.example\r\nAuthorization: DPoP ${token}\r\nDPoP: ${proof}\r\n\r\n`, 200)
    await closed
    expect(waiting.seen).toHaveLength(1)
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
