// The APIs of the switched lab on their ports: each with its guard and what stands before it, and the doors behind gateways.
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createTlsServer } from '@kimei/guard/listen'
import { Misuse } from '@kimei/protocol'
import { answerMissing, type DoorParts, missingAt, pathIs } from './api-doors.ts'
import { openFront, openInside } from './fronts.ts'
import type { ApiPlace } from './switched-inventory.ts'
import type { ApiSwitches, SwitchedWorld } from './switches.ts'

export const loopback = '127.0.0.1'

export interface OpenServer {
  readonly server: Server
  readonly url: string
  close(): Promise<void>
}

/** A server on any free port of the loopback address, over TLS where a certificate is given. Nobody answers there yet. */
export async function openServer(serving?: { readonly cert: string; readonly key: string }): Promise<OpenServer> {
  const server: Server = serving ? createTlsServer({ cert: serving.cert, key: serving.key }, 'requested', {}).server : createServer()
  await new Promise<void>((ready, failed) => server.once('error', failed).listen(0, loopback, ready))
  const { address, port } = server.address() as AddressInfo
  if (address !== loopback) throw new Misuse([`a lab listens on ${loopback} alone`])
  return {
    server,
    // By name: handshakes say names alone.
    url: serving ? `https://localhost:${port}` : `http://${loopback}:${port}`,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed())
        server.closeAllConnections()
      }),
  }
}

export interface OpenApis {
  readonly places: readonly ApiPlace[]
  close(): Promise<void>
}

/** All APIs answer at the edge; those behind a gateway that ends the names have a door inside as well. */
export async function openApis(world: SwitchedWorld, edge: OpenServer, parts: DoorParts): Promise<OpenApis> {
  const places: ApiPlace[] = []
  const inner: OpenServer[] = []
  const listeners: [ApiSwitches, RequestListener][] = []
  for (const api of world.apis) {
    places.push({ id: api.id, api: api.id, url: `${edge.url}/${api.id}`, boundary: 'edge' })
    if (api.front !== 'gateway-ends') {
      listeners.push([api, openFront(api, parts)])
      continue
    }
    const inside = await openServer()
    inner.push(inside)
    inside.server.on('request', labelled(api, parts, openInside(api, parts)))
    places.push({ id: `${api.id}-inside`, api: api.id, url: `${inside.url}/${api.id}`, boundary: 'internal' })
    listeners.push([api, openFront(api, parts, inside.url)])
  }
  const dressed = listeners.map(([api, listener]) => [api, labelled(api, parts, listener)] as const)
  edge.server.on('request', (request, response) => {
    const found = dressed.find(([api]) => pathIs(request, api.id))
    if (found) found[1](request, response)
    else answerMissing(response, parts.guard.clock())
  })
  return { places, close: async () => void (await Promise.all(inner.map((one) => one.close()))) }
}

/** Every answer says that it comes from a lab, what is missing here, and what the lab's clock shows. */
function labelled(api: ApiSwitches, { without, guard }: DoorParts, listener: RequestListener): RequestListener {
  const front = api.front === 'none' ? [] : [`front:${api.front}`]
  const label = [...missingAt(api, without), ...front].join(' ') || 'none'
  return (request, response) => {
    response.setHeader('Kimei-Lab', label).setHeader('Date', new Date(guard.clock() * 1000).toUTCString())
    listener(request, response)
  }
}
