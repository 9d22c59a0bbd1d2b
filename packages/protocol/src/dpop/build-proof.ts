// The holder's half: makes a DPoP proof (RFC 9449 §4.2).
import type { PrivateJwk, PublicJwk, Seconds, Thumbprint } from '../ids.ts'
import type { SignatureAlg } from '../jose/index.ts'

/** A key that need not be readable: browsers keep it non-extractable. */
export interface ProofKey {
  readonly alg: SignatureAlg
  readonly publicJwk: PublicJwk
  sign(input: Uint8Array): Promise<Uint8Array>
}

export interface ProofOrder {
  readonly key: ProofKey
  readonly method: string
  /** Query and fragment may be present; they are left out of `htu`. */
  readonly url: string
  /** Present: the proof carries its `ath`. */
  readonly accessToken?: string
  readonly nonce?: string
  readonly now: Seconds
  /** At least 96 random bits, base64url. Fresh for each proof. */
  readonly jti: string
}

export async function buildProof(order: ProofOrder): Promise<string> {
  throw new Error('pending')
}

/** A proof key over a private JWK in memory (Node holders, tests). */
export async function proofKeyFrom(jwk: PrivateJwk, alg: SignatureAlg): Promise<ProofKey> {
  throw new Error('pending')
}

/** `dpop_jkt` of an authorization request (RFC 9449 §10): the thumbprint the holder will prove. */
export async function thumbprintOf(key: ProofKey): Promise<Thumbprint> {
  throw new Error('pending')
}
