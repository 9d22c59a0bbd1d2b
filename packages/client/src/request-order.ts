// Turns what a caller of fetch gives into one order that can be sent more than once.
import type { DpopRequestInit } from './contract.ts'
import { HolderError } from './holder-error.ts'
import { checkTarget } from './targets.ts'

export interface RequestOrder {
  readonly method: string
  readonly url: URL
  readonly headers: Headers
  /** Readable any number of times. */
  readonly body: Exclude<BodyInit, ReadableStream> | undefined
  readonly token: string | undefined
  readonly redirect: RequestRedirect
  readonly onChallenge: 'retry' | 'surface'
  /** Signal, credentials mode, cache mode and the like, passed on unread. */
  readonly rest: RequestInit
}

/** One hop of an order. `proven: false` after a redirect to another origin: no token, no proof, no certificate. */
export interface Hop extends RequestOrder {
  readonly proven: boolean
}

/** Reads a one-shot body into memory, so that the request can be repeated. Throws before anything is sent. */
export async function readOrder(input: string | URL | Request, init: DpopRequestInit, bufferBytes: number): Promise<RequestOrder> {
  const { token, onChallenge = 'retry', method, headers, body, redirect, ...rest } = init
  const given = input instanceof Request ? input : undefined
  const url = checkTarget(given?.url ?? (input as string | URL))
  const order = {
    // Request upper-cases the methods that fetch would, and no others: htm must be what is really sent.
    method: new Request(url, { method: method ?? given?.method ?? 'GET' }).method,
    url,
    headers: new Headers(headers ?? given?.headers),
    body: await resendable(body === undefined ? given?.body : body, bufferBytes),
    token,
    redirect: redirect ?? given?.redirect ?? 'follow',
    onChallenge,
    rest: { ...(given && inherited(given)), ...withoutDuplex(rest) },
  }
  checkHeaders(order)
  return order
}

/** RFC 9449 §7: both headers are made here; a token of ours under any other scheme would be a bearer token. */
function checkHeaders({ headers, token, url }: Pick<RequestOrder, 'headers' | 'token' | 'url'>): void {
  const authorization = headers.get('authorization')
  for (const name of ['client-cert', 'client-cert-chain']) {
    if (headers.has(name)) throw new HolderError('holder.no-certificate-in-a-header', `the caller set ${name}`)
  }
  if (headers.has('dpop')) throw new HolderError('holder.named-token-is-never-bearer', 'the caller set a DPoP header')
  if (authorization !== null && (token !== undefined || !/^basic /i.test(authorization))) {
    throw new HolderError('holder.named-token-is-never-bearer', 'the caller set an Authorization header')
  }
  if (token !== undefined && [...url.searchParams.values()].includes(token)) {
    throw new HolderError('holder.named-token-is-never-bearer', 'the token stands in the URL')
  }
}

async function resendable(body: BodyInit | null | undefined, bufferBytes: number): Promise<RequestOrder['body']> {
  if (body === null || body === undefined) return undefined
  if (body instanceof ReadableStream) return readUpTo(chunksOf(body), bufferBytes)
  if (typeof body === 'object' && Symbol.asyncIterator in body) return readUpTo(body as AsyncIterable<Uint8Array>, bufferBytes)
  return body as Exclude<BodyInit, ReadableStream>
}

/** Not every browser can iterate a stream. Leaving early cancels it. */
async function* chunksOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader()
  let done = false
  try {
    for (let step = await reader.read(); !step.done; step = await reader.read()) yield step.value
    done = true
  } finally {
    if (!done) await reader.cancel()
  }
}

async function readUpTo(chunks: AsyncIterable<Uint8Array | string>, limit: number): Promise<Uint8Array<ArrayBuffer>> {
  if (limit === 0) throw new HolderError('holder.body-can-be-sent-again', 'the body is a stream, which can be read only once')
  const kept: Uint8Array[] = []
  let length = 0
  for await (const chunk of chunks) {
    const bytes = typeof chunk === 'string' ? new TextEncoder().encode(chunk) : chunk
    kept.push(bytes)
    length += bytes.byteLength
    if (length > limit) throw new HolderError('holder.body-can-be-sent-again', `the body is a stream of more than ${limit} bytes`)
  }
  const all = new Uint8Array(length)
  let at = 0
  for (const bytes of kept) {
    all.set(bytes, at)
    at += bytes.byteLength
  }
  return all
}

function inherited(given: Request): RequestInit {
  const { signal, credentials, cache, integrity, keepalive, referrerPolicy } = given
  return { signal, credentials, cache, integrity, keepalive, referrerPolicy }
}

/** `duplex: 'half'` goes with a stream, and there are none left. */
function withoutDuplex(rest: RequestInit): RequestInit {
  const { duplex: _, ...kept } = rest as RequestInit & { duplex?: string }
  return kept
}
