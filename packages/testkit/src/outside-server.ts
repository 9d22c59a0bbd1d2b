// A server on loopback that stands for somebody else's: what the issuer fetches from. It counts what it is asked.
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo, Server } from 'node:net'
import type { TestCertificate } from './certificates.ts'

export interface OutsideServer {
  readonly port: number
  /** `http://127.0.0.1:…`: what goes into `outbound.allow`. */
  readonly origin: string
  /** Paths it was asked for, oldest first. */
  readonly asked: string[]
  /** Headers of the last request. */
  readonly lastHeaders: () => IncomingMessage['headers']
  close(): Promise<void>
}

/** Speaks TLS where a certificate is given. */
export async function startOutside(answer: RequestListener, certificate?: TestCertificate): Promise<OutsideServer> {
  const asked: string[] = []
  let last: IncomingMessage['headers'] = {}
  const listener = (request: IncomingMessage, response: ServerResponse) => {
    asked.push(request.url ?? '')
    last = request.headers
    answer(request, response as Parameters<RequestListener>[1])
  }
  const server = certificate ? createTlsServer({ key: certificate.key, cert: certificate.cert }, listener) : createServer(listener)
  const port = await listenOn(server)
  return {
    port,
    origin: `http${certificate ? 's' : ''}://127.0.0.1:${port}`,
    asked,
    lastHeaders: () => last,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** Listens on a free port of loopback. */
export function listenOn(server: Server): Promise<number> {
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)))
}

/** Answers JSON, with more headers where some are given. */
export function sendJson(response: ServerResponse, value: unknown, headers: Record<string, string> = {}): void {
  response.writeHead(200, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value))
}
