// TLS listeners of houses: one that asks nobody for a certificate, one that asks too late, and two that know each other's sessions.
import { constants, randomBytes } from 'node:crypto'
import type { RequestListener } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { TLSSocket } from 'node:tls'
import { createTlsServer } from '@kimei/guard/listen'
import type { SealedParts } from './house.ts'

interface Pem {
  readonly cert: string
  readonly key: string
}

export interface TlsServers {
  readonly server: Server
  readonly elsewhere: Server | undefined
}

/** SSL_OP_NO_SESSION_RESUMPTION_ON_RENEGOTIATION: a second handshake that resumes the first would ask for nothing. */
const wholeSecondHandshake = 0x00010000

export function tlsServersOf(pem: Pem, { asks, elsewhere }: SealedParts): TlsServers {
  const shared = elsewhere && { ticketKeys: randomBytes(48), sessionIdContext: 'house' }
  // Whoever issued it: this place has its own reasons to look at certificates.
  const anybody = { ...pem, ca: [], requestCert: true, rejectUnauthorized: false }
  const other = shared && createServer({ ...anybody, ...shared }, (_request, response) => response.end('{}'))
  if (elsewhere === 'shared') return { server: quietly(createServer({ ...anybody, ...shared })), elsewhere: other }
  if (asks !== 'later') return { server: createTlsServer(pem, asks ?? 'requested', {}).server, elsewhere: other }
  // TLS 1.3 knows no second handshake, and this one begins one.
  const late = { ...pem, ca: [], maxVersion: 'TLSv1.2' as const, requestCert: false, rejectUnauthorized: false }
  return {
    server: quietly(createServer({ ...late, secureOptions: wholeSecondHandshake | constants.SSL_OP_NO_COMPRESSION })),
    elsewhere: other,
  }
}

/** Handshakes that fail are the stranger's affair. */
function quietly(server: Server): Server {
  return server.on('tlsClientError', () => undefined)
}

/** Asks for a certificate once it knows which path is wanted, as servers did before TLS 1.3. */
export function asksLater(behind: RequestListener): RequestListener {
  return (request, response) => {
    const socket = request.socket as TLSSocket
    if (socket.getPeerX509Certificate() !== undefined) return behind(request, response)
    socket.renegotiate({ requestCert: true, rejectUnauthorized: false }, (error) => {
      if (error) socket.destroy()
      else behind(request, response)
    })
  }
}
