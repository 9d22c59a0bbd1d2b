// A refusal that may not travel to a client: a page with status, one constant sentence, the rule in the fold, the request id.
import { type EndpointKind, type Refusal, wireErrors } from '@kimei/protocol'
import type { Exchange, ServerContext } from '../context.ts'
import { answerPage } from '../http/answers.ts'
import { chooseLanguage } from '../http/language.ts'
import { revealed } from '../http/refuse.ts'
import { renderErrorPage } from './error-page.ts'

export function answerErrorPage(context: ServerContext, exchange: Exchange, kind: EndpointKind, refusal: Refusal): Response {
  const { status } = wireErrors[kind][refusal.family]
  const says = revealed(kind, refusal)
  const language = chooseLanguage(context, exchange, [])
  // A refusal that would have been a redirect has no status of its own.
  const shown = status === 303 ? 400 : status
  return answerPage(
    context,
    shown,
    renderErrorPage({ status: shown, rule: refusal.broken, ...(says && { says }), requestId: exchange.requestId, language }),
  )
}

/** Our own fault, to a person. */
export function answerFaultPage(context: ServerContext, exchange: Exchange, status: 500 | 503): Response {
  const language = chooseLanguage(context, exchange, [])
  return answerPage(context, status, renderErrorPage({ status, rule: 'server.fault', requestId: exchange.requestId, language }))
}
