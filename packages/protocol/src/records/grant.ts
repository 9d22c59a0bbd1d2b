// What a person allowed, and the codes and tokens that live by it. Secrets appear only as hashes.

import type { Confirmation, Issuer, Seconds, SecretHash, Thumbprint } from '../ids.ts'
import type { ClaimsRequest } from './claims.ts'

/** One object of `authorization_details` (RFC 9396 §2): what exactly may be done; its other fields are what its type says. */
export interface AuthorizationDetail {
  readonly type: string
  readonly [field: string]: unknown
}

import type { Authentication } from './person.ts'

/** What a user (or, for client credentials, nobody) allowed a client. Revoked as one. */
export interface GrantRecord {
  readonly issuer: Issuer
  readonly grantId: string
  readonly clientId: string
  readonly subject: string
  readonly scopes: readonly string[]
  readonly resources: readonly string[]
  /** Claims granted by name (OIDC Core §5.5). Absent: none. */
  readonly claims?: ClaimsRequest
  /** Scopes that were asked for and that the person left out: no earlier grant speaks for them any more. */
  readonly leftOut?: readonly string[]
  /** Granted beside the scopes (RFC 9396). Absent: none. */
  readonly details?: readonly AuthorizationDetail[]
  readonly sessionId: string | null
  /** The sign-in it came from: without offline access its refresh tokens end with it. */
  readonly sessionHash?: SecretHash
  readonly authTime: Seconds
  readonly authentication?: Authentication
  readonly createdAt: Seconds
  readonly expiresAt: Seconds
  readonly revokedAt: Seconds | null
  readonly version: number
}

export interface CodeRecord {
  readonly issuer: Issuer
  readonly codeHash: SecretHash
  readonly grantId: string
  readonly clientId: string
  readonly redirectUri: string
  /** Empty: the request had none. */
  readonly codeChallenge: string
  /** From `dpop_jkt`: the token request must prove this key (RFC 9449 §10). */
  readonly dpopJkt: Thumbprint | null
  readonly nonce: string | null
  readonly subject: string
  readonly scopes: readonly string[]
  readonly resources: readonly string[]
  /** Granted beside the scopes (RFC 9396). Absent: none. */
  readonly details?: readonly AuthorizationDetail[]
  readonly authTime: Seconds
  readonly authentication?: Authentication
  readonly createdAt: Seconds
  readonly expiresAt: Seconds
  readonly redeemedAt: Seconds | null
}

/** The life of refresh tokens that descend from one code. */
export interface RefreshFamilyRecord {
  readonly issuer: Issuer
  readonly familyId: string
  readonly grantId: string
  readonly clientId: string
  readonly subject: string
  readonly scopes: readonly string[]
  readonly resources: readonly string[]
  /** Granted beside the scopes (RFC 9396). Absent: none. */
  readonly details?: readonly AuthorizationDetail[]
  /** Public clients: the key or certificate every refresh must prove. Confidential: `null`, bound by client authentication. */
  readonly confirmation: Confirmation | null
  readonly rotates: boolean
  /** Thumbprint of the key its client authenticated with at the start, where the profile holds it to that key. */
  readonly clientKey?: Thumbprint
  readonly idTokenNonce: string | null
  readonly authTime: Seconds
  readonly authentication?: Authentication
  readonly createdAt: Seconds
  readonly idleExpiresAt: Seconds
  readonly absoluteExpiresAt: Seconds
  readonly revokedAt: Seconds | null
}

export interface RefreshTokenRecord {
  readonly issuer: Issuer
  readonly tokenHash: SecretHash
  readonly familyId: string
  readonly createdAt: Seconds
  /** Set when it was rotated away. */
  readonly rotatedAt: Seconds | null
  readonly successorHash: SecretHash | null
  /** The successor, sealed under a key derived from the presented token and a server key; erased at `sealedUntil`. */
  readonly sealedSuccessor: string | null
  readonly sealedUntil: Seconds | null
}

/** Issued access tokens that may have to be refused before `exp`, and those of a grant to list or revoke. */
export interface AccessTokenRecord {
  readonly issuer: Issuer
  readonly jti: string
  /** `null`: client credentials; such a token is remembered only once it is revoked. */
  readonly grantId: string | null
  readonly clientId: string
  readonly expiresAt: Seconds
  readonly revokedAt: Seconds | null
}
