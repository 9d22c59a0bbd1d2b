// Arguments that should not have to stand on a command line, where others can read them.
import { readFileSync } from 'node:fs'
import { UsageError } from './command.ts'

/** The text itself, `@file`, or `-` for standard input; without blanks around it. */
export function readSecretArgument(given: string): string {
  if (given === '-') return readFileSync(0, 'utf8').trim()
  if (!given.startsWith('@')) return given.trim()
  try {
    return readFileSync(given.slice(1), 'utf8').trim()
  } catch {
    throw new UsageError(`there is no file ${given.slice(1)}`)
  }
}
