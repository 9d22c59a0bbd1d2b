// Two parsers must see one message: everything that could be read in two ways ends at the proxy. And changes of protocol.
import type { Duplex } from 'node:stream'
import { sendRaw } from 'testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ProxiedApi, said, startProxied } from './proxied-api.ts'

let api: ProxiedApi
beforeAll(async () => {
  api = await startProxied()
  api.upstream.on('upgrade', (request, socket: Duplex) => {
    api.seen.push({ method: request.method!, target: request.url!, lines: pairs(request.rawHeaders), body: '' })
    socket.on('error', () => undefined)
    if (request.url!.includes('no')) return socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 6\r\n\r\nsecret')
    socket.write(
      'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: yes\r\nX-Inner: secret\r\n\r\n',
    )
    return socket.pipe(socket)
  })
})
afterAll(() => api.close())

function pairs(raw: readonly string[]): [string, string][] {
  return raw.flatMap((name, at) => (at % 2 === 0 ? [[name, raw[at + 1]!] as [string, string]] : []))
}

const smuggled = 'GET /open?smuggled HTTP/1.1\r\nHost: api.example\r\n\r\n'

/** Nothing of it reached the API as a request of its own, and it was refused (or the connection was closed). */
async function endsHere(bytes: string): Promise<void> {
  const before = api.seen.length
  const text = await sendRaw(api.port, Buffer.from(bytes, 'latin1'), 250)
  expect(text, bytes.slice(0, 60)).toMatch(/^(?:HTTP\/1\.1 (?:400|401|405|431|501)\b[\s\S]*)?$/)
  expect(api.seen.slice(before).map((got) => got.target)).toEqual([])
}

describe('a body whose length is in doubt', () => {
  it.each([
    ['a length and chunks', `Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${smuggled}`],
    ['chunks and a length', `Transfer-Encoding: chunked\r\nContent-Length: 100\r\n\r\n0\r\n\r\n${smuggled}`],
    ['two lengths', `Content-Length: 0\r\nContent-Length: ${smuggled.length}\r\n\r\n${smuggled}`],
    ['two equal lengths', `Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc${smuggled}`],
    ['a list of lengths', `Content-Length: 3, 3\r\n\r\nabc${smuggled}`],
    ['a signed length', `Content-Length: +3\r\n\r\nabc${smuggled}`],
    ['a negative length', `Content-Length: -1\r\n\r\n${smuggled}`],
    ['a hexadecimal length', `Content-Length: 0x3\r\n\r\nabc${smuggled}`],
    ['an endless length', `Content-Length: 99999999999999999999\r\n\r\n${smuggled}`],
    ['two chunked lines', `Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${smuggled}`],
    ['chunked and something', `Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n${smuggled}`],
    ['something and chunked', `Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n${smuggled}`],
    ['identity', `Transfer-Encoding: identity\r\nContent-Length: 3\r\n\r\nabc${smuggled}`],
    ['nearly chunked', `Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n${smuggled}`],
    ['quoted chunked', `Transfer-Encoding: "chunked"\r\n\r\n0\r\n\r\n${smuggled}`],
    ['a space before the colon', `Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n${smuggled}`],
    ['a vertical tab', `Transfer-Encoding:\x0bchunked\r\n\r\n0\r\n\r\n${smuggled}`],
    ['a folded line', `X: y\r\n Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n${smuggled}`],
    ['a bare line feed', `X: y\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n${smuggled}`],
    ['a bare carriage return', `X: y\rTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n${smuggled}`],
    ['a NUL', `X: a\0b\r\nContent-Length: 3\r\n\r\nabc${smuggled}`],
    ['a bad chunk size', `Transfer-Encoding: chunked\r\n\r\nzz\r\n\r\n${smuggled}`],
    ['a second Host', `Host: evil.example\r\nContent-Length: 3\r\n\r\nabc${smuggled}`],
  ])('%s ends here', (_what, rest) => endsHere(`POST /open HTTP/1.1\r\nHost: api.example\r\n${rest}`))

  it.each([
    ['no Host', 'GET /open HTTP/1.1\r\n\r\n'],
    ['HTTP/0.9', 'GET /open\r\n\r\n'],
    ['HTTP/1.0 with chunks', `POST /open HTTP/1.0\r\nHost: api.example\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${smuggled}`],
    ['HTTP/2 preface', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['an unknown method', 'SMUGGLE /open HTTP/1.1\r\nHost: api.example\r\n\r\n'],
    ['an absolute target', 'GET http://api.example/open HTTP/1.1\r\nHost: api.example\r\n\r\n'],
    ['a tunnel', 'CONNECT api.example:443 HTTP/1.1\r\nHost: api.example\r\n\r\n'],
    ['a header without colon', 'GET /open HTTP/1.1\r\nHost: api.example\r\nnothing\r\n\r\n'],
  ])('%s ends here', (_what, bytes) => endsHere(bytes))

  it('the body of a refused request is never taken for the next one', async () => {
    const before = api.seen.length
    const text = await sendRaw(
      api.port,
      `POST /notes HTTP/1.1\r\nHost: api.example\r\nContent-Length: ${smuggled.length}\r\n\r\n${smuggled}`,
      250,
    )
    expect(text.match(/HTTP\/1\.1 /g)).toHaveLength(1)
    expect(text).toMatch(/^HTTP\/1\.1 401/)
    expect(api.seen.length).toBe(before)
  })

  it('requests in one connection are judged each on its own', async () => {
    const text = await sendRaw(api.port, `${smuggled}GET /notes HTTP/1.1\r\nHost: api.example\r\nConnection: close\r\n\r\n`, 1000)
    expect([...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map((match) => match[1])).toEqual(['200', '401'])
  })
})

describe('a change of protocol', () => {
  const upgrade = ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Key: abc']
  const ask = (path: string, lines: readonly string[], rest = '') =>
    sendRaw(api.port, [`GET ${path} HTTP/1.1`, 'Host: api.example', ...lines, '', rest].join('\r\n'), 300)

  it('passes where the route allows it and the call is sound: judged once, then the bytes flow', async () => {
    const token = api.token()
    const lines = [`Authorization: DPoP ${token}`, `DPoP: ${api.proof('/socket', { accessToken: token })}`, 'Kimei-Subject: forged']
    const text = await ask('/socket', [...upgrade, ...lines], 'hello')
    expect(text).toMatch(/^HTTP\/1\.1 101 /)
    expect(text).toContain('Sec-WebSocket-Accept: yes')
    expect(text).not.toContain('X-Inner')
    expect(text.endsWith('hello')).toBe(true)
    const got = api.seen.at(-1)!
    expect(said(got, 'kimei-subject')).toEqual(['user-1'])
    expect(said(got, 'authorization')).toEqual([])
    expect(said(got, 'upgrade')).toEqual(['websocket'])
  })

  it('is refused without credentials, on other routes, to other protocols, and with a body', async () => {
    const before = api.seen.length
    expect(await ask('/socket', upgrade)).toMatch(/^HTTP\/1\.1 401 [\s\S]*WWW-Authenticate: DPoP /)
    expect(await ask('/open', upgrade)).toMatch(/^HTTP\/1\.1 400 /)
    expect(await ask('/open', ['Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA'])).toMatch(
      /^HTTP\/1\.1 400 /,
    )
    expect(await ask('/chat', [...upgrade, 'Content-Length: 3'], 'abc')).toMatch(/^HTTP\/1\.1 400 /)
    expect(await ask('/unknown', upgrade)).toMatch(/^HTTP\/1\.1 401 /)
    expect(await ask('/chat%2f', upgrade)).toMatch(/^HTTP\/1\.1 400 /)
    expect(api.seen.length).toBe(before)
  })

  it('that the API declines is 502, without its words', async () => {
    const text = await ask('/chat?no', upgrade)
    expect(text).toMatch(/^HTTP\/1\.1 502 /)
    expect(text).not.toContain('secret')
  })

  it('an Upgrade header that the connection does not name is an ordinary request', async () => {
    expect(await ask('/open', ['Upgrade: websocket', 'Connection: close'])).toMatch(/^HTTP\/1\.1 200 /)
    expect(said(api.seen.at(-1), 'upgrade')).toEqual([])
  })
})
