// Request objects (RFC 9101, OpenID Connect Core §6, FAPI 2.0 Message Signing §5.3.1): what must hold of a signed authorization request.
// What the request inside asks is judged by the rules of every authorization request.
import type { Seconds } from '../ids.ts'
import { isTypOf, isUntyped, shown } from '../jose/index.ts'
import type { Profile } from '../profiles/index.ts'
import type { ClientRecord, RequestObjectAlg, RequestObjectDemand } from '../records.ts'
import { namedRules, rulesFor } from '../rule.ts'

/** Whatever else a client registers, it is one of these: asymmetric, and never `none`. */
export const requestObjectAlgorithms: readonly RequestObjectAlg[] = ['RS256', 'PS256', 'ES256', 'EdDSA', 'Ed25519']

/** FAPI 2.0 SP §5.4.1: not RS256. And never more than the profile has. */
export function requestObjectAlgorithmsFor(
  demand: RequestObjectDemand,
  { signatureAlgorithms }: Pick<Profile, 'signatureAlgorithms'>,
): readonly RequestObjectAlg[] {
  return requestObjectAlgorithms.filter(
    (alg) => (demand !== 'fapi2-message-signing' || alg !== 'RS256') && (signatureAlgorithms?.includes(alg) ?? true),
  )
}

/** FAPI 2.0 SP §5.3.2.1-13: 10 s ahead is accepted. The same for a clock that is behind. */
export const requestObjectLeewaySeconds = 10
/** FAPI 2.0 MS §5.3.1: how old nbf may be, and how far behind it exp. */
export const requestObjectLifeSeconds = 3600

/** Told before the request is trusted: where the client may be answered by what stands beside it, else shown. */
export const requestUriRules = namedRules('request-uri', {
  'request-uri.is-registered': {
    cite: 'OIDC-Core§6.2',
    level: 'MUST',
    says: 'request_uri names a pushed request, or is registered by the client, character by character',
    rows: ['JAR-5.2-01'],
    fixed: 'an address that nobody registered is never asked',
  },
  'request-uri.can-be-fetched': {
    cite: 'RFC9101§5.2.3',
    level: 'MUST',
    says: 'what request_uri names can be fetched: over https, as a JWT, within size and time',
    rows: ['JAR-5.2-01'],
    fixed: 'what could not be fetched asks for nothing',
  },
  'request-uri.content-has-its-hash': {
    cite: 'OIDC-Core§6.2',
    level: 'PRODUCT',
    says: 'where request_uri ends in a fragment, it is the base64url SHA-256 of what was fetched',
    unseen: 'a probe would need a client that registered an address of its own',
  },
})

export const requestObjectShapeRules = namedRules('request-object', {
  'request-object.comes-alone': {
    cite: 'RFC9101§5',
    level: 'MUST',
    says: 'request and request_uri are not sent together',
    rows: ['JAR-5-01'],
    family: 'request',
  },
  'request-object.is-signed': {
    cite: 'RFC9101§10.5',
    level: 'MUST',
    says: 'the request is a signed request object, where the issuer or the client demands it',
    rows: ['JAR-10.5-01', 'FAPIMS-5.3-01'],
    family: 'request',
    unseen: 'probes edit a plain request that works, and where this rule bites none does',
  },
  'request-object.alg-is-accepted': {
    cite: 'RFC9101§6.2',
    level: 'MUST',
    says: 'the object is signed with the registered algorithm, or where none is registered with one that is served: never none',
    rows: ['JAR-6.2-01', 'JAR-10.5-01'],
    unseen: 'a probe would need registered keys of two algorithms',
  },
  'request-object.key-is-registered': {
    cite: 'RFC9101§6.2',
    level: 'MUST',
    says: 'the client has a registered key that fits kid and alg',
    rows: ['JAR-6.2-01'],
    fixed: 'without a key nothing can be verified; a key in the object itself is never used',
  },
  'request-object.signature-verifies': {
    cite: 'RFC9101§6.2',
    level: 'MUST',
    says: 'the signature verifies with a registered key of the client',
    rows: ['JAR-6.2-01', 'OIDC-16.20-1'],
  },
  'request-object.envelope-opens': {
    cite: 'RFC9101§6.1',
    level: 'MUST',
    says: 'an encrypted object decrypts with a key of this issuer, uncompressed, to one that its client signed',
    rows: ['OIDC-16.12-2', 'OIDC-16.14-1', 'OIDC-16.21-1'],
    fixed: 'one answer for whatever went wrong inside an envelope: it tells nobody what',
  },
  'request-object.parameters-are-text': {
    cite: 'RFC9101§4',
    level: 'MUST',
    says: 'names and values of its parameters can be written as UTF-8',
    fixed: 'what is no text cannot be a parameter',
  },
})

export interface RequestObjectFacts {
  readonly client: ClientRecord
  readonly issuer: string
  readonly demand: RequestObjectDemand
  readonly now: Seconds
  readonly typ: unknown
  readonly claims: Readonly<Record<string, unknown>>
}

const isTime = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value)
const isStrict = ({ demand }: RequestObjectFacts): boolean => demand === 'fapi2-message-signing'
const strictOnly = 'demanded of clients that sign by the rules of FAPI alone, which a probe of a usual client never meets'

function agedWell({ claims: { nbf, exp }, now }: RequestObjectFacts): boolean {
  return (
    isTime(nbf) &&
    isTime(exp) &&
    nbf >= now - requestObjectLifeSeconds - requestObjectLeewaySeconds &&
    exp - nbf <= requestObjectLifeSeconds
  )
}

/** Judged after the signature. */
export const requestObjectRules = rulesFor<RequestObjectFacts>()('request-object', {
  'request-object.typ-is-no-other': {
    cite: 'RFC9101§10.8',
    level: 'SHOULD',
    says: 'typ is oauth-authz-req+jwt, JWT or absent: no other kind of JWT passes for a request object',
    rows: ['JAR-10.8-01', 'JWTBCP-3.12-01'],
    holds: (f) => isTypOf('request-object', f.typ) || isUntyped(f.typ),
    seen: (f) => ({ expected: 'oauth-authz-req+jwt', received: shown(f.typ) }),
  },
  // FAPI 2.0 MS §5.3.1 has it accepted, not demanded: clients that say no typ are sound, and certification plays one.
  'request-object.typ-is-its-own-or-none': {
    cite: 'RFC9101§10.8',
    level: 'SHOULD',
    says: 'by the rules of FAPI, typ is oauth-authz-req+jwt or absent: one that is there names this kind alone',
    rows: ['JAR-10.8-01', 'FAPIMS-5.3-01'],
    unseen: strictOnly,
    holds: (f) => !isStrict(f) || f.typ === undefined || isTypOf('request-object', f.typ),
    seen: (f) => ({ expected: 'oauth-authz-req+jwt', received: shown(f.typ) }),
  },
  'request-object.client-id-agrees': {
    cite: 'RFC9101§5',
    level: 'MUST',
    says: 'client_id inside is the client_id outside',
    rows: ['JAR-5-01'],
    holds: (f) => f.claims['client_id'] === f.client.clientId,
    seen: (f) => ({ expected: f.client.clientId, received: shown(f.claims['client_id']) }),
  },
  'request-object.iss-is-the-client': {
    cite: 'RFC9101§4',
    level: 'SHOULD',
    says: 'iss is the client id',
    rows: ['JAR-4-01'],
    holds: (f) => f.claims['iss'] === f.client.clientId,
    seen: (f) => ({ expected: f.client.clientId, received: shown(f.claims['iss']) }),
  },
  'request-object.aud-is-the-issuer': {
    cite: 'RFC9101§4',
    level: 'SHOULD',
    says: 'aud is the issuer identifier, or a list that contains it: a request made for another server is not taken here',
    rows: ['JAR-4-01', 'FAPIMS-5.3-01'],
    holds: ({ claims: { aud }, issuer }) => aud === issuer || (Array.isArray(aud) && aud.includes(issuer)),
    seen: (f) => ({ expected: f.issuer, received: shown(f.claims['aud']) }),
  },
  'request-object.subject-is-not-the-client': {
    cite: 'RFC9101§10.8',
    level: 'SHOULD',
    says: 'sub is not the client id: what could authenticate the client is no request object',
    rows: ['JAR-10.8-01'],
    holds: (f) => f.claims['sub'] !== f.client.clientId,
  },
  'request-object.times-are-numbers': {
    cite: 'RFC7519§4.1',
    level: 'MUST',
    says: 'exp, nbf and iat, where present, are numbers',
    unseen: 'a text compared with a time may pass or fail by accident',
    holds: ({ claims: { exp, nbf, iat } }) => [exp, nbf, iat].every((time) => time === undefined || isTime(time)),
  },
  'request-object.is-not-expired': {
    cite: 'RFC7519§4.1.4',
    level: 'MUST',
    says: 'the object has not expired, but for ten seconds by which clocks may differ',
    byClock: true,
    rows: ['FAPIMS-5.3-01'],
    holds: ({ claims: { exp }, now }) => !isTime(exp) || now < exp + requestObjectLeewaySeconds,
    seen: (f) => ({ expected: `after ${f.now}`, received: shown(f.claims['exp']) }),
  },
  'request-object.is-not-from-the-future': {
    cite: 'RFC7519§4.1.5',
    level: 'MUST',
    says: 'nbf and iat are not ahead, but for ten seconds by which clocks may differ',
    byClock: true,
    rows: ['FAPIMS-5.3-01'],
    holds: ({ claims: { nbf, iat }, now }) => [nbf, iat].every((time) => !isTime(time) || time <= now + requestObjectLeewaySeconds),
    seen: (f) => ({
      expected: `at most ${f.now + requestObjectLeewaySeconds}`,
      received: [shown(f.claims['nbf']), shown(f.claims['iat'])],
    }),
  },
  'request-object.life-is-short': {
    cite: 'FAPI2-MS§5.3.1',
    level: 'MUST',
    says: 'by the rules of FAPI, nbf and exp are there, nbf is at most an hour old, and exp at most an hour after it',
    byClock: true,
    rows: ['FAPIMS-5.3-01'],
    unseen: strictOnly,
    holds: (f) => !isStrict(f) || agedWell(f),
    seen: (f) => ({
      expected: `nbf since ${f.now - requestObjectLifeSeconds}`,
      received: [shown(f.claims['nbf']), shown(f.claims['exp'])],
    }),
  },
  'request-object.is-the-whole-request': {
    cite: 'RFC9101§4',
    level: 'MUST',
    says: 'neither request nor request_uri is inside',
    rows: ['JAR-4-01'],
    holds: (f) => !('request' in f.claims) && !('request_uri' in f.claims),
  },
})
