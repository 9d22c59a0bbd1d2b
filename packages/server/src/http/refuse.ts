// Renders a refusal as JSON for the endpoints that clients call directly, and remembers it.
// Redirects stand in steps/answer-client.ts, pages in pages/, challenges of APIs in the guard.
import { type AuditName, catalogue, type EndpointKind, type Refusal, type RuleId, wireErrors, wireSentence } from '@kimei/protocol'
import type { CommitAnswer } from '@kimei/storage'
import type { AuditFields, Exchange, ServerContext } from '../context.ts'
import { answerJson } from './answers.ts'

/** The sentence that may be shown: the rule's own, where its family reveals it. */
export function revealed(kind: EndpointKind, refusal: Refusal): string | undefined {
  const says = catalogue.get(refusal.broken)?.says
  return wireErrors[kind][refusal.family].reveal && says !== undefined ? wireSentence(says) : undefined
}

/** RFC 6749 §5.2. `extra` adds headers: a challenge, a nonce, Allow. */
export function renderRefusal(
  context: ServerContext,
  kind: EndpointKind,
  refusal: Refusal,
  extra: Readonly<Record<string, string>> = {},
): Response {
  const { error, status } = wireErrors[kind][refusal.family]
  const says = revealed(kind, refusal)
  return answerJson(context, status, { error: error ?? 'invalid_request', ...(says && { error_description: says }) }, extra)
}

const eventOfRule: Readonly<Partial<Record<RuleId, AuditName>>> = {
  'code.is-unredeemed': 'code_reused',
  'refresh.is-current': 'refresh_reused',
  'device.code-is-uncollected': 'device_code_reused',
  'binding.certificate-is-shown': 'mtls_missing',
  'refresh.bound-certificate-is-shown': 'mtls_missing',
}

/** Which audit event tells of a refusal. */
export function eventOf(refusal: Refusal): AuditName {
  const named = eventOfRule[refusal.broken]
  if (named) return named
  if (refusal.family === 'authorization-pending' || refusal.family === 'slow-down') return 'device_waiting'
  if (refusal.family === 'proof') return 'dpop_invalid'
  if (refusal.family === 'proof-nonce') return 'dpop_nonce_required'
  if (refusal.family === 'binding') return 'binding_mismatch'
  return 'token_refused'
}

/** Remembers the refusal, with the writes it demands, in one plan. Answers what became of that plan. */
export async function rememberRefusal(
  context: ServerContext,
  exchange: Exchange,
  refusal: Refusal,
  fields: AuditFields,
  name: AuditName = eventOf(refusal),
): Promise<CommitAnswer> {
  const event = context.audit.event(exchange, name, {
    ...fields,
    rule: refusal.broken,
    ...(refusal.seen && { expected: refusal.seen.expected, received: refusal.seen.received }),
  })
  if (refusal.writes?.length) return context.commit(exchange, refusal.writes, [event])
  await context.audit.append(event)
  return { done: 'committed' }
}
