// What every contestant of the bench shares: it listens on loopback, says so, and tells its own CPU time and memory.
// What it does with a request is its own business.
import http, { type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Sent by a contestant once it listens. */
export interface Ready {
  readonly ready: true
  readonly port: number
  /** Anything the load needs to know, for instance where the token endpoint is. */
  readonly facts: Readonly<Record<string, string>>
}
/** Microseconds of CPU (user and system) and bytes of resident memory of the contestant's process. */
export interface Usage {
  readonly cpuMicros: number
  readonly rssBytes: number
}

/** Answers the parent's questions and ends when the parent goes. */
export function reportTo(parent: NodeJS.Process, port: number, facts: Record<string, string> = {}): void {
  parent.on('message', (message) => {
    if (message !== 'usage') return
    const { user, system } = process.cpuUsage()
    parent.send?.({ cpuMicros: user + system, rssBytes: process.memoryUsage.rss() } satisfies Usage)
  })
  parent.on('disconnect', () => process.exit(0))
  parent.send?.({ ready: true, port, facts } satisfies Ready)
}

/** A bare `node:http` server on a free loopback port. */
export async function listenBare(listener: RequestListener): Promise<{ server: Server; port: number }> {
  const server = http.createServer({ keepAliveTimeout: 60_000 }, listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { server, port: (server.address() as AddressInfo).port }
}
