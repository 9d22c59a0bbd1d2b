// A bare node:http (or https) server on loopback whose every answer the test writes by hand.
import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { TLSSocket } from 'node:tls'

export interface Heard {
  readonly method: string
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly rawHeaders: readonly string[]
  readonly body: string
  /** Thumbprint of the certificate of its connection. */
  readonly x5t: string | undefined
  /** Claims of the proof, unchecked. */
  readonly proof: Readonly<Record<string, unknown>> | undefined
}

export interface Said {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string | string[]>>
  readonly body?: string
  /** Cut the connection instead. */
  readonly hangUp?: boolean
}

export interface HandServer {
  readonly origin: string
  readonly heard: Heard[]
  close(): Promise<void>
}

/** What a page of another origin needs. */
const openToPages = {
  'access-control-allow-origin': '*',
  'access-control-expose-headers': 'DPoP-Nonce, WWW-Authenticate, Date',
  'access-control-allow-headers': 'authorization, dpop, content-type',
  'access-control-allow-methods': '*',
}

export interface HandOptions {
  /** Lets pages of any origin call; preflights are answered and not counted. */
  readonly forPages?: boolean
  /** Speaks TLS, asks for a certificate and takes any. */
  readonly tls?: { readonly cert: string; readonly key: string }
}

export async function startHandServer(
  answer: (heard: Heard, count: number) => Said | Promise<Said>,
  { forPages = false, tls }: HandOptions = {},
): Promise<HandServer> {
  const heard: Heard[] = []
  const listener = async (request: IncomingMessage, response: ServerResponse) => {
    if (forPages && request.method === 'OPTIONS') return response.writeHead(204, openToPages).end()
    let body = ''
    for await (const chunk of request) body += chunk
    const one: Heard = {
      method: request.method ?? '',
      path: request.url ?? '',
      headers: request.headers,
      rawHeaders: request.rawHeaders,
      body,
      x5t: thumbprintOf(request),
      proof: claimsOf(request.headers['dpop']),
    }
    heard.push(one)
    const said = await answer(one, heard.length)
    if (said.hangUp) return request.socket.destroy()
    response.writeHead(said.status ?? 200, { ...(forPages && openToPages), ...said.headers }).end(said.body ?? '')
  }
  const server = tls ? createTlsServer({ ...tls, requestCert: true, rejectUnauthorized: false, ca: [] }, listener) : createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    origin: `${tls ? 'https://localhost' : 'http://127.0.0.1'}:${(server.address() as AddressInfo).port}`,
    heard,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function thumbprintOf({ socket }: IncomingMessage): string | undefined {
  const shown = 'getPeerX509Certificate' in socket ? (socket as TLSSocket).getPeerX509Certificate() : undefined
  return shown && createHash('sha256').update(shown.raw).digest('base64url')
}

export function claimsOf(jwt: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof jwt === 'string' ? JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString()) : undefined
}

export function headOf(jwt: unknown): Readonly<Record<string, unknown>> {
  return JSON.parse(Buffer.from(String(jwt).split('.')[0] ?? '', 'base64url').toString())
}
