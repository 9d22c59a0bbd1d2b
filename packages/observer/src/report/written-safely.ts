// Text from outside, written so that no format takes it for more than text: HTML, XML, CSV, Markdown.
import { plain } from './columns.ts'

/** For element content and double-quoted attributes. */
export function html(text: string): string {
  return plain(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;')
}

/** The same for XML 1.0, which allows fewer characters still. */
export function xml(text: string): string {
  return html(text.toWellFormed()).replace(/[\uFFFE\uFFFF]/g, '\uFFFD')
}

/** RFC 4180, every cell quoted. What a spreadsheet would take for a formula begins with an apostrophe. */
export function csvCell(text: string): string {
  const line = plain(text)
  const safe = /^\s*[=+\-@＝＋－＠|%]/.test(line) ? `'${line}` : line
  return `"${safe.replaceAll('"', '""')}"`
}

/** A code span that may stand in a table cell: whatever is in it stays as it is written. */
export function codeSpan(text: string): string {
  const line = plain(text).replaceAll('|', '\\|')
  if (line.trim() === '') return ''
  const runs = [...line.matchAll(/`+/g)].map(([run]) => run.length)
  const fence = '`'.repeat(Math.max(0, ...runs) + 1)
  return runs.length === 0 ? `\`${line}\`` : `${fence} ${line} ${fence}`
}

/** Words of ours and of the operator in Markdown: no markup, no mention, no link. */
export function markdownText(text: string): string {
  return plain(text)
    .replace(/[\\`*_{}[\]<>|~]/g, '\\$&')
    .replace(/[@#](?=\w)/g, '$&\u200B')
    .replace(/\b(https?|www)([:.])/gi, '$1\u200B$2')
}
