// What a command is, how it reads its flags, and how it says that it was called wrongly.
import { type ParseArgsConfig, parseArgs } from 'node:util'
import type { Terminal } from './terminal.ts'

/** 0 done, 1 the answer is no (refused, findings), 2 called or configured wrongly, 3 something failed. */
export type ExitCode = 0 | 1 | 2 | 3

export interface Command {
  /** The whole of `kimei <name> --help`. */
  readonly help: string
  run(args: readonly string[], terminal: Terminal): Promise<ExitCode>
}

/** Called wrongly: the sentence says what to do instead. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** Something outside failed: an address is taken, nobody answers. The sentence says what to do. */
export class Trouble extends Error {
  override readonly name = 'Trouble'
}

type Options = NonNullable<ParseArgsConfig['options']>
type Flags<O extends Options> = ReturnType<typeof parseArgs<{ options: O; strict: true; allowPositionals: true }>>

/** Reads flags strictly. `names` are the positional arguments in order; one in brackets may be left out. */
export function readFlags<const O extends Options>(args: readonly string[], options: O, names: readonly string[] = []): Flags<O> {
  let read: Flags<O>
  try {
    read = parseArgs({ args: [...args], options, strict: true, allowPositionals: true }) as Flags<O>
  } catch (error) {
    throw new UsageError((error as Error).message.replace(/\. To specify a positional argument.*$/, '.'))
  }
  const given = read.positionals.length
  const missing = names[given]
  if (missing !== undefined && !missing.startsWith('[')) throw new UsageError(`${missing} is missing`)
  if (given > names.length) throw new UsageError(`"${read.positionals[names.length]}" is one argument too many`)
  return read
}

/** A TCP port, 0 for any free one. */
export function readPort(text: string, flag: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN
  if (!(port <= 65_535)) throw new UsageError(`${flag} "${text}" is no port: 0 to 65535`)
  return port
}
