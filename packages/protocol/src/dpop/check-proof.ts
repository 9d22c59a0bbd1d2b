// Checks a DPoP proof (RFC 9449 §4.3) for issuer and guard alike. Single use is claimed by the caller, last.
import type { Seconds } from '../ids.ts'
import type { Awaitable, SignatureAlg } from '../jose/index.ts'
import type { Broken, Law } from '../rule.ts'
import type { NonceVerdict } from './nonce.ts'
import type { ParsedProof } from './parse-proof.ts'
import type { VerifiedProof } from './verified-proof.ts'

export interface ProofWindow {
  /** How old a proof may be. */
  readonly pastSeconds: number
  /** How far ahead a client's clock may run. */
  readonly futureSeconds: number
}

export const proofWindow: ProofWindow = { pastSeconds: 60, futureSeconds: 10 }

export interface ProofExpectation {
  /** Issuer or API identifier: part of the replay key. */
  readonly owner: string
  /** Request method, as sent. */
  readonly method: string
  /** Public URLs of this request by `normalizeHtu`; any may match. */
  readonly targets: readonly string[]
  readonly now: Seconds
  readonly window: ProofWindow
  readonly algorithms: readonly SignatureAlg[]
  readonly nonce: { readonly mode: 'off' } | { readonly mode: 'required'; readonly verdict: NonceVerdict }
}

export async function checkProof(proof: ParsedProof, expect: ProofExpectation, law: Law): Promise<VerifiedProof | Broken> {
  throw new Error('pending')
}

/** RFC 9449 §4.3 item 12a: the proof names exactly this token. Called after the token was verified. */
export function checkAth(proof: VerifiedProof, accessToken: string, law: Law): Awaitable<Broken | undefined> {
  throw new Error('pending')
}
