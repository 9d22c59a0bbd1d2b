// Rules of self-contained tokens: whose signature, by which algorithm (OWASP ASVS 5.0 V9, RFC 8725), then what each kind demands.
// Each judges only what no rule before it has judged: each can be removed alone.
import { isSignatureAlg, isTypOf, isUntyped, type SignatureAlg, shown } from '../jose/index.ts'
import { namedRules, rulesFor } from '../rule.ts'

const needsFaultyIssuer = 'needs a token that only a faulty issuer would sign'
const insideClient = 'judged inside the client, which shows nobody its ID tokens'

export interface TokenHeaderFacts {
  readonly header: { readonly [member: string]: unknown }
  readonly algorithms: readonly SignatureAlg[]
}

const keyMembers = ['jwk', 'jku', 'x5c', 'x5u'] as const

export const tokenHeaderRules = rulesFor<TokenHeaderFacts>()('access-token', {
  'token.alg-is-asymmetric': {
    cite: 'ASVS-9.1.2',
    level: 'MUST',
    says: 'alg is a digital signature algorithm: neither none nor a MAC',
    rows: ['ASVS-9.1.2', 'AT-2.1-01'],
    holds: (f) => isSignatureAlg(f.header['alg']),
    seen: (f) => ({ expected: f.algorithms.join(' '), received: shown(f.header['alg']) }),
  },
  'token.alg-is-allowed': {
    cite: 'RFC8725§3.1',
    level: 'MUST',
    says: 'alg is on the list for tokens of this issuer',
    rows: ['ASVS-9.1.2', 'JWTBCP-3.1-01', 'AT-2.1-01'],
    unseen: 'only the issuer can sign with the keys of the issuer',
    holds: (f) => !isSignatureAlg(f.header['alg']) || f.algorithms.includes(f.header['alg']),
    seen: (f) => ({ expected: f.algorithms.join(' '), received: shown(f.header['alg']) }),
  },
  'token.key-is-not-in-header': {
    cite: 'RFC8725§3.10',
    level: 'MUST',
    says: 'the header brings no key and no address of one',
    rows: ['ASVS-9.1.3', 'JWTBCP-3.10-01'],
    unseen: 'such a key is never used nor fetched: without this rule the signature is refused instead',
    holds: (f) => !keyMembers.some((name) => Object.hasOwn(f.header, name)),
    seen: (f) => ({ expected: [], received: keyMembers.filter((name) => Object.hasOwn(f.header, name)) }),
  },
})

export const tokenShapeRules = namedRules('access-token', {
  'token.key-is-known': {
    cite: 'ASVS-9.1.3',
    level: 'MUST',
    says: 'the issuer has published a key of that name for that algorithm',
    rows: ['ASVS-9.1.3', 'AT-4-02', 'JWTBCP-3.10-01', 'JWTBCP-3.1-01'],
    fixed: 'without a key there is nothing to verify with',
  },
  'token.signature-verifies': {
    cite: 'ASVS-9.1.1',
    level: 'MUST',
    says: 'the signature verifies with the key of the issuer, before any claim is believed',
    rows: ['ASVS-9.1.1'],
  },
})

export interface AccessTokenFacts {
  readonly typ: unknown
  readonly claims: { readonly [claim: string]: unknown }
  readonly issuer: string
  readonly now: number
  readonly leewaySeconds: number
  /** The issuer told what the token stands for: then there is no JWT whose form could be judged. */
  readonly told?: boolean
}

const isText = (value: unknown): boolean => typeof value === 'string' && value !== ''
const isTime = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value)

/** Names of the claims that RFC 9068 §2.2 demands and that are absent or of another type. `aud` has its own rule. */
function missingClaims({ claims }: AccessTokenFacts): readonly string[] {
  const texts = ['iss', 'sub', 'client_id', 'jti'].filter((name) => !isText(claims[name]))
  const times = ['exp', 'iat'].filter((name) => !isTime(claims[name]))
  const scope = claims['scope'] === undefined || typeof claims['scope'] === 'string' ? [] : ['scope']
  return [...texts, ...times, ...scope]
}

const before = (f: AccessTokenFacts) => ({ expected: `at most ${f.now + f.leewaySeconds}`, serverTime: f.now })

export const accessTokenRules = rulesFor<AccessTokenFacts>()('access-token', {
  'access-token.typ-is-at-jwt': {
    cite: 'RFC9068§4',
    level: 'MUST',
    says: 'typ is at+jwt',
    rows: ['AT-4-01', 'ASVS-9.2.2', 'JWTBCP-3.12-01'],
    unseen: 'an outsider holds no token that differs in its type alone',
    holds: (f) => f.told === true || isTypOf('access-token', f.typ),
    seen: (f) => ({ expected: 'at+jwt', received: shown(f.typ) }),
  },
  'access-token.claims-are-complete': {
    cite: 'RFC9068§2.2',
    level: 'MUST',
    says: 'iss, exp, sub, client_id, iat and jti are there, each of its type',
    rows: ['AT-2.2-01'],
    unseen: needsFaultyIssuer,
    holds: (f) => f.told === true || missingClaims(f).length === 0,
    seen: (f) => ({ expected: [], received: missingClaims(f) }),
  },
  'access-token.iss-is-issuer': {
    cite: 'RFC9068§4',
    level: 'MUST',
    says: 'iss is exactly the issuer whose key signed',
    rows: ['AT-4-02'],
    unseen: needsFaultyIssuer,
    holds: (f) => !isText(f.claims['iss']) || f.claims['iss'] === f.issuer,
    seen: (f) => ({ expected: f.issuer, received: shown(f.claims['iss']) }),
  },
  'access-token.exp-has-not-passed': {
    cite: 'RFC9068§4',
    level: 'MUST',
    says: 'the token has not expired',
    byClock: true,
    rows: ['AT-4-04', 'ASVS-9.2.1'],
    unseen: 'a probe would have to wait until its token expires',
    holds: (f) => !isTime(f.claims['exp']) || f.claims['exp'] > f.now - f.leewaySeconds,
    seen: (f) => ({ expected: `later than ${f.now - f.leewaySeconds}`, received: shown(f.claims['exp']), serverTime: f.now }),
  },
  'access-token.nbf-has-come': {
    cite: 'RFC7519§4.1.5',
    level: 'MUST',
    says: 'nbf, where the token has one, has come',
    byClock: true,
    rows: ['ASVS-9.2.1'],
    unseen: needsFaultyIssuer,
    holds: (f) => f.claims['nbf'] === undefined || (isTime(f.claims['nbf']) && f.claims['nbf'] <= f.now + f.leewaySeconds),
    seen: (f) => ({ ...before(f), received: shown(f.claims['nbf']) }),
  },
  'access-token.iat-is-not-ahead': {
    cite: 'RFC7519§4.1.6',
    level: 'PRODUCT',
    says: 'the token was not issued later than now',
    byClock: true,
    rows: ['ASVS-9.2.1'],
    unseen: needsFaultyIssuer,
    holds: (f) => !isTime(f.claims['iat']) || f.claims['iat'] <= f.now + f.leewaySeconds,
    seen: (f) => ({ ...before(f), received: shown(f.claims['iat']) }),
  },
})

export interface AudienceFacts {
  readonly audience: readonly string[]
  readonly ours: readonly string[]
}

export const audienceRules = rulesFor<AudienceFacts>()('access-token', {
  'access-token.aud-is-ours': {
    cite: 'RFC9068§4',
    level: 'MUST',
    says: 'aud names this API, character by character',
    rows: ['AT-4-03', 'ASVS-9.2.3'],
    holds: (f) => f.audience.some((audience) => f.ours.includes(audience)),
    seen: (f) => ({ expected: f.ours, received: f.audience.slice(0, 8).map(shown) }),
  },
})

export interface IdTokenFacts {
  readonly typ: unknown
  readonly claims: { readonly [claim: string]: unknown }
  readonly issuer: string
  readonly clientId: string
  readonly now: number
  readonly leewaySeconds: number
  readonly mayHaveExpired: boolean
  readonly nonce: string | undefined
  /** `at_hash` as it must be; `undefined` where no access token came beside. */
  readonly tokenHash: string | undefined
  readonly maxAgeSeconds: number | undefined
}

/** OIDC Core §2: at most 255 ASCII characters. */
const isSubject = (value: unknown): boolean => typeof value === 'string' && /^[\x20-\x7e]{1,255}$/.test(value)

function missingIdClaims({ claims }: IdTokenFacts): readonly string[] {
  const times = ['exp', 'iat'].filter((name) => !isTime(claims[name]))
  return [...(isText(claims['iss']) ? [] : ['iss']), ...(isSubject(claims['sub']) ? [] : ['sub']), ...times]
}

/** No other audience is trusted, so that none may stand beside. */
function isForClientAlone({ claims, clientId }: IdTokenFacts): boolean {
  const aud = claims['aud']
  return Array.isArray(aud) ? aud.length > 0 && aud.every((one) => one === clientId) : aud === clientId
}

function isYoungEnough({ claims, maxAgeSeconds, now, leewaySeconds }: IdTokenFacts): boolean {
  const authTime = claims['auth_time']
  return maxAgeSeconds === undefined || (isTime(authTime) && authTime + maxAgeSeconds >= now - leewaySeconds)
}

export const idTokenRules = rulesFor<IdTokenFacts>()('request', {
  'id-token.typ-is-jwt': {
    cite: 'RFC8725§3.11',
    level: 'MUST',
    says: 'the token is of no other kind: typ is JWT or absent',
    rows: ['ASVS-9.2.2', 'JWTBCP-3.12-01'],
    unseen: insideClient,
    holds: (f) => isUntyped(f.typ),
    seen: (f) => ({ expected: 'JWT', received: shown(f.typ) }),
  },
  'id-token.claims-are-complete': {
    cite: 'OIDC-Core§2',
    level: 'MUST',
    says: 'iss, sub, exp and iat are there, each of its type',
    rows: ['OIDC-3.1.3.7-01', 'OIDC-16.11-2'],
    unseen: insideClient,
    holds: (f) => missingIdClaims(f).length === 0,
    seen: (f) => ({ expected: [], received: missingIdClaims(f) }),
  },
  'id-token.iss-is-issuer': {
    cite: 'OIDC-Core§3.1.3.7-2',
    level: 'MUST',
    says: 'iss is exactly the issuer',
    rows: ['OIDC-3.1.3.7-01'],
    unseen: insideClient,
    holds: (f) => !isText(f.claims['iss']) || f.claims['iss'] === f.issuer,
    seen: (f) => ({ expected: f.issuer, received: shown(f.claims['iss']) }),
  },
  'id-token.aud-is-client': {
    cite: 'OIDC-Core§3.1.3.7-3',
    level: 'MUST',
    says: 'aud is this client, and nobody beside it',
    rows: ['OIDC-3.1.3.7-01'],
    unseen: insideClient,
    holds: isForClientAlone,
    seen: (f) => ({ expected: f.clientId, received: shown(f.claims['aud']) }),
  },
  'id-token.azp-is-client': {
    cite: 'OIDC-Core§3.1.3.7-5',
    level: 'SHOULD',
    says: 'azp, where the token has one, is this client',
    rows: ['OIDC-3.1.3.7-01'],
    unseen: insideClient,
    holds: (f) => f.claims['azp'] === undefined || f.claims['azp'] === f.clientId,
    seen: (f) => ({ expected: f.clientId, received: shown(f.claims['azp']) }),
  },
  'id-token.exp-has-not-passed': {
    cite: 'OIDC-Core§3.1.3.7-9',
    level: 'MUST',
    says: 'the token has not expired, unless it is only a hint',
    byClock: true,
    rows: ['OIDC-3.1.3.7-01', 'ASVS-9.2.1'],
    unseen: insideClient,
    holds: (f) => f.mayHaveExpired || !isTime(f.claims['exp']) || f.claims['exp'] > f.now - f.leewaySeconds,
    seen: (f) => ({ expected: `later than ${f.now - f.leewaySeconds}`, received: shown(f.claims['exp']) }),
  },
  'id-token.iat-is-not-ahead': {
    cite: 'OIDC-Core§3.1.3.7-10',
    level: 'PRODUCT',
    says: 'the token was not issued later than now',
    byClock: true,
    rows: ['OIDC-3.1.3.7-01'],
    unseen: insideClient,
    holds: (f) => !isTime(f.claims['iat']) || f.claims['iat'] <= f.now + f.leewaySeconds,
    seen: (f) => ({ expected: `at most ${f.now + f.leewaySeconds}`, received: shown(f.claims['iat']) }),
  },
  'id-token.nonce-is-ours': {
    cite: 'OIDC-Core§3.1.3.7-11',
    level: 'MUST',
    says: 'nonce equals the one that was sent',
    rows: ['OIDC-3.1.3.7-01', 'OIDC-2-02'],
    unseen: insideClient,
    holds: (f) => f.nonce === undefined || f.claims['nonce'] === f.nonce,
  },
  'id-token.at-hash-is-token-hash': {
    cite: 'OIDC-Core§3.1.3.8',
    level: 'MUST',
    says: 'at_hash, where the token has one, is the hash of the access token beside it',
    rows: ['OIDC-16.11-3', 'OIDC-3.1.3.6-01'],
    unseen: insideClient,
    holds: (f) => f.tokenHash === undefined || f.claims['at_hash'] === undefined || f.claims['at_hash'] === f.tokenHash,
  },
  'id-token.sign-in-is-recent': {
    cite: 'OIDC-Core§3.1.3.7-13',
    level: 'MUST',
    says: 'auth_time is there and within max_age, where one was asked for',
    byClock: true,
    rows: ['OIDC-2-02'],
    unseen: insideClient,
    holds: isYoungEnough,
    seen: (f) => ({ expected: f.maxAgeSeconds, received: shown(f.claims['auth_time']) }),
  },
})
