// The doctor's requests: few, slow, bounded, to hosts that the person named. Nothing secret is ever sent, so that a wrong
// certificate is told and does not end the examination.
import * as http from 'node:http'
import * as https from 'node:https'
import { setTimeout } from 'node:timers/promises'
import type { HeaderLines } from '../wire/raw-client.ts'

export interface Question {
  readonly method?: string
  readonly url: string
  readonly headers?: HeaderLines
  readonly body?: string
}

export interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, readonly string[]>>
  readonly body: string
  /** Seconds between sending and the answer's head, halved: how late the Date header is at most. */
  readonly travelSeconds: number
}

export type Asked = Reply | { readonly failed: string }

export interface Asker {
  (question: Question): Promise<Asked>
  readonly count: () => number
  close(): void
}

export interface AskerOptions {
  readonly hosts: ReadonlySet<string>
  readonly mostRequests: number
  readonly pauseMilliseconds: number
  readonly signal?: AbortSignal | undefined
}

const mostBytes = 1_048_576
const longestMilliseconds = 10_000

export function openAsker({ hosts, mostRequests, pauseMilliseconds, signal }: AskerOptions): Asker {
  const plain = new http.Agent({ keepAlive: true, maxSockets: 1 })
  const secure = new https.Agent({ keepAlive: true, maxSockets: 1, rejectUnauthorized: false })
  let sent = 0
  const ask = async (question: Question): Promise<Asked> => {
    const url = new URL(question.url)
    if (!hosts.has(url.host)) return { failed: `${url.host} was not named: --allow-host ${url.host}` }
    if (sent >= mostRequests) return { failed: 'no requests are left' }
    if (signal?.aborted) return { failed: 'ended from outside' }
    if (sent > 0) await setTimeout(pauseMilliseconds, undefined, { ...(signal && { signal }) }).catch(() => undefined)
    sent += 1
    try {
      return await exchange(url, question, { agent: url.protocol === 'https:' ? secure : plain, signal })
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException
      return { failed: code ?? message }
    }
  }
  return Object.assign(ask, {
    count: () => sent,
    close: () => {
      plain.destroy()
      secure.destroy()
    },
  })
}

interface How {
  readonly agent: http.Agent
  readonly signal: AbortSignal | undefined
}

function exchange(url: URL, { method = 'GET', headers = [], body }: Question, { agent, signal }: How): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const timeout = AbortSignal.timeout(longestMilliseconds)
    const began = performance.now()
    const lines = [
      ['Host', url.host],
      ['User-Agent', 'kimei-doctor'],
      ...headers,
      ...(body === undefined ? [] : [['Content-Length', String(Buffer.byteLength(body))]]),
    ]
    const sent = (url.protocol === 'https:' ? https : http).request(url, {
      agent,
      method,
      headers: lines.flat(),
      path: url.pathname + url.search,
      signal: signal ? AbortSignal.any([timeout, signal]) : timeout,
    } as https.RequestOptions)
    sent.on('error', (error) => reject(timeout.aborted ? new Error('no answer in ten seconds') : error))
    sent.on('response', (incoming) => {
      const travelSeconds = (performance.now() - began) / 2000
      readBody(incoming).then(
        (text) => resolve({ status: incoming.statusCode ?? 0, headers: headersOf(incoming), body: text, travelSeconds }),
        reject,
      )
    })
    sent.end(body)
  })
}

async function readBody(incoming: http.IncomingMessage): Promise<string> {
  const parts: Buffer[] = []
  let size = 0
  for await (const part of incoming as AsyncIterable<Buffer>) {
    parts.push(part)
    size += part.length
    if (size > mostBytes) break
  }
  return Buffer.concat(parts).toString('utf8').slice(0, mostBytes)
}

function headersOf({ headersDistinct }: http.IncomingMessage): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(Object.entries(headersDistinct).map(([name, values]) => [name, values ?? []]))
}

/** All values of a list header, in lower case. */
export function listed(reply: Reply, name: string): readonly string[] {
  return (reply.headers[name] ?? []).flatMap((value) => value.split(',')).map((value) => value.trim().toLowerCase())
}
