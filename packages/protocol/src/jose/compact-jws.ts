// Reads a compact JWS (RFC 7515 §7.1) into its parts. Verifies nothing.
import { type Broken, broke, type ErrorFamily, type Law, must } from '../rule.ts'
import { fromB64u, textOf } from './base64url.ts'
import { boundedMemory } from './bounded-memory.ts'
import { deepFreeze } from './deep-freeze.ts'
import { inFamily, joseRules } from './jose-rules.ts'
import { type JsonFlaw, type JsonObject, readJson } from './strict-json.ts'

export interface JwsLimits {
  /** Characters of the whole compact form. */
  readonly characters: number
}

export interface ParsedJws {
  readonly header: JsonObject
  readonly claims: JsonObject
  /** `header.payload` as it was signed. */
  readonly signingInput: string
  /** The header as sent, base64url: a stable name for it. */
  readonly headerSegment: string
  readonly signature: Uint8Array
}

export const jwsLimits: JwsLimits = { characters: 16384 }

/** A refusal carries the caller's family: the same broken shape is `proof` in a proof and `client` in an assertion. */
export function parseCompactJws(text: string, family: ErrorFamily, law: Law, limits: JwsLimits = jwsLimits): ParsedJws | Broken {
  const jws = readCompactJws(text, law, limits)
  return 'broken' in jws ? inFamily(jws, family) : jws
}

function readCompactJws(text: string, law: Law, limits: JwsLimits): ParsedJws | Broken {
  const tooLong = must(joseRules, 'jose.message-is-bounded', text.length <= limits.characters, law)
  if (tooLong !== undefined) return tooLong
  const afterHeader = text.indexOf('.')
  const afterPayload = text.indexOf('.', afterHeader + 1)
  // A third dot is no base64url character: the signature refuses it.
  if (afterHeader < 1 || afterPayload < 0) return broke(joseRules, 'jose.is-compact')
  const headerSegment = text.slice(0, afterHeader)
  const header = readHeader(headerSegment)
  const claims = readSegment(text.slice(afterHeader + 1, afterPayload))
  const signature = fromB64u(text.slice(afterPayload + 1))
  if (header === undefined || claims === undefined || signature === undefined) return broke(joseRules, 'jose.is-compact')
  const broken = judgeJson(header, law) ?? judgeJson(claims, law)
  if (broken !== undefined) return broken
  const critical = must(joseRules, 'jose.crit-is-absent', !Object.hasOwn(header.value, 'crit'), law)
  if (critical !== undefined) return critical
  return { header: header.value, claims: claims.value, signingInput: text.slice(0, afterPayload), headerSegment, signature }
}

interface ReadJson {
  readonly value: JsonObject
  readonly flaw?: JsonFlaw
}

/** One holder's proofs and one issuer's tokens begin alike: read once. What was read, never whether it passed. */
const headers = boundedMemory<ReadJson>(4096)
const rememberedCharacters = 1024

function readHeader(segment: string): ReadJson | undefined {
  const known = headers.get(segment)
  if (known !== undefined) return known
  const read = readSegment(segment)
  if (read !== undefined && segment.length <= rememberedCharacters) headers.set(segment, deepFreeze(read))
  return read
}

/** `undefined`: not canonical base64url. */
function readSegment(segment: string): ReadJson | undefined {
  const bytes = fromB64u(segment)
  if (bytes === undefined) return undefined
  const text = textOf(bytes)
  return text === undefined ? { value: {}, flaw: 'malformed' } : readJson(text)
}

function judgeJson({ flaw }: ReadJson, law: Law): Broken | undefined {
  if (flaw === 'malformed') return broke(joseRules, 'jose.is-json')
  const unique = must(joseRules, 'jose.members-are-unique', flaw !== 'duplicate', law)
  return unique ?? must(joseRules, 'jose.json-is-shallow', flaw !== 'too-deep', law)
}
