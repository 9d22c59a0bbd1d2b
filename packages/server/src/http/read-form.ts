// Reads a request body as a form: content type, bound, strict parsing. Never more bytes than the bound are held.
import { type Broken, broke, directRequestRules, type Form, must, parseForm } from '@kimei/protocol'
import type { Exchange, ServerContext } from '../context.ts'
import { headerLines } from './header-lines.ts'

/** The parameters of a POST; repeats are not judged yet. */
export async function readForm(context: ServerContext, exchange: Exchange): Promise<Form | Broken> {
  const { request } = exchange
  // Our own listeners take none; a terminator that does says so in this header (RFC 8470 §5.1).
  const early = must(directRequestRules, 'request.is-not-early-data', headerLines(exchange, 'early-data').length === 0, context.law)
  if (early) return early
  const type = request.headers.get('content-type')
  const typed = must(directRequestRules, 'request.body-is-a-form', isForm(type), context.law, () => ({
    expected: 'application/x-www-form-urlencoded',
    received: type?.slice(0, 100),
  }))
  if (typed) return typed
  const text = await readText(request, context.config.limits.bodyBytes)
  return text === undefined ? broke(directRequestRules, 'request.body-is-bounded') : parseForm(text)
}

/** Parameters of the type are ignored (`charset=utf-8`). */
function isForm(type: string | null): boolean {
  if (type === null) return false
  if (type === 'application/x-www-form-urlencoded') return true
  return type.split(';', 1)[0]?.trim().toLowerCase() === 'application/x-www-form-urlencoded'
}

/** The body, or `undefined` where it is longer. */
export async function readText(request: Request, most: number): Promise<string | undefined> {
  const length = request.headers.get('content-length')
  // The HTTP parser holds a body to its Content-Length; only a chunked one has to be counted.
  if (length !== null) return Number(length) > most ? undefined : request.text()
  if (request.body === null) return ''
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of request.body) {
    size += chunk.byteLength
    if (size > most) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
