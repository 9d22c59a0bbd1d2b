// Introspection (RFC 7662): who may ask about a token, and what an API is told of a token that is for it.
// The signed form stands in tokens/introspection-answer.ts. No proof is checked here: the API that asks does that (RFC 9449 §6.2).
import { type DetailTypes, issuedDetails } from '../authorization/index.ts'
import type { Confirmation } from '../ids.ts'
import type { JsonObject } from '../jose/index.ts'
import type { AccessTokenRecord, AuthorizationDetail, GrantRecord } from '../records.ts'
import { type Broken, judge, type Law, namedRules, rulesFor } from '../rule.ts'
import type { VerifiedAccessToken } from '../tokens/index.ts'

export const introspectionRules = namedRules('request', {
  'introspection.client-serves-an-api': {
    cite: 'RFC7662§2.1',
    level: 'MUST',
    says: 'only a client that is declared as the server of an API asks about tokens',
    rows: ['INTRO-2.1-01', 'INTROJWT-8-01'],
    family: 'unauthorized-client',
    unseen: 'no token is for a client that serves no API: it would be told inactive of each',
  },
  'introspection.token-is-present': {
    cite: 'RFC7662§2.1',
    level: 'MUST',
    says: 'token is sent',
    rows: ['INTRO-2.1-01'],
    fixed: 'without a token there is nothing to tell',
  },
})

/** A token whose signature, issuer, type and times were judged, and what is remembered of it. */
export interface IntrospectionFacts {
  readonly token: VerifiedAccessToken
  /** APIs whose server asks. */
  readonly audiences: readonly string[]
  /** `undefined`: a token of client credentials that nobody revoked. */
  readonly remembered: AccessTokenRecord | undefined
  /** What the person allowed; `undefined` where no person did. */
  readonly grant: GrantRecord | undefined
  /** The person may still sign in; `true` where there is none. */
  readonly personActive: boolean
  readonly detailTypes: DetailTypes
  readonly now: number
}

/** Broken: the token is inactive, and the API is told nothing else (RFC 7662 §2.2). */
export const activeTokenRules = rulesFor<IntrospectionFacts>()('access-token', {
  'introspection.token-is-for-this-api': {
    cite: 'RFC7662§4',
    level: 'MUST',
    says: 'the token is for an API of the server that asks',
    rows: ['INTRO-2.2-01'],
    holds: (f) => f.token.audience.some((one) => f.audiences.includes(one)),
    seen: (f) => ({ expected: f.audiences, received: f.token.audience }),
  },
  'introspection.token-is-not-revoked': {
    cite: 'RFC7662§2.2',
    level: 'MUST',
    says: 'the token has not been revoked, neither itself nor with its grant',
    rows: ['INTRO-2.2-01', 'REV-2.1-01'],
    holds: (f) => f.remembered?.revokedAt == null,
  },
  'introspection.grant-is-active': {
    cite: 'RFC7662§2.2',
    level: 'MUST',
    says: 'what the person allowed has neither been revoked nor expired, and the person is not disabled',
    rows: ['INTRO-2.2-01'],
    unseen: 'a grant that ends takes its access tokens along, which are judged as well, and nobody outside can disable a person',
    holds: (f) => f.personActive && (f.remembered?.grantId == null || (f.grant?.revokedAt === null && f.now < f.grant.expiresAt)),
  },
})

/** RFC 7662 §2.2, RFC 9449 §6.2, RFC 8705 §3.2: members stand at the top level. */
export interface ActiveToken {
  readonly active: true
  readonly token_type: 'DPoP' | 'Bearer'
  readonly cnf?: Confirmation
  readonly [member: string]: unknown
}
export type IntrospectionAnswer = ActiveToken | { readonly active: false }

/** Exactly this, whatever is the matter with the token (RFC 7662 §2.2). */
export const inactive: IntrospectionAnswer = Object.freeze({ active: false })

/** Claims that an API needs to decide; what else a token says is for others (RFC 7662 §2.2, RFC 9470 §6.2, RFC 9396 §9.2, RFC 8693 §4.1). */
const told = ['iss', 'sub', 'aud', 'client_id', 'scope', 'exp', 'nbf', 'iat', 'jti', 'auth_time', 'acr', 'amr', 'act'] as const

/**
 * What the API is told, or which rule makes the token inactive.
 * Only access tokens are told of: no API has a use for a refresh token, and one that holds one holds what is not its own.
 */
export function decideIntrospection(facts: IntrospectionFacts, law: Law): ActiveToken | Broken {
  return judge(activeTokenRules, facts, law) ?? describeToken(facts)
}

/** An API hears of its own permissions alone (RFC 9396 §9.2). */
function describeToken({ token: { claims, confirmation }, audiences, detailTypes }: IntrospectionFacts): ActiveToken {
  const { authorization_details: details } = claims
  const members = told.flatMap((name) => (claims[name] === undefined ? [] : [[name, claims[name]] as const]))
  return {
    active: true,
    ...(Object.fromEntries(members) as JsonObject),
    ...(Array.isArray(details) && ownDetails(details as readonly AuthorizationDetail[], audiences, detailTypes)),
    token_type: confirmation?.jkt === undefined ? 'Bearer' : 'DPoP',
    ...(confirmation && { cnf: confirmation }),
  }
}

function ownDetails(details: readonly AuthorizationDetail[], audiences: readonly string[], types: DetailTypes): JsonObject {
  const { details: own } = issuedDetails(details, audiences, types)
  return own ? { authorization_details: own } : {}
}
