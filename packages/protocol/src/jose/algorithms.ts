// The signature algorithms Kimei knows, one row each (RFC 7518 §3.1, RFC 8037 §3.1, RFC 9864 §2.2).
// No symmetric algorithm and no `none` has a row: what has no row cannot be verified at all.
import type { PublicJwk } from '../ids.ts'
import { fromB64u } from './base64url.ts'
import type { HashName } from './crypto-port.ts'

export type SignatureAlg = 'ES256' | 'ES384' | 'ES512' | 'PS256' | 'RS256' | 'EdDSA' | 'Ed25519'

export interface AlgorithmRow {
  readonly kty: 'EC' | 'RSA' | 'OKP'
  /** Named curve; RSA has none. */
  readonly crv?: 'P-256' | 'P-384' | 'P-521' | 'Ed25519'
  /** Bytes of one coordinate. */
  readonly coordinateBytes?: number
  readonly hash: HashName
  /** Bytes of every signature; RSA's depend on the key. */
  readonly signatureBytes?: number
}

export const algorithmRows: Readonly<Record<SignatureAlg, AlgorithmRow>> = {
  ES256: { kty: 'EC', crv: 'P-256', coordinateBytes: 32, hash: 'sha256', signatureBytes: 64 },
  ES384: { kty: 'EC', crv: 'P-384', coordinateBytes: 48, hash: 'sha384', signatureBytes: 96 },
  ES512: { kty: 'EC', crv: 'P-521', coordinateBytes: 66, hash: 'sha512', signatureBytes: 132 },
  PS256: { kty: 'RSA', hash: 'sha256' },
  RS256: { kty: 'RSA', hash: 'sha256' },
  EdDSA: { kty: 'OKP', crv: 'Ed25519', coordinateBytes: 32, hash: 'sha512', signatureBytes: 64 },
  Ed25519: { kty: 'OKP', crv: 'Ed25519', coordinateBytes: 32, hash: 'sha512', signatureBytes: 64 },
}

/** Proofs: everything but RS256 (FAPI 2.0 SP §5.4.1). Both names of Ed25519, RFC 9864 being young. */
export const proofAlgorithms: readonly SignatureAlg[] = ['ES256', 'ES384', 'ES512', 'PS256', 'EdDSA', 'Ed25519']

/** Access tokens and ID tokens: RS256 too, the default of RFC 9068 §2.1 and OIDC Core §15.1. */
export const tokenAlgorithms: readonly SignatureAlg[] = ['ES256', 'ES384', 'ES512', 'PS256', 'RS256', 'EdDSA', 'Ed25519']

/** Bytes of every signature of a key; an RSA signature is as long as its modulus. */
export function signatureBytesOf({ n }: PublicJwk, alg: SignatureAlg): number {
  return algorithmRows[alg].signatureBytes ?? fromB64u(String(n))?.length ?? 0
}

/** True for a name that has a row. */
export function isSignatureAlg(alg: unknown): alg is SignatureAlg {
  return typeof alg === 'string' && Object.hasOwn(algorithmRows, alg)
}
