// One HTTP/1.1 request exactly as given: header lines are neither merged nor added, redirects are never followed.
// Which hosts may be touched and how fast stands in `pacer.ts`.
import * as http from 'node:http'
import * as https from 'node:https'

export type HeaderLines = readonly (readonly [name: string, value: string])[]

export interface RawRequest {
  readonly method: string
  readonly url: string
  readonly headers: HeaderLines
  readonly body?: string
}

export interface RawAnswer {
  readonly status: number
  readonly headers: HeaderLines
  /** At most {@link bodyLimit} characters. */
  readonly body: string
}

const bodyLimit = 262_144
const idleMilliseconds = 15_000
/** However slowly the other side answers: no request lasts longer. */
const longestMilliseconds = 30_000

export interface RawClient {
  send(request: RawRequest): Promise<RawAnswer>
  close(): void
}

/** No connection is shared between observations; an idle one that the peer closed is replaced once. */
export function openRawClient(): RawClient {
  const plain = new http.Agent({ keepAlive: true, maxSockets: 1 })
  const secure = new https.Agent({ keepAlive: true, maxSockets: 1 })
  const send = (request: RawRequest, again: boolean): Promise<RawAnswer> =>
    new Promise((resolve, reject) => {
      const url = new URL(request.url)
      const overTls = url.protocol === 'https:'
      const body = request.body
      const lines = [
        ['Host', url.host],
        ...request.headers,
        ...(body === undefined ? [] : [['Content-Length', String(Buffer.byteLength(body))]]),
      ]
      const signal = AbortSignal.timeout(longestMilliseconds)
      const options = {
        agent: overTls ? secure : plain,
        method: request.method,
        headers: lines.flat(),
        path: url.pathname + url.search,
        signal,
      }
      const sent = (overTls ? https : http).request(url, options as https.RequestOptions)
      sent.setTimeout(idleMilliseconds, () => sent.destroy(new Error('no answer in time')))
      sent.on('error', (error) => {
        const stale = sent.reusedSocket && 'code' in error && (error.code === 'ECONNRESET' || error.code === 'EPIPE')
        if (stale && !again) send(request, true).then(resolve, reject)
        else reject(error)
      })
      sent.on('response', (incoming) => readAnswer(incoming).then(resolve, reject))
      sent.end(body)
    })
  return {
    send: (request) => send(request, false),
    close() {
      plain.destroy()
      secure.destroy()
    },
  }
}

async function readAnswer(incoming: http.IncomingMessage): Promise<RawAnswer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    chunks.push(chunk)
    size += chunk.length
    if (size > bodyLimit) break
  }
  const names = incoming.rawHeaders
  const headers = Array.from({ length: names.length / 2 }, (_, i): [string, string] => [names[2 * i]!, names[2 * i + 1]!])
  return { status: incoming.statusCode ?? 0, headers, body: Buffer.concat(chunks).toString('utf8').slice(0, bodyLimit) }
}

/** All values of one header, in order. */
export function headerValues(headers: HeaderLines, name: string): string[] {
  const wanted = name.toLowerCase()
  return headers.flatMap(([line, value]) => (line.toLowerCase() === wanted ? [value] : []))
}
