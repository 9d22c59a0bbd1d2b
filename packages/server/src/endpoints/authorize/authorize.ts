// The authorization endpoint (OAuth 2.1 §4.1.1, OpenID Connect Core §3.1.2): GET and POST, never with CORS.
// First whether the client may be answered at all, then what it asks, then what the person has to do.
import {
  type AuthorizationRequest,
  authorizationRules,
  type Broken,
  challengeRules,
  checkAuthorizationRequest,
  checkIdToken,
  checkRedirectTarget,
  type Form,
  isBroken,
  must,
  parseForm,
  type RedirectTarget,
  type Refusal,
  wireErrors,
} from '@kimei/protocol'
import { StorageUnavailable } from '@kimei/storage'
import type { Exchange, ServerContext } from '../../context.ts'
import { answerRedirect } from '../../http/answers.ts'
import { readForm } from '../../http/read-form.ts'
import { rememberRefusal } from '../../http/refuse.ts'
import { answerErrorPage } from '../../pages/answer-error-page.ts'
import { sendFault, sendRefusal } from '../../steps/answer-client.ts'
import { readBrowser } from '../../steps/browser-cookie.ts'
import { challengeId } from '../../steps/challenge-id.ts'
import { mintCode } from '../../steps/complete-authorization.ts'
import type { CheckedAuthorization } from '../../steps/contract.ts'
import { openInteraction } from '../../steps/interactions.ts'
import { decideNext } from '../../steps/next-step.ts'
import { readSignIn } from '../../steps/sessions.ts'

export async function answerAuthorize(context: ServerContext, exchange: Exchange): Promise<Response> {
  const form = exchange.request.method === 'POST' ? await readForm(context, exchange) : parseForm(exchange.query)
  if (isBroken(form)) return showRefusal(context, exchange, form)
  const clientId = form.get('client_id')
  const client = clientId === undefined ? undefined : await context.directory.client(clientId)
  const target = checkRedirectTarget(form, client, context.law)
  if (isBroken(target)) return showRefusal(context, exchange, target, clientId)
  try {
    return await answerTrusted(context, exchange, form, target)
  } catch (fault) {
    context.fault(exchange, fault)
    return sendFault(context, target, fault instanceof StorageUnavailable ? 'temporarily_unavailable' : 'server_error')
  }
}

/** From here on every answer goes to the client, or on to the person. */
async function answerTrusted(context: ServerContext, exchange: Exchange, form: Form, target: RedirectTarget): Promise<Response> {
  const request = await checkRequest(context, exchange, form, target)
  if (isBroken(request)) return tellClient(context, exchange, request, target)
  if (exchange.request.method === 'POST' && form.text.length <= mostQuery && !(await readBrowser(context, exchange)))
    return again(context, form)
  const signIn = await readSignIn(context, exchange)
  const step = await decideNext(context, exchange, { request, client: target.client, signIn, signedInHere: false })
  if (isBroken(step)) return tellClient(context, exchange, step, target)
  if (step !== 'complete' || !signIn) return openInteraction(context, exchange, request, step)
  const answer = await mintCode(context, exchange, { request, signIn })
  return isBroken(answer) ? tellClient(context, exchange, answer, target) : answer
}

async function checkRequest(
  context: ServerContext,
  exchange: Exchange,
  form: Form,
  { client, redirectUri, state }: RedirectTarget,
): Promise<CheckedAuthorization | Broken> {
  const request = checkAuthorizationRequest(form, client, await context.directory.offer(), context.law)
  if (isBroken(request)) return request
  const stale = await checkChallenge(context, exchange, client.clientId, request)
  if (stale) return stale
  const hintedSubject = await readHint(context, exchange, client.clientId, request.idTokenHint)
  if (isBroken(hintedSubject)) return hintedSubject
  const { idTokenHint: _, uiLocales, ...asked } = request
  return {
    ...asked,
    clientId: client.clientId,
    redirectUri,
    responseMode: 'query',
    state,
    uiLocales: languagesOf(context, uiLocales),
    hintedSubject,
  }
}

async function checkChallenge(
  context: ServerContext,
  { now }: Exchange,
  clientId: string,
  { codeChallenge }: AuthorizationRequest,
): Promise<Broken | undefined> {
  const id = await challengeId(context.issuer, clientId, codeChallenge)
  const seen = await context.storage.records.claimed('challenge', id, now)
  return must(challengeRules, 'pkce.challenge-is-fresh', !seen, context.law)
}

/** Expired hints are fine; foreign ones are not (OIDC Core §3.1.2.2). */
async function readHint(context: ServerContext, { now }: Exchange, clientId: string, hint: string | null): Promise<string | null | Broken> {
  if (hint === null) return null
  const checked = await checkIdToken(
    hint,
    {
      issuer: context.issuer,
      clientId,
      keyFor: (question) => context.keys.keyFor(question),
      now,
      leewaySeconds: 0,
      algorithms: ['RS256', 'ES256'],
      purpose: 'hint',
    },
    context.law,
  )
  if (!isBroken(checked)) return checked.subject
  return must(authorizationRules, 'authorize.id-token-hint-is-ours', false, context.law) ?? null
}

/** `ja-JP` asks for `ja`; unknown languages are no error (OIDC Core §3.1.2.1). */
function languagesOf(context: ServerContext, tags: readonly string[]) {
  return context.texts.languages
    .filter((language) => tags.some((tag) => tag.toLowerCase().split('-', 1)[0] === language))
    .sort((a, b) => rank(tags, a) - rank(tags, b))
}

function rank(tags: readonly string[], language: string): number {
  return tags.findIndex((tag) => tag.toLowerCase().startsWith(language))
}

/** What every browser and every header bound lets through. */
const mostQuery = 6000

/** A form posted from another site comes without our cookies; the same request by GET brings them. */
function again(context: ServerContext, form: Form): Response {
  return answerRedirect(context, `${context.urls.authorization}?${form.text}`)
}

async function tellClient(context: ServerContext, exchange: Exchange, refusal: Refusal, target: RedirectTarget): Promise<Response> {
  if (!wireErrors.authorize[refusal.family].redirect) return showRefusal(context, exchange, refusal, target.client.clientId)
  await rememberRefusal(context, exchange, refusal, { clientId: target.client.clientId }, 'authorization_refused')
  return sendRefusal(context, target, refusal)
}

async function showRefusal(context: ServerContext, exchange: Exchange, refusal: Refusal, clientId?: string): Promise<Response> {
  await rememberRefusal(context, exchange, refusal, { ...(clientId && { clientId: clientId.slice(0, 200) }) }, 'authorization_refused')
  return answerErrorPage(context, exchange, 'authorize', refusal)
}
