// The API of the lab: notes behind a guard, on a server that is there already. Which routes it has is said by who starts it.
import type { RequestListener } from 'node:http'
import { createGuard, type GuardConfigInput, type GuardDeps } from '@kimei/guard'
import { guardNode } from '@kimei/guard/node'

/** Every answer bears the lab's mark, and the lab's time instead of the machine's. */
export function guardedNotes(label: string, config: GuardConfigInput, parts: GuardDeps): RequestListener {
  const guarded = guardNode(createGuard(config, parts), (request, response) => {
    response.setHeader('Content-Type', 'application/json').end(JSON.stringify({ notes: [{ id: 1, text: request.url }] }))
  })
  return (request, response) => {
    response.setHeader('Kimei-Lab', label).setHeader('Date', new Date(parts.clock() * 1000).toUTCString())
    guarded(request, response)
  }
}
