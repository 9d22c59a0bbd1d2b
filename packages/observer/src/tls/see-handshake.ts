// One handshake and the request that follows it, as seen from the side of a client: was a certificate asked for, and how did it end.
// What several of them together mean stands in `tls-mode.ts`.
import { request as requestTls } from 'node:https'
import type { RawAnswer, RawRequest } from '../wire/raw-client.ts'
import { type HttpAnswer, readHttpAnswer } from '../wire/read-answer.ts'
import { readServerFlight, type ServerFlight } from './server-flight.ts'
import { alertOf, type TlsAlert } from './tls-alerts.ts'
import { BoundBroken, openWatched, type TlsWish, type WatchBounds, type Watched } from './watched-connection.ts'

export type HandshakeEnd =
  | { readonly kind: 'answered' }
  | { readonly kind: 'alert'; readonly alert: TlsAlert }
  /** Without an alert, and without an answer. */
  | { readonly kind: 'closed' }
  | { readonly kind: 'failed'; readonly reason: string }

export interface Handshake {
  readonly flight: ServerFlight
  /** Done on our side. In TLS 1.3 a server judges the client's certificate only afterwards. */
  readonly secured: boolean
  readonly resumed: boolean
  readonly end: HandshakeEnd
  readonly session?: Buffer
}

/** Never rejects: whatever the other side does is an outcome. */
export function seeHandshake(
  sent: RawRequest,
  lines: readonly (readonly [string, string])[],
  authorities: readonly string[],
  bounds?: WatchBounds,
): Promise<RawAnswer> {
  const url = new URL(sent.url)
  const watched = openWatched(url, sent.tls ?? {}, authorities, bounds)
  return new Promise((resolve) => {
    const settle = (end: HandshakeEnd, answer?: HttpAnswer) => {
      const handshake = handshakeOf(watched, sent.tls ?? {}, end)
      resolve(answer ? { ...answer, handshake } : { status: 0, headers: [], body: '', handshake, ended: endedBy(end) })
      watched.socket.destroy()
    }
    // Read where it happens: what the HTTP client makes of a broken socket hides why it broke.
    watched.socket.once('error', (error) => settle(endOf(error)))
    const asked = requestTls(url, {
      createConnection: () => watched.socket,
      method: sent.method,
      headers: lines.flat(),
      path: url.pathname + url.search,
    })
    asked.once('error', (error) => settle(endOf(error)))
    asked.once('response', (incoming) => {
      readHttpAnswer(incoming).then(
        (answer) => settle({ kind: 'answered' }, answer),
        (error: unknown) => settle(endOf(error)),
      )
    })
    asked.end(sent.body)
  })
}

function handshakeOf(watched: Watched, wish: TlsWish, end: HandshakeEnd): Handshake {
  const session = watched.session()
  return {
    flight: readServerFlight(watched.received(), watched.keyLog),
    secured: watched.secured(),
    resumed: wish.session !== undefined && watched.secured() && watched.socket.isSessionReused(),
    end,
    ...(session && { session }),
  }
}

function endOf(error: unknown): HandshakeEnd {
  const alert = alertOf(error)
  if (alert) return { kind: 'alert', alert }
  if (error instanceof BoundBroken) return { kind: 'failed', reason: error.message }
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
  if (code === 'ECONNRESET' || code === 'EPIPE') return { kind: 'closed' }
  return { kind: 'failed', reason: code === '' ? 'the connection failed' : code }
}

function endedBy(end: HandshakeEnd): NonNullable<RawAnswer['ended']> {
  if (end.kind === 'alert') return end
  return end.kind === 'closed' ? { kind: 'closed' } : { kind: 'failed', reason: end.kind === 'failed' ? end.reason : '' }
}
