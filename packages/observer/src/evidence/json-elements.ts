// The elements of one array inside a JSON text that is larger than memory: given in pieces, answered one by one.
// Strings and elements are bounded; whatever lies outside of the array is passed over. What the elements mean stands elsewhere.
import { Misuse } from '@kimei/protocol'

export interface ElementReader {
  /** The elements that this piece of the text completes. @throws Misuse where it is no JSON. */
  push(piece: string): unknown[]
  /** Whether the text ended where a JSON text ends. */
  whole(): boolean
}

/** Of one string; the rest of it is dropped. */
export const longestString = 65_536
/** Of one element, all its strings together. */
const longestElement = 1_048_576
const mostValues = 50_000
const deepest = 128

interface Frame {
  readonly array: boolean
  /** Where values go; `undefined` outside of the elements. */
  readonly into: unknown[] | Record<string, unknown> | undefined
  key: string | undefined
  /** In an object: a key comes next. */
  wantsKey: boolean
}

/** Reads `path` from the top: `['log', 'entries']`. */
export function readElements(path: readonly string[]): ElementReader {
  return new Reading(path)
}

const simpleEscapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f' }

class Reading implements ElementReader {
  readonly #path: readonly string[]
  readonly #stack: Frame[] = []
  readonly #done: unknown[] = []
  #begun = false
  #ended = false
  /** The string that is being read. */
  #text: { readonly parts: string[]; kept: number } | undefined
  /** What follows a backslash, as far as it has come. */
  #escaped: string | undefined
  /** A number or a word that is being read. */
  #bare = ''
  #size = 0
  #values = 0

  constructor(path: readonly string[]) {
    this.#path = path
  }

  push(piece: string): unknown[] {
    let at = 0
    if (!this.#begun) {
      const first = /[^\s\uFEFF]/.exec(piece)
      if (!first) return []
      if (first[0] !== '{') throw new Misuse(['it is no JSON object'])
      this.#begun = true
      at = first.index
    }
    if (this.#text) at = this.#string(piece, at)
    while (at < piece.length && !this.#ended) at = this.#step(piece, at)
    return this.#done.splice(0)
  }

  whole(): boolean {
    return this.#ended
  }

  get #capturing(): boolean {
    return this.#stack.at(-1)?.into !== undefined
  }

  /** Directly inside of the array whose elements are wanted. */
  get #inside(): boolean {
    const stack = this.#stack
    const deep = stack.length === this.#path.length + 1 && stack.at(-1)!.array
    return deep && this.#path.every((name, i) => !stack[i]!.array && stack[i]!.key === name)
  }

  #step(piece: string, at: number): number {
    const character = piece[at]!
    if (character === '"') {
      this.#text = { parts: [], kept: 0 }
      return this.#string(piece, at + 1)
    }
    if (/[\w+.-]/.test(character)) {
      if (this.#bare.length > 40) throw new Misuse(['it is no JSON'])
      this.#bare += character
      return at + 1
    }
    this.#endBare()
    if (character === '{' || character === '[') this.#open(character === '[')
    else if (character === '}' || character === ']') this.#close(character === ']')
    else if (character === ',') this.#nextMember()
    return at + 1
  }

  #nextMember(): void {
    const frame = this.#stack.at(-1)
    if (frame && !frame.array) frame.wantsKey = true
  }

  #open(array: boolean): void {
    if (this.#stack.length >= deepest) throw new Misuse([`it is nested deeper than ${deepest} levels`])
    const element = this.#inside
    if (element) {
      this.#size = 0
      this.#values = 0
    }
    const into = this.#capturing || element ? (array ? [] : (Object.create(null) as Record<string, unknown>)) : undefined
    this.#stack.push({ array, into, key: undefined, wantsKey: !array })
  }

  #close(array: boolean): void {
    const frame = this.#stack.pop()
    if (frame === undefined || frame.array !== array) throw new Misuse(['it is no JSON: brackets do not match'])
    if (this.#stack.length === 0) this.#ended = true
    if (frame.into !== undefined) this.#put(frame.into)
  }

  #put(value: unknown): void {
    const frame = this.#stack.at(-1)
    if (frame === undefined) return
    if (frame.into === undefined) {
      if (this.#inside) this.#done.push(value)
      return
    }
    this.#values += 1
    if (this.#values > mostValues) return
    if (Array.isArray(frame.into)) frame.into.push(value)
    else if (frame.key !== undefined) frame.into[frame.key] = value
  }

  #endBare(): void {
    if (this.#bare === '') return
    const words: Readonly<Record<string, unknown>> = { true: true, false: false, null: null }
    const value = Object.hasOwn(words, this.#bare) ? words[this.#bare] : Number(this.#bare)
    if (Number.isNaN(value)) throw new Misuse(['it is no JSON'])
    this.#bare = ''
    this.#put(value)
  }

  /** Reads on in a string; answers where it ended, or the end of the piece. */
  #string(piece: string, from: number): number {
    let at = from
    while (at < piece.length) {
      if (this.#escaped !== undefined) {
        this.#escape(piece[at]!)
        at += 1
        continue
      }
      const end = nextSpecial(piece, at)
      if (end > at) this.#keep(piece.slice(at, end))
      at = end + 1
      if (piece[end] === '"') {
        this.#endString()
        return at
      }
      if (end < piece.length) this.#escaped = ''
    }
    return piece.length
  }

  #escape(character: string): void {
    const escaped = this.#escaped! + character
    this.#escaped = escaped
    if (escaped[0] === 'u' && escaped.length < 5) return
    this.#keep(
      escaped[0] === 'u' ? String.fromCharCode(Number.parseInt(escaped.slice(1), 16) || 0xfffd) : (simpleEscapes[escaped] ?? escaped),
    )
    this.#escaped = undefined
  }

  #keep(part: string): void {
    const text = this.#text!
    const room = Math.min(longestString - text.kept, this.#capturing ? longestElement - this.#size : longestString)
    if (room <= 0) return
    const kept = part.length > room ? part.slice(0, room) : part
    text.parts.push(kept)
    text.kept += kept.length
    if (this.#capturing) this.#size += kept.length
  }

  #endString(): void {
    const value = this.#text!.parts.join('')
    this.#text = undefined
    const frame = this.#stack.at(-1)
    if (frame?.wantsKey) {
      frame.key = value
      frame.wantsKey = false
    } else this.#put(value)
  }
}

/** Where the next quote or backslash is. */
function nextSpecial(piece: string, from: number): number {
  for (let at = from; at < piece.length; at += 1) {
    const code = piece.charCodeAt(at)
    if (code === 34 || code === 92) return at
  }
  return piece.length
}
