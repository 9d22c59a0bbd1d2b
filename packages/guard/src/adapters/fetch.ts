// The guard in front of a web-standard `Request → Response` handler, on any runtime that has them.
import type { Guard, GuardAnswer } from '../contract.ts'
import type { Admitted, ConnectionFacts, RequestFacts } from '../facts.ts'
import { rememberAdmission } from './admitted.ts'
import { isList } from './list-headers.ts'

/** What the runtime knows beside the `Request`. Each is better than what the `Request` itself can tell. */
export interface Beside {
  readonly connection?: ConnectionFacts
  /** Header lines as they arrived. Without them repeated headers are comma-joined, and a comma counts as two. */
  readonly headerLines?: readonly (readonly [name: string, value: string])[]
  /** Request target as on the wire. Without it, that of `request.url`, which the platform has already resolved. */
  readonly target?: string
  readonly requestId?: string
}

export function factsOfRequest(request: Request, beside: Beside = {}): RequestFacts {
  return {
    method: request.method,
    target: beside.target ?? targetOf(request.url),
    headers: beside.headerLines ?? [...request.headers],
    connection: beside.connection ?? { encrypted: request.url.startsWith('https:') },
    ...(beside.requestId !== undefined && { requestId: beside.requestId }),
  }
}

/** Path and query, as the URL spells them. */
function targetOf(url: string): string {
  const path = url.indexOf('/', url.indexOf('://') + 3)
  if (path < 0) return '/'
  const fragment = url.indexOf('#', path)
  return fragment < 0 ? url.slice(path) : url.slice(path, fragment)
}

export function answerResponse(request: Request, answer: GuardAnswer): Response {
  const headers = new Headers()
  for (const [name, value] of answer.headers) headers.append(name, value)
  const empty = answer.status === 204 || request.method === 'HEAD'
  return new Response(empty ? null : answer.body, { status: answer.status, headers })
}

/** Adds the guard's headers to the application's response; a response whose headers cannot change is copied. */
export function withHeaders(response: Response, headers: GuardAnswer['headers']): Response {
  if (headers.length === 0) return response
  const copy = new Response(response.body, response)
  for (const [name, value] of headers) {
    if (isList(name)) copy.headers.append(name, value)
    else copy.headers.set(name, value)
  }
  return copy
}

/** The request as the application may see it; the very same one where nothing is withheld. */
export function withoutHeaders(request: Request, names: readonly string[] | undefined): Request {
  if (names === undefined) return request
  const headers = new Headers(request.headers)
  for (const name of names) headers.delete(name)
  return new Request(request, { headers })
}

export type GuardedHandler = (request: Request, admitted: Admitted) => Response | Promise<Response>

/** `export default { fetch: guardFetch(guard, (request, admitted) => …) }` */
export function guardFetch(guard: Guard, handler: GuardedHandler): (request: Request, beside?: Beside) => Promise<Response> {
  return async (request, beside) => {
    const facts = factsOfRequest(request, beside)
    const answer = guard.answer(facts)
    if (answer) return answerResponse(request, answer)
    const verdict = await guard.verify(facts)
    if (!verdict.admitted) return answerResponse(request, verdict)
    const passed = withoutHeaders(request, verdict.withheld)
    rememberAdmission(passed, verdict)
    return withHeaders(await handler(passed, verdict), verdict.headers)
  }
}
