// The guard as Hono middleware. On @hono/node-server it reads the raw header lines and the raw target beneath Hono.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Guard, GuardAnswer } from '../contract.ts'
import { rememberAdmission } from './admitted.ts'
import { factsOfIncoming, withholdLines } from './answer-node.ts'
import { answerResponse, type Beside, factsOfRequest, withHeaders, withoutHeaders } from './fetch.ts'

/** As much of Hono's context as is used: the middleware needs no Hono types of its own. */
interface HonoContextLike {
  readonly req: { raw: Request }
  readonly env: unknown
  res: Response
}

/** What @hono/node-server puts into `env`. */
interface NodeBindings {
  readonly incoming?: IncomingMessage
  readonly outgoing?: ServerResponse
}

export interface HonoGuardOptions {
  /** What a runtime other than @hono/node-server knows of the connection. */
  readonly beside?: (context: HonoContextLike) => Beside
}

/** `app.use(guardHono(guard))`; handlers read `admittedOf(c.req.raw)`. */
export function guardHono(guard: Guard, options: HonoGuardOptions = {}) {
  return async (context: HonoContextLike, next: () => Promise<void>): Promise<Response | undefined> => {
    const request = context.req.raw
    const { incoming, outgoing } = (context.env ?? {}) as NodeBindings
    const facts = incoming?.rawHeaders ? factsOfIncoming(incoming) : factsOfRequest(request, options.beside?.(context))
    const send = (answer: GuardAnswer) => (outgoing ? sendBeneath(request, outgoing, answer) : answerResponse(request, answer))
    const answer = guard.answer(facts)
    if (answer) return send(answer)
    const verdict = await guard.verify(facts)
    if (!verdict.admitted) return send(verdict)
    if (verdict.withheld) {
      if (incoming) withholdLines(incoming, verdict.withheld)
      context.req.raw = withoutHeaders(request, verdict.withheld)
    }
    rememberAdmission(context.req.raw, verdict)
    await next()
    // Assigning copies the whole response: only where there is something to add.
    if (verdict.headers.length > 0) {
      const whole = withHeaders(context.res, verdict.headers)
      // Over one that is there Hono lays the headers of the old, lists like Vary included.
      context.res = undefined as unknown as Response
      context.res = whole
    }
    return undefined
  }
}

/** A `Response` joins two challenges into one line, which many clients cannot read: set beneath, they stay two. */
function sendBeneath(request: Request, outgoing: ServerResponse, answer: GuardAnswer): Response {
  const isChallenge = ([name]: readonly [string, string]) => name === 'WWW-Authenticate'
  for (const [name, value] of answer.headers.filter(isChallenge)) outgoing.appendHeader(name, value)
  return answerResponse(request, { ...answer, headers: answer.headers.filter((header) => !isChallenge(header)) })
}
