// What an authorization request asks, judged with what the issuer knows: its offer, redeemed challenges, its own ID tokens.
// May the client be answered at all? That is asked before.
import {
  type AuthorizationRequest,
  authorizationRules,
  type Broken,
  challengeRules,
  checkAuthorizationRequest,
  checkIdToken,
  demandedSubject,
  detailsTransportRules,
  type Form,
  isBroken,
  judge,
  must,
  profileRequestRules,
  type RedirectTarget,
  withDefaultScope,
} from '@kimei/protocol'
import type { Exchange, ServerContext } from '../context.ts'
import { challengeId } from './challenge-id.ts'
import type { CheckedAuthorization } from './contract.ts'

/** Judged alike whether it came through the browser or was pushed; nothing is consumed. */
export async function checkAuthorization(
  context: ServerContext,
  exchange: Exchange,
  form: Form,
  { client, redirectUri, state }: RedirectTarget,
): Promise<CheckedAuthorization | Broken> {
  const demanded = judge(
    profileRequestRules,
    {
      profile: context.profile,
      redirectUri: form.get('redirect_uri'),
      state: form.get('state'),
      responseMode: form.get('response_mode'),
    },
    context.law,
  )
  if (demanded) return demanded
  const offer = await context.directory.offer()
  const request = checkAuthorizationRequest(withDefaultScope(form, client, offer, context.profile), client, offer, context.law)
  if (isBroken(request)) return request
  const stale = await checkChallenge(context, exchange, client.clientId, request)
  if (stale) return stale
  const hint = await readHint(context, exchange, client.clientId, request.idTokenHint)
  if (isBroken(hint)) return hint
  const hintedSubject = demandedSubject(request.claims, hint, context.law)
  if (isBroken(hintedSubject)) return hintedSubject
  const { idTokenHint: _, uiLocales, ...asked } = request
  return {
    ...asked,
    clientId: client.clientId,
    redirectUri,
    state,
    uiLocales: languagesOf(context, uiLocales),
    hintedSubject,
  }
}

/** RFC 9396 §12. `untampered`: the request was pushed or signed. */
export async function checkTransport(
  context: ServerContext,
  { details = [] }: CheckedAuthorization,
  untampered: boolean,
): Promise<Broken | undefined> {
  if (details.length === 0) return undefined
  const { details: types } = await context.directory.offer()
  const free = untampered || details.every(({ type }) => types.get(type)?.transport !== 'untampered')
  return must(detailsTransportRules, 'details.come-untampered', free, context.law)
}

async function checkChallenge(
  context: ServerContext,
  { now }: Exchange,
  clientId: string,
  { codeChallenge }: AuthorizationRequest,
): Promise<Broken | undefined> {
  if (codeChallenge === '') return undefined
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
