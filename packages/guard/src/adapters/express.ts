// The guard as Express middleware (4 or 5). Reads raw header lines and `originalUrl`, so mounted routers are judged by
// the path the client asked for.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Guard } from '../contract.ts'
import { rememberAdmission } from './admitted.ts'
import { factsOfIncoming, sendAnswer, setHeaders, withholdLines } from './answer-node.ts'
import { keepVary } from './keep-vary.ts'

export type ExpressMiddleware = (
  request: IncomingMessage & { readonly originalUrl?: string },
  response: ServerResponse,
  next: (error?: unknown) => void,
) => void

/** `app.use(guardExpress(guard))`; handlers read `admittedOf(request)`. */
export function guardExpress(guard: Guard): ExpressMiddleware {
  return (request, response, next) => {
    const facts = factsOfIncoming(request, request.originalUrl)
    const answer = guard.answer(facts)
    if (answer) return sendAnswer(request, response, answer)
    const judged = guard.verify(facts).then((verdict) => {
      if (!verdict.admitted) return sendAnswer(request, response, verdict)
      setHeaders(response, verdict.headers)
      if (verdict.certificate) keepVary(response)
      withholdLines(request, verdict.withheld)
      rememberAdmission(request, verdict)
      next()
    })
    judged.catch(next)
  }
}
