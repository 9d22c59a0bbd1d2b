// What a protocol rule is, how a table of rules is judged, and the Law that may waive one.
// No rule stands here: each stands in the folder of its specification.

/** `<topic>.<what-must-hold>`: the refusal reason, audit field, test title, probe target and docs anchor. */
export type RuleId = `${string}.${string}`

/** RFC 2119 level, or PRODUCT where no specification speaks and Kimei decides. */
export type Level = 'MUST' | 'SHOULD' | 'MAY' | 'PRODUCT'

/** What a refusal means to the peer; `wire-errors.ts` renders it for each kind of endpoint. */
export type ErrorFamily =
  | 'request' // a malformed or contradictory message
  | 'too-large' // a message over a stated bound
  | 'headers-too-large' // RFC 6585 §5: header lines over one
  | 'early-data' // RFC 8470: sent before the handshake was done
  | 'method' // an HTTP method the endpoint does not serve
  | 'client' // client authentication failed
  | 'unauthorized-client' // the client may not do this
  | 'grant' // code, refresh token or assertion not usable
  | 'grant-type'
  | 'response-type'
  | 'response-mode' // refused without redirect parameters
  | 'request-object' // OIDC Core §3.1.2.6: a signed request that cannot be taken
  | 'request-uri' // one that is named, and cannot be fetched or used
  | 'registration'
  | 'client-metadata' // RFC 7591 §3.2.2: what a client says of itself
  | 'redirect-uri'
  | 'software-statement'
  | 'unapproved-software'
  | 'scope'
  | 'target' // resource indicator
  | 'authorization-details' // RFC 9396
  | 'proof' // DPoP proof invalid
  | 'proof-nonce' // a nonce is required: a step, not a failure
  | 'no-credentials' // nothing was presented: a challenge without an error code
  | 'mixed-credentials' // two ways to send a token
  | 'access-token' // access token invalid
  | 'binding' // valid token, wrong key or certificate
  | 'insufficient-scope'
  | 'insufficient-authentication'
  | 'route' // no policy covers the path
  | 'ambiguous-path'
  | 'untrusted-redirect' // client or redirect_uri unknown: an error page, never a redirect
  | 'login-required'
  | 'consent-required'
  | 'interaction-required'
  | 'account-selection'
  | 'denied'
  | 'authorization-pending' // RFC 8628 §3.5: a step, not a failure
  | 'slow-down'
  | 'expired-token' // the user said no
  | 'throttled'
  | 'unavailable' // our side cannot answer now

/** Values for the log line, shown to the operator only. Never a token, code, proof or secret. */
export interface Seen {
  readonly expected: unknown
  readonly received: unknown
  readonly [more: string]: unknown
}

export interface RuleHead {
  /** `RFC9449§4.3-8`: document, section, item. */
  readonly cite: string
  readonly level: Level
  /** One plain sentence in the present tense: what must hold. */
  readonly says: string
  /** Compares a time that the sender states with the clock of whoever judges: where the two clocks differ, nobody is to blame. */
  readonly byClock?: true
  /** Requirement rows this rule fulfils. */
  readonly rows?: readonly string[]
  /** Overrides the family of its table. */
  readonly family?: ErrorFamily
  /** Why no outsider can see it broken, where that is so; otherwise a probe must attack it. */
  readonly unseen?: string
  /** Shape and once-only rules: why the lab cannot remove it by waiving. */
  readonly fixed?: string
}

export interface Rule<F> extends RuleHead {
  readonly holds: (facts: F) => boolean
  /** Run only on refusal. */
  readonly seen?: (facts: F) => Seen
}

/** A rule that parsing, or a sequence in ordinary code, names by `broke(id)`. */
export type NamedRule = RuleHead

export interface RuleTable<F = never> {
  readonly family: ErrorFamily
  readonly rules: Readonly<Record<RuleId, Rule<F>>>
  /** `Object.entries` of the rules, taken once: judged on every request. */
  readonly list: readonly (readonly [RuleId, Rule<F>])[]
}

export interface NamedRules<Id extends RuleId = RuleId> {
  readonly family: ErrorFamily
  readonly rules: Readonly<Record<Id, NamedRule>>
}

/** Which rules are in force. Only the lab makes another Law than {@link wholeLaw}. */
export interface Law {
  /** Asked only after a rule has failed, so that production pays nothing. */
  waives(id: RuleId): boolean
  /** Told each rule as it is judged; only a recording Law of the tests has it. */
  judged?(id: RuleId): void
}

/** Every rule is in force. */
export const wholeLaw: Law = Object.freeze({ waives: () => false })

/** The peer broke a rule. */
export interface Broken {
  readonly broken: RuleId
  readonly family: ErrorFamily
  readonly seen?: Seen
}

/** Builds a table of rules over one kind of facts. The order of the keys is the order of judgement. */
export function rulesFor<F>() {
  return <const T extends Record<RuleId, Rule<F>>>(family: ErrorFamily, rules: T): RuleTable<F> & { readonly rules: T } => ({
    family,
    rules,
    list: Object.entries(rules) as [RuleId, Rule<F>][],
  })
}

/** Declares rules that ordinary code judges and names when it refuses. */
export function namedRules<const T extends Record<RuleId, NamedRule>>(family: ErrorFamily, rules: T): NamedRules<keyof T & RuleId> {
  return { family, rules }
}

/** Judges the table in order; answers the first broken rule that the law does not waive. */
export function judge<F>(table: RuleTable<F>, facts: F, law: Law): Broken | undefined {
  for (const [id, rule] of table.list) {
    law.judged?.(id)
    if (!rule.holds(facts) && !law.waives(id)) {
      const seen = rule.seen?.(facts)
      return { broken: id, family: rule.family ?? table.family, ...(seen && { seen }) }
    }
  }
  return undefined
}

/** Names a broken rule from ordinary code. The id must stand in the table given. */
export function broke<Id extends RuleId>(table: NamedRules<Id>, id: Id, seen?: Seen): Broken {
  return { broken: id, family: table.rules[id].family ?? table.family, ...(seen && { seen }) }
}

/** Ordinary code's single check: broken unless it holds or the law waives it. */
export function must<Id extends RuleId>(table: NamedRules<Id>, id: Id, holds: boolean, law: Law, seen?: () => Seen): Broken | undefined {
  law.judged?.(id)
  return holds || law.waives(id) ? undefined : broke(table, id, seen?.())
}

export function isBroken<T>(value: T | Broken): value is Broken {
  return typeof value === 'object' && value !== null && 'broken' in value
}
