// Reads a compact JWS (RFC 7515 §7.1) into its parts. Verifies nothing.
import type { Broken, ErrorFamily, Law } from '../rule.ts'
import type { JsonObject } from './strict-json.ts'

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
  throw new Error('pending')
}
