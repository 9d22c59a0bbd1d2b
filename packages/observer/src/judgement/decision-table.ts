// Decision tables: rows in order, and the first whose facts all agree decides. The last row has no condition, so that every case is decided.
// The tables stand beside this file; tests enumerate every combination of their facts.

export interface Row<Facts, Decision> {
  readonly when: Partial<Facts>
  readonly so: Decision
  readonly because: string
}

/** @throws when a table has no closing row: a mistake in the table, which its test finds. */
export function decide<Facts extends object, Decision>(table: readonly Row<Facts, Decision>[], facts: Facts): Row<Facts, Decision> {
  const found = table.find(({ when }) => Object.entries(when).every(([name, value]) => facts[name as keyof Facts] === value))
  if (found === undefined) throw new Error('a decision table without a closing row')
  return found
}
