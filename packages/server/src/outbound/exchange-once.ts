// One HTTP exchange with addresses that were judged: no proxy, no pool, no redirect, no coding, everything bounded.
// Whether the answer is one that was asked for is judged by the caller.
import { Agent as HttpAgent, type IncomingMessage, request as requestHttp } from 'node:http'
import { Agent as HttpsAgent, request as requestHttps } from 'node:https'
import type { LookupFunction } from 'node:net'
import { isIP } from 'node:net'

export interface Sending {
  readonly url: URL
  /** Judged; the connection goes to one of these and nowhere else. */
  readonly addresses: readonly string[]
  readonly method: 'GET' | 'POST'
  readonly accept: readonly string[]
  readonly body?: { readonly text: string | Uint8Array; readonly contentType: string }
  readonly mostBytes: number
  readonly ca: readonly string[]
  /** The deadline. */
  readonly signal: AbortSignal
}

export interface RawAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** `undefined`: longer than allowed, or not read since the answer is refused by its head already. */
  readonly body: Uint8Array | undefined
}

const mostHeaderBytes = 16_384

/** Rejects where the connection or the HTTP on it breaks. `wanted` says from the head whether the body is worth reading. */
export function exchangeOnce(sending: Sending, wanted: (status: number, headers: RawAnswer['headers']) => boolean): Promise<RawAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<RawAnswer>()
  const { url, body, signal } = sending
  const secure = url.protocol === 'https:'
  // Agents of their own: the global ones may keep connections, and go through a proxy of the environment.
  const agent = secure ? new HttpsAgent({ keepAlive: false }) : new HttpAgent({ keepAlive: false })
  const request = (secure ? requestHttps : requestHttp)(url, {
    method: sending.method,
    agent,
    lookup: pinned(sending.addresses),
    headers: headersOf(sending),
    maxHeaderSize: mostHeaderBytes,
    insecureHTTPParser: false,
    signal,
    ...(secure && { minVersion: 'TLSv1.2', rejectUnauthorized: true, ...(sending.ca.length > 0 && { ca: [...sending.ca] }) }),
  })
  let answered = false
  // The whole ends with the deadline, whatever state the request is in; one that closes unanswered says so by itself.
  const late = () => reject(signal.reason)
  signal.addEventListener('abort', late, { once: true })
  request.on('error', reject)
  request.on('close', () => answered || reject(new Error('closed')))
  request.on('response', (response) => {
    answered = true
    const headers = plainHeaders(response)
    const status = response.statusCode ?? 0
    const done = (read: Uint8Array | undefined) => {
      resolve({ status, headers, body: read })
      request.destroy()
    }
    if (!wanted(status, headers)) done(undefined)
    else readBody(response, sending.mostBytes).then(done, reject)
  })
  request.end(body?.text)
  return promise.finally(() => {
    signal.removeEventListener('abort', late)
    agent.destroy()
  })
}

/** Answers what was judged, whatever the name resolves to by now. A literal address is never looked up. */
function pinned(addresses: readonly string[]): LookupFunction {
  const known = addresses.map((address) => ({ address, family: isIP(address) }))
  return (_host, options, answer) => {
    const first = known[0]
    if (!first) answer(new Error('no address'), '', 0)
    else if (options.all) answer(null, known)
    else answer(null, first.address, first.family)
  }
}

function headersOf({ accept, body }: Sending): Record<string, string> {
  return {
    accept: accept.length > 0 ? accept.join(', ') : '*/*',
    'accept-encoding': 'identity',
    connection: 'close',
    'user-agent': 'Kimei',
    ...(body && { 'content-type': body.contentType, 'content-length': String(Buffer.byteLength(body.text)) }),
  }
}

function plainHeaders(response: IncomingMessage): Record<string, string> {
  return Object.fromEntries(
    Object.entries(response.headersDistinct).map(([name, values]) => [name.toLowerCase(), (values ?? []).join(', ')]),
  )
}

async function readBody(response: IncomingMessage, most: number): Promise<Uint8Array | undefined> {
  if (Number(response.headers['content-length'] ?? 0) > most) return undefined
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response as AsyncIterable<Uint8Array>) {
    size += chunk.length
    if (size > most) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
