// The identifiers and units that records, rules and messages share. No behaviour beyond their shapes.

/** Issuer identifier, compared byte by byte (RFC 8414 §3.3, OIDC Core §16.15). */
export type Issuer = string
/** Seconds since 1970-01-01T00:00:00Z, integer (RFC 7519 NumericDate). */
export type Seconds = number
/** base64url SHA-256, 43 characters: of a JWK (RFC 7638), a certificate (RFC 8705 §3.1), a token. */
export type Thumbprint = string
/** base64url SHA-256 of a secret value that itself is never stored. */
export type SecretHash = string

const digest = /^[A-Za-z0-9_-]{43}$/

/** RFC 9449 §11.8: only SHA-256, hence 43 unpadded base64url characters. */
export function isThumbprint(value: unknown): value is Thumbprint {
  return typeof value === 'string' && digest.test(value)
}

/** Both languages of every text that a person reads. */
export interface Text {
  readonly ja: string
  readonly en: string
}
export type Language = keyof Text

/** A public JSON Web Key; private members are refused where one of these is read. */
export interface PublicJwk {
  readonly kty: string
  readonly crv?: string
  readonly x?: string
  readonly y?: string
  readonly n?: string
  readonly e?: string
  readonly alg?: string
  readonly use?: string
  readonly kid?: string
  readonly [more: string]: unknown
}
export interface PrivateJwk extends PublicJwk {
  readonly d: string
}

/** RFC 7518 §4.1, §5.1: those that Kimei uses; `jose/jwe-algorithms.ts` has a row for each. */
export type KeyManagementAlg = 'RSA-OAEP-256' | 'RSA-OAEP' | 'ECDH-ES' | 'ECDH-ES+A128KW' | 'ECDH-ES+A256KW'
export type ContentEncryption = 'A128CBC-HS256' | 'A256CBC-HS512' | 'A128GCM' | 'A256GCM'

/** What a party registered: how answers to it are encrypted. */
export interface EncryptionChoice {
  readonly alg: KeyManagementAlg
  readonly enc: ContentEncryption
}

/** RFC 7800 §3.1, RFC 9449 §6.1, RFC 8705 §3.1. */
export interface Confirmation {
  readonly jkt?: Thumbprint
  readonly 'x5t#S256'?: Thumbprint
}
