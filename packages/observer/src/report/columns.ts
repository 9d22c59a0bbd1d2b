// Values as cells of a terminal: nothing from outside may steer the terminal. Alignment itself is shared with pages and commands.
import { columns, displayWidth, padDisplay, wrapDisplay } from 'look'

/** Terminal control characters and line breaks never reach the terminal from outside. */
export function plain(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]/gu, '\uFFFD')
}

const widest = 100
const narrowest = 60

/** Lines of a report are no wider than a person reads in one go. */
export function lineWidth({ width }: { readonly width?: number | undefined }): number {
  return Math.max(narrowest, Math.min(widest, width ?? widest))
}

/** One aligned line for each row. */
export function rows(cells: readonly (readonly string[])[]): string[] {
  return cells.length === 0 ? [] : columns(cells.map((row) => row.map(plain))).split('\n')
}

/** Broken where words end, but not at a no-break space, so that no line is wider than `width`. */
export function wrapped(text: string, width: number, indent: string): string[] {
  return wrapDisplay(plain(text), Math.max(20, width - indent.length)).map((line) => indent + line.replaceAll('\u00a0', ' '))
}

/** Aligned rows of a name and a text; a long text goes on below itself, never under the name. */
export function wrappedRows(cells: readonly (readonly [name: string, text: string])[], width: number): string[] {
  const widest = Math.max(0, ...cells.map(([name]) => displayWidth(plain(name))))
  return cells.flatMap(([name, text]) => {
    const lines = wrapped(text, width, ' '.repeat(widest + 4))
    return lines.map((line, index) => (index === 0 ? `  ${padDisplay(plain(name), widest)}  ${line.trimStart()}`.trimEnd() : line))
  })
}
