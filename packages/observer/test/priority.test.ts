// The one decision table of priorities, enumerated: every combination of its five facts.
import { describe, expect, it } from 'vitest'
import { decidePriority, type PriorityFacts, priorityTable } from '../src/judgement/priority.ts'

const every: PriorityFacts[] = (['none', 'exception', 'everywhere'] as const).flatMap((exposure) =>
  [true, false].flatMap((privileged) =>
    [true, false].flatMap((claimed) =>
      (['none', 'form', 'proof'] as const).flatMap((weakness) =>
        (['clear', 'unclear'] as const).map((operations) => ({ exposure, privileged, claimed, weakness, operations })),
      ),
    ),
  ),
)
const of = (facts: Partial<PriorityFacts>) =>
  decidePriority({ exposure: 'none', privileged: false, claimed: false, weakness: 'none', operations: 'clear', ...facts }).so

describe('priority', () => {
  it('SEED-TB-51: an important API that takes bearer tickets is P0, whatever else is so', () => {
    const exposed = every.filter(({ exposure, privileged }) => exposure !== 'none' && privileged)
    expect(exposed).toHaveLength(24)
    expect(new Set(exposed.map((facts) => decidePriority(facts).so))).toEqual(new Set(['P0']))
  })

  it('SEED-TB-52: binding that is claimed and nowhere enforced is P0 at any privilege', () => {
    const claimed = every.filter(({ exposure, claimed: said }) => exposure === 'everywhere' && said)
    expect(new Set(claimed.map((facts) => decidePriority(facts).so))).toEqual(new Set(['P0']))
  })

  it('SEED-TB-53: partial coverage without a privileged exception, and weak proofs, are P1', () => {
    const partial = every.filter(({ exposure, privileged }) => exposure === 'exception' && !privileged)
    expect(new Set(partial.map((facts) => decidePriority(facts).so))).toEqual(new Set(['P1']))
    const weak = every.filter(({ exposure, weakness }) => exposure === 'none' && weakness === 'proof')
    expect(new Set(weak.map((facts) => decidePriority(facts).so))).toEqual(new Set(['P1']))
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
      P0: 30,
      P1: 26,
      P2: 12,
      none: 4,
    })
  })
})
