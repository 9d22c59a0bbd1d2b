// The decision tables of the judgement, enumerated: every combination of their facts is decided, every row decides something.
import { describe, expect, it } from 'vitest'
import { type ApiFacts, enforcementTable, judgeApi, type StrengthFacts, strengthTable } from '../src/judgement/api-table.ts'
import { decide, type Row } from '../src/judgement/decision-table.ts'
import { contradictionIn, type Posture, postureFields } from '../src/judgement/posture.ts'
import {
  coverageTable,
  type EnforcementFacts,
  type HypothesisFacts,
  hypothesisTable,
  type ResultFacts,
  resultTable,
} from '../src/judgement/posture-table.ts'

/** Every combination of the values. */
function every<Facts extends object>(values: { readonly [F in keyof Facts]: readonly Facts[F][] }): Facts[] {
  return (Object.entries(values) as [string, readonly unknown[]][]).reduce<object[]>(
    (all, [name, own]) => all.flatMap((facts) => own.map((value) => ({ ...facts, [name]: value }))),
    [{}],
  ) as Facts[]
}
const unused = <Facts extends object, Decision>(table: readonly Row<Facts, Decision>[], all: readonly Facts[]): string[] => {
  const used = new Set(all.map((facts) => decide(table, facts)))
  return table.filter((row) => !used.has(row)).map(({ because }) => because)
}

const met = ['refused', 'accepted', 'unknown'] as const
const apis = every<ApiFacts>({
  ticket: ['failed', 'public', 'ready'],
  plain: met,
  key: met,
  unbound: [...met, 'none'],
  claims: ['compared', 'overlooked', 'unknown'],
  sides: ['shut', 'open'],
  others: [...met, 'none'],
})
const strengths = every<StrengthFacts>({
  plain: met,
  key: met,
  claims: ['compared', 'overlooked', 'unknown'],
  replay: ['remembered', 'forgotten', 'unknown'],
})
const ready = apis.filter(({ ticket }) => ticket === 'ready')

describe('what one API is', () => {
  it('every combination of 2592 is decided, and every row decides some', () => {
    expect(apis).toHaveLength(2592)
    expect(unused(enforcementTable, apis)).toEqual([])
    expect(unused(strengthTable, strengths)).toEqual([])
  })

  it('SEED-TB-25, SEED-TB-26, SEED-TB-41: enforced is said only where B1, B2, K1, S1 are refused, U1 is not accepted, no claim is overlooked, no side door is open, and no other credential passes or is left open', () => {
    for (const facts of apis) {
      const { rsEnforced } = judgeApi(facts, 'unknown')
      const demanded = facts.plain === 'refused' && facts.key === 'refused' && (facts.unbound === 'refused' || facts.unbound === 'none')
      expect(rsEnforced === 'yes', JSON.stringify(facts)).toBe(
        facts.ticket === 'ready' &&
          demanded &&
          facts.claims !== 'overlooked' &&
          facts.sides === 'shut' &&
          (facts.others === 'refused' || facts.others === 'none'),
      )
    }
  })

  it('SEED-TB-18, SEED-TB-51: whatever takes the ticket alone is bearer and enforces nothing', () => {
    for (const facts of ready.filter(({ plain }) => plain === 'accepted'))
      expect(judgeApi(facts, 'remembered')).toEqual({ mode: 'bearer', rsRequired: 'no', rsEnforced: 'no', strength: 'none' })
  })

  it('SEED-TB-19, SEED-TB-34: any proof is nominal and enforces nothing; a proof for another request is lax and partial', () => {
    for (const facts of ready.filter(({ plain, key }) => plain !== 'accepted' && key === 'accepted'))
      expect(judgeApi(facts, 'remembered')).toMatchObject({ rsEnforced: 'no', strength: 'nominal' })
    for (const facts of ready.filter(({ plain, key, claims }) => plain !== 'accepted' && key !== 'accepted' && claims === 'overlooked'))
      expect(judgeApi(facts, 'remembered')).toMatchObject({ rsEnforced: 'partial', strength: 'lax' })
  })

  it('a reused proof is lax and no less enforced: replay has a field of its own', () => {
    const strict: ApiFacts = {
      ticket: 'ready',
      plain: 'refused',
      key: 'refused',
      unbound: 'refused',
      claims: 'compared',
      sides: 'shut',
      others: 'none',
    }
    expect(judgeApi(strict, 'forgotten')).toMatchObject({ rsEnforced: 'yes', strength: 'lax' })
    expect(judgeApi(strict, 'remembered')).toMatchObject({ rsEnforced: 'yes', strength: 'strict' })
    expect(judgeApi(strict, 'unknown')).toMatchObject({ rsEnforced: 'yes', strength: 'unknown' })
  })

  it('SEED-TB-29: an API that is held at the front and open at the side is an exception path of itself', () => {
    for (const facts of ready.filter(
      ({ plain, key, unbound, sides }) => plain === 'refused' && key === 'refused' && unbound !== 'accepted' && sides === 'open',
    ))
      expect(judgeApi(facts, 'remembered')).toMatchObject({ mode: 'mixed', rsRequired: 'no', rsEnforced: 'partial' })
  })

  it('SEED-TB-29: an API that takes another credential does not demand a name of everybody, whatever it demands of tickets', () => {
    const held = ready.filter(({ plain, key, unbound }) => plain === 'refused' && key === 'refused' && unbound !== 'accepted')
    for (const facts of held.filter(({ others }) => others === 'accepted'))
      expect(judgeApi(facts, 'remembered'), JSON.stringify(facts)).toMatchObject({ mode: 'mixed', rsRequired: 'no', rsEnforced: 'partial' })
    for (const facts of ready.filter(({ others }) => others === 'accepted'))
      expect(judgeApi(facts, 'remembered').rsEnforced).not.toBe('yes')
  })

  it('what was not told is never a pass', () => {
    for (const facts of ready.filter(({ plain, key, unbound, others }) => [plain, key, unbound, others].includes('unknown')))
      expect(judgeApi(facts, 'remembered').rsEnforced, JSON.stringify(facts)).not.toBe('yes')
    for (const facts of apis.filter(({ ticket }) => ticket === 'failed'))
      expect(judgeApi(facts, 'remembered')).toEqual({ mode: 'unknown', rsRequired: 'unknown', rsEnforced: 'unknown', strength: 'unknown' })
  })
})

describe('what the whole is', () => {
  const enforcements = every<EnforcementFacts>({
    demand: ['all', 'some', 'none', 'holes', 'unknown'],
    claims: ['compared', 'overlooked'],
    sample: ['good', 'short'],
  })
  const hypotheses = every<HypothesisFacts>({
    rs: postureFields.rs_enforced,
    mode: postureFields.mode,
    oneSided: ['no', 'issuer', 'api'],
    enforcing: ['some', 'none'],
    bound: ['yes', 'no'],
  })
  const results = every<ResultFacts>({
    as_enforced: postureFields.as_enforced,
    rs_enforced: postureFields.rs_enforced,
    coverage: postureFields.coverage,
  })

  it('every combination is decided, and every row decides some', () => {
    expect([enforcements.length, hypotheses.length, results.length]).toEqual([20, 240, 36])
    expect(unused(coverageTable, enforcements)).toEqual([])
    expect(unused(hypothesisTable, hypotheses)).toEqual([])
    expect(unused(resultTable, results)).toEqual([])
  })

  it('SEED-TB-42: no combination makes a key that contradicts itself', () => {
    for (const facts of enforcements) {
      const fields = decide(coverageTable, facts).so
      const posture = {
        mode: 'dpop',
        as_enforced: 'yes',
        replay_protection: 'jti_yes',
        client_fit: 'spa',
        confidence: 'inferred',
        ...fields,
      }
      expect(contradictionIn(posture as Posture), JSON.stringify(facts)).toBeUndefined()
    }
  })

  it('SEED-TB-29, SEED-TB-30: all APIs are spoken of only where all demand and compare, in a good sample', () => {
    for (const facts of enforcements)
      expect(decide(coverageTable, facts).so.coverage === 'all_api', JSON.stringify(facts)).toBe(
        facts.demand === 'all' && facts.claims === 'compared' && facts.sample === 'good',
      )
  })

  it('SEED-TB-35, SEED-TB-60: certificates on one side only are hypothesis C, whatever else is so', () => {
    for (const facts of hypotheses.filter(({ oneSided }) => oneSided !== 'no')) expect(decide(hypothesisTable, facts).so).toBe('C')
  })

  it('SEED-TB-57, SEED-TB-59, SEED-TB-61: A is bearer everywhere, B binds and does not look, D has exceptions', () => {
    const facts = { rs: 'no', mode: 'dpop', oneSided: 'no', enforcing: 'none', bound: 'yes' } as const
    expect(decide(hypothesisTable, { ...facts, mode: 'bearer' }).so).toBe('A')
    expect(decide(hypothesisTable, facts).so).toBe('B')
    expect(decide(hypothesisTable, { ...facts, rs: 'partial', enforcing: 'some' }).so).toBe('D')
    expect(decide(hypothesisTable, { ...facts, rs: 'yes', enforcing: 'some' }).so).toBe('none')
  })

  it('SEED-TB-09: named needs issuance judged and every API enforcing', () => {
    for (const facts of results)
      expect(decide(resultTable, facts).so === 'named', JSON.stringify(facts)).toBe(
        facts.as_enforced !== 'unknown' && facts.rs_enforced === 'yes' && facts.coverage === 'all_api',
      )
  })
})
