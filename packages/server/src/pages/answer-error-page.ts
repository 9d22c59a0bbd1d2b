// A refusal that may not travel to a client: a page with status, one constant sentence, the rule in the fold, the request id.
import { type EndpointKind, type Refusal, wireErrors } from '@kimei/protocol'
import type { Exchange, ServerContext } from '../context.ts'
import { answerPage } from '../http/answers.ts'
import { revealed } from '../http/refuse.ts'
import { type ErrorModel, renderErrorPage } from './error-page.ts'
import type { PageFrame } from './layout.ts'
import { pageFrame } from './page-frame.ts'

export function answerErrorPage(
  context: ServerContext,
  exchange: Exchange,
  kind: EndpointKind,
  refusal: Refusal,
  onward?: ErrorModel['onward'],
): Response {
  const { status } = wireErrors[kind][refusal.family]
  const says = revealed(kind, refusal)
  const page = renderErrorPage({
    frame: errorFrame(context, exchange),
    requestId: exchange.requestId,
    rule: refusal.broken,
    ...(says && { says }),
    ...(onward && { onward }),
  })
  // A refusal that would have been a redirect has no status of its own.
  return answerPage(context, status === 303 ? 400 : status, page)
}

/** Our own fault, to a person. */
export function answerFaultPage(context: ServerContext, exchange: Exchange, status: 500 | 503): Response {
  const page = renderErrorPage({ frame: errorFrame(context, exchange), requestId: exchange.requestId, rule: 'server.fault' })
  return answerPage(context, status, page)
}

/** The request may not have been read yet, but the language it asks for can be: at most a few tags of its query. */
function errorFrame(context: ServerContext, exchange: Exchange): PageFrame {
  const asked = exchange.query.includes('ui_locales=') ? new URLSearchParams(exchange.query).get('ui_locales') : null
  return pageFrame(context, exchange, asked?.slice(0, 100).split(' ') ?? [])
}
