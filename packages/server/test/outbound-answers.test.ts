// The guarded fetcher against servers that misbehave: by which rule each answer is refused, and how much is asked for at all.
import { gzipSync } from 'node:zlib'
import { sendJson } from 'testkit'
import { afterEach, describe, expect, it } from 'vitest'
import { bareServer, closeLast, closeOutside, fetched, made, outside, ruleOf } from './outbound-parts.ts'

afterEach(closeOutside)

describe('what comes back', () => {
  it.each([301, 302, 303, 307, 308, 304])('CIMD-4-01: %i is not followed', async (status) => {
    const inner = await outside((_request, response) => sendJson(response, { inner: true }))
    const server = await outside((_request, response) => response.writeHead(status, { location: `${inner.origin}/` }).end())
    expect((await fetched(server)).rule).toBe('outbound.is-not-redirected')
    expect(inner.asked).toEqual([])
  })

  it.each([201, 204, 206, 404, 500])('CIMD-4-01: %i is no document', async (status) => {
    const server = await outside((_request, response) => response.writeHead(status, { 'content-type': 'application/json' }).end())
    expect((await fetched(server)).rule).toBe('outbound.status-is-success')
  })

  it.each(['text/html', 'application/json-seq', 'application/jsonp', '', 'application/json, text/html'])(
    'the media type "%s" was not asked for',
    async (type) => {
      const server = await outside((_request, response) => response.writeHead(200, type ? { 'content-type': type } : {}).end('{}'))
      expect((await fetched(server)).rule).toBe('outbound.content-type-is-asked-for')
    },
  )

  it('a media type may have parameters and capitals', async () => {
    const server = await outside((_request, response) =>
      response.writeHead(200, { 'content-type': 'Application/JSON ; charset=UTF-8' }).end('{}'),
    )
    expect((await fetched(server)).rule).toBe('taken')
  })

  it('nothing packed is unpacked', async () => {
    const bomb = gzipSync(Buffer.alloc(5_000_000))
    const server = await outside((_request, response) =>
      response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' }).end(bomb),
    )
    expect((await fetched(server, { mostBytes: 10_000 })).rule).toBe('outbound.content-is-plain')
  })

  it('CIMD-8.6-01: a body is read up to its bound and no further', async () => {
    const exact = await outside((_request, response) =>
      response.writeHead(200, { 'content-type': 'application/json' }).end('x'.repeat(1000)),
    )
    expect((await fetched(exact)).rule).toBe('taken')
    const stated = await outside((_request, response) =>
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1001' }).end('x'.repeat(1001)),
    )
    expect((await fetched(stated)).rule).toBe('outbound.body-is-bounded')
    let sent = 0
    const endless = await outside((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' })
      const more = () => {
        while (!response.destroyed && response.write('x'.repeat(1000))) sent += 1
      }
      response.on('drain', more)
      more()
    })
    const { rule, audit } = await fetched(endless)
    expect(rule).toBe('outbound.body-is-bounded')
    expect(sent).toBeLessThan(20_000)
    expect(JSON.stringify(audit)).not.toContain('xxx')
  })

  it('a body that drips, one that never comes, a head that never comes: the deadline is of the whole', async () => {
    const drip = await outside((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' })
      const timer = setInterval(() => response.write(' '), 20)
      response.on('close', () => clearInterval(timer))
    })
    const silent = await bareServer(() => undefined)
    const halfHead = await bareServer((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n')
      const timer = setInterval(() => socket.write('x-more: 1\r\n'), 20)
      socket.on('close', () => clearInterval(timer))
    })
    const onlyInterim = await bareServer((socket) => {
      const timer = setInterval(() => socket.write('HTTP/1.1 103 Early Hints\r\n\r\n'), 20)
      socket.on('close', () => clearInterval(timer))
    })
    for (const server of [drip, silent, halfHead, onlyInterim]) {
      expect((await fetched(server, { seconds: 0.3 })).rule).toBe('outbound.answers-in-time')
    }
    const { get } = made({ lookUp: () => new Promise(() => undefined) })
    expect(ruleOf(await get('https://client.example/', { seconds: 0.1 }))).toBe('outbound.answers-in-time')
  })

  it('a reset, a closed port, a body cut short, headers without end, words that are no HTTP', async () => {
    const reset = await bareServer((socket) => socket.once('data', () => socket.resetAndDestroy()))
    const cut = await bareServer((socket) =>
      socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 50\r\n\r\n{"secret":')),
    )
    const heads = await bareServer((socket) =>
      socket.once('data', () => socket.end(`HTTP/1.1 200 OK\r\nx: ${'y'.repeat(100_000)}\r\n\r\n`)),
    )
    const noise = await bareServer((socket) => socket.once('data', () => socket.end('SSH-2.0-secret banner\r\n')))
    const upgrade = await bareServer((socket) =>
      socket.once('data', () => socket.end('HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n')),
    )
    const closed = await bareServer(() => undefined)
    await closeLast()
    for (const server of [reset, cut, heads, noise, upgrade, closed]) {
      const { rule, audit } = await fetched(server)
      expect(rule).toBe('outbound.connection-holds')
      expect(JSON.stringify(audit)).not.toMatch(/secret|in-path/)
    }
  })

  it('a body that is not UTF-8', async () => {
    const server = await outside((_request, response) =>
      response.writeHead(200, { 'content-type': 'application/json' }).end(Buffer.from([0x22, 0xff, 0xfe, 0x22])),
    )
    expect((await fetched(server)).rule).toBe('outbound.body-is-utf8')
  })
})

describe('how much', () => {
  it('DCR-5-01: few at once go to one origin, the others wait; few a minute go at all', async () => {
    let now = 1_000_000
    let open = 0
    let most = 0
    const server = await outside((_request, response) => {
      open += 1
      most = Math.max(most, open)
      setTimeout(() => {
        open -= 1
        sendJson(response, {})
      }, 20)
    })
    const { get } = made({ allow: [{ origin: server.origin }], mostPerMinute: 12, clock: () => now })
    const answers = await Promise.all(Array.from({ length: 15 }, () => get(`${server.origin}/`)))
    expect(answers.map(ruleOf).sort()).toEqual([...Array(3).fill('outbound.target-is-not-busy'), ...Array(12).fill('taken')])
    expect(most).toBeLessThanOrEqual(4)
    expect(ruleOf(await get(`${server.origin}/`))).toBe('outbound.target-is-not-busy')
    now += 60
    expect(ruleOf(await get(`${server.origin}/`))).toBe('taken')
  })

  it('who waits for a place waits no longer than the deadline, and leaves the place to others', async () => {
    const server = await outside((request, response) => {
      if (request.url !== '/hang') sendJson(response, {})
    })
    const { get } = made({ allow: [{ origin: server.origin }] })
    const hanging = Array.from({ length: 4 }, () => get(`${server.origin}/hang`, { seconds: 0.6 }))
    expect(ruleOf(await get(`${server.origin}/late`, { seconds: 0.1 }))).toBe('outbound.answers-in-time')
    const patient = get(`${server.origin}/patient`)
    expect((await Promise.all(hanging)).map(ruleOf)).toEqual(Array(4).fill('outbound.answers-in-time'))
    expect(ruleOf(await patient)).toBe('taken')
    expect(server.asked).not.toContain('/late')
  })
})
