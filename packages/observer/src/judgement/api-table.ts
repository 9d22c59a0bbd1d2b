// What one API is, for one client: two decision tables over what it answered. Nothing else decides mode, demand, enforcement or strength.
// A name is *demanded* where B1, B2, U1, K1 and S1 are refused; *partial* is demanded only sometimes, or without comparing
// htm, htu, iat or ath (SEED-TB-18, 19, 21, 25, 26, 34, 41).
import type { ApiRecord } from '../observation.ts'
import { decide, type Row } from './decision-table.ts'

/** What one kind of wrong request met. */
export type Met = 'refused' | 'accepted' | 'unknown'

export interface ApiFacts {
  /** Whether a good ticket works here: `public` answers the same without any. */
  readonly ticket: 'failed' | 'public' | 'ready'
  /** The bound ticket without a proof (B1, B2). */
  readonly plain: Met
  /** A proof that is not the holder's: another key, a broken or missing signature, no proof at all in the header (K1, S1, X0, X1). */
  readonly key: Met
  /** A ticket that is bound to nothing (U1); `none`: none can be had. */
  readonly unbound: Met | 'none'
  /** A proof for another request: htm, htu, iat, ath, and the nonce where it stands for the time. */
  readonly claims: 'compared' | 'overlooked' | 'unknown'
  /** Another carrier, another spelling of the path, a cache: `open` where the ticket alone passes at one of them. */
  readonly sides: 'shut' | 'open'
  /** Another credential in place of the ticket (OT1, OT2); `none`: the inventory names none. */
  readonly others: Met | 'none'
}

type Enforcement = Pick<ApiRecord, 'mode' | 'rsRequired' | 'rsEnforced'>

const say = (mode: Enforcement['mode'], rsRequired: Enforcement['rsRequired'], rsEnforced: Enforcement['rsEnforced']): Enforcement => ({
  mode,
  rsRequired,
  rsEnforced,
})

export const enforcementTable: readonly Row<ApiFacts, Enforcement>[] = [
  { when: { ticket: 'failed' }, so: say('unknown', 'unknown', 'unknown'), because: 'no good ticket worked: nothing can be told' },
  { when: { ticket: 'public' }, so: say('unknown', 'no', 'no'), because: 'the same answer comes without any ticket' },
  { when: { plain: 'accepted' }, so: say('bearer', 'no', 'no'), because: 'the ticket alone is enough' },
  {
    when: { key: 'accepted', unbound: 'accepted' },
    so: say('mixed', 'no', 'no'),
    because: 'any proof will do, and none where the ticket is unbound',
  },
  { when: { key: 'accepted', plain: 'refused' }, so: say('dpop', 'yes', 'no'), because: 'a proof is demanded, and any will do' },
  { when: { key: 'accepted' }, so: say('dpop', 'unknown', 'no'), because: 'any proof will do' },
  {
    when: { unbound: 'accepted' },
    so: say('mixed', 'no', 'partial'),
    because: 'bound tickets are held to their key, unbound ones are taken as well',
  },
  {
    when: { sides: 'open' },
    so: say('mixed', 'no', 'partial'),
    because: 'the key is demanded at the front, and the ticket alone passes at the side',
  },
  {
    when: { others: 'accepted' },
    so: say('mixed', 'no', 'partial'),
    because: 'tickets are held to their key, and whoever has another credential needs none',
  },
  {
    when: { plain: 'refused', claims: 'overlooked' },
    so: say('dpop', 'yes', 'partial'),
    because: 'the key is demanded, and proofs for other requests pass',
  },
  { when: { claims: 'overlooked' }, so: say('unknown', 'unknown', 'partial'), because: 'proofs for other requests pass' },
  {
    when: { plain: 'unknown' },
    so: say('unknown', 'unknown', 'unknown'),
    because: 'whether the ticket alone is enough could not be told',
  },
  { when: { key: 'unknown' }, so: say('dpop', 'yes', 'unknown'), because: 'a proof is demanded; whether the holder’s could not be told' },
  {
    when: { unbound: 'unknown' },
    so: say('dpop', 'yes', 'unknown'),
    because: 'bound tickets are held to their key; about unbound ones nothing can be told',
  },
  {
    when: { others: 'unknown' },
    so: say('dpop', 'yes', 'unknown'),
    because: 'tickets are held to their key; about another credential nothing can be told',
  },
  { when: {}, so: say('dpop', 'yes', 'yes'), because: 'the key is demanded and compared' },
]

export interface StrengthFacts {
  readonly plain: Met
  readonly key: Met
  readonly claims: ApiFacts['claims']
  /** The same proof twice (R1). */
  readonly replay: 'remembered' | 'forgotten' | 'unknown'
}

/** SEED-TB-34: nominal where any proof is enough, lax where htm, htu, iat, ath or jti are not looked at. */
export const strengthTable: readonly Row<StrengthFacts, ApiRecord['strength']>[] = [
  { when: { plain: 'accepted' }, so: 'none', because: 'no proof is needed' },
  { when: { key: 'accepted' }, so: 'nominal', because: 'any proof is enough' },
  { when: { claims: 'overlooked' }, so: 'lax', because: 'a proof for another request is enough' },
  { when: { replay: 'forgotten' }, so: 'lax', because: 'the same proof is enough twice' },
  {
    when: { plain: 'refused', key: 'refused', claims: 'compared', replay: 'remembered' },
    so: 'strict',
    because: 'everything in the proof is looked at',
  },
  { when: {}, so: 'unknown', because: 'not everything could be told' },
]

export function judgeApi(facts: ApiFacts, replay: StrengthFacts['replay']): Enforcement & Pick<ApiRecord, 'strength'> {
  const { so: enforcement } = decide(enforcementTable, facts)
  if (facts.ticket !== 'ready') return { ...enforcement, strength: facts.ticket === 'public' ? 'none' : 'unknown' }
  return { ...enforcement, strength: decide(strengthTable, { ...facts, replay }).so }
}
