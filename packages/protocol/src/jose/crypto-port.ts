// What the law needs of the platform's cryptography: one type, a Node variant (synchronous) and a web variant.
// No key policy here: which keys and algorithms are good stands in `jwk.ts` and `algorithms.ts`.
import type { PrivateJwk, PublicJwk } from '../ids.ts'
import type { SignatureAlg } from './algorithms.ts'

/** A value, or the promise of one: on Node nothing here makes anyone wait. */
export type Awaitable<T> = T | Promise<T>

/** Fresh random bytes; always an argument, so that tests are exact. */
export type Random = (bytes: number) => Uint8Array

/** A public key made ready for one algorithm. Opaque: only the port that made it can use it. */
export interface VerifyKey {
  readonly alg: SignatureAlg
  /** Bytes of every signature of this key: a shorter spelling of the same number is another signature (RFC 8017 §8.1.2). */
  readonly signatureBytes: number
  readonly native: unknown
}

/** A private key made ready for one algorithm. Opaque, and never printed. */
export interface SignKey {
  readonly alg: SignatureAlg
  readonly native: unknown
}

export type HashName = 'sha256' | 'sha384' | 'sha512'

export interface KeyPair {
  readonly alg: SignatureAlg
  readonly publicJwk: PublicJwk
  readonly privateJwk: PrivateJwk
}

export interface CryptoPort {
  /** base64url SHA-256 of the UTF-8 text: 43 characters. */
  sha256(text: string): Awaitable<string>
  sha256Bytes(bytes: Uint8Array): Awaitable<Uint8Array>
  digest(hash: HashName, text: string): Awaitable<Uint8Array>
  /** base64url HMAC-SHA-256 of the UTF-8 text. */
  hmacSha256(key: Uint8Array, text: string): Awaitable<string>
  /** HMAC of the UTF-8 text. */
  hmac(hash: HashName, key: Uint8Array, text: string): Awaitable<Uint8Array>
  /** `undefined`: not a key of that algorithm (off the curve included). Private members are not looked at. */
  importVerifyKey(jwk: PublicJwk, alg: SignatureAlg): Awaitable<VerifyKey | undefined>
  /** False for every signature that is not one, whatever its length; never throws for bad input. */
  verify(alg: SignatureAlg, key: VerifyKey, input: string, signature: Uint8Array): Awaitable<boolean>
  importSignKey(jwk: PrivateJwk, alg: SignatureAlg): Awaitable<SignKey>
  sign(alg: SignatureAlg, key: SignKey, input: string): Awaitable<Uint8Array>
  /** AES-256-GCM under a fresh 12-byte `iv`; `aad` is authenticated and not contained. Answers base64url text. */
  seal(key: Uint8Array, text: string, aad: string, iv: Uint8Array): Awaitable<string>
  /** `undefined`: another key, other `aad`, or altered. */
  open(key: Uint8Array, sealed: string, aad: string): Awaitable<string | undefined>
  /** The one constant-time compare; different lengths are unequal. */
  equal(a: string, b: string): boolean
  generateSigningKey(alg: SignatureAlg): Promise<KeyPair>
}
