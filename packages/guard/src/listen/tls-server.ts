// A TLS server for one listener of ours: its options, what clients showed, another server certificate while it runs.
import { randomBytes } from 'node:crypto'
import type { ServerOptions } from 'node:http'
import { createServer, type Server } from 'node:https'
import { createSecureContext } from 'node:tls'
import { Misuse } from '@kimei/protocol'
import { makeChainMemory } from './chain-memory.ts'
import { noteCertificates } from './peer-certificates.ts'
import { type ClientCertificates, type ServerCertificate, tlsOptions } from './tls-options.ts'

export interface TlsServer {
  /** Handshakes that fail are the stranger's affair: it closes them, and writes nothing down. */
  readonly server: Server
  /** Handshakes from now on see this one; connections that stand, and their sessions, go on. Throws Misuse, and keeps the old. */
  reload(certificate: ServerCertificate): void
}

/** @throws Misuse where certificate and key cannot serve. */
export function createTlsServer(certificate: ServerCertificate, clientCertificates: ClientCertificates, bounds: ServerOptions): TlsServer {
  checkServerCertificate(certificate)
  const sessionContext = randomBytes(16).toString('hex')
  const optionsFor = (one: ServerCertificate) => tlsOptions(one, clientCertificates, sessionContext)
  const server = createServer({ ...bounds, ...optionsFor(certificate) })
  const memory = makeChainMemory(() => server.setTicketKeys(randomBytes(48)))
  if (clientCertificates === 'requested') server.prependListener('secureConnection', (socket) => noteCertificates(socket, memory))
  return {
    server,
    reload(next) {
      checkServerCertificate(next)
      server.setSecureContext(optionsFor(next))
    },
  }
}

/** @throws Misuse. Says nothing of what is inside. */
export function checkServerCertificate({ cert, key }: ServerCertificate): void {
  try {
    createSecureContext({ cert, key, ca: [] })
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException
    const says = code.includes('MISMATCH')
      ? 'the key is not that of the certificate'
      : 'certificate and key are not PEM texts that can be read'
    throw new Misuse([`TLS: ${says}${code === '' ? '' : ` (${code})`}`])
  }
}
