// From the APIs of the sample to rs_enforced and coverage, and from there to hypothesis and overall result: three decision tables.
// Coverage counts where a name is demanded; it is never all_api while enforcement is partial (SEED-TB-42).
import type { Observation } from '../observation.ts'
import type { Row } from './decision-table.ts'
import type { Posture } from './posture.ts'

export interface EnforcementFacts {
  /** Which APIs of the sample demand a name: `holes` is one that does not, beside others that nobody could see. */
  readonly demand: 'all' | 'some' | 'none' | 'holes' | 'unknown'
  /** Whether all that demand a name compare what is in the proof. */
  readonly claims: 'compared' | 'overlooked'
  /** Three APIs or more in falling privilege, with GraphQL, batch and admin among them (SEED-TB-30, 46, 72). */
  readonly sample: 'good' | 'short'
}

type Enforced = Pick<Posture, 'rs_enforced' | 'coverage'>
const say = (rs_enforced: Posture['rs_enforced'], coverage: Posture['coverage']): Enforced => ({ rs_enforced, coverage })

export const coverageTable: readonly Row<EnforcementFacts, Enforced>[] = [
  { when: { demand: 'unknown' }, so: say('unknown', 'unknown'), because: 'not every API of the sample could be told' },
  { when: { demand: 'none' }, so: say('no', 'unknown'), because: 'no API demands a name' },
  { when: { demand: 'holes' }, so: say('partial', 'unknown'), because: 'a hole that was seen is a hole, whatever else could not be seen' },
  { when: { demand: 'some', sample: 'good' }, so: say('partial', 'partial_api'), because: 'some APIs demand a name, others do not' },
  { when: { demand: 'some' }, so: say('partial', 'unknown'), because: 'some of too few APIs demand a name' },
  {
    when: { claims: 'overlooked', sample: 'good' },
    so: say('partial', 'partial_api'),
    because: 'every API demands a name, and proofs for other requests pass at some',
  },
  {
    when: { claims: 'overlooked' },
    so: say('partial', 'unknown'),
    because: 'proofs for other requests pass, at too few APIs to speak of all',
  },
  { when: { sample: 'good' }, so: say('yes', 'all_api'), because: 'every API demands a name and compares it' },
  { when: {}, so: say('yes', 'unknown'), because: 'too few APIs to speak of all' },
]

export interface HypothesisFacts {
  readonly rs: Posture['rs_enforced']
  readonly mode: Posture['mode']
  /** Certificates bind at the token endpoint only, or are asked for at APIs only (SEED-TB-35, 37, 60). */
  readonly oneSided: 'no' | 'issuer' | 'api'
  /** Whether some API enforces wholly. */
  readonly enforcing: 'some' | 'none'
  /** Whether tickets are bound at all. */
  readonly bound: 'yes' | 'no'
}

/** The four of the seed: A all bearer, B binding in name only, C mTLS on one side only, D exceptions. */
export const hypothesisTable: readonly Row<HypothesisFacts, Observation['hypothesis']>[] = [
  { when: { oneSided: 'issuer' }, so: 'C', because: 'certificates are asked for at issue, and not at use' },
  { when: { oneSided: 'api' }, so: 'C', because: 'certificates are asked for at use, and tickets are not bound to them' },
  { when: { rs: 'yes' }, so: 'none', because: 'every API of the sample enforces' },
  { when: { mode: 'bearer' }, so: 'A', because: 'tickets are bearer everywhere' },
  { when: { rs: 'partial', enforcing: 'some' }, so: 'D', because: 'some APIs enforce, others are exceptions' },
  { when: { rs: 'partial', bound: 'yes' }, so: 'B', because: 'tickets are bound, and no API enforces it wholly' },
  { when: { rs: 'no', bound: 'yes' }, so: 'B', because: 'tickets are bound, and no API enforces it' },
  { when: {}, so: 'unknown', because: 'what was seen fits none of the four' },
]

export type ResultFacts = Pick<Posture, 'as_enforced' | 'rs_enforced' | 'coverage'>

/** SEED-TB-09: issuance, enforcement and exceptions; one left open leaves the whole open. */
export const resultTable: readonly Row<ResultFacts, Observation['overall']>[] = [
  { when: { rs_enforced: 'no' }, so: 'exposed', because: 'no API enforces' },
  { when: { rs_enforced: 'partial' }, so: 'exposed', because: 'enforcement has holes' },
  { when: { as_enforced: 'unknown' }, so: 'unknown', because: 'whether the issuer binds is open' },
  { when: { rs_enforced: 'yes', coverage: 'all_api' }, so: 'named', because: 'issuance was judged, and every API enforces' },
  { when: {}, so: 'unknown', because: 'which APIs enforce is open' },
]
