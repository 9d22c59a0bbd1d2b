// Servers that break HTTP itself, or answer without end: each run ends, bounded, with everything open. Nothing is red and nothing green.
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import type { InventoryInput } from '../src/inventory/inventory.ts'
import { exitCodeOf } from '../src/judgement/exit-code.ts'
import type { Observation } from '../src/observation.ts'
import { formatNames, renderReport } from '../src/report/formats.ts'
import { observe } from '../src/run/observe.ts'
import { startIssuer } from './express-apis.ts'
import { notesInventory } from './notes-api.ts'

type Issuer = Awaited<ReturnType<typeof startIssuer>>
let issuer: Issuer
beforeAll(async () => {
  issuer = await startIssuer()
})
afterAll(() => issuer.close())

type Answer = (socket: Socket) => void

const ok = 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n'
const text =
  (...parts: (string | Buffer)[]): Answer =>
  (socket) => {
    for (const part of parts) socket.write(part)
  }
const ended =
  (...parts: (string | Buffer)[]): Answer =>
  (socket) => {
    for (const part of parts) socket.write(part)
    socket.end()
  }
/** For as long as somebody listens. */
const endless =
  (first: string, again: string | Buffer, everyMilliseconds = 0): Answer =>
  (socket) => {
    socket.write(first)
    const more = () => {
      if (socket.destroyed) return
      if (socket.write(again)) setTimeout(more, everyMilliseconds)
      else socket.once('drain', more)
    }
    more()
  }
const zeros = Buffer.alloc(30_000_000)
const packed = (encoding: string, body: Buffer): Answer =>
  text(`${ok}Content-Encoding: ${encoding}\r\nContent-Length: ${body.length}\r\n\r\n`, body)
const withBody = (body: string | Buffer): Answer => text(`${ok}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n`, body)

const junk: Readonly<Record<string, Answer>> = {
  'silence after half a header': text('HTTP/1.1 200 OK\r\nContent-Ty'),
  'silence after the headers': text(`${ok}Content-Length: 10\r\n\r\n`),
  'a body that drips': endless(`${ok}Transfer-Encoding: chunked\r\n\r\n`, '1\r\nx\r\n', 50),
  'a body without end': endless(`${ok}\r\n`, 'x'.repeat(65_536)),
  'chunks without end': endless(`${ok}Transfer-Encoding: chunked\r\n\r\n`, `ffff\r\n${'x'.repeat(65_535)}\r\n`),
  'provisional answers without end': endless('', 'HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n'.repeat(500)),
  'an upgrade nobody asked for': text('HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n'),
  'a header of a megabyte': text(`${ok}X-Long: ${'x'.repeat(1_000_000)}\r\n\r\n`),
  'fifty thousand headers': text(`${ok}${'X-A: b\r\n'.repeat(50_000)}\r\n`),
  'headers without end': endless(ok, 'X-A: b\r\n'.repeat(1000)),
  'a chunk whose size is no number': ended(`${ok}Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n`),
  'a chunk larger than any memory': ended(`${ok}Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n{}`),
  'a negative length': ended(`${ok}Content-Length: -5\r\n\r\n{}`),
  'two lengths': ended(`${ok}Content-Length: 2\r\nContent-Length: 9\r\n\r\n{}`),
  'length and chunks': ended(`${ok}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}`),
  'a body that stops short': ended(`${ok}Content-Length: 500\r\n\r\n{"notes":`),
  'no headers at all, as in HTTP/0.9': ended('<html>welcome</html>'),
  'the banner of another protocol': ended('SSH-2.0-OpenSSH_9.9\r\n'),
  'binary noise': ended(Buffer.from(Array.from({ length: 2000 }, (_, i) => (i * 131) % 256))),
  'a TLS alert': ended(Buffer.from([0x15, 0x03, 0x01, 0x00, 0x02, 0x02, 0x46])),
  'a version nobody speaks': ended('HTTP/9.9 200 OK\r\n\r\n{}'),
  'a status of 999': ended('HTTP/1.1 999 Odd\r\nContent-Length: 0\r\n\r\n'),
  'a status of 000': ended('HTTP/1.1 000 Odd\r\nContent-Length: 0\r\n\r\n'),
  'zero bytes in a header': ended(`${ok}X-\u0000: \u0000\r\nContent-Length: 2\r\n\r\n{}`),
  'a header that is folded': ended(`${ok}X-A: b\r\n c\r\nContent-Length: 2\r\n\r\n{}`),
  'a gzip bomb': packed('gzip', gzipSync(zeros)),
  'a brotli bomb': packed('br', brotliCompressSync(zeros)),
  'a deflate bomb': packed('deflate', deflateSync(zeros)),
  'a zstd bomb': packed('zstd', zstdCompressSync(zeros)),
  'a hundred thousand brackets': withBody('['.repeat(100_000) + ']'.repeat(100_000)),
  'bytes that are no UTF-8': withBody(Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d])),
  'keys that name prototypes': withBody('{"__proto__":{"status":200},"constructor":{"prototype":{"x":1}},"hasOwnProperty":1}'),
  'a nonce challenge each time': (() => {
    let count = 0
    return (socket) => {
      count += 1
      socket.end(
        `HTTP/1.1 401 No\r\nWWW-Authenticate: DPoP error="use_dpop_nonce"\r\nDPoP-Nonce: n${count}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`,
      )
    }
  })(),
}

async function serve(answer: Answer): Promise<string> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.on('close', () => sockets.delete(socket))
    socket.on('data', () => answer(socket))
  })
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  onTestFinished(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const pace = { requestsPerSecond: 5000, requestsPerApi: 400, budget: 2000, answerSeconds: 0.3 }

function look(apiUrl: string, more: Partial<InventoryInput> = {}): Promise<Observation> {
  return observe(notesInventory({ issuer, origin: apiUrl, client: 'partner', more }), {
    pace,
    only: ['B1', 'B2', 'K1', 'U1', 'S1', 'R1', 'M1'],
  })
}

/** Whole answers of 200, alike for everybody: that the API asks nobody for a ticket is then what was seen. */
const alike = /end$|bomb$|brackets|UTF-8|prototypes/
const toEverybody = (name: string): boolean => alike.test(name) && !/^(?:provisional|headers) /.test(name)

function nothingFollows(seen: Observation): void {
  const { apis, overall } = seen
  expect(apis.flatMap(({ probes }) => probes).filter(({ verdict }) => verdict === 'holds' || verdict === 'violated')).toEqual([])
  expect(overall).not.toBe('named')
  expect(exitCodeOf(seen)).toBeGreaterThan(0)
  for (const format of formatNames) {
    const report = renderReport(seen, format)
    expect(report.length).toBeLessThan(1_000_000)
    expect(report).not.toContain('a secret of two hundred')
  }
}

describe.each(Object.entries(junk))('%s', (name, answer) => {
  it('from an API: nothing follows', async () => {
    const seen = await look(await serve(answer))
    nothingFollows(seen)
    expect(seen.apis.map(({ rsEnforced }) => rsEnforced)).toEqual([toEverybody(name) ? 'no' : 'unknown'])
    const findings = seen.findings.filter(({ owner, priority }) => owner === 'RS' && priority !== 'P2')
    expect(findings.map(({ kind }) => kind)).toEqual(toEverybody(name) ? ['no-ticket-needed'] : [])
  })

  it('from a token endpoint: nothing follows', async () => {
    const url = await serve(answer)
    const seen = await look(url, { issuers: [{ id: 'main', url, tokenEndpoint: `${url}/token` }] })
    nothingFollows(seen)
    expect(seen.apis.map(({ rsEnforced }) => rsEnforced)).toEqual(['unknown'])
    expect(seen.issuers.map(({ asEnforced }) => asEnforced)).toEqual(['unknown'])
  })
})
