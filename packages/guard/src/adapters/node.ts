// The guard in front of a bare node:http (or https) request listener.
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { Guard } from '../contract.ts'
import type { Admitted } from '../facts.ts'
import { rememberAdmission } from './admitted.ts'
import { factsOfIncoming, sendAnswer, setHeaders, withholdLines } from './answer-node.ts'
import { keepVary } from './keep-vary.ts'

export type GuardedListener = (request: IncomingMessage, response: ServerResponse, admitted: Admitted) => void | Promise<void>

/** `createServer(guardNode(guard, (request, response, admitted) => …))` */
export function guardNode(guard: Guard, listener: GuardedListener): RequestListener {
  return (request, response) => {
    const facts = factsOfIncoming(request)
    const answer = guard.answer(facts)
    if (answer) return sendAnswer(request, response, answer)
    const judged = guard.verify(facts).then((verdict) => {
      if (!verdict.admitted) return sendAnswer(request, response, verdict)
      setHeaders(response, verdict.headers)
      if (verdict.certificate) keepVary(response)
      withholdLines(request, verdict.withheld)
      rememberAdmission(request, verdict)
      return listener(request, response, verdict)
    })
    judged.catch(() => failClosed(response))
  }
}

/** The application failed: nothing of its failure shows, and the connection does not hang. */
function failClosed(response: ServerResponse): void {
  if (response.headersSent) response.destroy()
  else response.writeHead(500).end()
}
