// Starts a guarded reverse proxy on a port, with the bounds that a public listener needs.
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createTlsServer, openUnixSocket, type ServerCertificate, type UnixSocket } from '../listen/index.ts'
import type { GuardProxy } from './proxy.ts'

export interface ListenOptions {
  readonly host: string
  readonly port: number
  /** PEM texts. */
  readonly tls?: ServerCertificate & { readonly clientCertificates: 'off' | 'requested' }
  /** Instead of host and port, for a terminator on this machine. */
  readonly socket?: UnixSocket
}

export interface Listening {
  readonly url: string
  /** 0 on a Unix socket. */
  readonly port: number
  /** Another certificate of the server, for handshakes from now on. Throws Misuse, and keeps the old. */
  reload(certificate: ServerCertificate): void
  close(): Promise<void>
}

export async function listenProxy(proxy: GuardProxy, options: ListenOptions): Promise<Listening> {
  const bounds = {
    maxHeaderSize: proxy.config.limits.headerBytes,
    headersTimeout: 20_000,
    requestTimeout: 300_000,
    keepAliveTimeout: 5_000,
    insecureHTTPParser: false,
    requireHostHeader: true,
  }
  const { tls } = options
  // Asked for, never judged: a bound token names the certificate itself (RFC 8705 §6.2).
  const secured = tls && createTlsServer(tls, tls.clientCertificates === 'off' ? 'never' : 'requested', bounds)
  const server: Server = secured?.server ?? createServer(bounds)
  server.on('request', proxy.request)
  server.on('upgrade', proxy.upgrade)
  if (options.socket) await openUnixSocket(server, options.socket)
  else await openPort(server, options)
  return {
    ...whereOf(server, options),
    reload: (certificate) => secured?.reload(certificate),
    close: async () => {
      proxy.close()
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeAllConnections()
      await closed
    },
  }
}

function openPort(server: Server, { port, host }: ListenOptions): Promise<void> {
  return new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
}

function whereOf(server: Server, { tls, host, socket }: ListenOptions): Pick<Listening, 'url' | 'port'> {
  if (socket) return { url: `unix:${socket.path}`, port: 0 }
  const { port } = server.address() as AddressInfo
  return { url: `${tls ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${port}`, port }
}
