// Shared by the adapters that stand on node:http: facts out of an IncomingMessage, and an answer into a ServerResponse.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Server, Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import type { GuardAnswer } from '../contract.ts'
import type { ConnectionFacts, RequestFacts } from '../facts.ts'
import { peerCertificates } from '../listen/peer-certificates.ts'
import { isList } from './list-headers.ts'

/** `target`: where a framework keeps the target as it arrived, when it rewrites `url` for sub-applications. */
export function factsOfIncoming(request: IncomingMessage, target = request.url ?? ''): RequestFacts {
  const raw = request.rawHeaders
  const headers: [string, string][] = []
  for (let at = 0; at + 1 < raw.length; at += 2) headers.push([raw[at]!, raw[at + 1]!])
  return { method: request.method ?? '', target, headers, connection: connectionOf(request.socket as TLSSocket) }
}

function connectionOf(socket: TLSSocket): ConnectionFacts {
  const { remoteAddress } = socket
  // The chain is not judged here (RFC 8705 §6.2).
  const facts = { encrypted: socket.encrypted === true, ...peerCertificates(socket) }
  if (remoteAddress !== undefined) return { remoteAddress, ...facts }
  return isOnUnixSocket(socket) ? { ...facts, unixSocket: true } : facts
}

/** The server of a Unix socket has a path where others have an address. */
function isOnUnixSocket(socket: Socket): boolean {
  const { server } = socket as Socket & { readonly server?: Server }
  return typeof server?.address?.() === 'string'
}

/** Takes away what the application must not see: neither the raw lines nor what Node makes of them keep it. */
export function withholdLines(request: IncomingMessage, names: readonly string[] | undefined): void {
  if (names === undefined) return
  // Node makes these two out of the raw lines, when they are first looked at: before any line is gone.
  // Those of HTTP/2 have no distinct ones.
  const { headers, headersDistinct = {}, rawHeaders } = request
  for (const name of names) {
    delete headers[name]
    delete headersDistinct[name]
  }
  for (let at = rawHeaders.length - 2; at >= 0; at -= 2) if (names.includes(rawHeaders[at]!.toLowerCase())) rawHeaders.splice(at, 2)
}

/** Headers that the guard wants on the response. Lists join what is there, one line each; the rest replaces it. */
export function setHeaders(response: ServerResponse, headers: GuardAnswer['headers']): void {
  for (const [name, value] of headers) {
    if (isList(name)) response.appendHeader(name, value)
    else response.setHeader(name, value)
  }
}

export function sendAnswer(request: IncomingMessage, response: ServerResponse, answer: GuardAnswer): void {
  response.statusCode = answer.status
  setHeaders(response, answer.headers)
  if (answer.status !== 204) response.setHeader('Content-Length', Buffer.byteLength(answer.body))
  response.end(request.method === 'HEAD' ? undefined : answer.body)
}
