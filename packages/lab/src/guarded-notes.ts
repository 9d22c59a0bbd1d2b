// The API of the lab: notes behind a guard, on a server that is there already. Which routes it has is said by who starts it.
import { type RequestListener, type Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { createGuard, type GuardConfigInput, type GuardDeps } from '@kimei/guard'
import { guardNode } from '@kimei/guard/node'

/** A request for a WebSocket is answered as any other one: whoever is let in is switched to it. */
export function answerUpgrades(server: Server): void {
  server.on('upgrade', (request, socket: Socket) => {
    const response = new ServerResponse(request)
    response.assignSocket(socket)
    response.on('finish', () => socket.destroySoon())
    server.emit('request', request, response)
  })
}

/** Every answer bears the lab's mark, and the lab's time instead of the machine's. */
export function guardedNotes(label: string, config: GuardConfigInput, parts: GuardDeps): RequestListener {
  const guarded = guardNode(createGuard(config, parts), (request, response) => {
    if (request.headers.upgrade !== undefined) return void response.writeHead(101, { Upgrade: 'websocket', Connection: 'Upgrade' }).end()
    response.setHeader('Content-Type', 'application/json').end(JSON.stringify({ notes: [{ id: 1, text: request.url }] }))
  })
  return (request, response) => {
    response.setHeader('Kimei-Lab', label).setHeader('Date', new Date(parts.clock() * 1000).toUTCString())
    guarded(request, response)
  }
}
