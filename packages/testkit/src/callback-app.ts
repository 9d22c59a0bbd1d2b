// A client's web server on loopback that only receives: pages to land on, and one that sends the browser on to an app's own scheme.
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface CallbackApp {
  readonly port: number
  /** Paths with query that were asked for, in order. */
  readonly seen: string[]
  close(): Promise<void>
}

/** Where `/onward` sends the browser. */
export const appScheme = 'com.example.ledger:/signed-in'

export async function startCallbackApp(): Promise<CallbackApp> {
  const seen: string[] = []
  const server = createServer((request: IncomingMessage, response) => {
    const target = request.url ?? '/'
    seen.push(target)
    if (target.startsWith('/onward')) {
      response.writeHead(302, { location: `${appScheme}${target.slice('/onward'.length)}` }).end()
      return
    }
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' })
    response.end('<!doctype html><html lang="en"><title>client</title><link rel="icon" href="data:,"><p id="landed">landed</p></html>')
  })
  // Both families: `localhost` may be either.
  await new Promise<void>((resolve) => server.listen(0, '::', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    seen,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}
