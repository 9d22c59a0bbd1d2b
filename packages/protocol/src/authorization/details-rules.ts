// Rich authorization requests (RFC 9396): what every object of `authorization_details` must be.
// How it is read and compared stands in details.ts; what fits a type is told by its JSON Schema, judged by the server.
import type { AuthorizationDetail } from '../records.ts'
import { namedRules, rulesFor } from '../rule.ts'

/** A registered type, as far as the law needs it. */
export interface DetailType {
  readonly type: string
  /** APIs at which it means something; empty: at any. */
  readonly apis: readonly string[]
  /** May it come openly through the browser? */
  readonly transport: 'any' | 'untampered'
  /** Does an earlier consent to the very same answer for the person? */
  readonly consent: 'remembered' | 'each-time'
  /** What its schema says against this object; `undefined`: nothing. */
  flawOf(detail: AuthorizationDetail): string | undefined
}
export type DetailTypes = ReadonlyMap<string, DetailType>

export const noDetailTypes: DetailTypes = new Map()

export const detailsShapeRules = namedRules('authorization-details', {
  'details.are-bounded': {
    cite: 'RFC9396§12',
    level: 'PRODUCT',
    says: 'authorization_details has at most 8192 characters and 32 objects, nests at most 8 deep and has at most 256 members',
    rows: ['RAR-5-01'],
    fixed: 'without a bound a stranger fills the memory, and no person could read it',
  },
  'details.are-a-list': {
    cite: 'RFC9396§2',
    level: 'MUST',
    says: 'authorization_details is a JSON array of objects, each with a type, none with two members of one name',
    rows: ['RAR-5-01'],
    fixed: 'anything else has no meaning to judge',
  },
})

/** One object, with what its type says about it. */
export interface DetailFacts {
  readonly detail: AuthorizationDetail
  /** The type is registered with this issuer. */
  readonly known: boolean
  /** The client may ask for this type. */
  readonly assigned: boolean
  /** What its schema says against it. */
  readonly flaw: string | undefined
  /** The APIs the token is for. */
  readonly resources: readonly string[]
  /** APIs at which the type means something; empty: at any. */
  readonly apis: readonly string[]
}

/** Each judges only what the one before has let through. */
export const detailRules = rulesFor<DetailFacts>()('authorization-details', {
  'details.type-is-known': {
    cite: 'RFC9396§5',
    level: 'MUST',
    says: 'each object of authorization_details has a type that this issuer knows',
    rows: ['RAR-5-01'],
    holds: (f) => f.known,
    seen: (f) => ({ expected: 'a registered type', received: f.detail.type.slice(0, 200) }),
  },
  'details.type-is-assigned-to-the-client': {
    cite: 'RFC9396§10',
    level: 'PRODUCT',
    says: 'the client may ask for authorization details of this type',
    rows: ['RAR-5-01'],
    holds: (f) => !f.known || f.assigned,
    seen: (f) => ({ expected: 'a type assigned to the client', received: f.detail.type.slice(0, 200) }),
  },
  'details.fit-their-type': {
    cite: 'RFC9396§5',
    level: 'MUST',
    says: 'each object has the fields that its type demands, of the right kind and value, and no others',
    rows: ['RAR-5-01'],
    holds: (f) => f.flaw === undefined,
    seen: (f) => ({ expected: `what ${f.detail.type} allows`, received: f.flaw }),
  },
  'details.fit-the-target': {
    cite: 'RFC9396§2.2',
    level: 'PRODUCT',
    says: 'the locations of each object, and the APIs of its type, are among the APIs that the token is for',
    rows: ['RES-2-01'],
    holds: (f) => {
      const there = locationsOf(f.detail).every((location) => f.resources.includes(location))
      return there && (f.apis.length === 0 || f.apis.some((api) => f.resources.includes(api)))
    },
    seen: (f) => ({ expected: f.resources, received: [...locationsOf(f.detail), ...f.apis].slice(0, 10) }),
  },
})

/** Where no object may come as the browser brought it. */
export const detailsTransportRules = namedRules('request', {
  'details.come-untampered': {
    cite: 'RFC9396§12',
    level: 'MUST',
    says: 'authorization details of a type that demands it are pushed or signed, not sent openly through the browser',
    rows: ['RAR-12-01', 'ASVS-10.4.15'],
    unseen: 'probes edit a direct request that works, and where this rule bites none does',
  },
})

/** RFC 9396 §2.2: `locations` names where the permission applies; empty where it names none. */
export function locationsOf({ locations }: AuthorizationDetail): readonly string[] {
  return Array.isArray(locations) ? locations.filter((one) => typeof one === 'string') : []
}
