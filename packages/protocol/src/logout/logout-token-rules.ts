// What a logout token must say (OpenID Connect Back-Channel Logout 1.0 §2.4, §2.6), as the client that receives one judges it.
import { isTypOf, isUntyped, shown } from '../jose/index.ts'
import { namedRules, rulesFor } from '../rule.ts'

export const logoutEvent = 'http://schemas.openid.net/event/backchannel-logout'

export interface LogoutTokenFacts {
  readonly typ: unknown
  readonly claims: { readonly [claim: string]: unknown }
  readonly issuer: string
  readonly clientId: string
  readonly now: number
  readonly leewaySeconds: number
  readonly mayBeUntyped: boolean
}

const unseen = 'judged inside the client, which tells nobody but the issuer'
const fixed = 'the client takes no law: a client with a rule missing is an attack, not a lesson'
const isText = (value: unknown): value is string => typeof value === 'string' && value !== ''
const isTime = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value)
const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)

function missing({ claims }: LogoutTokenFacts): readonly string[] {
  const texts = ['iss', 'jti'].filter((name) => !isText(claims[name]))
  const times = ['iat', 'exp'].filter((name) => !isTime(claims[name]))
  const names = ['sub', 'sid'].filter((name) => claims[name] !== undefined && !isText(claims[name]))
  return [...texts, ...times, ...names]
}

function isForClient({ claims, clientId }: LogoutTokenFacts): boolean {
  const aud = claims['aud']
  return Array.isArray(aud) ? aud.includes(clientId) : aud === clientId
}

/** A token of an hour ago tells nothing new: the issuer sends it at once, and again within minutes. */
const oldestSeconds = 600

export const logoutTokenRules = rulesFor<LogoutTokenFacts>()('request', {
  'logout-token.typ-is-logout-jwt': {
    cite: 'ASVS-10.5.5',
    level: 'MUST',
    says: 'typ is logout+jwt',
    rows: ['ASVS-10.5.5', 'BCLO-2.4-01', 'JWTBCP-3.12-01'],
    unseen,
    fixed,
    holds: (f) => isTypOf('logout-token', f.typ) || (f.mayBeUntyped && isUntyped(f.typ)),
    seen: (f) => ({ expected: 'logout+jwt', received: shown(f.typ) }),
  },
  'logout-token.claims-are-complete': {
    cite: 'OIDC-BackChannel§2.4',
    level: 'MUST',
    says: 'iss, iat, exp and jti are there, each of its type; so are sub and sid where they are there',
    rows: ['BCLO-2.6-01', 'BCLO-2.4-01'],
    unseen,
    fixed,
    holds: (f) => missing(f).length === 0,
    seen: (f) => ({ expected: [], received: missing(f) }),
  },
  'logout-token.iss-is-issuer': {
    cite: 'OIDC-BackChannel§2.6-3',
    level: 'MUST',
    says: 'iss is exactly the issuer',
    rows: ['BCLO-2.6-01'],
    unseen,
    fixed,
    holds: (f) => !isText(f.claims['iss']) || f.claims['iss'] === f.issuer,
    seen: (f) => ({ expected: f.issuer, received: shown(f.claims['iss']) }),
  },
  'logout-token.aud-is-client': {
    cite: 'OIDC-BackChannel§2.6-3',
    level: 'MUST',
    says: 'aud names this client',
    rows: ['BCLO-2.6-01'],
    unseen,
    fixed,
    holds: isForClient,
    seen: (f) => ({ expected: f.clientId, received: shown(f.claims['aud']) }),
  },
  'logout-token.exp-has-not-passed': {
    cite: 'OIDC-BackChannel§2.6-3',
    level: 'MUST',
    says: 'the token has not expired',
    byClock: true,
    rows: ['BCLO-2.6-01'],
    unseen,
    fixed,
    holds: (f) => !isTime(f.claims['exp']) || f.claims['exp'] > f.now - f.leewaySeconds,
    seen: (f) => ({ expected: `later than ${f.now - f.leewaySeconds}`, received: shown(f.claims['exp']) }),
  },
  'logout-token.iat-is-recent': {
    cite: 'OIDC-BackChannel§2.6-3',
    level: 'MUST',
    says: 'the token was made just now: neither later than now nor more than ten minutes ago',
    byClock: true,
    rows: ['BCLO-2.6-01'],
    unseen,
    fixed,
    holds: ({ claims: { iat }, now, leewaySeconds }) => !isTime(iat) || (iat <= now + leewaySeconds && iat >= now - oldestSeconds),
    seen: (f) => ({ expected: `${f.now - oldestSeconds} to ${f.now + f.leewaySeconds}`, received: shown(f.claims['iat']) }),
  },
  'logout-token.names-somebody': {
    cite: 'OIDC-BackChannel§2.6-5',
    level: 'MUST',
    says: 'sub, sid or both say whose sign-in ended, or which',
    rows: ['BCLO-2.6-01', 'BCLO-2.4-01'],
    unseen,
    fixed,
    holds: (f) => f.claims['sub'] !== undefined || f.claims['sid'] !== undefined,
  },
  'logout-token.event-is-logout': {
    cite: 'OIDC-BackChannel§2.6-6',
    level: 'MUST',
    says: 'events is an object whose member for back-channel logout is an object',
    rows: ['BCLO-2.6-01', 'ASVS-10.5.5'],
    unseen,
    fixed,
    holds: ({ claims: { events } }) => isObject(events) && isObject(events[logoutEvent]),
  },
  'logout-token.nonce-is-absent': {
    cite: 'OIDC-BackChannel§2.6-7',
    level: 'MUST',
    says: 'there is no nonce: the token passes for no ID token',
    rows: ['BCLO-2.6-01', 'BCLO-2.4-01', 'ASVS-10.5.5'],
    unseen,
    fixed,
    holds: (f) => f.claims['nonce'] === undefined,
  },
})

export const logoutOnceRules = namedRules('request', {
  'logout-token.jti-is-first-seen': {
    cite: 'OIDC-BackChannel§2.6-8',
    level: 'MUST',
    says: 'this token was not received before',
    rows: ['BCLO-2.6-01'],
    unseen,
    fixed,
  },
})
