// Reads a YAML (or JSON) file that a person wrote; says where it is wrong in their words.
import { readFileSync } from 'node:fs'
import { Misuse } from '@kimei/protocol'
import { isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml'
import { UsageError } from '../command/command.ts'
import { lineFinder } from './mistake-lines.ts'

/** @throws UsageError where there is no such file; Misuse with every mistake of its syntax. */
export function readYaml(path: string): unknown {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    throw new UsageError(code === 'EACCES' ? `${path} is not yours to read` : `there is no file ${path}`)
  }
  return parseYaml(text, path)
}

/** Plain data only: no tags, no merge keys, a bounded number of aliases. Duplicate keys are mistakes. */
export function parseYaml(text: string, path: string): unknown {
  const lineCounter = new LineCounter()
  const document = parseDocument(text, { lineCounter, uniqueKeys: true, merge: false, prettyErrors: false })
  const mistakes = [...document.errors, ...document.warnings].map((problem) => {
    const { line, col } = lineCounter.linePos(problem.pos[0])
    return `${path}:${line}:${col} ${problem.message}`
  })
  if (mistakes.length > 0) throw new Misuse(mistakes)
  if (document.contents === null || (isScalar(document.contents) && document.contents.value === null))
    throw new Misuse([`${path} is empty`])
  if (!isMap(document.contents)) throw new Misuse([`${path} must be a list of "key: value" at its top`])
  try {
    return document.toJS({ maxAliasCount: 100 }) as unknown
  } catch (error) {
    // The library's word for an alias without its anchor, and for aliases that would grow without end.
    if (error instanceof ReferenceError) throw new Misuse([`${path}: ${error.message}`])
    throw error
  }
}

/** Says before every mistake in which file it stands, and on which line. */
export function inFile<T>(path: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof Misuse)) throw error
    const lineOf = lineFinder(textOf(path))
    throw new Misuse(error.mistakes.map((mistake) => placed(path, mistake, lineOf(mistake))))
  }
}

/** Mistakes of the syntax say their place themselves. */
function placed(path: string, mistake: string, line: number | undefined): string {
  if (mistake.startsWith(`${path}:`) || mistake.startsWith(`${path} `)) return mistake
  return `${path}${line === undefined ? '' : `:${line}`}: ${mistake}`
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

/** On which line each entry of a list at the top begins, by its `id`: `apis.notes`; and each key at the top. */
export function linesOf(text: string): Readonly<Record<string, number>> {
  const lineCounter = new LineCounter()
  const { contents } = parseDocument(text, { lineCounter, prettyErrors: false })
  if (!isMap(contents)) return {}
  const lineAt = (node: unknown): number => lineCounter.linePos((node as { range?: readonly number[] }).range?.[0] ?? 0).line
  return Object.fromEntries(
    contents.items.flatMap(({ key, value }): [string, number][] => {
      const name = String(key)
      const entries = isSeq(value) ? value.items : []
      return [
        [name, lineAt(key)],
        ...entries.flatMap((entry): [string, number][] => {
          const id = isMap(entry) ? entry.get('id') : undefined
          return typeof id === 'string' ? [[`${name}.${id}`, lineAt(entry)]] : []
        }),
      ]
    }),
  )
}
