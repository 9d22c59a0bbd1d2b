// Which reports are wanted: one on standard output, any number in files. All of it is checked before anything is sent.
import { existsSync, mkdtempSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import type { FormatName, Observation, ReportOptions } from '@kimei/observer'
import { Trouble, UsageError } from '../command/command.ts'

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
  return { format, path }
}

export interface Rendering {
  readonly language: 'ja' | 'en'
  /** Nobody chose a language: pages hold both. */
  readonly both: boolean
}

/** Each file is whole or not there. @throws Trouble where the disk refuses. */
export async function writeReports(observation: Observation, files: readonly ReportFile[], { language, both }: Rendering): Promise<void> {
  const { renderReport } = await import('@kimei/observer')
  const options: ReportOptions & { both: boolean } = { language, both, colour: false, width: 100 }
  for (const { format, path } of files) {
    try {
      writeWhole(path, renderReport(observation, format, options))
    } catch (error) {
      throw new Trouble(`${path} cannot be written: ${(error as NodeJS.ErrnoException).code ?? (error as Error).message}`)
    }
  }
}

function writeWhole(path: string, text: string): void {
  const folder = mkdtempSync(join(dirname(resolve(path)), '.kimei-report-'))
  try {
    const fresh = join(folder, basename(path))
    writeFileSync(fresh, text)
    renameSync(fresh, path)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
