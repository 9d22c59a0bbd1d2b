// JSON objects as they come from strangers: duplicates, depth and size are refused instead of guessed at.
// What the members mean is for the caller.

export interface JsonLimits {
  /** Nesting of objects and arrays, the outermost counted. */
  readonly depth: number
  /** Members and elements in all. */
  readonly members: number
}

export const jsonLimits: JsonLimits = { depth: 8, members: 256 }

export type JsonObject = { readonly [member: string]: unknown }
export type JsonFlaw = 'malformed' | 'duplicate' | 'too-deep'

/** The object the text spells, or which of the three demands it breaks; `too-deep` also says too many members. */
export function strictJson(text: string, limits: JsonLimits = jsonLimits): JsonObject | JsonFlaw {
  const { value, flaw } = readJson(text, limits)
  return flaw ?? value
}

/** Like {@link strictJson}, but hands out the object beside its flaw, as a lax reader would see it. */
export function readJson(text: string, limits: JsonLimits = jsonLimits): { readonly value: JsonObject; readonly flaw?: JsonFlaw } {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return { value: {}, flaw: 'malformed' }
  }
  if (!isJsonObject(value)) return { value: {}, flaw: 'malformed' }
  const flaw = scan(text, limits)
  return flaw === undefined ? { value } : { value, flaw }
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const quote = 0x22
const backslash = 0x5c

/** Walks text that `JSON.parse` has accepted: only structure is looked at, so the walk can be short. */
function scan(text: string, limits: JsonLimits): JsonFlaw | undefined {
  /** Names of the members of each open object; `undefined` for an open array. */
  const open: (string[] | undefined)[] = []
  let members = 0
  for (let i = 0; i < text.length; i++) {
    switch (text.charCodeAt(i)) {
      case 0x7b: // {
      case 0x5b: // [
        if (open.length === limits.depth) return 'too-deep'
        open.push(text.charCodeAt(i) === 0x7b ? [] : undefined)
        break
      case 0x7d: // }
      case 0x5d: // ]
        open.pop()
        break
      case 0x2c: // ,
        if (++members >= limits.members) return 'too-deep'
        break
      case quote: {
        const end = endOfString(text, i)
        const names = open.at(-1)
        if (names !== undefined && isName(text, end)) {
          const name = nameOf(text, i, end)
          if (names.includes(name)) return 'duplicate'
          names.push(name)
        }
        i = end
      }
    }
  }
  return undefined
}

/** Index of the closing quote. */
function endOfString(text: string, start: number): number {
  for (let i = start + 1; ; i++) {
    const code = text.charCodeAt(i)
    if (code === backslash) i++
    else if (code === quote) return i
  }
}

/** In valid JSON a string followed by a colon is the name of a member. */
function isName(text: string, end: number): boolean {
  for (let i = end + 1; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === 0x3a) return true
    if (code !== 0x20 && code !== 0x09 && code !== 0x0a && code !== 0x0d) return false
  }
  return false
}

/** `"\u0069at"` names the same member as `"iat"`. */
function nameOf(text: string, start: number, end: number): string {
  const raw = text.slice(start + 1, end)
  return raw.includes('\\') ? (JSON.parse(`"${raw}"`) as string) : raw
}
