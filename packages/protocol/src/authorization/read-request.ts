// Reads and checks an authorization request in two steps: may the client be answered at all, then what it asks.
import { matchesRegistered } from '../client-metadata/index.ts'
import { checkRepeats, type Form } from '../form.ts'
import { isThumbprint, type Thumbprint } from '../ids.ts'
import type { AuthorizationDetail, ClaimsRequest, ClientRecord, ResponseType } from '../records.ts'
import { type Broken, broke, isBroken, judge, type Law, must } from '../rule.ts'
import { checkScopes, type Offer, resolveResources, scopePresenceRules, splitScope } from './ask-rules.ts'
import { authorizationRules, challengeRules, pkceRequestRules, redirectTrustRules } from './authorization-rules.ts'
import { noClaims, readClaimsRequest } from './claims-request.ts'
import { checkDetails, impliedTargets, parseDetails } from './details.ts'
import { type AcrWish, acrWish, knowsAny, levelRules } from './levels.ts'
import { type ResponseMode, readResponseType, resolveMode, responseRules, wantedMode } from './response-modes.ts'

export type Prompt = 'none' | 'login' | 'consent' | 'select_account'
const prompts: readonly string[] = ['none', 'login', 'consent', 'select_account']

/** Where the answer goes: client and redirect URI are trusted from here on. */
export interface RedirectTarget {
  readonly client: ClientRecord
  /** As requested: for loopback with this request's port. */
  readonly redirectUri: string
  readonly state: string | null
  /** How it is answered, as far as that can be told before the request is judged. */
  readonly responseMode: ResponseMode
}

/** The request after every check that needs neither person nor storage. */
export interface AuthorizationRequest {
  readonly responseType: ResponseType
  readonly responseMode: ResponseMode
  readonly nonce: string | null
  /** Empty: none was sent, by a client that may do without. */
  readonly codeChallenge: string
  readonly dpopJkt: Thumbprint | null
  readonly scopes: readonly string[]
  readonly resources: readonly string[]
  /** Absent where none are asked for. */
  readonly details?: readonly AuthorizationDetail[]
  readonly prompt: readonly Prompt[]
  readonly maxAgeSeconds: number | null
  /** Absent where nothing is said about it. */
  readonly acr?: AcrWish
  readonly loginHint: string | null
  /** Language tags as sent, in order of preference. */
  readonly uiLocales: readonly string[]
  readonly idTokenHint: string | null
  /** Asked for by name, as far as this client may be told; nothing without openid. */
  readonly claims: ClaimsRequest
}

/** First step: broken means an error page (OAuth 2.1 §4.1.2.1). `client` is what client_id found. */
export function checkRedirectTarget(form: Form, client: ClientRecord | undefined, law: Law): RedirectTarget | Broken {
  const twice = form.repeated.has('client_id') || form.repeated.has('redirect_uri')
  const repeat = must(redirectTrustRules, 'authorize.target-does-not-repeat', !twice, law)
  if (repeat) return repeat
  if (client === undefined || client.disabled) return broke(redirectTrustRules, 'authorize.client-is-known')
  const sent = form.get('redirect_uri')
  const redirectUri = sent ?? (client.redirectUris.length === 1 ? client.redirectUris[0] : undefined)
  if (redirectUri === undefined) return broke(redirectTrustRules, 'authorize.redirect-uri-is-given')
  const registered = must(
    redirectTrustRules,
    'authorize.redirect-uri-is-registered',
    sent === undefined || matchesRegistered(client.redirectUris, sent),
    law,
    () => ({ expected: client.redirectUris, received: sent?.slice(0, 500) }),
  )
  if (registered) return registered
  const named = sent !== undefined || !splitScope(form.get('scope')).includes('openid')
  const unnamed = must(redirectTrustRules, 'authorize.openid-sends-redirect-uri', named, law)
  const state = form.repeated.has('state') ? null : (form.get('state') ?? null)
  return unnamed ?? { client, redirectUri, state, responseMode: wantedMode(form) }
}

/** Second step: broken is told to the client. */
export function checkAuthorizationRequest(form: Form, client: ClientRecord, offer: Offer, law: Law): AuthorizationRequest | Broken {
  const response = checkForm(form, client, law)
  if (isBroken(response)) return response
  const challenge = form.get('code_challenge')
  const pkce = judge(
    pkceRequestRules,
    { challenge, method: form.get('code_challenge_method'), exempt: client.dangerouslyAllowWithoutPkce },
    law,
  )
  if (pkce) return pkce
  const dpopJkt = form.get('dpop_jkt') ?? null
  if (dpopJkt !== null && !isThumbprint(dpopJkt)) return broke(challengeRules, 'dpop.jkt-parameter-is-a-thumbprint')
  const prompt = readPrompt(form.get('prompt'), law)
  if (isBroken(prompt)) return prompt
  const maxAgeSeconds = readMaxAge(form.get('max_age'), client.defaultMaxAgeSeconds)
  if (maxAgeSeconds !== null && typeof maxAgeSeconds !== 'number') return maxAgeSeconds
  const scope = form.get('scope')
  const asked = splitScope(scope).filter((name) => name !== 'offline_access' || mayKeep(client))
  const details = parseDetails(form.get('authorization_details'))
  if (isBroken(details)) return details
  const empty = must(scopePresenceRules, 'scope.is-asked-for', splitScope(scope).length > 0 || details.length > 0, law)
  if (empty) return empty
  const openid = asked.includes('openid')
  const sent = impliedTargets(form.all('resource'), { client, details }, openid, offer)
  const resources = resolveResources(client, sent, openid, offer, law)
  if (isBroken(resources)) return resources
  const unfit = checkDetails({ client, details, resources }, offer.details, law)
  if (unfit) return unfit
  const scopes = checkScopes({ client, asked, text: scope, resources }, offer, law)
  if (scopes) return scopes
  const claims = asked.includes('openid') ? readClaimsRequest({ text: form.get('claims'), client, offer }, law) : noClaims
  if (isBroken(claims)) return claims
  const acr = acrWish(splitScope(form.get('acr_values')), claims, offer.acrValuesAreDemands)
  const unmet = acr.essential ? must(levelRules, 'authorize.demanded-acr-is-known', knowsAny(offer.levels, acr.values), law) : undefined
  if (unmet) return unmet
  return {
    ...response,
    scopes: asked,
    resources,
    ...(details.length > 0 && { details }),
    nonce: form.get('nonce') ?? null,
    codeChallenge: challenge ?? '',
    dpopJkt,
    prompt,
    maxAgeSeconds,
    ...(acr.values.length > 0 && { acr }),
    loginHint: form.get('login_hint') ?? null,
    uiLocales: splitScope(form.get('ui_locales')),
    idTokenHint: form.get('id_token_hint') ?? null,
    claims,
  }
}

/** Their repeats are judged by rules of their own. */
const judgedBefore = ['client_id', 'redirect_uri', 'response_mode']

type Response = Pick<AuthorizationRequest, 'responseType' | 'responseMode'>

function checkForm(form: Form, client: ClientRecord, law: Law): Response | Broken {
  const type = form.get('response_type')
  const responseType = readResponseType(type)
  const served = !form.repeated.has('response_mode') && resolveMode(form.get('response_mode'), type) !== undefined
  return (
    must(authorizationRules, 'authorize.response-mode-is-served', served, law) ??
    checkRepeats(form, law, judgedBefore) ??
    must(authorizationRules, 'authorize.no-registration', form.get('registration') === undefined, law) ??
    (type === undefined ? broke(authorizationRules, 'authorize.response-type-is-present') : undefined) ??
    must(authorizationRules, 'authorize.response-type-is-served', responseType !== undefined, law) ??
    must(authorizationRules, 'authorize.client-may-use-code', client.grants.includes('authorization_code'), law) ??
    checkResponse(form, client, responseType ?? 'code', law)
  )
}

function checkResponse(form: Form, client: ClientRecord, responseType: ResponseType, law: Law): Response | Broken {
  const responseMode = wantedMode(form)
  const facts = {
    type: responseType,
    mode: responseMode,
    client,
    redirectUri: form.get('redirect_uri') ?? client.redirectUris[0] ?? '',
    nonce: form.get('nonce'),
    openid: splitScope(form.get('scope')).includes('openid'),
  }
  return judge(responseRules, facts, law) ?? { responseType, responseMode }
}

/** OIDC Core §11: asked by a client that cannot keep it, it is ignored. */
export function mayKeep(client: ClientRecord): boolean {
  return client.grants.includes('refresh_token') && client.scopes.includes('offline_access')
}

/** Unknown values are ignored (OIDC Core §3.1.2.1 leaves it open). */
function readPrompt(text: string | undefined, law: Law): readonly Prompt[] | Broken {
  const values = splitScope(text)
  const alone = must(authorizationRules, 'authorize.prompt-none-stands-alone', !values.includes('none') || values.length === 1, law)
  return alone ?? (values.filter((value) => prompts.includes(value)) as Prompt[])
}

function readMaxAge(text: string | undefined, otherwise: number | undefined): number | null | Broken {
  if (text === undefined) return otherwise ?? null
  return /^\d{1,10}$/.test(text) ? Number(text) : broke(authorizationRules, 'authorize.max-age-is-a-number')
}
