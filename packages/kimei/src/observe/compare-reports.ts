// `kimei observe diff before.json after.json`: what is new, gone and changed between two reports.
import { readFileSync } from 'node:fs'
import { type ExitCode, readFlags, UsageError } from '../command/command.ts'
import type { Terminal } from '../command/terminal.ts'
import { inFile } from '../files/read-yaml.ts'
import { readLanguage } from './language.ts'

const options = { lang: { type: 'string' }, json: { type: 'boolean', default: false } } as const

export async function compareReports(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const { values, positionals } = readFlags(args, options, ['before.json', 'after.json'])
  const { language } = readLanguage(values.lang)
  const { compareObservations, exitCodeOfDifference, parseObservation, renderDifference } = await import('@kimei/observer')
  const [before, after] = positionals.map((path) => inFile(path, () => parseObservation(readReport(path)))) as [never, never]
  const difference = compareObservations(before, after)
  terminal.say(
    values.json
      ? JSON.stringify(difference, undefined, 2)
      : renderDifference(difference, { language, colour: terminal.colour, width: terminal.width }).trimEnd(),
  )
  return exitCodeOfDifference(difference)
}

/** @throws UsageError where there is no such file. */
export function readReport(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    throw new UsageError(`there is no file ${path}`)
  }
}
