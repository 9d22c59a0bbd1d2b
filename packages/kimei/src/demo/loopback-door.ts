// Opens a port on loopback only, on both address families, plain or over TLS, for requests that ask for our own name.
// A page elsewhere whose name was bent to 127.0.0.1 asks for another name, and gets 421.
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createTlsServer, type ServerCertificate } from '@kimei/guard/listen'
import { Trouble } from '../command/command.ts'

export interface LoopbackDoor {
  readonly port: number
  /** From now on requests are answered; until then they wait. */
  open(listener: RequestListener): void
  close(): Promise<void>
}

export interface DoorOptions {
  /** `localhost` or `127.0.0.1`: with the port, the one name that requests may ask for. */
  readonly host: string
  /** 0 takes any free port. */
  readonly port: number
  /** Speaks TLS with it, and asks each client for a certificate. */
  readonly tls?: ServerCertificate
}

const bounds = { maxHeaderSize: 32_768, headersTimeout: 20_000, requestTimeout: 20_000, keepAliveTimeout: 65_000 }

/** @throws Trouble where the port is taken. */
export async function openLoopbackDoor({ host, port: wanted, tls }: DoorOptions): Promise<LoopbackDoor> {
  let answer: RequestListener | undefined
  const waiting: (() => void)[] = []
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    if (request.headers.host !== `${host}:${port}`) sayMisdirected(response, `${host}:${port}`)
    else if (answer) answer(request, response)
    else waiting.push(() => answer?.(request, response))
  }
  const first = await listenOn({ address: '127.0.0.1', port: wanted, tls }, listener)
  const { port } = first.address() as AddressInfo
  const servers = [first]
  // `localhost` may mean ::1 first. Where there is no IPv6, nobody comes that way either.
  if (host === 'localhost') {
    try {
      servers.push(await listenOn({ address: '::1', port, tls }, listener))
    } catch (error) {
      if (error instanceof Trouble) {
        await closeServer(first)
        throw error
      }
    }
  }
  return {
    port,
    open(given) {
      answer = given
      for (const go of waiting.splice(0)) go()
    },
    close: async () => void (await Promise.all(servers.map(closeServer))),
  }
}

interface Where {
  readonly address: string
  readonly port: number
  readonly tls: ServerCertificate | undefined
}

function listenOn({ address, port, tls }: Where, listener: RequestListener): Promise<Server> {
  const server = tls ? createTlsServer(tls, 'requested', bounds).server : createServer(bounds)
  server.on('request', listener)
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') reject(new Trouble(`port ${port} is taken: stop what runs there, or choose others with --port`))
      else if (error.code === 'EACCES') reject(new Trouble(`port ${port} needs more rights than yours: choose others with --port`))
      else reject(error)
    })
    server.listen(port, address, () => resolve(server))
  })
}

function sayMisdirected(response: ServerResponse, own: string): void {
  response.writeHead(421, { 'content-type': 'text/plain; charset=utf-8', connection: 'close' })
  response.end(`This is ${own}; ask for it by that name.\n`)
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}
