// The one decision table of priorities, enumerated: every combination of its five facts.
import { describe, expect, it } from 'vitest'
import { decidePriority, type PriorityFacts, priorityTable } from '../src/judgement/priority.ts'

const every: PriorityFacts[] = (['none', 'exception', 'everywhere', 'hollow'] as const).flatMap((exposure) =>
  [true, false].flatMap((privileged) =>
    (['here', 'somewhere', 'nowhere'] as const).flatMap((claimed) =>
      (['none', 'form', 'proof', 'laundering'] as const).flatMap((weakness) =>
        (['clear', 'unclear'] as const).map((operations) => ({ exposure, privileged, claimed, weakness, operations })),
      ),
    ),
  ),
)
const of = (facts: Partial<PriorityFacts>) =>
  decidePriority({ exposure: 'none', privileged: false, claimed: 'nowhere', weakness: 'none', operations: 'clear', ...facts }).so

describe('priority', () => {
  it('SEED-TB-51: an important API that takes bearer tickets is P0, whatever else is so', () => {
    const exposed = every.filter(({ exposure, privileged }) => exposure !== 'none' && privileged)
    expect(exposed).toHaveLength(72)
    expect(new Set(exposed.map((facts) => decidePriority(facts).so))).toEqual(new Set(['P0']))
  })

  it('SEED-TB-52: binding that is claimed and nowhere enforced is P0 at any privilege', () => {
    const claimed = every.filter(({ exposure, claimed: said }) => exposure === 'everywhere' && said !== 'nowhere')
    expect(new Set(claimed.map((facts) => decidePriority(facts).so))).toEqual(new Set(['P0']))
    const itself = every.filter(({ exposure, claimed: said }) => exposure === 'exception' && said === 'here')
    expect(new Set(itself.map((facts) => decidePriority(facts).so))).toEqual(new Set(['P0']))
  })

  it('SEED-TB-52: a proof or a certificate that is demanded and not compared is P0 at any privilege', () => {
    const hollow = every.filter(({ exposure }) => exposure === 'hollow')
    expect(hollow).toHaveLength(48)
    expect(new Set(hollow.map((facts) => decidePriority(facts).so))).toEqual(new Set(['P0']))
  })

  it('SEED-TB-53: partial coverage without a privileged exception, and weak proofs, are P1', () => {
    const partial = every.filter(
      ({ exposure, privileged, claimed, weakness }) =>
        exposure === 'exception' && !privileged && claimed !== 'here' && weakness !== 'laundering',
    )
    expect(new Set(partial.map((facts) => decidePriority(facts).so))).toEqual(new Set(['P1']))
    const weak = every.filter(({ exposure, weakness }) => exposure === 'none' && weakness === 'proof')
    expect(new Set(weak.map((facts) => decidePriority(facts).so))).toEqual(new Set(['P1']))
  })

  it('something bound that comes out unbound is P0, whatever else is so: there is an unbound twin for every API that takes one', () => {
    const laundered = every.filter(({ weakness }) => weakness === 'laundering')
    expect(new Set(laundered.map((facts) => decidePriority(facts).so))).toEqual(new Set(['P0']))
  })

  it('SEED-TB-03: bearer everywhere is at least P1, rotation or not', () => {
    expect(of({ exposure: 'everywhere' })).toBe('P1')
    expect(of({ exposure: 'everywhere', privileged: true })).toBe('P0')
  })

  it('SEED-TB-54, SEED-TB-36: unclear operations alone are P2, nothing at all is none', () => {
    expect(of({ operations: 'unclear' })).toBe('P2')
    expect(of({ weakness: 'form' })).toBe('P2')
    expect(of({})).toBe('none')
  })

  it('every row of the table decides something, and every combination is decided', () => {
    const used = new Set(every.map(decidePriority))
    expect(priorityTable.filter((row) => !used.has(row))).toEqual([])
    const counts = Object.groupBy(every, (facts) => decidePriority(facts).so)
    expect(Object.fromEntries(Object.entries(counts).map(([name, list]) => [name, list?.length]))).toEqual({
      P0: 138,
      P1: 30,
      P2: 18,
      none: 6,
    })
  })
})
