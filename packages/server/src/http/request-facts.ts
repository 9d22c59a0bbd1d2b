// One exchange in the words of the guard.
import type { ConnectionFacts, RequestFacts } from '@kimei/guard'
import type { Exchange } from '../context.ts'
import { allHeaderLines } from './header-lines.ts'

/** The request as it arrived; embedders that know no raw lines give joined ones. */
export function factsOf(exchange: Exchange): RequestFacts {
  const { request, connection, requestId, path, query } = exchange
  const { encrypted, peerCertificate, peerChain, door } = connection
  // Who speaks for callers is judged by the connection itself.
  const remoteAddress = connection.peerAddress ?? connection.remoteAddress
  const facts: ConnectionFacts = {
    ...(remoteAddress && { remoteAddress }),
    encrypted,
    ...(peerCertificate && { peerCertificate, ...(peerChain && { peerChain }) }),
    ...(door === 'unix-socket' && { unixSocket: true }),
  }
  return {
    method: request.method,
    target: connection.target ?? (query === '' ? path : `${path}?${query}`),
    headers: allHeaderLines(exchange),
    connection: facts,
    requestId,
  }
}
