// Servers for tests of handshakes, on loopback: every mode of asking for a client certificate, and the hostile ones.
import { createServer as createHttp, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createHttps } from 'node:https'
import { type AddressInfo, createServer as createTcp, type Server, type Socket } from 'node:net'
import { createSecureContext, TLSSocket, type TlsOptions } from 'node:tls'
import { selfSigned } from 'testkit'

export const serving = selfSigned('server')
/** Who certifies the clients of these servers; it certifies itself alone. */
export const clientAuthority = selfSigned('client authority')

export interface TlsStand {
  readonly url: string
  readonly port: number
  readonly connections: () => number
  close(): Promise<void>
}

export function stand(server: Server, path = '/notes'): Promise<TlsStand> {
  const sockets = new Set<Socket>()
  let count = 0
  server.on('connection', (socket: Socket) => {
    count += 1
    sockets.add(socket)
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket))
  })
  return new Promise((ready) => {
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      ready({
        url: `https://127.0.0.1:${port}${path}`,
        port,
        connections: () => count,
        close: () =>
          new Promise((closed) => {
            server.close(() => closed())
            for (const socket of sockets) socket.destroy()
          }),
      })
    })
  })
}

export type Answering = (request: IncomingMessage, response: ServerResponse) => void

const notes: Answering = (_request, response) => response.setHeader('content-type', 'application/json').end('{"notes":[]}')

export type Asking = 'none' | 'optional' | 'required'

/** An ordinary HTTPS server that asks as it is told. */
export function asking(mode: Asking, options: TlsOptions = {}, answer: Answering = notes): Promise<TlsStand> {
  const server = createHttps(
    {
      cert: serving.cert,
      key: serving.key,
      ca: [clientAuthority.cert],
      requestCert: mode !== 'none',
      rejectUnauthorized: mode === 'required',
      ...options,
    },
    answer,
  )
  server.on('tlsClientError', () => undefined)
  return stand(server)
}

/** As nginx does it: the handshake is whole, and HTTP says that a certificate is missing. */
export function requiringInHttp(options: TlsOptions = {}, words = 'No required SSL certificate was sent'): Promise<TlsStand> {
  return asking('optional', options, (request, response) => {
    const { authorized } = request.socket as TLSSocket
    if (authorized) return void notes(request, response)
    response.writeHead(400, { 'content-type': 'text/html' }).end(`<html><body><center>${words}</center></body></html>`)
  })
}

/** An HTTPS server whose handshake is cut into records of so many bytes at most. */
export function fragmenting(bytes: number, options: TlsOptions): Promise<TlsStand> {
  const http = createHttp(notes)
  const secureContext = createSecureContext({ cert: serving.cert, key: serving.key, ...options })
  return stand(
    createTcp((socket) => {
      const secured = new TLSSocket(socket, { isServer: true, requestCert: true, rejectUnauthorized: false, secureContext })
      secured.setMaxSendFragment(bytes)
      secured.on('error', () => undefined)
      http.emit('connection', secured)
    }),
  )
}

/** Whatever it is given, it answers with these bytes. */
export function shouting(say: (socket: Socket) => void): Promise<TlsStand> {
  return stand(createTcp((socket) => socket.once('data', () => say(socket))))
}
