// How the accuracy run counts: every pair of what is and what is said, by hand.
import { describe, expect, it } from 'vitest'
import { confusionOf, isAccurate, judgePlace, judgePosture, judgeScenario, type Outcome, scoreOf } from '../score.ts'

const told = (probe: string, verdict: 'holds' | 'violated' | 'inconclusive' | 'not-applicable', reason?: string) => ({
  probe,
  verdict,
  answered: '',
  ...(reason !== undefined && { reason }),
})
const outcomesOf = (truth: { broken: string[]; unseen: string[] }, ...results: ReturnType<typeof told>[]): Record<string, Outcome> =>
  Object.fromEntries(judgePlace({ target: 't', place: 'p', truth, results }).map(({ control, outcome }) => [control, outcome]))

describe('the accuracy run', () => {
  it('calls each pair of truth and word by its name', () => {
    const truth = { broken: ['M1', 'H1', 'T1'], unseen: ['N1', 'N2', 'R1'] }
    expect(
      outcomesOf(
        truth,
        told('A1', 'holds'),
        told('H2', 'violated'),
        told('T2', 'inconclusive'),
        told('M1', 'violated'),
        told('H1', 'holds'),
        told('T1', 'inconclusive'),
        told('B4', 'not-applicable', 'this request asks for no WebSocket'),
        told('N1', 'not-applicable', 'no nonce is asked for'),
        told('N2', 'holds'),
        told('R1', 'violated'),
      ),
    ).toEqual({
      A1: 'right',
      H2: 'alarm',
      T2: 'silent',
      M1: 'hit',
      H1: 'miss',
      T1: 'miss',
      B4: 'unasked',
      N1: 'right',
      N2: 'unfounded',
      R1: 'alarm',
    })
  })

  it('what a decisive finding made moot counts nowhere, asked or not', () => {
    const truth = { broken: ['B1', 'R1'], unseen: [] }
    expect(outcomesOf(truth, told('B1', 'violated'), told('K1', 'inconclusive', 'moot: B1 is violated'))).toEqual({
      B1: 'hit',
      K1: 'moot',
      R1: 'moot',
    })
    expect(outcomesOf(truth, told('B1', 'holds'))).toEqual({ B1: 'miss', R1: 'miss' })
  })

  it('a field of the posture is a hit when it is so, a miss when unknown, an alarm otherwise; what nobody can know is left open', () => {
    const seen = {
      posture: { mode: 'dpop', as_enforced: 'unknown', rs_enforced: 'no', coverage: 'unknown', replay_protection: 'jti_yes' },
      record: { action_priority: 'P1' },
    } as unknown as Parameters<typeof judgePosture>[2]
    const posture = { mode: 'dpop', as_enforced: 'yes', rs_enforced: 'yes', coverage: 'unknown', replay_protection: 'unknown' } as const
    expect(judgePosture('t', { posture, priority: 'P0' }, seen).map(({ outcome }) => outcome)).toEqual([
      'hit',
      'miss',
      'alarm',
      'right',
      'unfounded',
      'alarm',
    ])
  })

  it('a hole of a scenario is found where it is; what is in force is an alarm when it is called missing, and elsewhere nothing is said', () => {
    const at = (api: string, probe: string, rule: string, verdict: string) => ({
      api,
      probes: [{ probe, attacks: [rule], verdict, answered: '' }],
    })
    const rules = { htm: 'dpop.htm-is-request-method', jti: 'dpop.jti-is-first-use' } as const
    const apis = [
      at('one', 'M1', rules.htm, 'violated'),
      at('two', 'M1', rules.htm, 'violated'),
      at('two', 'R1', rules.jti, 'holds'),
      at('one', 'R1', rules.jti, 'holds'),
    ]
    const holes = [
      { rule: rules.htm, at: 'one' },
      { rule: rules.jti, at: 'two' },
    ]
    const scenario = { holes, notInForce: holes, issuer: 'lab', binds: true }
    const said = judgeScenario('t', scenario, { apis, issuers: [] } as unknown as Parameters<typeof judgeScenario>[2])
    expect(said.map(({ place, control, outcome }) => `${place} ${control} ${outcome}`)).toEqual([
      'one dpop.htm-is-request-method hit',
      'two dpop.jti-is-first-use miss',
      'two dpop.htm-is-request-method alarm',
      'one dpop.jti-is-first-use right',
    ])
  })

  it('precision falls with alarms, recall with misses; one false word or two misses in a hundred too many are not accurate', () => {
    const many = (count: number, outcome: Outcome) =>
      Array.from({ length: count }, () => ({ target: 't', place: 'p', control: 'B1', actual: '', said: '', why: '', outcome }))
    expect(scoreOf([...many(3, 'hit'), ...many(1, 'alarm'), ...many(2, 'miss')])).toMatchObject({ precision: 0.75, recall: 0.6 })
    expect(scoreOf([])).toMatchObject({ precision: 1, recall: 1 })
    expect(isAccurate(scoreOf([...many(98, 'hit'), ...many(2, 'miss')]))).toBe(true)
    expect(isAccurate(scoreOf([...many(97, 'hit'), ...many(3, 'miss')]))).toBe(false)
    expect(isAccurate(scoreOf([...many(200, 'hit'), ...many(1, 'alarm')]))).toBe(false)
    expect(isAccurate(scoreOf([...many(200, 'hit'), ...many(1, 'unfounded')]))).toBe(false)
    expect(confusionOf([...many(1, 'hit'), ...many(1, 'right'), ...many(1, 'moot'), ...many(1, 'silent')])).toHaveLength(1)
  })
})
