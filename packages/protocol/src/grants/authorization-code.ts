// authorization_code (OAuth 2.1 §4.1.3): everything is checked before the code is consumed, once.
// A replay revokes only when client and verifier match: nobody else's request harms anybody.
import { areAmong, type DetailTypes, issuedDetails, parseDetails } from '../authorization/index.ts'
import type { AuthenticatedClient } from '../client-auth/index.ts'
import type { Seconds, Thumbprint } from '../ids.ts'
import { equal } from '../jose/index.ts'
import type { AuthorizationDetail, CodeRecord, GrantRecord } from '../records.ts'
import type { Refusal } from '../refusal.ts'
import { type Broken, isBroken, judge, type Law, rulesFor } from '../rule.ts'
import type { Write } from '../writes.ts'
import { type MatchedGrant, mintGrant } from './matched-grant.ts'

export interface CodeFacts {
  readonly client: AuthenticatedClient
  readonly code: CodeRecord | undefined
  readonly grant: GrantRecord | undefined
  readonly redirectUri: string | undefined
  readonly verifier: string | undefined
  /** base64url SHA-256 of the verifier; empty when there is none. */
  readonly verifierHash: string
  /** The key proven in this request. */
  readonly jkt: Thumbprint | undefined
  /** The sign-in it came from has not ended; always with offline access. */
  readonly signInLasts: boolean
  readonly resources: readonly string[]
  /** `authorization_details` as sent: a narrower wish; absent: all that was granted. */
  readonly details: string | undefined
  readonly detailTypes: DetailTypes
  readonly now: Seconds
}
interface KnownFacts extends CodeFacts {
  readonly code: CodeRecord
  readonly wished: readonly AuthorizationDetail[]
}

/** Asked of the client as it is now: an exception that was taken back ends for codes as well. */
const wentWithoutChallenge = ({ code, client }: KnownFacts): boolean =>
  code.codeChallenge === '' && client.client.dangerouslyAllowWithoutPkce === true

/** Judged alone: the rules below need a record. */
const knownRule = {
  'code.is-known': {
    cite: 'OAuth2.1§4.1.3',
    level: 'MUST',
    says: 'the code was issued by this issuer and is still remembered',
    rows: ['O21-4.1.2-01'],
    fixed: 'an unknown code stands for nothing',
    holds: (f: CodeFacts) => f.code !== undefined,
  },
} as const

export const codeKnownRules = rulesFor<CodeFacts>()('grant', knownRule)

/** In this order: whoever fails before the last three has shown no right to the code and changes nothing. */
export const codeRules = rulesFor<KnownFacts>()('grant', {
  'code.is-of-this-client': {
    cite: 'OAuth2.1§4.1.3',
    level: 'MUST',
    says: 'the code was issued to the client that redeems it',
    rows: ['O21-4.1.3-01', 'O21-4.1.2-01'],
    holds: (f) => f.code.clientId === f.client.client.clientId,
  },
  'code.redirect-uri-agrees': {
    cite: 'OIDC-Core§3.1.3.2',
    level: 'MUST',
    says: 'redirect_uri, where sent, is the one of the authorization request',
    rows: ['O21-4.1.2-01'],
    holds: (f) => f.redirectUri === undefined || f.redirectUri === f.code.redirectUri,
  },
  'pkce.verifier-is-present': {
    cite: 'RFC7636§4.5',
    level: 'MUST',
    says: 'code_verifier is sent, unless the client asked without a challenge and may',
    rows: ['O21-4.1.3-01'],
    holds: (f) => f.verifier !== undefined || wentWithoutChallenge(f),
  },
  'pkce.verifier-is-well-formed': {
    cite: 'RFC7636§4.1',
    level: 'MUST',
    says: 'code_verifier has 43 to 128 unreserved characters',
    rows: ['O21-4.1.1-03'],
    holds: (f) => f.verifier === undefined || /^[A-Za-z0-9._~-]{43,128}$/.test(f.verifier),
  },
  'pkce.verifier-matches-challenge': {
    cite: 'RFC7636§4.6',
    level: 'MUST',
    says: 'the SHA-256 of code_verifier is the code_challenge of the authorization request; without a challenge there is no verifier',
    rows: ['O21-4.1.3-01', 'O21-3.2.4-03', 'ASVS-10.4.6'],
    holds: (f) => f.verifier === undefined || equal(f.verifierHash ?? '', f.code.codeChallenge),
  },
  'dpop.announced-key-is-proven': {
    cite: 'RFC9449§10',
    level: 'MUST',
    says: 'a code bound by dpop_jkt is redeemed with a proof',
    rows: ['DPOP-10-01'],
    family: 'proof',
    holds: (f) => f.code.dpopJkt === null || f.jkt !== undefined,
  },
  'dpop.key-is-the-announced-one': {
    cite: 'RFC9449§10',
    level: 'MUST',
    says: 'the proof is made with the key that dpop_jkt announced',
    rows: ['DPOP-10-01'],
    holds: (f) => f.code.dpopJkt === null || f.jkt === undefined || equal(f.jkt, f.code.dpopJkt),
    seen: (f) => ({ expected: f.code.dpopJkt, received: f.jkt }),
  },
  'code.is-unredeemed': {
    cite: 'OAuth2.1§4.1.3',
    level: 'MUST',
    says: 'the code is redeemed for the first time',
    rows: ['O21-4.1.3-02', 'ASVS-10.4.2'],
    fixed: 'once-only: storage decides it, and the lab wraps storage',
    holds: (f) => f.code.redeemedAt === null,
  },
  'code.is-not-expired': {
    cite: 'OAuth2.1§4.1.2',
    level: 'MUST',
    says: 'the code has not expired',
    rows: ['O21-4.1.2-01', 'ASVS-10.4.3', 'FAPI2-5.3.2.1-03'],
    holds: (f) => f.now < f.code.expiresAt,
    seen: (f) => ({ expected: `before ${f.code.expiresAt}`, received: f.now }),
  },
  'code.grant-is-active': {
    cite: 'RFC7009§2.1',
    level: 'MUST',
    says: 'what the person allowed has not been revoked',
    rows: ['REV-2.1-01'],
    unseen: 'nobody outside can revoke in the seconds a code lives',
    holds: (f) => f.grant !== undefined && f.grant.revokedAt === null,
  },
  'code.sign-in-lasts': {
    cite: 'OIDC-BackChannel§2.7',
    level: 'PRODUCT',
    says: 'without offline access the person has not signed out since',
    rows: ['BCLO-2.7-01'],
    unseen: 'signing out takes unused codes along: only one that was made in the same moment is left',
    holds: (f) => f.signInLasts,
  },
  'code.resource-was-granted': {
    cite: 'RFC8707§2.2',
    level: 'SHOULD',
    says: 'resource names only APIs that were granted',
    rows: ['RES-2-02'],
    family: 'target',
    holds: (f) => f.resources.every((resource) => f.code.resources.includes(resource)),
    seen: (f) => ({ expected: f.code.resources, received: f.resources.slice(0, 5) }),
  },
  'code.details-were-granted': {
    cite: 'RFC9396§6.1',
    level: 'MUST',
    says: 'each object of authorization_details equals one that was granted',
    rows: ['RAR-7-01', 'RAR-5-01'],
    family: 'authorization-details',
    holds: (f) => areAmong(f.wished, f.code.details ?? []),
  },
})

/** Issues, or refuses; the refusal of a true replay carries the revocation. */
export function decideCode(facts: CodeFacts, law: Law): { readonly issue: MatchedGrant; readonly writes: readonly Write[] } | Refusal {
  const unknown = judge(codeKnownRules, facts, law)
  if (unknown || !facts.code) return unknown ?? { broken: 'code.is-known', family: 'grant' }
  const wished = parseDetails(facts.details)
  if (isBroken(wished)) return wished
  const known: KnownFacts = { ...facts, code: facts.code, wished }
  const broken = judge(codeRules, known, law)
  if (broken) return withRevocation(broken, known)
  const { code } = known
  const audience = facts.resources.length > 0 ? [...new Set(facts.resources)] : code.resources
  return {
    issue: mintGrant({
      grantType: 'authorization_code',
      namedClaims: facts.grant?.claims?.id_token,
      subject: code.subject,
      scopes: code.scopes,
      audience,
      ...issuedDetails(facts.details === undefined ? (code.details ?? []) : wished, audience, facts.detailTypes),
      person: {
        grantId: code.grantId,
        authTime: code.authTime,
        ...(code.authentication && { authentication: code.authentication }),
        sessionId: facts.grant?.sessionId ?? null,
        nonce: code.nonce,
      },
    }),
    writes: [{ write: 'redeem-code', codeHash: code.codeHash, at: facts.now }],
  }
}

function withRevocation(broken: Broken, facts: KnownFacts): Refusal {
  if (broken.broken !== 'code.is-unredeemed') return broken
  return { ...broken, writes: [{ write: 'revoke-grant', grantId: facts.code.grantId, at: facts.now }] }
}
