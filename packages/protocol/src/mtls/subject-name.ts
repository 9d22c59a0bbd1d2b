// Distinguished names: read from their text (RFC 4514) or from a certificate, and compared as names, never as texts (RFC 4517 §4.2.15).
import { textOf } from '../jose/index.ts'
import type { NameAttribute, SubjectName } from './certificate-facts.ts'
import { attributeOid, matchingOf, prepareIgnoringCase } from './name-attributes.ts'

const mostCharacters = 2000
/** Unescaped they end a value, or stand for what older texts had (RFC 4514 §3). */
const separators = ',+'
const forbidden = '";<>\0'
const escapable = '\\"+,;<> #='
const attributeType = /([A-Za-z][A-Za-z0-9-]*|[0-9]+(?:\.[0-9]+)+)=/y
const hexValue = /#((?:[0-9A-Fa-f]{2})+)(?=[,+]|$)/y
const hexPair = /[0-9A-Fa-f]{2}/y

/** The name in the order of certificates, the reverse of the text. `undefined`: not a name, or with a type that nobody here knows. */
export function parseSubjectName(text: string): SubjectName | undefined {
  if (text === '' || text.length > mostCharacters || !text.isWellFormed()) return undefined
  const name: NameAttribute[][] = [[]]
  let at = 0
  for (;;) {
    const read = readAttribute(text, at)
    if (read === undefined) return undefined
    name.at(-1)?.push(read.attribute)
    if (read.end === text.length) return name.reverse()
    if (text[read.end] === ',') name.push([])
    at = read.end + 1
    // Not in the grammar, but everywhere: a space after the separator is never part of a value.
    while (text[at] === ' ') at += 1
  }
}

interface Read {
  readonly attribute: NameAttribute
  readonly end: number
}

function readAttribute(text: string, at: number): Read | undefined {
  attributeType.lastIndex = at
  const found = attributeType.exec(text)
  const type = found?.[1] === undefined ? undefined : attributeOid(found[1])
  if (type === undefined) return undefined
  const start = attributeType.lastIndex
  if (text[start] !== '#') return readText(text, start, type)
  hexValue.lastIndex = start
  const hex = hexValue.exec(text)?.[1]
  return hex === undefined ? undefined : { attribute: nameAttribute(type, hex), end: hexValue.lastIndex }
}

/** `string` of RFC 4514 §3: escapes are octets of UTF-8, and only of the value. */
function readText(text: string, start: number, type: string): Read | undefined {
  const bytes: number[] = []
  let at = start
  let endsInSpace = text[start] === ' '
  if (endsInSpace) return undefined
  while (at < text.length && !separators.includes(text[at] as string)) {
    const character = String.fromCodePoint(text.codePointAt(at) as number)
    if (forbidden.includes(character)) return undefined
    endsInSpace = character === ' '
    if (character !== '\\') {
      bytes.push(...new TextEncoder().encode(character))
      at += character.length
      continue
    }
    const next = text[at + 1]
    hexPair.lastIndex = at + 1
    const pair = hexPair.exec(text)?.[0]
    if (pair !== undefined) bytes.push(Number.parseInt(pair, 16))
    else if (next !== undefined && escapable.includes(next)) bytes.push(next.charCodeAt(0))
    else return undefined
    at += pair === undefined ? 2 : 3
  }
  const value = textOf(Uint8Array.from(bytes))
  return endsInSpace || !value ? undefined : { attribute: { type, text: value }, end: at }
}

/** An attribute from the DER of its value, in hex. */
export function nameAttribute(type: string, hex: string): NameAttribute {
  const der = hex.toLowerCase()
  const text = textOfDer(der)
  return text === undefined ? { type, der } : { type, text, der }
}

const asciiTags = new Set([0x12, 0x13, 0x14, 0x16])

/** UTF8String, PrintableString, IA5String, NumericString, BMPString, UniversalString; of TeletexString what is ASCII. */
function textOfDer(hex: string): string | undefined {
  const bytes = Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
  const value = contentOf(bytes)
  if (value === undefined) return undefined
  const tag = bytes[0] as number
  if (tag === 0x0c) return textOf(value)
  if (tag === 0x1e) return value.length % 2 === 0 ? wellFormed(unitsOf(value, 2)) : undefined
  if (tag === 0x1c) return value.length % 4 === 0 ? wellFormed(unitsOf(value, 4)) : undefined
  return asciiTags.has(tag) && value.every((byte) => byte < 0x80) ? String.fromCharCode(...value) : undefined
}

/** What stands behind tag and length, when it fills the rest exactly. */
function contentOf(bytes: Uint8Array): Uint8Array | undefined {
  const [, first = 0xff] = bytes
  const more = first < 0x80 ? 0 : first & 0x7f
  if (first === 0x80 || more > 2 || bytes.length < 2 + more) return undefined
  const length = more === 0 ? first : bytes.subarray(2, 2 + more).reduce((sum, byte) => sum * 256 + byte, 0)
  const value = bytes.subarray(2 + more)
  return value.length === length && length <= mostCharacters ? value : undefined
}

function unitsOf(bytes: Uint8Array, size: number): string | undefined {
  let text = ''
  for (let at = 0; at < bytes.length; at += size) {
    const point = bytes.subarray(at, at + size).reduce((sum, byte) => sum * 256 + byte, 0)
    if (point > 0x10ffff) return undefined
    text += String.fromCodePoint(point)
  }
  return text
}

const wellFormed = (text: string | undefined): string | undefined => (text?.isWellFormed() ? text : undefined)

/** Two names are the same when these are. `undefined`: a name that is the same as no other. */
export function canonicalName(name: SubjectName): string | undefined {
  if (name.length === 0) return undefined
  const entries = name.map((entry) => entry.map(canonicalAttribute))
  if (entries.some((entry) => entry.length === 0 || entry.includes(undefined))) return undefined
  return JSON.stringify(entries.map((entry) => entry.sort()))
}

function canonicalAttribute({ type, text, der }: NameAttribute): string | undefined {
  if (text === undefined) return der === undefined ? undefined : JSON.stringify([type, 'der', der])
  const prepared = matchingOf(type) === 'exact' ? text : prepareIgnoringCase(text)
  return prepared === undefined || prepared === '' ? undefined : JSON.stringify([type, 'text', prepared])
}
