// What a verb is in SQL: a sequence of statements, and the two commonest sequences.
import type { Write, WriteName, WritePlan } from '@kimei/protocol'
import type { VerbAnswer } from '../verb-answer.ts'
import type { Row, SqlValue } from './rows.ts'
import type { StatementName } from './statements.ts'

/** One statement to run. */
export interface Ask {
  readonly name: StatementName
  readonly values: readonly SqlValue[]
}
export interface Ran {
  readonly changes: number
  readonly rows: readonly Row[]
}
export type VerbSteps = Generator<Ask, VerbAnswer, Ran>

export type Verb<Name extends WriteName> = (write: Extract<Write, { write: Name }>, plan: WritePlan) => VerbSteps

export function ask(name: StatementName, values: readonly SqlValue[]): Ask {
  return { name, values }
}

/** One conditional statement: lost where it changed nothing. */
export function* one(name: StatementName, values: readonly SqlValue[]): VerbSteps {
  return (yield { name, values }).changes > 0
}

/** Idempotent statements: done whatever they changed. */
export function* any(...asks: readonly Ask[]): VerbSteps {
  for (const each of asks) yield each
  return true
}
