// The table of APIs in the terminal: what a stolen ticket meets, and the four columns of the seed, worst first.
// Its columns fit the width that there is: a name that is too long stands on a line of its own.
import type { Language } from '@kimei/protocol'
import { displayWidth, padDisplay } from 'look'
import type { ApiRecord } from '../observation.ts'
import { plain, wrapped } from './columns.ts'
import type { TextLook } from './finding-lines.ts'
import { answerOf, columnWord, type Entrance, entranceOf, entranceWords, moreWords } from './words.ts'

const screenApis = 12

/** Titles of two lines, because their words are wider than what stands below. */
const titles: readonly Readonly<Record<Language, readonly [string, string]>>[] = [
  { ja: ['', ''], en: ['', ''] },
  { ja: ['', 'API'], en: ['', 'API'] },
  { ja: ['', '権限'], en: ['', 'rights'] },
  { ja: ['盗んだ', '切符'], en: ['stolen', 'ticket'] },
  { ja: ['', 'DPoP'], en: ['', 'DPoP'] },
  { ja: ['TLS', '証明書'], en: ['TLS', 'certificate'] },
  { ja: ['', '方針'], en: ['', 'policy'] },
  { ja: ['', '断り方'], en: ['', 'errors'] },
]
const nameColumn = 1
const leastName = 12

/** Entrances that are open first, and among them those with the most rights. */
export function worstFirst(apis: readonly ApiRecord[]): ApiRecord[] {
  // Whether a ticket or another key passes, the rights behind it decide.
  const alike = (entrance: Entrance) => (entrance === 'other' ? 'partly' : entrance)
  const open = (record: ApiRecord) => Math.max(1, Object.keys(entranceWords).indexOf(alike(entranceOf(record))))
  const rank = (record: ApiRecord) => open(record) * 3 + ['high', 'mid', 'low'].indexOf(record.privilege)
  return [...apis].sort((a, b) => rank(a) - rank(b))
}

export function apiTable(apis: readonly ApiRecord[], { language, paint, width }: TextLook): string[] {
  const sorted = oneForAll(worstFirst(apis), language)
  const shown = sorted.slice(0, screenApis)
  const table = (errors: 'long' | 'short') => shown.map(({ record, many }) => rowOf(record, { language, many, errors }).map(plain))
  const long = table('long')
  const lines = laidOut(widthOf(long, language) <= width ? long : table('short'), { language, paint, width })
  return [
    ...lines,
    ...restLines(
      sorted.slice(screenApis).map(({ record }) => record),
      language,
      width,
    ),
  ]
}

/** An API that treats all its clients alike is one row, without their names. */
function oneForAll(records: readonly ApiRecord[], language: Language): { readonly record: ApiRecord; readonly many: boolean }[] {
  const sameApi = [...Map.groupBy(records, ({ api }) => api).values()]
  const alike = new Set(
    sameApi
      .filter((group) => new Set(group.map((one) => rowOf(one, { language, many: false, errors: 'long' }).join('\n'))).size === 1)
      .flatMap((group) => group.slice(1)),
  )
  const differs = new Set(sameApi.filter((group) => group.slice(1).some((one) => !alike.has(one))).flat())
  return records.filter((one) => !alike.has(one)).map((record) => ({ record, many: differs.has(record) }))
}

interface RowLook {
  readonly language: Language
  /** Several clients: each row says which. */
  readonly many: boolean
  readonly errors: 'long' | 'short'
}

function rowOf(record: ApiRecord, { language, many, errors }: RowLook): string[] {
  const { dpop, tlsCertificateRequest, policy } = record.columns
  const { mark, word } = entranceWords[entranceOf(record)]
  return [
    mark,
    `${record.method} ${record.api}${many ? ` (${record.client})` : ''}`,
    columnWord(record.privilege, language),
    word[language],
    columnWord(dpop, language),
    columnWord(tlsCertificateRequest, language),
    columnWord(policy, language),
    errorWords(record, errors, language),
  ]
}

/** How a stolen ticket was refused; where it was not asked, how a request without any is. */
export function errorWords(record: ApiRecord, length: 'long' | 'short', language: Language): string {
  const entrance = entranceOf(record)
  if (entrance === 'passes' || entrance === 'open') return columnWord('none', language)
  const plainTry = record.probes.find(({ probe, verdict }) => ['B1', 'L7'].includes(probe) && verdict === 'holds')?.answered
  const answer = plainTry !== undefined && plainTry !== '' ? answerOf(plainTry) : record.columns.errorBehaviour.split(';')[0]!
  return length === 'long' ? columnWord(answer, language) : columnWord(/^\d{3}\b/.exec(answer)?.[0] ?? answer, language)
}

function widthOf(cells: readonly (readonly string[])[], language: Language): number {
  return 2 + columnWidths(cells, language).reduce((sum, one) => sum + one + 2, -2)
}

function columnWidths(cells: readonly (readonly string[])[], language: Language): number[] {
  return titles.map((title, index) => Math.max(...title[language].map(displayWidth), ...cells.map((row) => displayWidth(row[index]!))))
}

const markColours: Readonly<Record<string, 'red' | 'yellow' | undefined>> = { '✗': 'red', '~': 'yellow', '?': 'yellow' }

function laidOut(cells: readonly (readonly string[])[], { language, paint, width }: TextLook): string[] {
  const widths = columnWidths(cells, language)
  const spare = width - (widthOf(cells, language) - widths[nameColumn]!)
  const nameWidth = Math.max(leastName, Math.min(widths[nameColumn]!, spare))
  const line = (row: readonly string[]) =>
    `  ${row.map((cell, index) => padDisplay(cell, index === nameColumn ? nameWidth : widths[index]!)).join('  ')}`.trimEnd()
  const heads = [0, 1].map((which) => line(titles.map((title) => title[language][which]!)))
  const coloured = (row: readonly string[], lines: readonly string[]) => {
    const colour = markColours[row[0]!]
    return colour === undefined ? lines : lines.map((one) => paint(colour, one))
  }
  return [...heads, ...cells.flatMap((row) => coloured(row, hung(row, { nameWidth, width, line })))]
}

interface Hanging {
  readonly nameWidth: number
  readonly width: number
  readonly line: (row: readonly string[]) => string
}

function hung(row: readonly string[], { nameWidth, width, line }: Hanging): string[] {
  const [mark, name] = [row[0]!, row[nameColumn]!]
  if (displayWidth(name) <= nameWidth) return [line(row)]
  const named = wrapped(name, width, '     ').map((part, index) => (index === 0 ? `  ${mark}  ${part.trimStart()}` : part))
  return [...named, line(row.map((cell, index) => (index <= nameColumn ? '' : cell)))]
}

/** What is not on the screen is counted by what it met. */
function restLines(rest: readonly ApiRecord[], language: Language, width: number): string[] {
  if (rest.length === 0) return []
  return wrapped(`${moreWords(rest.length, language)}: ${restWords(rest, language)}`, width, '  ')
}

/** `975 ✓ refused · 13 ? unclear` */
export function restWords(rest: readonly ApiRecord[], language: Language): string {
  const counts = Object.entries(entranceWords).flatMap(([state, { mark, word }]) => {
    const count = rest.filter((record) => entranceOf(record) === state).length
    return count === 0 ? [] : [`${count} ${mark} ${word[language]}`]
  })
  return counts.join(' · ')
}
