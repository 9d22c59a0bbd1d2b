// Values as cells of a terminal: nothing from outside may steer the terminal. Alignment itself is shared with pages and commands.
import { columns } from 'look'

/** Terminal control characters and line breaks never reach the terminal from outside. */
export function plain(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]/gu, '\uFFFD')
}

/** One aligned line for each row. */
export function rows(cells: readonly (readonly string[])[]): string[] {
  return cells.length === 0 ? [] : columns(cells.map((row) => row.map(plain))).split('\n')
}
