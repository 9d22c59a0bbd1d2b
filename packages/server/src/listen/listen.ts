// Serves one fetch-style app on a TCP port: raw header lines and connection facts beside the request, bounds in front of it.
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { getRequestListener } from '@hono/node-server'
import type { Connection } from '../context.ts'

/** Anything that answers a web-standard request: the issuer, or a demo app. */
export interface FetchApp {
  fetch(request: Request, connection?: Connection): Response | Promise<Response>
}
export interface ListenOptions {
  readonly host: string
  /** 0 takes any free port. */
  readonly port: number
  /** All header lines together; more is 431. */
  readonly headerBytes?: number
  /** A request must have arrived by then; 408. */
  readonly requestSeconds?: number
}
export interface Listening {
  readonly url: string
  readonly port: number
  /** Stops accepting, waits for what is being answered. */
  close(): Promise<void>
}

const headerBytes = 32_768
const requestSeconds = 20

/** For a server of one's own: the app with raw header lines and connection facts beside each request. */
export function nodeListener(app: FetchApp): RequestListener {
  const listener = getRequestListener((request, { incoming }) => app.fetch(request, connectionOf(incoming as IncomingMessage)))
  return (incoming, outgoing) => void listener(incoming, outgoing)
}

export async function listen(app: FetchApp, options: ListenOptions): Promise<Listening> {
  const server = createServer({
    maxHeaderSize: options.headerBytes ?? headerBytes,
    requestTimeout: (options.requestSeconds ?? requestSeconds) * 1000,
    headersTimeout: (options.requestSeconds ?? requestSeconds) * 1000,
    connectionsCheckingInterval: 5000,
    keepAliveTimeout: 65_000,
  })
  server.on('request', nodeListener(app))
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port, options.host, () => {
      server.off('error', reject)
      resolve()
    })
  })
  const { port } = server.address() as AddressInfo
  const host = options.host.includes(':') ? `[${options.host}]` : options.host
  return { url: `http://${host}:${port}`, port, close: () => closeServer(server) }
}

/** Idle connections go at once, busy ones get their answer. */
function closeServer(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.close((error) => (error ? reject(error) : resolve()))
    server.closeIdleConnections()
  })
}

function connectionOf(incoming: IncomingMessage): Connection {
  const { socket } = incoming
  const { remoteAddress } = socket
  const tls = 'encrypted' in socket ? (socket as TLSSocket) : undefined
  if (!tls) return { encrypted: false, rawHeaders: incoming.rawHeaders, ...(remoteAddress && { remoteAddress }), ...targetOf(incoming) }
  const certificate = tls.authorized ? tls.getPeerX509Certificate()?.raw : undefined
  return {
    encrypted: true,
    rawHeaders: incoming.rawHeaders,
    ...(remoteAddress && { remoteAddress }),
    ...(certificate && { peerCertificate: certificate }),
    ...targetOf(incoming),
  }
}

function targetOf({ url }: IncomingMessage): Pick<Connection, 'target'> {
  return url === undefined ? {} : { target: url }
}
