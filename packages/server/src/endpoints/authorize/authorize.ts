// The authorization endpoint (OAuth 2.1 §4.1.1, OpenID Connect Core §3.1.2): GET and POST, never with CORS.
// First whether the client may be answered at all, then what it asks, then what the person has to do.
import {
  authorizationRules,
  type Broken,
  checkRedirectTarget,
  type Form,
  isBroken,
  must,
  parseForm,
  type RedirectTarget,
  type Refusal,
  redirectTrustRules,
  redirectUriKind,
  wireErrors,
} from '@kimei/protocol'
import { StorageUnavailable } from '@kimei/storage'
import type { Exchange, ServerContext } from '../../context.ts'
import { answerRedirect } from '../../http/answers.ts'
import { readForm } from '../../http/read-form.ts'
import { rememberRefusal } from '../../http/refuse.ts'
import { answerErrorPage } from '../../pages/answer-error-page.ts'
import { offerAnswer, sendAnswer } from '../../pages/send-answer.ts'
import { addressOf, tellFault, tellRefusal } from '../../steps/answer-client.ts'
import { type AskedRequest, readAsked } from '../../steps/asked-request.ts'
import { readBrowser } from '../../steps/browser-cookie.ts'
import { checkAuthorization, checkTransport } from '../../steps/check-authorization.ts'
import { mintCode } from '../../steps/complete-authorization.ts'
import { findClient, shownOnPage } from '../../steps/find-client.ts'
import { openInteraction } from '../../steps/interactions.ts'
import { decideNext } from '../../steps/next-step.ts'
import { isAllowedHost } from '../../steps/registration/read-registration.ts'
import { mustBeSigned } from '../../steps/request-objects.ts'
import { readSignIn } from '../../steps/sessions.ts'

export async function answerAuthorize(context: ServerContext, exchange: Exchange): Promise<Response> {
  const front = exchange.request.method === 'POST' ? await readForm(context, exchange) : parseForm(exchange.query)
  if (isBroken(front)) return showRefusal(context, exchange, front)
  const clientId = front.get('client_id')
  const client = clientId === undefined ? undefined : await findClient(context, exchange, clientId)
  if (isBroken(client)) return showRefusal(context, exchange, shownOnPage(client), clientId)
  const asked = await readAsked(context, exchange, front)
  if (isBroken(asked)) return refuseUnread(context, exchange, asked, front, checkRedirectTarget(front, client, context.law))
  const target = checkRedirectTarget(asked.form, client, context.law)
  if (isBroken(target)) return showRefusal(context, exchange, target, clientId)
  try {
    return await answerTrusted(context, exchange, asked, target)
  } catch (fault) {
    context.fault(exchange, fault)
    const error = fault instanceof StorageUnavailable ? 'temporarily_unavailable' : 'server_error'
    return sendAnswer(context, exchange, await tellFault(context, exchange, addressOf(target), error))
  }
}

/** From here on every answer goes to the client, or on to the person. */
async function answerTrusted(context: ServerContext, exchange: Exchange, asked: AskedRequest, target: RedirectTarget): Promise<Response> {
  const { front, form, pushedHash } = asked
  const direct = mustPush(context, target, asked) ?? mustBeSigned(context, target.client, asked.signed)
  if (direct) return tellClient(context, exchange, direct, target, form)
  const checked = await checkAuthorization(context, exchange, form, target)
  if (isBroken(checked)) return tellClient(context, exchange, checked, target, form)
  const open = await checkTransport(context, checked, asked.signed)
  if (open) return tellClient(context, exchange, open, target, form)
  const request = pushedHash === undefined ? checked : { ...checked, pushedHash }
  if (exchange.request.method === 'POST' && front.text.length <= mostQuery && !(await readBrowser(context, exchange)))
    return again(context, front)
  const signIn = await readSignIn(context, exchange)
  const step = await decideNext(context, exchange, { request, client: target.client, signIn, signedInHere: false })
  if (isBroken(step)) return tellClient(context, exchange, step, target, form)
  if (step !== 'complete' || !signIn) return openInteraction(context, exchange, request, step)
  const answer = await mintCode(context, exchange, { request, signIn })
  return isBroken(answer) ? tellClient(context, exchange, answer, target, form) : sendAnswer(context, exchange, answer)
}

/** A request that could not even be read: told where its client may be answered by what stands beside it, else shown. */
async function refuseUnread(
  context: ServerContext,
  exchange: Exchange,
  refusal: Refusal,
  front: Form,
  beside: RedirectTarget | Broken,
): Promise<Response> {
  return isBroken(beside) ? showRefusal(context, exchange, refusal) : tellClient(context, exchange, refusal, beside, front)
}

/** RFC 9126 §5, §6: demanded by the issuer for everybody, or for this client alone. */
function mustPush({ config, law }: ServerContext, { client }: RedirectTarget, { pushedHash }: AskedRequest): Broken | undefined {
  const required = config.requirePushedAuthorizationRequests || client.requirePushedAuthorizationRequests === true
  return must(authorizationRules, 'authorize.request-is-pushed', !required || pushedHash !== undefined, law)
}

/** What every browser and every header bound lets through. */
const mostQuery = 6000

/** A form posted from another site comes without our cookies; the same request by GET brings them. */
function again(context: ServerContext, form: Form): Response {
  return answerRedirect(context, `${context.urls.authorization}?${form.text}`)
}

async function tellClient(
  context: ServerContext,
  exchange: Exchange,
  refusal: Refusal,
  target: RedirectTarget,
  form: Form,
): Promise<Response> {
  if (!wireErrors.authorize[refusal.family].redirect) return showRefusal(context, exchange, refusal, target.client.clientId)
  await rememberRefusal(context, exchange, refusal, { clientId: target.client.clientId }, 'authorization_refused')
  const answer = await tellRefusal(context, exchange, addressOf(target), refusal)
  return (await mustWait(context, exchange, target, form))
    ? offerAnswer(context, exchange, answer, refusal)
    : sendAnswer(context, exchange, answer)
}

/** Whoever registered itself knows its redirect URI alone: people are not sent there unasked before anybody signed in. */
async function mustWait(context: ServerContext, exchange: Exchange, target: RedirectTarget, form: Form): Promise<Broken | undefined> {
  const goes = isVouchedFor(context, target) || form.get('prompt') === 'none' || (await readSignIn(context, exchange)) !== undefined
  return must(redirectTrustRules, 'authorize.stranger-waits-for-a-person', goes, context.law)
}

/** The operator declared the client, or named the hosts that registered ones may be answered at. */
function isVouchedFor({ config }: ServerContext, { client, redirectUri }: RedirectTarget): boolean {
  const { redirectHosts } = config.registration.policy
  // A scheme of an app is anybody's, whichever schemes are allowed.
  const hasHost = redirectUriKind(redirectUri) !== 'private-use'
  if (client.source === 'registered') return hasHost && redirectHosts !== undefined && isAllowedHost(redirectUri, redirectHosts)
  return client.source !== 'document'
}

async function showRefusal(context: ServerContext, exchange: Exchange, refusal: Refusal, clientId?: string): Promise<Response> {
  await rememberRefusal(context, exchange, refusal, { ...(clientId && { clientId: clientId.slice(0, 200) }) }, 'authorization_refused')
  return answerErrorPage(context, exchange, 'authorize', refusal)
}
