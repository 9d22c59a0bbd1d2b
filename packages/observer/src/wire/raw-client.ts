// One HTTP/1.1 request exactly as given: header lines are neither merged nor added, redirects are never followed.
// Which hosts may be touched and how fast stands in `pacer.ts`.
import * as http from 'node:http'
import * as https from 'node:https'
import type { Duplex } from 'node:stream'
import { type Handshake, seeHandshake } from '../tls/see-handshake.ts'
import { alertOf, type TlsEnd } from '../tls/tls-alerts.ts'
import { connectionOptions, type TlsWish, usualBounds } from '../tls/watched-connection.ts'
import { type HttpAnswer, linesOf, readHttpAnswer } from './read-answer.ts'

export type HeaderLines = readonly (readonly [name: string, value: string])[]

export interface RawRequest {
  readonly method: string
  readonly url: string
  readonly headers: HeaderLines
  readonly body?: string
  /** Path and query exactly as given, of what `url` names. Left out: as URLs are written. */
  readonly target?: string
  /** IP address to connect to; names in the request and the handshake stay those of `url`. */
  readonly address?: string
  /** How TLS is spoken. Left out: without a certificate, as the library does it. `watched`: on a connection of its own, written down. */
  readonly tls?: TlsWish & { readonly watched?: true }
}

export interface RawAnswer extends HttpAnswer {
  /** How it ended without an answer: then `status` is 0. */
  readonly ended?: TlsEnd
  /** Of a watched connection. */
  readonly handshake?: Handshake
}

export interface RawClient {
  send(request: RawRequest): Promise<RawAnswer>
  close(): void
}

export interface RawBounds {
  /** Without a byte; then it is no answer. */
  readonly idleMilliseconds?: number
  /** Ends what is under way. */
  readonly signal?: AbortSignal | undefined
}

/**
 * No connection is shared between observations; an idle one that the peer closed is replaced once.
 * @param authorities PEM, read when the first TLS connection is made: servers may be certified by them beside the machine's own.
 */
export function openRawClient(
  authorities: () => readonly string[] = () => [],
  { idleMilliseconds = 15_000, signal: ended }: RawBounds = {},
): RawClient {
  const plain = new http.Agent({ keepAlive: true, maxSockets: 1 })
  const secure = new https.Agent({ keepAlive: true, maxSockets: 1 })
  const send = (request: RawRequest, again: boolean): Promise<RawAnswer> =>
    new Promise((resolve, reject) => {
      const url = new URL(request.url)
      const overTls = url.protocol === 'https:'
      const lines = headerLines(request, url)
      if (overTls && request.tls?.watched)
        return void seeHandshake(request, lines, authorities(), {
          ...usualBounds,
          milliseconds: Math.min(usualBounds.milliseconds, idleMilliseconds),
        }).then(resolve, reject)
      // However slowly the other side answers: no request lasts longer.
      const timeout = AbortSignal.timeout(2 * idleMilliseconds)
      const signal = ended ? AbortSignal.any([timeout, ended]) : timeout
      const options = {
        agent: overTls ? secure : plain,
        method: request.method,
        headers: lines.flat(),
        path: request.target ?? url.pathname + url.search,
        signal,
        ...(overTls && connectionOptions(url, request.tls ?? {}, authorities())),
        ...(request.address !== undefined && { hostname: request.address, host: request.address }),
      }
      const sent = (overTls ? https : http).request(url, options as https.RequestOptions)
      sent.setTimeout(idleMilliseconds, () => sent.destroy(new Error('no answer in time')))
      sent.on('error', (error) => {
        const closed = 'code' in error && (error.code === 'ECONNRESET' || error.code === 'EPIPE')
        const alert = alertOf(error)
        if (closed && sent.reusedSocket && !again) send(request, true).then(resolve, reject)
        else if (alert) resolve({ ...nothing, ended: { kind: 'alert', alert } })
        // Some servers say no to a certificate by closing.
        else if (closed && overTls) resolve({ ...nothing, ended: { kind: 'closed' } })
        else reject(error)
      })
      sent.on('upgrade', (incoming: http.IncomingMessage, socket: Duplex) => {
        socket.destroy()
        resolve({ ...nothing, status: incoming.statusCode ?? 0, headers: linesOf(incoming) })
      })
      sent.on('response', (incoming) => readHttpAnswer(incoming).then(resolve, reject))
      sent.end(request.body)
    })
  return {
    send: (request) => send(request, false),
    close() {
      plain.destroy()
      secure.destroy()
    },
  }
}

const nothing: HttpAnswer = { status: 0, headers: [], body: '' }

function headerLines({ headers, body }: RawRequest, url: URL): [string, string][] {
  const named = headers.some(([name]) => name.toLowerCase() === 'host')
  return [
    ...(named ? [] : [['Host', url.host] as [string, string]]),
    ...headers.map(([name, value]): [string, string] => [name, value]),
    ...(body === undefined ? [] : [['Content-Length', String(Buffer.byteLength(body))] as [string, string]]),
  ]
}

/** All values of one header, in order. */
export function headerValues(headers: HeaderLines, name: string): string[] {
  const wanted = name.toLowerCase()
  return headers.flatMap(([line, value]) => (line.toLowerCase() === wanted ? [value] : []))
}
