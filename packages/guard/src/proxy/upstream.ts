// One exchange with the API behind: streams both ways, bounds time and size, and tells a client nothing about the inside.
import {
  type ClientRequest,
  type Agent as HttpAgent,
  request as httpRequest,
  type IncomingMessage,
  type RequestOptions,
  type ServerResponse,
} from 'node:http'
import { type Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import { sendAnswer } from '../adapters/answer-node.ts'
import type { GuardAnswer } from '../contract.ts'
import { responseHeaders } from './forward-headers.ts'
import type { BodyFraming } from './framing.ts'
import type { ProxyConfig } from './proxy-config.ts'

export interface Upstream {
  readonly origin: URL
  readonly agent: HttpAgent | HttpsAgent
  readonly limits: ProxyConfig['limits']
}

export interface Passage {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  /** Path and query, byte for byte as judged. */
  readonly target: string
  readonly headers: readonly string[]
  readonly body: BodyFraming
  /** From the guard, for the client. */
  readonly added: GuardAnswer['headers']
}

type Failure = 'bad_gateway' | 'gateway_timeout' | 'too_large'

const answers: Record<Failure, GuardAnswer> = {
  bad_gateway: { status: 502, headers: [['Cache-Control', 'no-store']], body: '' },
  gateway_timeout: { status: 504, headers: [['Cache-Control', 'no-store']], body: '' },
  too_large: { status: 413, headers: [['Cache-Control', 'no-store']], body: '' },
}
export const badGateway = answers.bad_gateway

export function optionsFor(upstream: Upstream, method: string | undefined, target: string, headers: readonly string[]): RequestOptions {
  const { origin, agent } = upstream
  return {
    hostname: origin.hostname.replace(/^\[|\]$/g, ''),
    port: origin.port || (origin.protocol === 'https:' ? 443 : 80),
    method: method ?? 'GET',
    path: target,
    headers: [...headers],
    setHost: false,
    agent,
  }
}

export function open(upstream: Upstream, options: RequestOptions): ClientRequest {
  return upstream.origin.protocol === 'https:' ? httpsRequest(options) : httpRequest(options)
}

/** Resolves when the exchange is over, however it ended. */
export function forward(upstream: Upstream, passage: Passage): Promise<void> {
  const first = new Exchange(upstream, passage)
  return first.run()
}

class Exchange {
  #upstream: Upstream
  #passage: Passage
  #outgoing: ClientRequest
  #timer: NodeJS.Timeout | undefined
  #over: () => void = () => undefined
  #ended = false

  constructor(upstream: Upstream, passage: Passage) {
    this.#upstream = upstream
    this.#passage = passage
    this.#outgoing = this.#open()
  }

  run(): Promise<void> {
    return new Promise((resolve) => {
      this.#over = resolve
      const { request, response } = this.#passage
      // A client that goes away takes the exchange with it: nothing half-sent reaches the API as if it were whole.
      response.once('close', () => this.#end())
      request.once('error', () => this.#end())
      this.#sendBody()
    })
  }

  #open(): ClientRequest {
    const { request, target, headers } = this.#passage
    const outgoing = open(this.#upstream, optionsFor(this.#upstream, request.method, target, headers))
    outgoing.once('response', (answer) => this.#receive(answer))
    outgoing.once('upgrade', (_answer, socket) => {
      socket.destroy()
      this.#fail('bad_gateway')
    })
    outgoing.on('error', (error: NodeJS.ErrnoException) => this.#onError(outgoing, error))
    return outgoing
  }

  /** A kept-alive connection that the API closed at the same moment: safe requests without a body are sent once more. */
  #onError(outgoing: ClientRequest, error: NodeJS.ErrnoException): void {
    if (outgoing !== this.#outgoing || this.#ended) return
    const { request, body } = this.#passage
    const safe = request.method === 'GET' || request.method === 'HEAD'
    if (safe && body.kind === 'none' && outgoing.reusedSocket && error.code === 'ECONNRESET') {
      this.#outgoing = this.#open()
      this.#outgoing.end()
      return
    }
    this.#fail('bad_gateway')
  }

  #sendBody(): void {
    const { request, body } = this.#passage
    if (body.kind === 'none') {
      this.#arm(this.#upstream.limits.responseSeconds)
      this.#outgoing.end()
      return
    }
    const { bodyBytes, idleSeconds, responseSeconds } = this.#upstream.limits
    let seen = 0
    this.#arm(idleSeconds)
    request.on('data', (chunk: Buffer) => {
      seen += chunk.length
      this.#arm(idleSeconds)
      if (bodyBytes !== 'unlimited' && seen > bodyBytes) this.#fail('too_large')
    })
    request.once('end', () => {
      if (!this.#passage.response.headersSent) this.#arm(responseSeconds)
    })
    request.pipe(this.#outgoing)
  }

  #receive(answer: IncomingMessage): void {
    const { response, added } = this.#passage
    if (this.#ended || response.headersSent) {
      answer.destroy()
      return
    }
    const headers = responseHeaders(answer.rawHeaders, added)
    try {
      response.writeHead(answer.statusCode ?? 502, headers)
    } catch {
      // A header that we must not send on, such as one with control characters.
      answer.destroy()
      this.#fail('bad_gateway')
      return
    }
    response.flushHeaders()
    this.#arm(this.#upstream.limits.idleSeconds)
    answer.on('data', () => this.#arm(this.#upstream.limits.idleSeconds))
    // Cut off by the API: the client must see a broken message, not a short one.
    answer.once('error', () => this.#fail('bad_gateway'))
    answer.pipe(response)
  }

  #arm(seconds: number): void {
    clearTimeout(this.#timer)
    if (this.#ended) return
    this.#timer = setTimeout(() => this.#fail('gateway_timeout'), seconds * 1000)
  }

  #fail(failure: Failure): void {
    if (this.#ended) return
    const { request, response } = this.#passage
    if (response.headersSent) response.destroy()
    else {
      for (const name of response.getHeaderNames()) response.removeHeader(name)
      if (!request.complete) response.setHeader('Connection', 'close')
      sendAnswer(request, response, answers[failure])
    }
    this.#end()
  }

  #end(): void {
    if (this.#ended) return
    this.#ended = true
    clearTimeout(this.#timer)
    this.#passage.request.unpipe(this.#outgoing)
    this.#outgoing.destroy()
    this.#over()
  }
}
