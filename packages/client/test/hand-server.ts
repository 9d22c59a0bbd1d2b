// A bare node:http server on loopback whose every answer the test writes by hand.
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Heard {
  readonly method: string
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly rawHeaders: readonly string[]
  readonly body: string
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

/** `forPages` lets pages of any origin call; preflights are answered and not counted. */
export async function startHandServer(
  answer: (heard: Heard, count: number) => Said | Promise<Said>,
  { forPages = false } = {},
): Promise<HandServer> {
  const heard: Heard[] = []
  const server = createServer(async (request, response) => {
    if (forPages && request.method === 'OPTIONS') return response.writeHead(204, openToPages).end()
    let body = ''
    for await (const chunk of request) body += chunk
    const one: Heard = {
      method: request.method ?? '',
      path: request.url ?? '',
      headers: request.headers,
      rawHeaders: request.rawHeaders,
      body,
      proof: claimsOf(request.headers['dpop']),
    }
    heard.push(one)
    const said = await answer(one, heard.length)
    if (said.hangUp) return request.socket.destroy()
    response.writeHead(said.status ?? 200, { ...(forPages && openToPages), ...said.headers }).end(said.body ?? '')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    heard,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

export function claimsOf(jwt: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof jwt === 'string' ? JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString()) : undefined
}

export function headOf(jwt: unknown): Readonly<Record<string, unknown>> {
  return JSON.parse(Buffer.from(String(jwt).split('.')[0] ?? '', 'base64url').toString())
}
