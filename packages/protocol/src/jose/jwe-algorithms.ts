// The encryption algorithms Kimei knows, one row each (RFC 7518 §4.1, §5.1), and which of a party's keys fits one.
// RSA1_5 has no row, nor has anything with a shared secret or a password: what has no row is never used.
import type { ContentEncryption, KeyManagementAlg, PublicJwk } from '../ids.ts'
import { readJwkShape } from './jwk-shape.ts'

const keyTypes: Readonly<Record<KeyManagementAlg, 'RSA' | 'EC'>> = {
  'RSA-OAEP-256': 'RSA',
  'RSA-OAEP': 'RSA',
  'ECDH-ES': 'EC',
  'ECDH-ES+A128KW': 'EC',
  'ECDH-ES+A256KW': 'EC',
}

export const keyManagementAlgorithms = Object.keys(keyTypes) as readonly KeyManagementAlg[]
export const contentEncryptions: readonly ContentEncryption[] = ['A128CBC-HS256', 'A256CBC-HS512', 'A128GCM', 'A256GCM']

/** Where an algorithm is registered without its `enc` (OIDC Registration §2, JARM §3). */
export const defaultEncryption: ContentEncryption = 'A128CBC-HS256'

export function isKeyManagementAlg(alg: unknown): alg is KeyManagementAlg {
  return typeof alg === 'string' && Object.hasOwn(keyTypes, alg)
}

export function isContentEncryption(enc: unknown): enc is ContentEncryption {
  return (contentEncryptions as readonly unknown[]).includes(enc)
}

const encryptionOps: readonly unknown[] = ['encrypt', 'wrapKey', 'deriveKey', 'deriveBits', 'decrypt', 'unwrapKey']

/** RFC 7517 §4.2, §4.3, §4.4: of the right type and strength, and declared for nothing else. Public or private half. */
export function canEncryptWith(jwk: PublicJwk, alg: KeyManagementAlg): boolean {
  const shape = readJwkShape(jwk)
  if (shape === undefined || !shape.canonical || shape.kty !== keyTypes[alg]) return false
  if (shape.kty === 'RSA' && (shape.rsaBits < 2048 || shape.rsaBits > 8192 || !shape.rsaExponentUsual)) return false
  if (shape.alg !== undefined && shape.alg !== alg) return false
  if (shape.use !== undefined && shape.use !== 'enc') return false
  return shape.keyOps === undefined || (Array.isArray(shape.keyOps) && shape.keyOps.some((op) => encryptionOps.includes(op)))
}

/** The key to encrypt to: one declared for this very algorithm before one for encryption before one that says nothing. */
export function encryptionKeyOf(jwks: readonly PublicJwk[], alg: KeyManagementAlg): PublicJwk | undefined {
  const fitting = jwks.filter((jwk) => canEncryptWith(jwk, alg))
  return fitting.find((jwk) => jwk.alg === alg) ?? fitting.find((jwk) => jwk.use === 'enc') ?? fitting[0]
}
