// How the conformance table is made. That the one on disk is current, `npm test` checks against its own run.
import { expect, it } from 'vitest'
import { conformanceDocument, countRows, idsIn, readRequirements, testsByRow, unknownRows } from './conformance.ts'

it('every row that a rule names is a requirement', () => {
  expect(unknownRows(readRequirements())).toEqual([])
})

it('the requirements have distinct ids, a role, a level and a sentence', () => {
  const rows = readRequirements()
  expect(new Set(rows.map((row) => row.id)).size).toBe(rows.length)
  for (const row of rows)
    expect(
      [row.role, row.level, row.summary].every((cell) => cell !== ''),
      row.id,
    ).toBe(true)
})

it('a row counts only when a title names its whole id', () => {
  const known = new Set(['DPOP-4.3-1', 'DPOP-4.3-10', 'MTLS-3-01', 'SEED-TB-01'])
  expect(idsIn('DPOP-4.3-10, MTLS-3-01: holds', known)).toEqual(['DPOP-4.3-10', 'MTLS-3-01'])
  expect(idsIn('chapter > SEED-TB-01 (again SEED-TB-01)', known)).toEqual(['SEED-TB-01'])
  expect(idsIn('XDPOP-4.3-1 and DPOP-4.3', known)).toEqual([])
  const rows = [...known].map((id) => ({ id, role: 'AS', level: 'MUST', summary: 'a | b < c' }))
  const shown = testsByRow(rows, [{ file: 'packages/a/test/b.test.ts', title: 'MTLS-3-01: holds' }])
  expect(countRows(rows, shown)).toEqual({ total: 4, shown: 1, missing: ['DPOP-4.3-1', 'DPOP-4.3-10', 'SEED-TB-01'] })
  const text = conformanceDocument(rows, [{ file: 'packages/a/test/b.test.ts', title: 'MTLS-3-01: holds' }])
  expect(text).toContain('| MTLS-3-01 | as | MUST | a \\| b &lt; c |  | [a/b](../packages/a/test/b.test.ts) |')
})
