// What must hold of the answer when an API asks the issuer about a token (RFC 7662 §2.2, RFC 9701 §5).
// Times, issuer, audience and binding of the token told of are judged by the rules of every access token.
import { isJsonObject, isTypOf, type JsonObject, shown } from '../jose/index.ts'
import { rulesFor } from '../rule.ts'

export interface ToldTokenFacts {
  readonly told: JsonObject
}

const isTime = (value: unknown): boolean => typeof value === 'number' && Number.isFinite(value)
const isText = (value: unknown): boolean => typeof value === 'string' && value !== ''
const needsFaultyIssuer = 'needs an issuer that tells half of what it knows'

export const toldTokenRules = rulesFor<ToldTokenFacts>()('access-token', {
  'told-token.is-active': {
    cite: 'RFC7662§2.2',
    level: 'MUST',
    says: 'the issuer says that the token is active',
    rows: ['INTRO-2.2-01', 'INTRO-4-01'],
    fixed: 'of an inactive token the issuer tells nothing that could be judged',
    holds: (f) => f.told['active'] === true,
    seen: (f) => ({ expected: true, received: shown(f.told['active']) }),
  },
  'told-token.end-is-told': {
    cite: 'RFC7662§4',
    level: 'PRODUCT',
    says: 'the issuer tells when the token ends, so that no answer is used beyond it',
    rows: ['INTRO-4-01'],
    unseen: needsFaultyIssuer,
    holds: (f) => isTime(f.told['exp']),
    seen: (f) => ({ expected: 'exp', received: shown(f.told['exp']) }),
  },
  'told-token.holder-is-told': {
    cite: 'RFC7662§2.2',
    level: 'PRODUCT',
    says: 'the issuer tells whose token it is: sub, or client_id alone',
    unseen: needsFaultyIssuer,
    holds: (f) => isText(f.told['sub']) || (f.told['sub'] === undefined && isText(f.told['client_id'])),
  },
  'told-token.key-is-told': {
    cite: 'RFC9449§6.2',
    level: 'MUST',
    says: 'the issuer tells the key of a token whose type is DPoP',
    rows: ['DPOP-6.2-01'],
    unseen: needsFaultyIssuer,
    holds: (f) => !/^dpop$/i.test(String(f.told['token_type'])) || (isJsonObject(f.told['cnf']) && isText(f.told['cnf']['jkt'])),
  },
})

export interface SignedAnswerFacts {
  readonly typ: unknown
  readonly claims: JsonObject
  readonly issuer: string
  /** The API that asked: its client id, or the identifier its tokens are for. */
  readonly audiences: readonly string[]
  readonly now: number
  readonly leewaySeconds: number
}

const insideGuard = 'judged inside the API, which shows nobody what it was told'

/** Broken: our side was not told anything it may believe, so that nobody is let in (503). */
export const signedAnswerRules = rulesFor<SignedAnswerFacts>()('unavailable', {
  'signed-answer.typ-is-introspection': {
    cite: 'RFC9701§5',
    level: 'MUST',
    says: 'typ is token-introspection+jwt: no other token of the issuer passes for an answer',
    rows: ['INTROJWT-5-01', 'INTROJWT-8-01'],
    unseen: insideGuard,
    holds: (f) => isTypOf('introspection', f.typ),
    seen: (f) => ({ expected: 'token-introspection+jwt', received: shown(f.typ) }),
  },
  'signed-answer.iss-is-issuer': {
    cite: 'RFC9701§5',
    level: 'MUST',
    says: 'iss is exactly the issuer that was asked',
    rows: ['INTROJWT-5-01'],
    unseen: insideGuard,
    holds: (f) => f.claims['iss'] === f.issuer,
    seen: (f) => ({ expected: f.issuer, received: shown(f.claims['iss']) }),
  },
  'signed-answer.aud-is-the-asker': {
    cite: 'RFC9701§5',
    level: 'MUST',
    says: 'aud is the API that asked: what another API was told is not believed',
    rows: ['INTROJWT-5-01'],
    unseen: insideGuard,
    holds: ({ claims: { aud }, audiences }) => (Array.isArray(aud) ? aud : [aud]).some((one) => audiences.includes(one)),
    seen: (f) => ({ expected: f.audiences, received: shown(f.claims['aud']) }),
  },
  'signed-answer.iat-is-now': {
    cite: 'RFC9701§5',
    level: 'PRODUCT',
    says: 'the answer was made now: an old one says nothing of a revocation since',
    byClock: true,
    rows: ['INTROJWT-5-01', 'INTRO-4-01'],
    unseen: insideGuard,
    holds: (f) => isTime(f.claims['iat']) && Math.abs((f.claims['iat'] as number) - f.now) <= f.leewaySeconds,
    seen: (f) => ({ expected: f.now, received: shown(f.claims['iat']) }),
  },
  'signed-answer.holds-an-answer': {
    cite: 'RFC9701§5',
    level: 'MUST',
    says: 'token_introspection holds what is told',
    rows: ['INTROJWT-5-01'],
    fixed: 'without it nothing is told',
    unseen: insideGuard,
    holds: (f) => isJsonObject(f.claims['token_introspection']),
  },
})
