// Reads a YAML (or JSON) file that a person wrote; says where it is wrong in their words.
import { Misuse } from '@kimei/protocol'
import { type Document, isMap, isScalar, isSeq, LineCounter, parseDocument, visit } from 'yaml'
import { lineFinder } from './mistake-lines.ts'
import { readText } from './read-text.ts'

/** @throws UsageError where there is no such file; Misuse with every mistake of its syntax. */
export function readYaml(path: string): unknown {
  return parseYaml(readText(path), path)
}

/** Plain data only: no tags, no merge keys, a bounded number of aliases. Duplicate keys are mistakes. */
export function parseYaml(text: string, path: string): unknown {
  const lineCounter = new LineCounter()
  // Their own look for keys that are written twice takes the square of their number.
  const document = parseDocument(text, { lineCounter, uniqueKeys: false, merge: false, prettyErrors: false })
  const problems = [
    ...[...document.errors, ...document.warnings].map(({ pos, code, message }) => ({ at: pos[0], message: inOurWords(code, message) })),
    ...repeatedKeys(document).map(({ at, key }) => ({ at, message: `keys must be unique: "${shortened(key)}" is written twice` })),
  ]
  if (problems.length > 0) {
    const mistakes = problems.slice(0, mostMistakes).map(({ at, message }) => {
      const { line, col } = lineCounter.linePos(at)
      return `${path}:${line}:${col} ${message}`
    })
    const more = problems.length - mistakes.length
    throw new Misuse([...mistakes, ...(more > 0 ? [`${path}: ${more} more`] : [])])
  }
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

/** One slip can be hundreds of mistakes to a parser. */
const mostMistakes = 40

function inOurWords(code: string, message: string): string {
  if (message.startsWith('Maximum call stack')) return 'nested deeper than can be read'
  if (code === 'MULTIPLE_DOCS') return 'a second document begins here: only one is read'
  return message
}

function repeatedKeys(document: Document.Parsed): { readonly at: number; readonly key: string }[] {
  const found: { at: number; key: string }[] = []
  visit(document, {
    Map(_, map) {
      const known = new Set<string>()
      for (const { key } of map.items) {
        if (!isScalar(key)) continue
        const name = String(key.value)
        if (known.has(name)) found.push({ at: key.range?.[0] ?? 0, key: name })
        known.add(name)
      }
    },
  })
  return found
}

function shortened(key: string): string {
  return key.length > 60 ? `${key.slice(0, 60)}…` : key
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
    return readText(path)
  } catch {
    return ''
  }
}

/** On which line each entry of a list at the top begins, by its `id`: `apis.notes`; and each key at the top. */
export function linesOf(text: string): Readonly<Record<string, number>> {
  const lineCounter = new LineCounter()
  const { contents } = parseDocument(text, { lineCounter, prettyErrors: false, uniqueKeys: false })
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
