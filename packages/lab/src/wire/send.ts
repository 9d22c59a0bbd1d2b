// One request over the wire as it is written, and its whole answer; and the same as a `fetch` for holders.
// How an exchange may be shown stands in `show-exchange.ts`.
import { request as overHttp, type RequestOptions } from 'node:http'
import { request as overTls } from 'node:https'
import type { Fetch } from '@kimei/client'

export type HeaderLines = readonly (readonly [name: string, value: string])[]

export interface WireRequest {
  readonly method: string
  readonly url: string
  readonly headers: HeaderLines
  readonly body?: string
}

export interface WireAnswer {
  readonly status: number
  readonly headers: HeaderLines
  readonly body: string
}

export interface WireIdentity {
  /** PEM of what servers are checked with. */
  readonly ca?: string
  /** Shown where a server asks. */
  readonly certificate?: { readonly cert: string; readonly key: string }
}

export type Send = (request: WireRequest) => Promise<WireAnswer>

const patience = 10_000

/** Each request on a connection of its own, so that no certificate outlives its request. */
export function sender(identity: WireIdentity = {}): Send {
  return ({ method, url, headers, body }) =>
    new Promise((resolve, reject) => {
      const options: RequestOptions = {
        agent: false,
        method,
        headers: grouped([...headers, ...(body === undefined ? [] : [['Content-Length', String(Buffer.byteLength(body))] as const])]),
        timeout: patience,
      }
      const secured = { ...options, ...(identity.ca !== undefined && { ca: identity.ca }), ...identity.certificate }
      const asked = url.startsWith('https:') ? overTls(url, secured) : overHttp(url, options)
      asked.on('response', (response) => {
        const parts: Buffer[] = []
        response.on('data', (part: Buffer) => parts.push(part))
        response.on('error', reject)
        response.on('end', () => {
          const raw = response.rawHeaders
          const lines: [string, string][] = []
          for (let at = 0; at + 1 < raw.length; at += 2) lines.push([raw[at]!, raw[at + 1]!])
          resolve({ status: response.statusCode ?? 0, headers: lines, body: Buffer.concat(parts).toString() })
        })
      })
      asked.on('timeout', () => asked.destroy(new Error('no answer in time')))
      asked.on('error', reject)
      asked.end(body)
    })
}

function grouped(lines: HeaderLines): Record<string, string[]> {
  const groups: Record<string, string[]> = {}
  for (const [name, value] of lines) groups[name] = [...(groups[name] ?? []), value]
  return groups
}

/** For holders, which speak `fetch`. */
export function fetchOver(send: Send): Fetch {
  return async (input, init) => {
    const request = new Request(input, init)
    const body = await request.text()
    const {
      status,
      headers,
      body: text,
    } = await send({
      method: request.method,
      url: request.url,
      headers: [...request.headers],
      ...(body !== '' && { body }),
    })
    const answer = new Headers()
    for (const [name, value] of headers) answer.append(name, value)
    return new Response([204, 205, 304].includes(status) ? null : text, { status, headers: answer })
  }
}

/** The first line of that name. */
export function headerOf({ headers }: { readonly headers: HeaderLines }, name: string): string | undefined {
  return headers.find(([one]) => one.toLowerCase() === name)?.[1]
}
