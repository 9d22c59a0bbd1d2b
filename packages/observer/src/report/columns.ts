// Aligned columns for a terminal, Japanese included: a full-width character takes two cells.
// What stands in them belongs to `text.ts`.

const wide =
  /[\u1100-\u115F\u2E80-\u303E\u3041-\u33FF\u3400-\u4DBF\u4E00-\u9FFF\uA000-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6]/

/** Cells that the text takes. */
export function cells(text: string): number {
  let count = 0
  for (const character of text) count += wide.test(character) ? 2 : 1
  return count
}

/** Cut to at most so many cells, with a mark where something is missing. */
export function cut(text: string, limit: number): string {
  if (cells(text) <= limit) return text
  let kept = ''
  for (const character of text) {
    if (cells(kept) + cells(character) > limit - 1) break
    kept += character
  }
  return `${kept}…`
}

function pad(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - cells(text)))
}

/** One line for each row; every column as wide as its widest cell, the last one free. */
export function columns(rows: readonly (readonly string[])[], indent = '  '): string[] {
  const safe = rows.map((row) => row.map(plain))
  const widths = (safe[0] ?? []).map((_, i) => Math.max(...safe.map((row) => cells(row[i] ?? ''))))
  return safe.map((row) => (indent + row.map((cell, i) => (i === row.length - 1 ? cell : pad(cell, widths[i]!))).join('  ')).trimEnd())
}

/** Terminal control characters and line breaks never reach the terminal from outside. */
export function plain(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]/gu, '\uFFFD')
}
