// Envoy's x-forwarded-client-cert: elements by comma, pairs by semicolon, values bare or in double quotes.
// Which element counts, and what its pairs mean, stands in `formats.ts`.

/** Values by lower-case key; a key may be there several times. */
export type XfccElement = ReadonlyMap<string, readonly string[]>

const key = /([A-Za-z]+)=/y
const bare = /[^\s,;="\\]*/y
const quoted = /"((?:[^"\\]|\\.)*)"/y
/** Where several names of one certificate may stand. */
const repeated = new Set(['by', 'uri', 'dns'])

/** `undefined`: not such a header, or a key that must stand once stands twice. */
export function parseXfcc(text: string): readonly XfccElement[] | undefined {
  const elements: Map<string, string[]>[] = [new Map()]
  for (let at = 0; ; ) {
    const name = take(key, text, at)
    if (!name) return undefined
    const value = take(quoted, text, name.end) ?? take(bare, text, name.end)
    if (!value) return undefined
    const lower = name.text.toLowerCase()
    const element = elements.at(-1)!
    const before = element.get(lower)
    if (before && !repeated.has(lower)) return undefined
    element.set(lower, [...(before ?? []), value.text])
    if (value.end === text.length) return elements
    const separator = text[value.end]
    if (separator !== ',' && separator !== ';') return undefined
    if (separator === ',') elements.push(new Map())
    at = value.end + 1
    // Whoever joins two header lines puts a space after the comma.
    while (separator === ',' && text[at] === ' ') at += 1
  }
}

function take(pattern: RegExp, text: string, at: number): { readonly text: string; readonly end: number } | undefined {
  pattern.lastIndex = at
  const found = pattern.exec(text)
  if (!found) return undefined
  const value = found[1] === undefined ? found[0] : found[1].replace(/\\(.)/g, '$1')
  return { text: value, end: pattern.lastIndex }
}
