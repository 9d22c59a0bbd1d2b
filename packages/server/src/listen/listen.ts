// Serves one fetch-style app on a TCP port or a Unix socket, plain or over TLS: raw header lines and connection facts beside
// the request, bounds in front of it.
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { type ClientCertificates, createTlsServer, openUnixSocket, peerCertificates, type ServerCertificate } from '@kimei/guard/listen'
import type { Connection } from '../context.ts'

/** Anything that answers a web-standard request: the issuer, or a demo app. */
export interface FetchApp {
  fetch(request: Request, connection?: Connection): Response | Promise<Response>
}
interface Bounds {
  /** All header lines together; more is 431. */
  readonly headerBytes?: number
  /** A request must have arrived by then; 408. */
  readonly requestSeconds?: number
}
export interface ListenOptions extends Bounds {
  readonly host: string
  /** 0 takes any free port. */
  readonly port: number
  /** PEM texts. Absent: plain HTTP. */
  readonly tls?: ServerCertificate
  /** `requested`: this is the door for clients with certificates (RFC 8705 §5). Only over TLS. Default `never`. */
  readonly clientCertificates?: ClientCertificates
}
export interface ListenSocketOptions extends Bounds {
  /** Path of the Unix socket: who may open it decides who may ask. */
  readonly path: string
  /** 0o600: our own account alone; 0o660: its group, too. */
  readonly mode: number
}
export interface Listening {
  readonly url: string
  readonly port: number
  /** Another certificate of the server, for handshakes from now on. Throws Misuse, and keeps the old. */
  reload(certificate: ServerCertificate): void
  /** Stops accepting, waits for what is being answered. */
  close(): Promise<void>
}

const headerBytes = 32_768
const requestSeconds = 20

/** For a server of one's own: the app with raw header lines and connection facts beside each request. */
export function nodeListener(app: FetchApp, door?: Connection['door']): RequestListener {
  const extra = door && { door }
  const listener = getRequestListener((request, { incoming }) => app.fetch(request, connectionOf(incoming as IncomingMessage, extra)))
  return (incoming, outgoing) => void listener(incoming, outgoing)
}

/** @throws Misuse where certificate and key cannot serve. */
export async function listen(app: FetchApp, options: ListenOptions): Promise<Listening> {
  const { tls, clientCertificates = 'never' } = options
  const secured = tls && createTlsServer(tls, clientCertificates, boundsOf(options))
  const server: Server = secured?.server ?? createServer(boundsOf(options))
  server.on('request', nodeListener(app, secured && clientCertificates === 'requested' ? 'mtls' : undefined))
  await open(server, { port: options.port, host: options.host })
  const { port } = server.address() as AddressInfo
  const host = options.host.includes(':') ? `[${options.host}]` : options.host
  return {
    url: `${secured ? 'https' : 'http'}://${host}:${port}`,
    port,
    reload: (certificate) => secured?.reload(certificate),
    close: () => closeServer(server),
  }
}

/** For a terminator on this machine. Takes the place of a socket that nobody listens on any more. */
export async function listenSocket(app: FetchApp, options: ListenSocketOptions): Promise<Omit<Listening, 'port' | 'reload'>> {
  const server = createServer(boundsOf(options))
  server.on('request', nodeListener(app, 'unix-socket'))
  await openUnixSocket(server, options)
  return { url: `unix:${options.path}`, close: () => closeServer(server) }
}

function boundsOf(options: Bounds) {
  const requestMs = (options.requestSeconds ?? requestSeconds) * 1000
  return {
    maxHeaderSize: options.headerBytes ?? headerBytes,
    requestTimeout: requestMs,
    headersTimeout: requestMs,
    connectionsCheckingInterval: 5000,
    keepAliveTimeout: 65_000,
  }
}

function open(server: Server, where: { readonly port: number; readonly host: string }): Promise<void> {
  return new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(where, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

/** Idle connections go at once, busy ones get their answer. */
function closeServer(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.close((error) => (error ? reject(error) : resolve()))
    server.closeIdleConnections()
  })
}

function connectionOf(incoming: IncomingMessage, extra: Pick<Connection, 'door'> | undefined): Connection {
  const { socket, url, rawHeaders } = incoming
  const { remoteAddress } = socket
  const encrypted = 'encrypted' in socket
  return {
    encrypted,
    rawHeaders,
    ...(remoteAddress && { remoteAddress }),
    ...(encrypted && peerCertificates(socket)),
    ...(url !== undefined && { target: url }),
    ...extra,
  }
}
