// What to do first: one decision table over five facts (SEED-TB-03, 51..54). Nothing else decides a priority.
import type { Priority } from '../observation.ts'
import { decide, type Row } from './decision-table.ts'

export interface PriorityFacts {
  /**
   * APIs that take a ticket without what it names: none, some beside enforcing ones, or all. `hollow`: a proof, a certificate, a
   * signature or a secret is demanded, and anybody's will do (K1, S1, L6, L9, TK1, AS-no-credentials).
   */
  readonly exposure: 'none' | 'exception' | 'everywhere' | 'hollow'
  /** Whether one of the exposed APIs is of high privilege. */
  readonly privileged: boolean
  /** Who says that tickets are bound: the exposed API itself; the issuer, other metadata or the owner; or nobody. */
  readonly claimed: 'here' | 'somewhere' | 'nowhere'
  /**
   * `laundering`: something bound is traded for an unbound ticket. `proof`: htm, htu, ath, iat, nonce or jti are not compared. `form`:
   * ambiguous headers, wrong status, optional binding without effect.
   */
  readonly weakness: 'none' | 'form' | 'proof' | 'laundering'
  /** Rotation, revocation and fallback are documented. */
  readonly operations: 'clear' | 'unclear'
}

export const priorityTable: readonly Row<PriorityFacts, Priority>[] = [
  { when: { exposure: 'hollow' }, so: 'P0', because: 'something is demanded of everybody, and nothing is compared' },
  { when: { exposure: 'everywhere', privileged: true }, so: 'P0', because: 'an important API takes a stolen ticket at once' },
  { when: { exposure: 'exception', privileged: true }, so: 'P0', because: 'the API left open is a privileged one' },
  { when: { exposure: 'exception', claimed: 'here' }, so: 'P0', because: 'the API itself claims what it does not enforce' },
  { when: { exposure: 'everywhere', claimed: 'here' }, so: 'P0', because: 'the API itself claims what it does not enforce' },
  { when: { exposure: 'everywhere', claimed: 'somewhere' }, so: 'P0', because: 'binding is claimed and nowhere enforced' },
  {
    when: { weakness: 'laundering' },
    so: 'P0',
    because: 'whoever has something bound gets an unbound twin of it, good at every API that takes one',
  },
  { when: { exposure: 'everywhere' }, so: 'P1', because: 'tickets are bearer everywhere, at APIs of lower privilege' },
  { when: { exposure: 'exception' }, so: 'P1', because: 'binding is enforced at some APIs only' },
  { when: { weakness: 'proof' }, so: 'P1', because: 'proofs are demanded, but not everything in them is compared' },
  { when: { weakness: 'form' }, so: 'P2', because: 'refusals are right in substance, not in form' },
  { when: { operations: 'unclear' }, so: 'P2', because: 'rotation, revocation or fallback are not documented' },
  { when: {}, so: 'none', because: 'nothing is left to do' },
]

export function decidePriority(facts: PriorityFacts): Row<PriorityFacts, Priority> {
  return decide(priorityTable, facts)
}
