// What must hold of a token exchange (RFC 8693 §2.1, §2.2.2): the message, the tokens presented, the target, the scope.
// A token that will not do is `invalid_request` here, as the specification wants it.
import type { AuthenticatedClient } from '../client-auth/index.ts'
import type { Seconds, Thumbprint } from '../ids.ts'
import { equal, isJsonObject } from '../jose/index.ts'
import type { ExchangePolicy } from '../records.ts'
import { namedRules, rulesFor } from '../rule.ts'
import type { ExchangeToken } from './token-exchange.ts'

export const exchangeFormRules = namedRules('request', {
  'exchange.subject-token-is-present': {
    cite: 'RFC8693§2.1',
    level: 'MUST',
    says: 'subject_token is sent',
    rows: ['TEX-2.1-01'],
    fixed: 'without a token there is nothing to exchange',
  },
  'exchange.subject-type-is-known': {
    cite: 'RFC8693§2.1',
    level: 'MUST',
    says: 'subject_token_type is sent, and names an access token or a JWT',
    rows: ['TEX-2.1-01'],
  },
  'exchange.actor-type-goes-with-actor': {
    cite: 'RFC8693§2.1',
    level: 'MUST',
    says: 'actor_token_type is sent if and only if actor_token is',
    rows: ['TEX-2.1-01'],
  },
  'exchange.actor-type-is-known': {
    cite: 'RFC8693§2.1',
    level: 'MUST',
    says: 'actor_token_type names an access token or a JWT',
    rows: ['TEX-2.1-01'],
    unseen: 'an actor token is looked at whatever it calls itself: a right one is needed to see it, and few clients act for others',
  },
  'exchange.requested-type-is-served': {
    cite: 'RFC8693§2.1',
    level: 'MUST',
    says: 'requested_token_type, where sent, names an access token or a JWT',
    rows: ['TEX-2.1-01'],
  },
  'exchange.tokens-are-valid': {
    cite: 'RFC8693§2.2.2',
    level: 'MUST',
    says: 'subject_token and actor_token are valid access tokens of this issuer',
    rows: ['TEX-2.1-01'],
    fixed: 'what cannot be verified stands for nobody',
  },
})

interface TokenFacts {
  readonly client: AuthenticatedClient
  readonly subject: ExchangeToken
  readonly actor: ExchangeToken | undefined
  readonly jkt: Thumbprint | undefined
  readonly x5t: Thumbprint | undefined
  readonly bound: boolean
  readonly policy: ExchangePolicy
  readonly now: Seconds
}

/** Together with the one that is added: more would be a chain that nobody can read. */
const longestChain = 4

const both = ({ subject, actor }: TokenFacts): readonly ExchangeToken[] => (actor ? [subject, actor] : [subject])
const isBound = ({ token }: ExchangeToken): boolean => token.confirmation !== undefined
/** Everything that it names was proven in this request. */
const isHeld = ({ token: { confirmation } }: ExchangeToken, { jkt, x5t }: Pick<TokenFacts, 'jkt' | 'x5t'>): boolean =>
  isProven(confirmation?.jkt, jkt) && isProven(confirmation?.['x5t#S256'], x5t)
const isProven = (named: Thumbprint | undefined, proven: Thumbprint | undefined): boolean =>
  named === undefined || (proven !== undefined && equal(named, proven))
const servesAudience = ({ client, subject }: TokenFacts): boolean =>
  subject.token.audience.some((one) => client.client.introspects?.includes(one) ?? false)

export const exchangeRules = rulesFor<TokenFacts>()('request', {
  'exchange.client-is-confidential': {
    cite: 'RFC8693§2.1',
    level: 'PRODUCT',
    says: 'only an authenticated, confidential client exchanges tokens',
    rows: ['TEX-2.1-01'],
    family: 'unauthorized-client',
    unseen: 'a public client cannot be registered for this grant',
    holds: (f) => f.client.confidential,
  },
  'exchange.token-is-not-revoked': {
    cite: 'RFC8693§2.2.2',
    level: 'MUST',
    says: 'neither token has been revoked, itself or with its grant',
    rows: ['TEX-2.1-01', 'REV-2.1-01'],
    holds: (f) => both(f).every(({ remembered }) => remembered?.revokedAt == null),
  },
  'exchange.grant-is-active': {
    cite: 'RFC8693§2.2.2',
    level: 'MUST',
    says: 'what the person allowed has neither been revoked nor expired, and the person is not disabled',
    rows: ['TEX-2.1-01'],
    unseen: 'a grant that ends takes its access tokens along, which are judged as well, and nobody outside can disable a person',
    holds: (f) =>
      both(f).every(
        ({ remembered, grant, personActive }) =>
          personActive && (remembered?.grantId == null || (grant?.revokedAt === null && f.now < grant.expiresAt)),
      ),
  },
  'exchange.source-is-assigned': {
    cite: 'RFC8693§2.2.2',
    level: 'MUST',
    says: 'the client may exchange tokens that are for this API',
    rows: ['TEX-2.1-01'],
    holds: (f) => f.subject.token.audience.some((one) => f.policy.from.includes(one)),
    seen: (f) => ({ expected: f.policy.from, received: f.subject.token.audience }),
  },
  'exchange.caller-is-holder-or-api': {
    cite: 'RFC8693§5',
    level: 'PRODUCT',
    says: 'the token is exchanged by the client that holds it, or by the server of an API that it is for: nobody launders a token found elsewhere',
    rows: ['TEX-2.1-02'],
    unseen: 'both ends would have to be test clients: the holder of a token and a stranger that may exchange it',
    holds: (f) => servesAudience(f) || (isBound(f.subject) ? isHeld(f.subject, f) : isOwn(f, f.subject)),
  },
  'exchange.bound-token-gives-no-bearer': {
    cite: 'RFC8693§5',
    level: 'PRODUCT',
    says: 'a token bound to a key or a certificate is exchanged for one that is bound too: to the key or the certificate of this request',
    rows: ['TEX-2.1-02'],
    holds: (f) => f.bound || !both(f).some(isBound),
  },
  'exchange.actor-is-the-caller': {
    cite: 'RFC8693§1.1',
    level: 'PRODUCT',
    says: 'the actor token was issued to the client that presents it, and its key or certificate is proven',
    rows: ['TEX-2.1-01', 'TEX-4-01'],
    unseen: 'needs an actor token of another client',
    holds: (f) => f.actor === undefined || (isOwn(f, f.actor) && (!isBound(f.actor) || isHeld(f.actor, f))),
  },
  'exchange.actor-fits-the-kind': {
    cite: 'RFC8693§1.1',
    level: 'PRODUCT',
    says: 'a client that impersonates names no actor: what it is given would not tell of one',
    unseen: 'needs a client that impersonates',
    holds: (f) => f.actor === undefined || f.policy.kind === 'delegation',
  },
  'exchange.chain-is-short': {
    cite: 'RFC8693§4.1',
    level: 'PRODUCT',
    says: 'at most four act one for the other',
    rows: ['TEX-4-01'],
    unseen: 'needs a chain of clients that exchange what they were given',
    holds: (f) => chainOf(f.subject.token.claims['act']) < longestChain,
  },
})

function isOwn({ client }: TokenFacts, { token }: ExchangeToken): boolean {
  return token.clientId === client.client.clientId
}

function chainOf(act: unknown): number {
  let length = 0
  for (let one = act; isJsonObject(one) && length < longestChain; one = one['act']) length += 1
  return length
}

export const exchangeTargetRules = rulesFor<{ readonly targets: readonly string[]; readonly policy: ExchangePolicy }>()('target', {
  'exchange.target-is-named': {
    cite: 'RFC8693§2.1',
    level: 'PRODUCT',
    says: 'resource or audience names the API the new token is for, unless the client has but one',
    rows: ['TEX-2.2-01'],
    fixed: 'a token for nobody has no audience to write',
    holds: (f) => f.targets.length > 0,
  },
  'exchange.target-is-assigned': {
    cite: 'RFC8693§2.2.2',
    level: 'MUST',
    says: 'the client may exchange tokens for this API',
    rows: ['TEX-2.2-01', 'TEX-2.1-01'],
    holds: (f) => f.targets.every((target) => f.policy.to.includes(target)),
    seen: (f) => ({ expected: f.policy.to, received: f.targets.slice(0, 5).map((target) => target.slice(0, 200)) }),
  },
})

interface ScopeFacts {
  readonly scopes: readonly string[]
  /** Of the subject token. */
  readonly held: readonly string[]
  /** Scopes that no target offers. */
  readonly astray: readonly string[]
}

export const exchangeScopeRules = rulesFor<ScopeFacts>()('scope', {
  'exchange.scope-is-not-wider': {
    cite: 'RFC8693§5',
    level: 'PRODUCT',
    says: 'scope names only what the subject token has',
    rows: ['TEX-2.2-01'],
    holds: (f) => f.scopes.every((scope) => f.held.includes(scope)),
    seen: (f) => ({ expected: f.held, received: f.scopes.slice(0, 20) }),
  },
  'exchange.scope-fits-the-target': {
    cite: 'RFC9068§3',
    level: 'SHOULD',
    says: 'every scope means something at the API the new token is for',
    rows: ['AT-3-01'],
    holds: (f) => f.astray.length === 0,
    seen: (f) => ({ expected: 'scopes of the targeted APIs', received: f.astray.slice(0, 20) }),
  },
  'exchange.scope-remains': {
    cite: 'RFC8693§2.2.1',
    level: 'PRODUCT',
    says: 'something of the scope of the subject token means anything at the target',
    unseen: 'a token that may do nothing is no gain to anybody',
    holds: (f) => f.scopes.length > 0,
  },
})
