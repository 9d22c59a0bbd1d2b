// Client assertions (RFC 7523 §3 as amended by RFC 7523bis §4): what must hold of a JWT with which a client authenticates.

import type { Seconds } from '../ids.ts'
import { isTypOf, isUntyped } from '../jose/index.ts'
import type { Profile } from '../profiles/index.ts'
import type { ClientRecord } from '../records.ts'
import { namedRules, rulesFor } from '../rule.ts'

/** Shape, key and single use: judged by ordinary code. */
export const assertionShapeRules = namedRules('client', {
  'assertion.type-is-jwt-bearer': {
    cite: 'RFC7523§2.2',
    level: 'MUST',
    says: 'client_assertion comes with client_assertion_type urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    rows: ['PKJWT-2.2-01'],
    family: 'request',
  },
  'assertion.subject-is-readable': {
    cite: 'RFC7523§3',
    level: 'MUST',
    says: 'the assertion names its client in sub',
    rows: ['PKJWT-3-01'],
    fixed: 'without a subject no registered key can be found',
  },
  'assertion.key-is-registered': {
    cite: 'RFC7523§3',
    level: 'MUST',
    says: 'the client has a registered key that fits kid and alg',
    rows: ['PKJWT-3-01', 'FAPI2-5.4.3-01'],
    fixed: 'without a key nothing can be verified; a key in the assertion itself is never used',
  },
  'assertion.signature-verifies': {
    cite: 'RFC7523§3',
    level: 'MUST',
    says: 'the signature verifies with a registered key of the client',
    rows: ['PKJWT-3-01'],
  },
  'assertion.mac-verifies': {
    cite: 'RFC7523§3',
    level: 'MUST',
    says: 'the MAC verifies with a secret of the client',
    rows: ['PKJWT-3-01', 'OIDC-9-01'],
    unseen: 'a probe would need a client whose secret it holds, and this method is off unless one is declared',
  },
  'assertion.alg-is-the-registered-one': {
    cite: 'OIDC-Registration§2',
    level: 'MUST',
    says: 'the assertion is signed with the one algorithm the client registered, where it did; a secret signs with HS256 otherwise',
    rows: ['PKJWT-3-01'],
    unseen: 'a probe would need a client that registered one algorithm, and the key for another',
  },
  'assertion.jti-is-first-seen': {
    cite: 'OIDC-Core§9',
    level: 'MUST',
    says: 'an assertion is used once',
    rows: ['PKJWT-3-01'],
    fixed: 'once-only: storage decides it, and the lab wraps storage',
  },
})

export interface AssertionFacts {
  readonly client: ClientRecord
  readonly issuer: string
  readonly tokenEndpoint: string
  readonly profile: Profile
  readonly alg: string
  readonly typ: unknown
  readonly iss: unknown
  readonly sub: unknown
  readonly aud: unknown
  readonly exp: unknown
  readonly nbf: unknown
  readonly iat: unknown
  readonly jti: unknown
  readonly now: Seconds
}

/** FAPI 2.0 SP §5.3.2.1 item 13: 10 s ahead is accepted, more than 60 s is not. */
export const assertionFutureSeconds = 30
/** How far away `exp` may be: it bounds how long a used `jti` is remembered. */
export const assertionLifeSeconds = 3600
const jtiCharacters = 256
const underProfile = 'demanded under a profile only: an issuer of another profile is free to accept it'

const isAhead = (value: unknown, now: Seconds): boolean => typeof value !== 'number' || value > now + assertionFutureSeconds

export const assertionRules = rulesFor<AssertionFacts>()('client', {
  'assertion.alg-is-allowed': {
    cite: 'FAPI2-SP§5.4.1',
    level: 'MUST',
    says: 'under a profile with a list of algorithms, alg is on it',
    rows: ['FAPI2-5.4.1-01'],
    unseen: underProfile,
    holds: (f) => f.profile.signatureAlgorithms?.some((alg) => alg === f.alg) ?? true,
    seen: (f) => ({ expected: f.profile.signatureAlgorithms, received: f.alg }),
  },
  'assertion.typ-is-client-authentication': {
    cite: 'RFC7523bis§4',
    level: 'SHOULD',
    says: 'typ is client-authentication+jwt, JWT or absent: no other kind of JWT passes for an assertion',
    rows: ['PKJWT-3-04', 'JWTBCP-3.12-01'],
    holds: (f) => isTypOf('client-assertion', f.typ) || isUntyped(f.typ),
    seen: (f) => ({ expected: 'client-authentication+jwt', received: f.typ }),
  },
  'assertion.iss-is-the-client': {
    cite: 'RFC7523§3-1',
    level: 'MUST',
    says: 'iss is the client id',
    rows: ['PKJWT-3-01'],
    holds: (f) => f.iss === f.client.clientId,
    seen: (f) => ({ expected: f.client.clientId, received: f.iss }),
  },
  'assertion.aud-is-the-issuer': {
    cite: 'RFC7523bis§4',
    level: 'MUST',
    says: 'the only audience is the issuer identifier',
    rows: ['PKJWT-3-02', 'O21-2.4-02'],
    holds: (f) => audienceHolds(f),
    seen: (f) => ({ expected: f.issuer, received: f.aud }),
  },
  'assertion.aud-is-a-plain-string': {
    cite: 'FAPI2-SP§5.3.2.1-8',
    level: 'MUST',
    says: 'under fapi2 the audience is a plain string, not a list of one',
    rows: ['PKJWT-3-02'],
    unseen: underProfile,
    holds: (f) => !f.profile.plainAudience || typeof f.aud === 'string',
  },
  'assertion.exp-is-a-time': {
    cite: 'RFC7523§3-4',
    level: 'MUST',
    says: 'exp is present and a number',
    rows: ['PKJWT-3-01'],
    fixed: 'without exp nobody knows how long its jti must be remembered',
    holds: (f) => typeof f.exp === 'number' && Number.isFinite(f.exp),
  },
  'assertion.is-not-expired': {
    cite: 'RFC7523§3-4',
    level: 'MUST',
    says: 'the assertion has not expired',
    byClock: true,
    rows: ['PKJWT-3-01'],
    holds: (f) => (f.exp as number) > f.now,
    seen: (f) => ({ expected: `after ${f.now}`, received: f.exp }),
  },
  'assertion.exp-is-near': {
    cite: 'RFC7523§3-4',
    level: 'MAY',
    says: 'exp is at most an hour away',
    byClock: true,
    rows: ['PKJWT-3-01'],
    holds: (f) => (f.exp as number) <= f.now + assertionLifeSeconds,
    seen: (f) => ({ expected: `at most ${f.now + assertionLifeSeconds}`, received: f.exp }),
  },
  'assertion.is-not-from-the-future': {
    cite: 'FAPI2-SP§5.3.2.1-13',
    level: 'MUST',
    says: 'nbf and iat, where present, are numbers and not ahead of the clock by more than the tolerance',
    byClock: true,
    rows: ['PKJWT-3-05'],
    holds: (f) => !(f.nbf !== undefined && isAhead(f.nbf, f.now)) && !(f.iat !== undefined && isAhead(f.iat, f.now)),
    seen: (f) => ({ expected: `at most ${f.now + assertionFutureSeconds}`, received: [f.nbf, f.iat] }),
  },
  'assertion.jti-is-present': {
    cite: 'OIDC-Core§9',
    level: 'MUST',
    says: 'jti is a text of 1 to 256 characters',
    rows: ['PKJWT-3-01'],
    fixed: 'without a jti single use cannot be claimed',
    holds: (f) => typeof f.jti === 'string' && f.jti.length > 0 && f.jti.length <= jtiCharacters,
  },
})

function audienceHolds({ aud, issuer, tokenEndpoint, client }: AssertionFacts): boolean {
  // A one-element array is the same statement in this profile.
  const only = Array.isArray(aud) && aud.length === 1 ? aud[0] : aud
  return only === issuer || (client.dangerouslyAcceptTokenEndpointAudience && only === tokenEndpoint)
}
