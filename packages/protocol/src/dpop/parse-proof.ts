// From raw `DPoP` header lines to a proof whose parts can be judged. Judges only shape.

import type { JsonObject } from '../jose/index.ts'
import type { Broken, Law } from '../rule.ts'

export interface ProofLimits {
  /** Characters of the header value. Default 8192. */
  readonly headerCharacters: number
  /** UTF-8 bytes of `jti`. Default 256. */
  readonly jtiBytes: number
}

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
}

/** `headerLines`: the value of each `DPoP` header line as it arrived, unjoined where the platform allows. */
export function parseProof(headerLines: readonly string[], law: Law, limits: ProofLimits = proofLimits): ParsedProof | Broken {
  throw new Error('pending')
}
