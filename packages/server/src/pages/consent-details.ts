// Authorization details as a person reads them (RFC 9396 §3.1): every field of every object, none left out, in words where there are any.
import type { AuthorizationDetail, Language } from '@kimei/protocol'
import { type SentenceKey, sentence } from 'look'
import type { DetailWords } from '../config/detail-types.ts'

export interface DetailView {
  /** What kind of permission. */
  readonly name: string
  /** One line a field: words and values. */
  readonly rows: readonly string[]
}

export interface DetailReader {
  readonly language: Language
  readonly words: DetailWords | undefined
  /** The name of an API, where the location is one. */
  readonly nameOf: (location: string) => string | undefined
}

const worded: ReadonlySet<string> = new Set(['actions', 'locations', 'datatypes', 'identifier', 'privileges'])

export function viewDetail(detail: AuthorizationDetail, reader: DetailReader): DetailView {
  const { type, ...fields } = detail
  const rows = Object.entries(fields).flatMap(([field, value]) => rowsOf([field], value, reader))
  return { name: reader.words?.name[reader.language] ?? type, rows }
}

function rowsOf(path: readonly string[], value: unknown, reader: DetailReader): readonly string[] {
  if (Array.isArray(value)) {
    if (!value.some(isNested)) return [row(path, value, reader)]
    return value.flatMap((one, at) => rowsOf([...path, String(at + 1)], one, reader))
  }
  if (!isNested(value)) return [row(path, [value], reader)]
  const inner = Object.entries(value)
  return inner.length === 0 ? [row(path, [], reader)] : inner.flatMap(([name, one]) => rowsOf([...path, name], one, reader))
}

function isNested(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

function row(path: readonly string[], values: readonly unknown[], { language, words, nameOf }: DetailReader): string {
  const say = (key: SentenceKey, names?: Readonly<Record<string, string>>) => sentence(language, key, names)
  const word = (value: unknown): string => {
    if (typeof value === 'boolean') return say(`consent.detail.${value}`)
    if (value === null) return say('consent.detail.none')
    const text = plain(String(value))
    return (path[0] === 'locations' && nameOf(String(value))) || text
  }
  const shown = values.length === 0 ? say('consent.detail.none') : values.map(word).join(say('consent.detail.and'))
  return say('consent.detail.row', { label: labelOf(path, language, words), values: shown })
}

/** The words of the type, the common ones, else the name of the field itself. Positions in lists keep their number. */
function labelOf(path: readonly string[], language: Language, words: DetailWords | undefined): string {
  const names = path.filter((part) => !/^\d+$/.test(part))
  const numbers = path.filter((part) => /^\d+$/.test(part))
  const own = words?.labels[names.join('.')]?.[language]
  const [only] = names
  const known = names.length === 1 && only !== undefined && worded.has(only)
  const label = own ?? (known ? sentence(language, `consent.detail.${only}` as SentenceKey) : plain(names.join('.')))
  return numbers.length === 0 ? label : `${label} (${numbers.join('.')})`
}

/** Characters that are not seen, or turn the direction of reading, could make a sentence say something else. */
function plain(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\uFFFD')
}
