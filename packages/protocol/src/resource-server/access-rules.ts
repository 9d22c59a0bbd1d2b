// What a request to a protected resource must bring, beyond a sound token and a sound proof.
// Token rules stand in `tokens/`, proof rules in `dpop/`, binding in `sender-constraint/`.
import { namedRules, rulesFor } from '../rule.ts'

/** How credentials stand in the header lines. */
export const credentialRules = namedRules('mixed-credentials', {
  'credentials.are-sent-once': {
    cite: 'RFC6750§2',
    level: 'MUST',
    says: 'the request carries one Authorization header with one credential',
    rows: ['DPOP-7.2-03'],
  },
  'credentials.are-present': {
    cite: 'RFC6750§3.1',
    level: 'MUST',
    says: 'the request carries an access token in the Authorization header',
    rows: ['DPOP-7.1-03', 'DPOP-7.1-04', 'DPOP-7.2-02', 'O21-5.1-01', 'SEED-O21-10'],
    family: 'no-credentials',
    fixed: 'without a token there is nothing to judge',
  },
  'credentials.are-token68': {
    cite: 'RFC9110§11.2',
    level: 'MUST',
    says: 'the credential after the scheme is one token of the token68 alphabet',
    rows: ['DPOP-7.1-01'],
    family: 'access-token',
    fixed: 'what cannot be read as a token cannot be judged',
  },
  'credentials.are-bounded': {
    cite: 'Kimei guard',
    level: 'PRODUCT',
    says: 'the access token is no longer than 8192 characters',
    family: 'access-token',
    unseen: 'most servers already refuse so long a header',
  },
})

/** What the route demands of a token that is sound and whose binding was proved. */
export interface AccessFacts {
  readonly policy: {
    readonly constraint: 'dpop' | 'mtls' | 'either' | 'both'
    readonly scopes: readonly string[]
    readonly acr: readonly string[] | undefined
    readonly maxAuthenticationAgeSeconds: number | undefined
  }
  /** By what the token is bound, and proved to be. */
  readonly dpop: boolean
  readonly mtls: boolean
  readonly scopes: readonly string[]
  readonly acr: unknown
  readonly authTime: unknown
  readonly now: number
}

function constraintMet({ policy, dpop, mtls }: AccessFacts): boolean {
  if (!dpop && !mtls) return true
  if (policy.constraint === 'dpop') return dpop
  if (policy.constraint === 'mtls') return mtls
  return policy.constraint === 'both' ? dpop && mtls : true
}

/** That a token is bound at all is judged by `checkBound`; here, by what. */
export const bindingDemandRules = rulesFor<AccessFacts>()('binding', {
  'access.binding-is-of-the-kind-demanded': {
    cite: 'Kimei guard',
    level: 'PRODUCT',
    says: 'the token is bound in the way this route demands',
    holds: constraintMet,
    seen: (f) => ({ expected: f.policy.constraint, received: f.dpop ? 'dpop' : 'mtls' }),
    unseen: 'a probe would need tokens of both kinds from one issuer',
  },
})

export const permissionRules = rulesFor<AccessFacts>()('insufficient-scope', {
  'access.scope-is-granted': {
    cite: 'RFC6750§3.1',
    level: 'MUST',
    says: 'the token has every scope that the route needs',
    rows: ['O21-5.3-01', 'ASVS-10.3.2', 'MCP-SCOPE-01'],
    holds: (f) => f.policy.scopes.every((scope) => f.scopes.includes(scope)),
    seen: (f) => ({ expected: f.policy.scopes.join(' '), received: f.scopes.join(' ') }),
  },
  'access.authentication-is-recent': {
    cite: 'RFC9470§3',
    level: 'MUST',
    says: 'the user signed in no longer ago than the route allows',
    byClock: true,
    rows: ['STEP-3-01', 'ASVS-10.3.4'],
    family: 'insufficient-authentication',
    holds: (f) =>
      f.policy.maxAuthenticationAgeSeconds === undefined ||
      (typeof f.authTime === 'number' && f.now - f.authTime <= f.policy.maxAuthenticationAgeSeconds),
    seen: (f) => ({ expected: f.policy.maxAuthenticationAgeSeconds, received: f.authTime }),
    unseen: 'a probe would need a sign-in older than the route allows',
  },
  'access.authentication-is-strong-enough': {
    cite: 'RFC9470§3',
    level: 'MUST',
    says: 'the user signed in by one of the authentication contexts that the route accepts',
    rows: ['STEP-3-01', 'ASVS-10.3.4'],
    family: 'insufficient-authentication',
    holds: (f) => f.policy.acr === undefined || (typeof f.acr === 'string' && f.policy.acr.includes(f.acr)),
    seen: (f) => ({ expected: f.policy.acr, received: f.acr }),
    unseen: 'a probe would need sign-ins of two strengths',
  },
})

/** Our own side: what must work for a decision to be possible. */
export const readinessRules = namedRules('unavailable', {
  'guard.can-decide': {
    cite: 'RFC9449§7.1',
    level: 'PRODUCT',
    says: 'the guard reaches its replay memory, the keys of the issuer and its audit log',
    rows: ['DPOP-7.1-02'],
    fixed: 'what fails inside closes the door',
    unseen: 'an outsider cannot take the replay memory away',
  },
})
