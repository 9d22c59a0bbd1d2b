// From raw `DPoP` header lines to a proof whose parts can be judged. Judges only how it was sent and its shape.
import { type JsonObject, type ParsedJws, parseCompactJws } from '../jose/index.ts'
import { type Broken, broke, isBroken, type Law, must } from '../rule.ts'
import { proofShapeRules } from './proof-rules.ts'

export interface ProofLimits {
  /** Characters of the header value. */
  readonly headerCharacters: number
  /** UTF-8 bytes of `jti`. */
  readonly jtiBytes: number
}

/** RFC 9449 §11.1: bounds before storing or verifying. */
export const proofLimits: ProofLimits = { headerCharacters: 8192, jtiBytes: 256 }

/** Claims that are absent or of another type are `undefined`. */
export interface ParsedProof {
  readonly header: JsonObject
  readonly claims: JsonObject
  readonly jti: string | undefined
  readonly htm: string | undefined
  readonly htu: string | undefined
  readonly iat: number | undefined
  readonly nonce: string | undefined
  readonly ath: string | undefined
  readonly signingInput: string
  readonly headerSegment: string
  readonly signature: Uint8Array
  readonly limits: ProofLimits
}

const unlimited = { characters: Number.POSITIVE_INFINITY }

/** `headerLines`: the value of each `DPoP` header line as it arrived, unjoined where the platform allows. */
export function parseProof(headerLines: readonly string[], law: Law, limits: ProofLimits = proofLimits): ParsedProof | Broken {
  const first = headerLines[0]
  if (first === undefined) return broke(proofShapeRules, 'dpop.proof-is-present')
  // A proxy may have folded two lines into one; no proof contains a comma.
  const comma = first.indexOf(',')
  const lines = headerLines.length + (comma < 0 ? 0 : 1)
  const folded = must(proofShapeRules, 'dpop.proof-is-sent-once', lines === 1, law, () => ({ expected: 1, received: lines }))
  if (folded !== undefined) return folded
  const compact = comma < 0 ? first : first.slice(0, comma)
  const bounded = must(proofShapeRules, 'dpop.proof-is-bounded', compact.length <= limits.headerCharacters, law, () => ({
    expected: limits.headerCharacters,
    received: compact.length,
  }))
  if (bounded !== undefined) return bounded
  const jws = parseCompactJws(compact, 'proof', law, unlimited)
  return isBroken(jws) ? jws : proofOf(jws, limits)
}

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)

function proofOf(jws: ParsedJws, limits: ProofLimits): ParsedProof {
  const { header, claims, signingInput, headerSegment, signature } = jws
  const iat = claims['iat']
  return {
    header,
    claims,
    jti: text(claims['jti']),
    htm: text(claims['htm']),
    htu: text(claims['htu']),
    iat: typeof iat === 'number' && Number.isFinite(iat) ? iat : undefined,
    nonce: text(claims['nonce']),
    ath: text(claims['ath']),
    signingInput,
    headerSegment,
    signature,
    limits,
  }
}
