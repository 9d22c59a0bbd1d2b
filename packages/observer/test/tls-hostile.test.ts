// Other sides that are no TLS servers, or hostile ones: bounded in bytes and time, and never a verdict.
import type { Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { readServerFlight, seeHandshake, usualBounds, versionSeen } from '../src/tls/index.ts'
import { asking, serving, shouting, stand, type TlsStand } from './tls-servers.ts'

const open: TlsStand[] = []
const kept = async (made: Promise<TlsStand>): Promise<TlsStand> => {
  const one = await made
  open.push(one)
  return one
}
afterEach(async () => {
  for (const one of open.splice(0)) await one.close()
})

const bounds = { ...usualBounds, milliseconds: 1500 }

async function look(one: TlsStand, version: 'TLSv1.2' | 'TLSv1.3' = 'TLSv1.3', authorities = [serving.cert]) {
  const request = { method: 'GET', url: one.url, headers: [], tls: { version } }
  const answer = await seeHandshake(request, [['Host', new URL(one.url).host]], authorities, bounds)
  return { answer, seen: versionSeen(version, answer) }
}

const handshakeRecord = (bytes: number) => Buffer.concat([Buffer.from([22, 3, 3, bytes >> 8, bytes & 255]), Buffer.alloc(bytes)])

/** Says the same for as long as somebody listens. */
function endlessly(socket: Socket, chunk: Buffer): void {
  const more = () => {
    while (!socket.destroyed && socket.write(chunk));
  }
  socket.on('drain', more).on('error', () => undefined)
  more()
}

describe('hostile other sides', () => {
  it.each([
    ['plain HTTP on the port', 'HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n'],
    ['garbage', Buffer.from('\u0000\u0001garbage that is no record'.repeat(50))],
    ['an empty hello', handshakeRecord(4)],
    ['a record that is cut', Buffer.from([22, 3, 3, 64, 0, 2, 0])],
    ['nothing, and the end', ''],
  ])('%s: not observable, with a reason', async (_name, said) => {
    const { seen } = await look(await kept(shouting((socket) => socket.end(said))))
    expect(seen).toMatchObject({ asked: 'not-observable', mode: 'not-observable' })
    expect(seen.reason).toMatch(/not TLS|no hello|sent nothing/)
  })

  it('one that never answers is given up', async () => {
    const { answer, seen } = await look(await kept(shouting(() => undefined)))
    expect(answer.ended).toEqual({ kind: 'failed', reason: 'no answer in time' })
    expect(seen.mode).toBe('not-observable')
  })

  it('endless records end at the bound', async () => {
    const one = await kept(shouting((socket) => endlessly(socket, Buffer.from([20, 3, 3, 0, 1, 1]))))
    const { seen } = await look(one)
    expect(seen.mode).toBe('not-observable')
  })

  it('endless bytes inside one handshake message end at the bound', async () => {
    // The announced length is the longest there is: the library waits for it, the bound does not.
    const first = Buffer.concat([Buffer.from([22, 3, 3, 64, 0, 2, 255, 255, 255]), Buffer.alloc(16_380)])
    const one = await kept(shouting((socket) => endlessly(socket, first)))
    expect((await look(one)).seen.mode).toBe('not-observable')
  })

  it('an answer that never ends is cut off, and what the handshake asked for stays known', async () => {
    const one = await kept(
      asking('optional', {}, (_request, response) => {
        response.writeHead(200, { 'content-type': 'text/plain' })
        const more = () => {
          while (!response.destroyed && response.write('x'.repeat(16_384)));
        }
        response.on('drain', more).on('error', () => undefined)
        more()
      }),
    )
    const { answer, seen } = await look(one)
    expect(seen).toMatchObject({ asked: 'requested', mode: 'optional' })
    expect(answer.body.length).toBeLessThanOrEqual(262_144)
  })

  it('a server whose own certificate is not trusted gets no request, and no verdict about its demand', async () => {
    let asked = 0
    const one = await kept(
      asking('optional', {}, (_request, response) => {
        asked += 1
        response.end()
      }),
    )
    const { answer, seen } = await look(one, 'TLSv1.3', [])
    expect(answer.ended).toEqual({ kind: 'failed', reason: 'DEPTH_ZERO_SELF_SIGNED_CERT' })
    expect(seen).toMatchObject({ asked: 'requested', mode: 'not-observable' })
    expect(asked).toBe(0)
  })

  it('a close without an alert is a refusal only when it comes twice', async () => {
    const one = await kept(asking('optional', {}, (request) => void request.socket.destroy()))
    const { answer } = await look(one)
    expect(versionSeen('TLSv1.3', answer).mode).toBe('not-observable')
    expect(versionSeen('TLSv1.3', answer, { again: answer }).mode).toBe('required-in-tls')
  })

  it('a handshake that fails for another reason is no demand for a certificate', async () => {
    const one = await kept(asking('optional', { ALPNProtocols: ['h2'] }))
    const { answer, seen } = await look(one)
    expect(answer.ended).toMatchObject({ kind: 'alert', alert: { name: 'no_application_protocol' } })
    expect(seen.mode).toBe('not-observable')
  })

  it('a connection that is refused rejects nothing and proves nothing', async () => {
    const one = await stand((await import('node:net')).createServer())
    await one.close()
    const { answer, seen } = await look(one)
    expect(answer.ended).toEqual({ kind: 'failed', reason: 'ECONNREFUSED' })
    expect(seen.mode).toBe('not-observable')
  })

  it('no bytes, cut off anywhere, make the reader throw or say that nothing is asked for', async () => {
    const { createServer, connect } = await import('node:net')
    const real = await kept(asking('none', { maxVersion: 'TLSv1.2' }))
    let recorded: Buffer = Buffer.alloc(0)
    const between = await kept(
      stand(
        createServer((socket) => {
          const onward = connect(real.port, '127.0.0.1')
          onward.on('data', (chunk) => {
            recorded = Buffer.concat([recorded, Buffer.from(chunk)])
          })
          socket.pipe(onward).pipe(socket)
          onward.on('error', () => undefined)
        }),
      ),
    )
    await look(between, 'TLSv1.2')
    const whole = readServerFlight(recorded, [])
    expect(whole.asked.state).toBe('not-requested')
    const end = recorded.length
    for (let at = 0; at < end; at += 7) {
      const { asked } = readServerFlight(recorded.subarray(0, at), [])
      if (asked.state === 'not-requested') expect(readServerFlight(recorded.subarray(0, at + 7), []).asked.state).toBe('not-requested')
      const turned = Buffer.from(recorded)
      turned[at] = turned[at]! ^ 0xff
      expect(() => readServerFlight(turned, ['SERVER_HANDSHAKE_TRAFFIC_SECRET x y'])).not.toThrow()
    }
  })
})
