// A change of protocol (WebSocket) through the proxy: judged once, then two sockets joined.
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { GuardAnswer } from '../contract.ts'
import { pairs } from './forward-headers.ts'
import { badGateway, open, optionsFor, type Upstream } from './upstream.ts'

export interface UpgradePassage {
  readonly request: IncomingMessage
  readonly socket: Duplex
  /** What the client sent after its headers. */
  readonly head: Buffer
  readonly target: string
  readonly headers: readonly string[]
  readonly refuse: (answer: GuardAnswer) => void
}

const passed = new Set(['upgrade', 'connection', 'sec-websocket-accept', 'sec-websocket-protocol', 'sec-websocket-extensions'])

export function forwardUpgrade(upstream: Upstream, passage: UpgradePassage): void {
  const { request, socket, head, target, headers, refuse } = passage
  // A socket of its own: it will never go back to the pool.
  const outgoing = open(upstream, { ...optionsFor(upstream, request.method, target, headers), agent: false })
  const timer = setTimeout(() => outgoing.destroy(new Error('late')), upstream.limits.responseSeconds * 1000)
  socket.once('error', () => outgoing.destroy())
  socket.once('close', () => outgoing.destroy())
  outgoing.once('error', () => {
    clearTimeout(timer)
    refuse(badGateway)
  })
  // The API said no, or something else than 101: its words are not for a client that asked for another protocol.
  outgoing.once('response', (answer) => {
    clearTimeout(timer)
    answer.destroy()
    refuse(badGateway)
  })
  outgoing.once('upgrade', (answer, inner, rest) => {
    clearTimeout(timer)
    const lines = pairs(answer.rawHeaders).filter(([name]) => passed.has(name.toLowerCase()))
    socket.write(`HTTP/1.1 101 Switching Protocols\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`)
    if (rest.length > 0) socket.write(rest)
    if (head.length > 0) inner.write(head)
    join(socket, inner)
  })
  outgoing.end()
}

function join(one: Duplex, other: Duplex): void {
  const drop = () => {
    one.destroy()
    other.destroy()
  }
  for (const socket of [one, other]) socket.on('error', drop).on('close', drop)
  one.pipe(other).pipe(one)
}
