// Starts a guarded reverse proxy on a port, with the bounds that a public listener needs.
import { createServer, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { GuardProxy } from './proxy.ts'

export interface ListenOptions {
  readonly host: string
  readonly port: number
  /** PEM texts. */
  readonly tls?: { readonly cert: string; readonly key: string; readonly clientCertificates: 'off' | 'requested' }
}

export interface Listening {
  readonly url: string
  readonly port: number
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
  const server: Server = tls
    ? createTlsServer({
        ...bounds,
        cert: tls.cert,
        key: tls.key,
        // Asked for, never judged: a bound token names the certificate itself (RFC 8705 §6.2).
        requestCert: tls.clientCertificates === 'requested',
        rejectUnauthorized: false,
        minVersion: 'TLSv1.2',
      })
    : createServer(bounds)
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
    close: async () => {
      proxy.close()
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeAllConnections()
      await closed
    },
  }
}
