// jwt-bearer (RFC 7523 §2.1, as amended by RFC 7523bis): a configured issuer of assertions says for whom a client may have a ticket.
// Everything is judged before its `jti` is claimed, once. No refresh token: whoever wants more asks that issuer again.
import { checkScopes, type Offer, resolveResources, splitScope } from '../authorization/index.ts'
import type { AuthenticatedClient } from '../client-auth/index.ts'
import type { Issuer, PublicJwk, Seconds } from '../ids.ts'
import { fittingKeys, isSignatureAlg, isSignedByOneOf, isTypOf, isUntyped, type ParsedJws, parseCompactJws, sha256 } from '../jose/index.ts'
import type { Refusal } from '../refusal.ts'
import { type Broken, broke, isBroken, judge, type Law, must, namedRules, rulesFor } from '../rule.ts'
import type { Write } from '../writes.ts'
import { type MatchedGrant, mintGrant } from './matched-grant.ts'

/** Somebody else's issuer whose word is taken here, within these bounds. */
export interface AssertionIssuer {
  readonly issuer: string
  readonly jwks: readonly PublicJwk[]
  readonly jwksUri?: string
  readonly algorithms: readonly string[]
  readonly scopes: readonly string[]
  readonly apis: readonly string[]
  /** Clients that may come with its assertions; `undefined`: all that are registered for the grant. */
  readonly clients: readonly string[] | undefined
  readonly maxLifetimeSeconds: Seconds
}

/** Shape, issuer, key and single use: judged by ordinary code. */
export const jwtBearerShapeRules = namedRules('grant', {
  'jwt-bearer.assertion-is-present': {
    cite: 'RFC7523§2.1',
    level: 'MUST',
    says: 'assertion is sent',
    rows: ['PKJWT-2.1-01'],
    family: 'request',
    fixed: 'without an assertion nobody vouches for anybody',
  },
  'jwt-bearer.issuer-is-trusted': {
    cite: 'RFC7523§3-1',
    level: 'MUST',
    says: 'iss names an issuer of assertions that was configured',
    rows: ['PKJWT-2.1-01'],
    fixed: 'without an issuer there is no key to verify with',
  },
  'jwt-bearer.key-is-of-the-issuer': {
    cite: 'RFC7523§3-9',
    level: 'MUST',
    says: 'that issuer has a key that fits kid and alg; a key in the assertion itself is never used',
    rows: ['PKJWT-2.1-01'],
    fixed: 'without a key nothing can be verified',
  },
  'jwt-bearer.signature-verifies': {
    cite: 'RFC7523§3-9',
    level: 'MUST',
    says: 'the signature verifies with a key of that issuer',
    rows: ['PKJWT-2.1-01'],
  },
  'jwt-bearer.subject-is-known': {
    cite: 'RFC7523§3-2',
    level: 'MUST',
    says: 'sub names a person of this issuer who may sign in',
    rows: ['PKJWT-2.1-01'],
    fixed: 'a ticket for nobody has no subject to write',
  },
  'jwt-bearer.jti-is-first-seen': {
    cite: 'RFC7523§3-7',
    level: 'PRODUCT',
    says: 'an assertion is used once',
    rows: ['PKJWT-2.1-01'],
    fixed: 'once-only: storage decides it, and the lab wraps storage',
  },
})

interface AssertionFacts {
  readonly from: AssertionIssuer
  readonly clientId: string
  /** This issuer: whom the assertion must be for. */
  readonly issuer: Issuer
  readonly alg: unknown
  readonly typ: unknown
  readonly claims: ParsedJws['claims']
  readonly now: Seconds
}

/** How far ahead of the clock iat and nbf may be. */
const futureSeconds = 30
const jtiCharacters = 256
const isAhead = (value: unknown, now: Seconds): boolean => typeof value !== 'number' || value > now + futureSeconds

export const jwtBearerRules = rulesFor<AssertionFacts>()('grant', {
  'jwt-bearer.typ-is-no-other-kind': {
    cite: 'RFC7523bis§4',
    level: 'SHOULD',
    says: 'typ is authorization-grant+jwt, JWT or absent: no other kind of JWT passes for a grant',
    rows: ['PKJWT-3-04', 'JWTBCP-3.12-01'],
    holds: (f) => isTypOf('grant-assertion', f.typ) || isUntyped(f.typ),
    seen: (f) => ({ expected: 'authorization-grant+jwt', received: f.typ }),
  },
  'jwt-bearer.alg-is-allowed': {
    cite: 'RFC8725§3.1',
    level: 'MUST',
    says: 'alg is one of those configured for the issuer of the assertion',
    holds: (f) => f.from.algorithms.some((alg) => alg === f.alg),
    unseen: 'an issuer of assertions signs as it does: another algorithm needs another key of it',
    seen: (f) => ({ expected: f.from.algorithms, received: f.alg }),
  },
  'jwt-bearer.aud-is-this-issuer': {
    cite: 'RFC7523bis§4',
    level: 'MUST',
    says: 'the only audience is the issuer identifier: neither the token endpoint nor anybody beside it',
    rows: ['PKJWT-3-02', 'PKJWT-2.1-01'],
    holds: (f) => (Array.isArray(f.claims['aud']) && f.claims['aud'].length === 1 ? f.claims['aud'][0] : f.claims['aud']) === f.issuer,
    seen: (f) => ({ expected: f.issuer, received: f.claims['aud'] }),
  },
  'jwt-bearer.exp-is-a-time': {
    cite: 'RFC7523§3-4',
    level: 'MUST',
    says: 'exp is present and a number',
    rows: ['PKJWT-2.1-01'],
    fixed: 'without exp nobody knows how long its jti must be remembered',
    holds: (f) => typeof f.claims['exp'] === 'number' && Number.isFinite(f.claims['exp']),
  },
  'jwt-bearer.is-not-expired': {
    cite: 'RFC7523§3-4',
    level: 'MUST',
    says: 'the assertion has not expired',
    byClock: true,
    rows: ['PKJWT-2.1-01'],
    holds: (f) => (f.claims['exp'] as number) > f.now,
    seen: (f) => ({ expected: `after ${f.now}`, received: f.claims['exp'] }),
  },
  'jwt-bearer.exp-is-near': {
    cite: 'RFC7523§3-4',
    level: 'MAY',
    says: 'exp is no further away than configured for the issuer of the assertion',
    byClock: true,
    rows: ['PKJWT-2.1-01'],
    holds: (f) => (f.claims['exp'] as number) <= f.now + f.from.maxLifetimeSeconds,
    seen: (f) => ({ expected: `at most ${f.now + f.from.maxLifetimeSeconds}`, received: f.claims['exp'] }),
  },
  'jwt-bearer.is-not-from-the-future': {
    cite: 'RFC7523§3-5',
    level: 'MUST',
    says: 'nbf and iat, where present, are numbers and not ahead of the clock by more than the tolerance',
    byClock: true,
    rows: ['PKJWT-3-05'],
    holds: ({ claims: { nbf, iat }, now }) => !(nbf !== undefined && isAhead(nbf, now)) && !(iat !== undefined && isAhead(iat, now)),
    seen: (f) => ({ expected: `at most ${f.now + futureSeconds}`, received: [f.claims['nbf'], f.claims['iat']] }),
  },
  'jwt-bearer.jti-is-present': {
    cite: 'RFC7523§3-7',
    level: 'PRODUCT',
    says: 'jti is a text of 1 to 256 characters',
    fixed: 'without a jti single use cannot be claimed',
    holds: ({ claims: { jti } }) => typeof jti === 'string' && jti.length > 0 && jti.length <= jtiCharacters,
  },
  'jwt-bearer.client-may-use-issuer': {
    cite: 'RFC7521§4.1',
    level: 'PRODUCT',
    says: 'the client is one that may come with assertions of this issuer, and the one that client_id in the assertion names',
    rows: ['PKJWT-2.1-01'],
    holds: (f) =>
      (f.from.clients?.includes(f.clientId) ?? true) && (f.claims['client_id'] === undefined || f.claims['client_id'] === f.clientId),
  },
})

/** An assertion that will do, but for its person and its single use. */
export interface JudgedAssertion {
  readonly from: AssertionIssuer
  readonly subject: string
  /** Claims its `jti`. */
  readonly claim: Extract<Write, { write: 'claim-once' }>
}

export interface AssertionExpectation {
  readonly client: AuthenticatedClient
  readonly issuer: Issuer
  readonly now: Seconds
  readonly issuers: readonly AssertionIssuer[]
  /** Keys of one of them, wherever they are kept. */
  readonly keysOf: (from: AssertionIssuer, kid: unknown) => Promise<readonly PublicJwk[]>
}

export async function checkGrantAssertion(
  text: string | undefined,
  expect: AssertionExpectation,
  law: Law,
): Promise<JudgedAssertion | Broken> {
  if (text === undefined) return broke(jwtBearerShapeRules, 'jwt-bearer.assertion-is-present')
  const jws = parseCompactJws(text, 'grant', law)
  if (isBroken(jws)) return jws
  const { header, claims } = jws
  const from = expect.issuers.find(({ issuer }) => issuer === claims['iss'])
  if (!from) return broke(jwtBearerShapeRules, 'jwt-bearer.issuer-is-trusted', { expected: 'a configured issuer', received: claims['iss'] })
  const keys = fittingKeys(await expect.keysOf(from, header['kid']), header['alg'], header['kid'])
  const { alg } = header
  if (!isSignatureAlg(alg) || keys.length === 0) {
    return broke(jwtBearerShapeRules, 'jwt-bearer.key-is-of-the-issuer', {
      expected: 'a key of the issuer',
      received: { alg, kid: header['kid'] },
    })
  }
  const verified = await isSignedByOneOf(keys, alg, jws, { family: 'grant', law })
  const { client, issuer, now } = expect
  const facts = { from, clientId: client.client.clientId, issuer, alg, typ: header['typ'], claims, now }
  const broken = must(jwtBearerShapeRules, 'jwt-bearer.signature-verifies', verified, law) ?? judge(jwtBearerRules, facts, law)
  if (broken) return broken
  const { sub } = claims
  if (typeof sub !== 'string' || sub === '') return broke(jwtBearerShapeRules, 'jwt-bearer.subject-is-known')
  const id = await sha256(JSON.stringify([issuer, 'grant', from.issuer, claims['jti']]))
  return {
    from,
    subject: sub,
    claim: { write: 'claim-once', space: 'grant-assertion', id, until: Math.ceil(claims['exp'] as number) + futureSeconds },
  }
}

export interface JwtBearerFacts {
  readonly client: AuthenticatedClient
  readonly assertion: JudgedAssertion
  /** `sub` of the person here; `undefined`: there is nobody of this name who may sign in. */
  readonly subject: string | undefined
  readonly scope: string | undefined
  readonly resources: readonly string[]
  readonly offer: Offer
}

interface AskFacts {
  readonly from: AssertionIssuer
  readonly scopes: readonly string[]
  readonly personal: readonly string[]
  readonly resources: readonly string[]
}

export const jwtBearerAskRules = rulesFor<AskFacts>()('scope', {
  'jwt-bearer.scopes-are-of-apis': {
    cite: 'RFC7523§2.1',
    level: 'PRODUCT',
    says: 'nobody signed in here: there is no openid, no profile and no offline access',
    unseen: 'an issuer of assertions cannot be given such a scope: another rule refuses it as well',
    holds: (f) => f.personal.length === 0,
    seen: (f) => ({ expected: 'scopes of APIs', received: f.personal }),
  },
  'jwt-bearer.scope-is-of-the-issuer': {
    cite: 'RFC7521§4.1',
    level: 'PRODUCT',
    says: 'every scope is one that the issuer of the assertion may speak for',
    holds: (f) => f.scopes.every((scope) => f.from.scopes.includes(scope)),
    seen: (f) => ({ expected: f.from.scopes, received: f.scopes.slice(0, 20) }),
  },
  'jwt-bearer.api-is-of-the-issuer': {
    cite: 'RFC7521§4.1',
    level: 'PRODUCT',
    says: 'every API is one that the issuer of the assertion may speak for',
    family: 'target',
    holds: (f) => f.resources.every((resource) => f.from.apis.includes(resource)),
    seen: (f) => ({ expected: f.from.apis, received: f.resources.slice(0, 5) }),
  },
})

/** Without `scope`: all that client and issuer of the assertion have in common at the target. */
export function decideJwtBearer(
  facts: JwtBearerFacts,
  law: Law,
): { readonly issue: MatchedGrant; readonly writes: readonly Write[] } | Refusal {
  const { assertion, offer, scope, subject } = facts
  const { client } = facts.client
  const { from } = assertion
  if (subject === undefined) return broke(jwtBearerShapeRules, 'jwt-bearer.subject-is-known')
  const resources = resolveResources(client, facts.resources, false, offer, law)
  if (isBroken(resources)) return resources
  const common = () =>
    client.scopes.filter((name) => from.scopes.includes(name) && resources.some((one) => offer.homes.get(name)?.has(one)))
  const scopes = scope === undefined ? common() : splitScope(scope)
  const personal = scopes.filter((name) => offer.scopes.has(name) && !offer.homes.has(name))
  const broken =
    checkScopes({ client, asked: scopes, text: scope, resources }, offer, law) ??
    judge(jwtBearerAskRules, { from, scopes, personal, resources }, law)
  if (broken) return broken
  return {
    issue: mintGrant({ grantType: 'urn:ietf:params:oauth:grant-type:jwt-bearer', subject, scopes, audience: resources, person: undefined }),
    writes: [assertion.claim],
  }
}
