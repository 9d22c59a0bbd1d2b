// Starts a guarded reverse proxy on a port, with the bounds that a public listener needs.
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createTlsServer, type ServerCertificate } from '../listen/index.ts'
import type { GuardProxy } from './proxy.ts'

export interface ListenOptions {
  readonly host: string
  readonly port: number
  /** PEM texts. */
  readonly tls?: ServerCertificate & { readonly clientCertificates: 'off' | 'requested' }
}

export interface Listening {
  readonly url: string
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
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port, options.host, resolve)
  })
  const { port } = server.address() as AddressInfo
  const host = options.host.includes(':') ? `[${options.host}]` : options.host
  return {
    url: `${tls ? 'https' : 'http'}://${host}:${port}`,
    port,
    reload: (certificate) => secured?.reload(certificate),
    close: async () => {
      proxy.close()
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeAllConnections()
      await closed
    },
  }
}
