// Which reports are wanted: one on standard output, any number in files. All of it is checked before anything is sent.
import { existsSync, mkdtempSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import type { FormatName, Observation, ReportOptions } from '@kimei/observer'
import { UsageError } from '../command/command.ts'

export interface ReportFile {
  readonly format: FormatName
  readonly path: string
}

type Formats = Pick<typeof import('@kimei/observer'), 'formatNames' | 'formatOfFile' | 'isFormat'>

/** @throws UsageError for a format that nobody knows. */
export function readFormat(name: string, { formatNames, isFormat }: Formats): FormatName {
  if (isFormat(name)) return name
  throw new UsageError(`there is no format "${name}": ${formatNames.join(', ')}`)
}

/** `html=report.html`, or `report.html` where the ending tells. @throws UsageError for files that cannot be written. */
export function readReportFiles(given: readonly string[], formats: Formats): readonly ReportFile[] {
  const files = given.map((one) => readReportFile(one, formats))
  const twice = files.find(({ path }, index) => files.findIndex((other) => resolve(other.path) === resolve(path)) !== index)
  if (twice) throw new UsageError(`--report names ${twice.path} twice`)
  return files
}

function readReportFile(given: string, formats: Formats): ReportFile {
  const [, name = '', rest = ''] = /^([a-z]+)=(.*)$/.exec(given) ?? []
  const format = name === '' ? formats.formatOfFile(given) : readFormat(name, formats)
  if (format === undefined) throw new UsageError(`--report ${given}: say which format, as in html=${given}`)
  const path = name === '' ? given : rest
  if (path === '') throw new UsageError(`--report ${given} names no file`)
  if (!existsSync(dirname(resolve(path)))) throw new UsageError(`--report ${path}: there is no folder ${dirname(path)}`)
  if (existsSync(path) && statSync(path).isDirectory()) throw new UsageError(`--report ${path} is a folder`)
  refuseUnwritable(path)
  return { format, path }
}

/** Better known now than after an hour. */
function refuseUnwritable(path: string): void {
  if (isDevice(path)) return
  try {
    rmSync(mkdtempSync(join(dirname(targetOf(path)), temporary)), { recursive: true, force: true })
  } catch (error) {
    throw new UsageError(`--report ${path}: the folder cannot be written to (${(error as NodeJS.ErrnoException).code})`)
  }
}

const temporary = '.kimei-report-'

/** A pipe or a terminal has no folder of its own: it is written into. */
function isDevice(path: string): boolean {
  const found = statSync(path, { throwIfNoEntry: false })
  return found !== undefined && !found.isFile()
}

/** What a link leads to, so that the link stays one. */
function targetOf(path: string): string {
  return existsSync(path) ? realpathSync(path) : resolve(path)
}

export interface Rendering {
  readonly language: 'ja' | 'en'
  /** Nobody chose a language: pages hold both. */
  readonly both: boolean
}

/** Each file is whole or not there, and none keeps the others from being written. @returns what the disk refused */
export async function writeReports(
  observation: Observation,
  files: readonly ReportFile[],
  { language, both }: Rendering,
): Promise<readonly string[]> {
  const { renderReport } = await import('@kimei/observer')
  const options: ReportOptions & { both: boolean } = { language, both, colour: false, width: 120 }
  return files.flatMap(({ format, path }) => {
    const text = renderReport(observation, format, options)
    try {
      if (isDevice(path)) writeFileSync(path, text)
      else writeWhole(path, text)
      return []
    } catch (error) {
      return [`${path} cannot be written: ${(error as NodeJS.ErrnoException).code ?? (error as Error).message}`]
    }
  })
}

function writeWhole(path: string, text: string): void {
  const target = targetOf(path)
  const folder = mkdtempSync(join(dirname(target), temporary))
  try {
    const fresh = join(folder, basename(target))
    writeFileSync(fresh, text)
    renameSync(fresh, target)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
