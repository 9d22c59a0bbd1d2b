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

/** The object the text spells, or which of the three demands it breaks. */
export function strictJson(text: string, limits: JsonLimits = jsonLimits): JsonObject | 'malformed' | 'duplicate' | 'too-deep' {
  throw new Error('pending')
}
