// token-exchange (RFC 8693): a client trades a token of this issuer for one for another API, as whoever it stands for.
// The result is never more than what was presented: not in scope, not in time, not unbound where that was bound, not renewable.
import type { Offer } from '../authorization/index.ts'
import { splitScope } from '../authorization/index.ts'
import type { AuthenticatedClient } from '../client-auth/index.ts'
import type { Form } from '../form.ts'
import type { Seconds, Thumbprint } from '../ids.ts'
import { isJsonObject, type JsonObject } from '../jose/index.ts'
import type { AccessTokenRecord, GrantRecord } from '../records.ts'
import type { Refusal } from '../refusal.ts'
import { type Broken, judge, type Law, must } from '../rule.ts'
import type { VerifiedAccessToken } from '../tokens/index.ts'
import { exchangeFormRules, exchangeRules, exchangeScopeRules, exchangeTargetRules } from './exchange-rules.ts'
import { type MatchedGrant, mintGrant, type PersonGrant } from './matched-grant.ts'

const tokenTypes = ['urn:ietf:params:oauth:token-type:access_token', 'urn:ietf:params:oauth:token-type:jwt'] as const
export type ExchangeTokenType = (typeof tokenTypes)[number]

/** What is asked, before any token was looked at. */
export interface ExchangeAsk {
  readonly subjectToken: string
  readonly actorToken: string | undefined
  readonly requestedType: ExchangeTokenType
}

/** RFC 8693 §2.1. */
export function readExchange(form: Form, law: Law): ExchangeAsk | Broken {
  const subjectToken = form.get('subject_token')
  const actorToken = form.get('actor_token')
  const actorType = form.get('actor_token_type')
  const requestedType = form.get('requested_token_type')
  const broken =
    must(exchangeFormRules, 'exchange.subject-token-is-present', subjectToken !== undefined, law) ??
    must(exchangeFormRules, 'exchange.subject-type-is-known', isTokenType(form.get('subject_token_type')), law) ??
    must(exchangeFormRules, 'exchange.actor-type-goes-with-actor', (actorToken === undefined) === (actorType === undefined), law) ??
    must(exchangeFormRules, 'exchange.actor-type-is-known', actorType === undefined || isTokenType(actorType), law) ??
    must(exchangeFormRules, 'exchange.requested-type-is-served', requestedType === undefined || isTokenType(requestedType), law)
  if (broken) return broken
  return {
    subjectToken: subjectToken ?? '',
    actorToken,
    requestedType: isTokenType(requestedType) ? requestedType : tokenTypes[0],
  }
}

function isTokenType(type: string | undefined): type is ExchangeTokenType {
  return tokenTypes.some((known) => known === type)
}

/** A token whose signature, issuer, type and times were judged, and what is remembered of it. */
export interface ExchangeToken {
  readonly token: VerifiedAccessToken
  readonly remembered: AccessTokenRecord | undefined
  readonly grant: GrantRecord | undefined
  /** By which name the new token would speak of its subject. */
  readonly subject: string
  /** The person may still sign in; `true` where there is none. */
  readonly personActive: boolean
}

export interface ExchangeFacts {
  readonly client: AuthenticatedClient
  readonly subject: ExchangeToken
  readonly actor: ExchangeToken | undefined
  /** The key proven in this request. */
  readonly jkt: Thumbprint | undefined
  /** Of the certificate of this connection, whatever the new token is bound to. */
  readonly x5t: Thumbprint | undefined
  /** The new token will name somebody. */
  readonly bound: boolean
  readonly scope: string | undefined
  /** `resource` and `audience`: both name APIs. */
  readonly targets: readonly string[]
  readonly offer: Offer
  readonly now: Seconds
}

export function decideExchange(facts: ExchangeFacts, law: Law): { readonly issue: MatchedGrant } | Refusal {
  const { client, subject, actor, offer } = facts
  const policy = client.client.exchange ?? { from: [], to: [], kind: 'delegation' }
  const broken = judge(exchangeRules, { ...facts, policy }, law)
  if (broken) return broken
  const targets = facts.targets.length === 0 && policy.to.length === 1 ? policy.to : [...new Set(facts.targets)]
  const astray = judge(exchangeTargetRules, { targets, policy }, law)
  if (astray) return astray
  const offered = (scope: string) => targets.some((target) => offer.homes.get(scope)?.has(target))
  const scopes = facts.scope === undefined ? subject.token.scopes.filter(offered) : splitScope(facts.scope)
  const wider = judge(exchangeScopeRules, { scopes, held: subject.token.scopes, astray: scopes.filter((scope) => !offered(scope)) }, law)
  if (wider) return wider
  const { token, grant } = subject
  const earlier = actOf(token.claims)
  const act =
    policy.kind === 'impersonation' ? earlier : { sub: actor?.token.subject ?? client.client.clientId, ...(earlier && { act: earlier }) }
  return {
    issue: mintGrant({
      grantType: 'urn:ietf:params:oauth:grant-type:token-exchange',
      subject: subject.subject,
      scopes,
      audience: targets,
      person: grant && { grantId: grant.grantId, ...signInOf(token, grant), sessionId: null, nonce: null },
      notAfter: Math.min(token.expiresAt, actor?.token.expiresAt ?? token.expiresAt),
      ...(act && { act }),
    }),
  }
}

/** As the token tells it: whoever signs in again, or more strongly, does not freshen a token of before. */
function signInOf({ claims }: VerifiedAccessToken, grant: GrantRecord): Pick<PersonGrant, 'authTime' | 'authentication'> {
  const { auth_time: authTime, acr, amr } = claims
  const methods = Array.isArray(amr) ? amr.filter((one) => typeof one === 'string') : undefined
  return {
    authTime: typeof authTime === 'number' ? authTime : grant.authTime,
    ...(methods && { authentication: { amr: methods, ...(typeof acr === 'string' && { acr }) } }),
  }
}

/** RFC 8693 §4.1: whoever acts now stands outermost; those before are told inside. */
function actOf(claims: JsonObject): JsonObject | undefined {
  const act = claims['act']
  return isJsonObject(act) ? act : undefined
}
