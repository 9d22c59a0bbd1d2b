// refresh_token (OAuth 2.1 §4.3): public clients rotate within a family bound to their key, confidential ones do not rotate.
// A wrong key or a wrong client never harms the family; reuse outside the window ends it.
import { areAmong, type DetailTypes, issuedDetails, parseDetails } from '../authorization/index.ts'
import type { AuthenticatedClient } from '../client-auth/index.ts'
import type { Confirmation, Seconds, Thumbprint } from '../ids.ts'
import { equal } from '../jose/index.ts'
import type { AuthorizationDetail, GrantRecord, RefreshFamilyRecord, RefreshTokenRecord } from '../records.ts'
import type { Refusal } from '../refusal.ts'
import { type Broken, isBroken, judge, type Law, namedRules, rulesFor } from '../rule.ts'
import { type MatchedGrant, mintGrant } from './matched-grant.ts'

export interface RefreshFacts {
  readonly client: AuthenticatedClient
  readonly token: RefreshTokenRecord | undefined
  readonly family: RefreshFamilyRecord | undefined
  readonly grant: GrantRecord | undefined
  /** The token this one was rotated into, where it was. */
  readonly successor: RefreshTokenRecord | undefined
  /** The person may still sign in. */
  readonly personActive: boolean
  /** The sign-in it came from has not ended; always with offline access. */
  readonly signInLasts: boolean
  /** The key proven in this request. */
  readonly jkt: Thumbprint | undefined
  /** Of the certificate of this connection, whatever the new tokens are bound to. */
  readonly x5t: Thumbprint | undefined
  /** What the new tokens will be bound to. */
  readonly confirmation: Confirmation | undefined
  /** Thumbprint of the key that the client authenticated with; asked for where the family names one. */
  readonly clientKey: Thumbprint | undefined
  /** `scope` split; empty: all. */
  readonly scopes: readonly string[]
  readonly resources: readonly string[]
  /** `authorization_details` as sent: a narrower wish; absent: all that was granted. */
  readonly details: string | undefined
  readonly detailTypes: DetailTypes
  /** The issuer itself, which needs no resource record. */
  readonly now: Seconds
}
interface KnownFacts extends RefreshFacts {
  readonly token: RefreshTokenRecord
  readonly family: RefreshFamilyRecord
  readonly wished: readonly AuthorizationDetail[]
}

export const refreshKnownRules = rulesFor<RefreshFacts>()('grant', {
  'refresh.is-known': {
    cite: 'OAuth2.1§4.3',
    level: 'MUST',
    says: 'the refresh token was issued by this issuer and is still remembered',
    rows: ['O21-4.3-01'],
    fixed: 'an unknown token stands for nothing',
    holds: (f) => f.token !== undefined && f.family !== undefined,
  },
})

const needsCertificate = 'seen only by a public client that is registered for tokens bound to its certificate'
const certificateOfFamily = ({ family }: KnownFacts): Thumbprint | undefined => family.confirmation?.['x5t#S256']

export const refreshRules = rulesFor<KnownFacts>()('grant', {
  'refresh.is-of-this-client': {
    cite: 'OAuth2.1§4.3',
    level: 'MUST',
    says: 'the refresh token was issued to the client that presents it',
    rows: ['O21-4.3-01'],
    holds: (f) => f.family.clientId === f.client.client.clientId,
  },
  'refresh.bound-key-is-proven': {
    cite: 'RFC9449§5',
    level: 'MUST',
    says: 'a refresh token bound to a key comes with a proof',
    rows: ['DPOP-5-03'],
    family: 'proof',
    holds: (f) => f.family.confirmation?.jkt === undefined || f.jkt !== undefined,
  },
  'refresh.key-is-the-bound-one': {
    cite: 'RFC9449§5',
    level: 'MUST',
    says: 'the proof is made with the key the refresh token is bound to',
    rows: ['DPOP-5-03'],
    family: 'binding',
    holds: (f) => f.family.confirmation?.jkt === undefined || f.jkt === undefined || equal(f.jkt, f.family.confirmation.jkt),
    seen: (f) => ({ expected: f.family.confirmation?.jkt, received: f.jkt }),
  },
  'refresh.bound-certificate-is-shown': {
    cite: 'RFC8705§4',
    level: 'SHOULD',
    says: 'a refresh token bound to a certificate comes over a connection with one',
    rows: ['MTLS-4-01'],
    family: 'binding',
    unseen: needsCertificate,
    holds: (f) => certificateOfFamily(f) === undefined || f.x5t !== undefined,
    seen: (f) => ({ expected: certificateOfFamily(f), received: 'none' }),
  },
  'refresh.certificate-is-the-bound-one': {
    cite: 'RFC8705§4',
    level: 'SHOULD',
    says: 'the connection used the certificate that the refresh token is bound to',
    rows: ['MTLS-4-01'],
    family: 'binding',
    unseen: needsCertificate,
    holds: (f) => certificateOfFamily(f) === undefined || f.x5t === undefined || equal(f.x5t, certificateOfFamily(f) ?? ''),
    seen: (f) => ({ expected: certificateOfFamily(f), received: f.x5t }),
  },
  'refresh.client-key-is-the-first': {
    cite: 'atproto-OAuth§Confidential-Client-Authentication',
    level: 'MUST',
    says: 'under atproto the client authenticates with the key that the sign-in began with',
    rows: ['ATP-TOK-03'],
    unseen: 'demanded under a profile only: elsewhere a client may change its keys',
    holds: (f) => f.family.clientKey === undefined || f.clientKey === f.family.clientKey,
  },
  'refresh.family-is-live': {
    cite: 'OAuth2.1§4.3.1',
    level: 'MUST',
    says: 'the family of this refresh token has not been revoked',
    rows: ['O21-4.3-01', 'REV-2-01'],
    unseen: 'a family ends together with its grant, which is judged as well',
    holds: (f) => f.family.revokedAt === null,
  },
  'refresh.is-current': {
    cite: 'OAuth2.1§4.3.1',
    level: 'MUST',
    says: 'a refresh token that was rotated away is not used again, but for one honest repeat inside the window',
    rows: ['O21-4.3.1-01', 'ASVS-10.4.5'],
    fixed: 'once-only: storage decides it, and the lab wraps storage',
    holds: (f) => f.token.rotatedAt === null || isInWindow(f),
  },
  'refresh.successor-is-unredeemed': {
    cite: 'RFC9700§4.14',
    level: 'PRODUCT',
    says: 'a repeat is answered only while its successor was not used',
    rows: ['O21-4.3.1-01'],
    fixed: 'the successor that would be answered no longer works',
    holds: (f) => f.token.rotatedAt === null || f.successor?.rotatedAt === null,
  },
  'refresh.is-not-idle': {
    cite: 'OAuth2.1§4.3.3',
    level: 'SHOULD',
    says: 'the refresh token was used within its idle time',
    rows: ['O21-4.3.3-01'],
    holds: (f) => f.now < f.family.idleExpiresAt,
    seen: (f) => ({ expected: `before ${f.family.idleExpiresAt}`, received: f.now }),
  },
  'refresh.is-within-its-life': {
    cite: 'ASVS§10.4.8',
    level: 'MUST',
    says: 'the family has not reached its absolute end',
    rows: ['ASVS-10.4.8'],
    unseen: 'the idle end never lies behind the absolute one',
    holds: (f) => f.now < f.family.absoluteExpiresAt,
    seen: (f) => ({ expected: `before ${f.family.absoluteExpiresAt}`, received: f.now }),
  },
  'refresh.grant-is-of-these-keys': {
    cite: 'CIMD-02§8.4.1',
    level: 'MAY',
    says: 'the grant was given to the client with keys that it still has: whoever replaced all of them asks the person again',
    rows: ['CIMD-8.2-01'],
    unseen: 'keys are replaced in a document that the issuer fetches from the client',
    holds: (f) => f.grant === undefined || f.grant.createdAt >= (f.client.client.document?.keysSince ?? 0),
  },
  'refresh.grant-is-active': {
    cite: 'OAuth2.1§4.3',
    level: 'MUST',
    says: 'what the person allowed has neither been revoked nor expired, and the person is not disabled',
    rows: ['O21-4.3-01', 'OIDC-16.18-4'],
    unseen: 'a grant that ends takes its families along, which are judged as well',
    holds: (f) => f.grant !== undefined && f.grant.revokedAt === null && f.now < f.grant.expiresAt && f.personActive,
  },
  'refresh.sign-in-lasts': {
    cite: 'OIDC-Core§11',
    level: 'MUST',
    says: 'without offline access the sign-in it came from has not ended',
    rows: ['OIDC-17.4-1', 'O21-4.3.3-01'],
    unseen: 'a person has to sign out at the issuer first',
    holds: (f) => f.signInLasts,
  },
  'refresh.scope-was-granted': {
    cite: 'OAuth2.1§4.3.1',
    level: 'MUST',
    says: 'scope names only what was granted',
    rows: ['O21-3.2.3-02'],
    family: 'scope',
    holds: (f) => f.scopes.every((scope) => f.family.scopes.includes(scope)),
    seen: (f) => ({ expected: f.family.scopes, received: f.scopes.slice(0, 20) }),
  },
  'refresh.resource-was-granted': {
    cite: 'RFC8707§2.2',
    level: 'MUST',
    says: 'resource names only APIs that were granted',
    rows: ['RES-2-02', 'O21-3.2.3-02'],
    family: 'target',
    holds: (f) => f.resources.every((resource) => f.family.resources.includes(resource)),
    seen: (f) => ({ expected: f.family.resources, received: f.resources.slice(0, 5) }),
  },
  'refresh.details-were-granted': {
    cite: 'RFC9396§6.1',
    level: 'MUST',
    says: 'each object of authorization_details equals one that was granted',
    rows: ['RAR-7-01', 'RAR-5-01'],
    family: 'authorization-details',
    holds: (f) => areAmong(f.wished, f.family.details ?? []),
  },
})

/** Judged with what the winner sealed. */
export const repeatRules = namedRules('grant', {
  'refresh.repeat-is-the-same-request': {
    cite: 'RFC9700§4.14',
    level: 'PRODUCT',
    says: 'a repeat asks for the same scope, resource and authorization details as the refresh it repeats',
    fixed: 'another request has another answer',
  },
})

export type RefreshDecision =
  /** Confidential: the same refresh token stays. */
  | { readonly issue: MatchedGrant; readonly token: 'keep' }
  /**
   * Public: a successor takes its place, in the same plan; storage may answer that this is a repeat.
   * `bind`: a family without a name comes with its first proof or certificate, and bears that name from now on.
   */
  | { readonly issue: MatchedGrant; readonly token: 'rotate'; readonly bind?: Confirmation }

export function decideRefresh(facts: RefreshFacts, law: Law): RefreshDecision | Refusal {
  const unknown = judge(refreshKnownRules, facts, law)
  if (unknown || !facts.token || !facts.family) return unknown ?? { broken: 'refresh.is-known', family: 'grant' }
  const wished = parseDetails(facts.details)
  if (isBroken(wished)) return wished
  const known: KnownFacts = { ...facts, token: facts.token, family: facts.family, wished }
  const broken = judge(refreshRules, known, law)
  if (broken) return withRevocation(broken, known)
  const { family } = known
  const audience = facts.resources.length > 0 ? [...new Set(facts.resources)] : family.resources
  const issue = mintGrant({
    grantType: 'refresh_token',
    namedClaims: facts.grant?.claims?.id_token,
    subject: family.subject,
    scopes: facts.scopes.length > 0 ? facts.scopes : family.scopes,
    audience,
    ...issuedDetails(facts.details === undefined ? (family.details ?? []) : wished, audience, facts.detailTypes),
    person: {
      grantId: family.grantId,
      authTime: family.authTime,
      ...(family.authentication && { authentication: family.authentication }),
      sessionId: facts.grant?.sessionId ?? null,
      nonce: null,
    },
  })
  if (!family.rotates) return { issue, token: 'keep' }
  const { confirmation } = facts
  return { issue, token: 'rotate', ...(family.confirmation === null && confirmation !== undefined && { bind: confirmation }) }
}

/** The window in which the sealed successor may be answered again. */
function isInWindow({ token, now }: KnownFacts): boolean {
  return token.sealedUntil !== null && now <= token.sealedUntil
}

/** OAuth 2.1 §4.3.1: the grant goes, and with it its refresh and access tokens. */
function withRevocation(broken: Broken, facts: KnownFacts): Refusal {
  if (broken.broken !== 'refresh.is-current') return broken
  return { ...broken, writes: [{ write: 'revoke-grant', grantId: facts.family.grantId, at: facts.now }] }
}
