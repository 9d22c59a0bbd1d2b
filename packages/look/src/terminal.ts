// The same language in a terminal: aligned columns, one mark and one word per state, colours only when asked.
import type { Language } from './language.ts'
import { sentence } from './sentences.ts'
import { stampOf } from './stamp.ts'
import type { TicketKind } from './ticket.ts'

export type MarkState = 'ok' | 'failed' | 'refused' | 'holds' | 'violated' | 'inconclusive' | 'not-applicable'

const marks: Readonly<Record<MarkState, readonly [symbol: string, color: number]>> = {
  ok: ['✓', 32],
  holds: ['✓', 32],
  refused: ['✓', 32],
  failed: ['✗', 31],
  violated: ['✗', 31],
  inconclusive: ['?', 33],
  'not-applicable': ['–', 90],
}

/** `✓ holds`. */
export function mark(state: MarkState, options: { readonly color: boolean; readonly language?: Language }): string {
  const [symbol, color] = marks[state]
  const text = `${symbol} ${sentence(options.language ?? 'en', `mark.${state}`)}`
  return options.color ? `\x1b[${color}m${text}\x1b[0m` : text
}

/** `[ named  0ZcO CORZ ]`, `[ bearer --------- ]`, `[ unknown ///////// ]`. */
export function ticketLine(ticket: TicketKind): string {
  if (ticket.kind === 'named') return `[ named   ${ticket.thumbprint === undefined ? '         ' : stampOf(ticket.thumbprint)} ]`
  return ticket.kind === 'bearer' ? '[ bearer  - - - - - ]' : '[ unknown ///////// ]'
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with one
const ansi = /\x1b\[[0-9;]*m/g
/** East Asian wide and full-width letters, and pictures. */
const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u
/** What is put on the letter before it, or shows nothing. */
const weightless = /[\p{Mn}\p{Me}\p{Cc}\p{Cf}]/u

/** Columns that the text takes in a terminal: East Asian wide characters take two, marks and colours none. */
export function displayWidth(text: string): number {
  let width = 0
  for (const character of text.replace(ansi, '')) width += weightless.test(character) ? 0 : wide.test(character) ? 2 : 1
  return width
}

export function padDisplay(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - displayWidth(text)))
}

/** At most `width` columns; what is cut off shows as an ellipsis. */
export function fitDisplay(text: string, width: number): string {
  if (displayWidth(text) <= width) return text
  let kept = ''
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    if (displayWidth(kept + segment) > width - 1) break
    kept += segment
  }
  return `${kept.trimEnd()}…`
}

/** No line ends with the first kind, none begins with the second (Japanese line breaking). */
const opening = /[（「『【〈《［｛]$/u
const closing = /[、。，．・：；？！）」』】〉》］｝ー〜…々ゝゞぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮ]/u

/** Lines of at most `width` columns, broken at spaces, and between letters of scripts that write without them. */
export function wrapDisplay(text: string, width: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const { unit, spaced } of unitsOf(text)) {
    const longer = line === '' ? unit : `${line}${spaced ? ' ' : ''}${unit}`
    if (displayWidth(longer) <= width) line = longer
    else {
      if (line !== '') lines.push(line)
      line = unit
      while (displayWidth(line) > width) {
        const part = cutDisplay(line, width)
        lines.push(part)
        line = line.slice(part.length)
      }
    }
  }
  return line === '' && lines.length > 0 ? lines : [...lines, line]
}

/** The longest beginning that fits, one letter at the least. */
function cutDisplay(text: string, width: number): string {
  let kept = ''
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    if (kept !== '' && displayWidth(kept + segment) > width) break
    kept += segment
  }
  return kept
}

/** What stays together on a line: words, and what leans on them. */
function unitsOf(text: string): { unit: string; readonly spaced: boolean }[] {
  const units: { unit: string; readonly spaced: boolean }[] = []
  let spaced = false
  for (const { segment } of new Intl.Segmenter('ja', { granularity: 'word' }).segment(text)) {
    const last = units.at(-1)
    if (/^[ \t\n]+$/.test(segment)) spaced = true
    else if (last === undefined || spaced || !staysWith(last.unit, segment)) {
      units.push({ unit: segment, spaced })
      spaced = false
    } else last.unit += segment
  }
  return units
}

function staysWith(before: string, segment: string): boolean {
  const first = [...segment][0]!
  if (closing.test(first) || opening.test(before)) return true
  return !wide.test(first) && !wide.test([...before].at(-1)!)
}

/** Rows as aligned columns, two spaces between, no trailing blanks. */
export function columns(rows: readonly (readonly string[])[], indent = 2): string {
  const widths: number[] = []
  for (const row of rows) {
    for (const [index, cell] of row.entries()) widths[index] = Math.max(widths[index] ?? 0, displayWidth(cell))
  }
  const line = (row: readonly string[]) =>
    row
      .map((cell, index) => padDisplay(cell, widths[index] ?? 0))
      .join('  ')
      .trimEnd()
  return rows.map((row) => `${' '.repeat(indent)}${line(row)}`).join('\n')
}
