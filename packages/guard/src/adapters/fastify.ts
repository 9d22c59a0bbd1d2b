// The guard as a Fastify (5) hook, over every route of the instance it is added to.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Guard, GuardAnswer } from '../contract.ts'
import { rememberAdmission } from './admitted.ts'
import { factsOfIncoming, withholdLines } from './answer-node.ts'
import { keepVary } from './keep-vary.ts'

/** As much of Fastify as is used: the hook needs no Fastify types of its own. */
interface FastifyRequestLike {
  readonly raw: IncomingMessage
  readonly originalUrl: string
}
interface FastifyReplyLike {
  readonly raw: ServerResponse
  code(status: number): this
  header(name: string, value: string): this
  send(body?: string): this
}
/** `app.addHook('onRequest', guardFastify(guard))`: covers the instance and its children, unknown paths included. */
export function guardFastify(guard: Guard): (request: FastifyRequestLike, reply: FastifyReplyLike) => Promise<unknown> {
  return async (request, reply) => {
    const facts = factsOfIncoming(request.raw, request.originalUrl)
    const answer = guard.answer(facts)
    if (answer) return send(reply, answer)
    const verdict = await guard.verify(facts)
    if (!verdict.admitted) return send(reply, verdict)
    for (const [name, value] of verdict.headers) reply.header(name, value)
    if (verdict.certificate) keepVary(reply.raw)
    withholdLines(request.raw, verdict.withheld)
    rememberAdmission(request, verdict)
    rememberAdmission(request.raw, verdict)
    return undefined
  }
}

function send(reply: FastifyReplyLike, answer: GuardAnswer): FastifyReplyLike {
  reply.code(answer.status)
  const lines = new Map<string, string[]>()
  for (const [name, value] of answer.headers) lines.set(name, [...(lines.get(name) ?? []), value])
  // Fastify appends for Set-Cookie alone: repeated lines go in as a list.
  for (const [name, values] of lines) reply.header(name, (values.length === 1 ? values[0] : values) as string)
  return reply.send(answer.body)
}
