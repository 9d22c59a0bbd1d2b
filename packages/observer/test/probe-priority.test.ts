// What each probe of an API makes of the report when it is violated: one table by hand, from the catalogue of probes (D.4, D.5, D.8) and
// the seed, for an exception of low privilege among APIs that enforce, and for a privileged one.
import { describe, expect, it } from 'vitest'
import { findingsOf } from '../src/judgement/findings.ts'
import type { Priority } from '../src/observation.ts'
import { probes } from '../src/probes/index.ts'
import { apiRecord, inventoryOf, issuerRecord, result } from './records.ts'

const begins = (pattern: RegExp) => probes.flatMap(({ id }) => (pattern.test(id) ? [id] : []))
/** Something is demanded and nothing is compared: P0 wherever it is (D.8, SEED-TB-52). */
const hollow = ['K1', 'S1', 'X0', 'X1a', 'X1b', 'L6', 'TK1', 'TK2', ...begins(/^L9-/), ...begins(/^OT[234]-/)]
/** An API that is open to the ticket alone, or to another credential: P1 as an exception, P0 where it is privileged (SEED-TB-51, SEED-TB-53). */
const named = ['B1', 'B2', 'U1', 'L7', 'L8', 'L10', 'L11-name', 'L11-no-name', 'L11-address', 'L13', 'TK3', 'TK4', 'TK5', 'TK6']
const open = [...named, ...begins(/^OT1-/)]
const sides = probes.filter(({ topic }) => topic === 'elsewhere').map(({ id }) => id)
/** Proofs are demanded, and not everything in them is compared: P1 (D.8, SEED-TB-53). */
const lax = ['A1', 'A2', 'M1', 'M2', 'H1', 'H2', 'H8', 'T1', 'T2', 'T4', 'R1', 'R2', 'R3', 'N1', 'N2', 'X2', 'X3', 'X5a']
/** Refusals and acceptances that are wrong in form alone: P2. */
const form = [
  'B3',
  'U2',
  'T3',
  'R6',
  'N3-issuer',
  'N3-old',
  'H3',
  'H4',
  'H5',
  'H6',
  'H7',
  'X4a',
  'X4b',
  'X4c',
  'X5b',
  'X5c',
  'X5d',
  'X6',
  'X7',
  'X8',
  'T5',
  'T6',
]

function priorityOf(probe: string, privilege: 'low' | 'high'): Priority {
  const apis = [
    apiRecord('whole'),
    apiRecord('odd', { privilege, rsEnforced: 'partial', probes: [result('B1', 'holds'), result(probe, 'violated')] }),
  ]
  const inventory = inventoryOf([{ id: 'whole' }, { id: 'odd', privilege }])
  const found = findingsOf([issuerRecord()], apis, { inventory, claimed: 'somewhere', everywhere: false })
  expect(found.map(({ probes: own }) => own)).toEqual([[probe]])
  return found[0]!.priority
}

describe('what a violated probe of an API is', () => {
  it('every probe of APIs stands in exactly one list', () => {
    const listed = [...hollow, ...open, ...sides, ...lax, ...form]
    const known = probes.filter(({ station }) => station === 'api' || station === 'sequence').map(({ id }) => id)
    expect([...listed].sort()).toEqual([...known].sort())
  })

  it.each(hollow)('SEED-TB-52: %s is P0, whatever the privilege', (probe) => {
    expect([priorityOf(probe, 'low'), priorityOf(probe, 'high')]).toEqual(['P0', 'P0'])
  })

  it.each([...open, ...sides])('SEED-TB-51, SEED-TB-53: %s is P1 at an exception, P0 at a privileged one', (probe) => {
    expect([priorityOf(probe, 'low'), priorityOf(probe, 'high')]).toEqual(['P1', 'P0'])
  })

  it.each(lax)('SEED-TB-53: %s is P1', (probe) => {
    expect([priorityOf(probe, 'low'), priorityOf(probe, 'high')]).toEqual(['P1', 'P1'])
  })

  it.each(form)('%s is P2', (probe) => {
    expect([priorityOf(probe, 'low'), priorityOf(probe, 'high')]).toEqual(['P2', 'P2'])
  })
})
