// What an assertion from a guard in front must say before the API behind believes it. A product of this house:
// no specification speaks of it. Its wire form is a JWT of type `kimei-hop+jwt`.
import { namedRules, rulesFor } from '../rule.ts'

export interface HopFacts {
  readonly typ: unknown
  readonly claims: { readonly [claim: string]: unknown }
  readonly guard: string
  readonly audience: string
  readonly method: string
  readonly target: string
  readonly now: number
  readonly leewaySeconds: number
}

const unseen = 'spoken between the guard and the API, where no outsider listens'
/** Never longer: it is the time of one hop. */
const longestSeconds = 5

const isTime = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value)

export const hopRules = rulesFor<HopFacts>()('access-token', {
  'hop.typ-is-hop': {
    cite: 'RFC8725§3.11',
    level: 'PRODUCT',
    says: 'typ is kimei-hop+jwt',
    unseen,
    holds: (f) => f.typ === 'kimei-hop+jwt',
  },
  'hop.comes-from-our-guard': {
    cite: 'RFC8725§3.8',
    level: 'PRODUCT',
    says: 'iss is the API whose guard stands in front',
    unseen,
    holds: (f) => f.claims['iss'] === f.guard,
  },
  'hop.is-for-this-api': {
    cite: 'RFC8725§3.9',
    level: 'PRODUCT',
    says: 'aud is this API as the guard reaches it',
    unseen,
    holds: (f) => f.claims['aud'] === f.audience,
  },
  'hop.is-fresh': {
    cite: 'Kimei guard',
    level: 'PRODUCT',
    says: 'it was made now, for at most five seconds',
    byClock: true,
    unseen,
    holds: ({ claims: { iat, exp }, now, leewaySeconds }) =>
      isTime(iat) && isTime(exp) && exp - iat <= longestSeconds && iat <= now + leewaySeconds && exp > now - leewaySeconds,
    seen: ({ claims: { iat, exp }, now }) => ({ expected: now, received: { iat, exp } }),
  },
  'hop.is-of-this-request': {
    cite: 'Kimei guard',
    level: 'PRODUCT',
    says: 'it names the method and the target of this very request',
    unseen,
    holds: (f) => f.claims['htm'] === f.method && f.claims['target'] === f.target,
    seen: (f) => ({ expected: f.method, received: f.claims['htm'] }),
  },
})

export const hopShapeRules = namedRules('access-token', {
  'hop.is-sent-once': {
    cite: 'Kimei guard',
    level: 'PRODUCT',
    says: 'the request carries one Kimei-Hop header',
    unseen,
    fixed: 'without it there is nothing to judge',
  },
  'hop.signature-verifies': {
    cite: 'RFC8725§3.3',
    level: 'PRODUCT',
    says: 'the signature verifies with a key that the guard has published',
    unseen,
  },
  'hop.jti-is-first-use': {
    cite: 'Kimei guard',
    level: 'PRODUCT',
    says: 'this assertion was not used before',
    unseen,
    fixed: 'once-only: storage claims it',
  },
})
