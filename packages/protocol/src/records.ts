// What is remembered. Storage keeps these; only `grants/` and the server give them meaning.
// Secrets (codes, refresh tokens, session ids, client secrets) appear only as hashes.
import type { Confirmation, Issuer, PublicJwk, Seconds, SecretHash, Text, Thumbprint } from './ids.ts'

export type ClientKind = 'spa' | 'mobile' | 'server'
export type ClientAuthMethod = 'none' | 'client_secret_basic' | 'client_secret_post' | 'private_key_jwt'
export type GrantType = 'authorization_code' | 'refresh_token' | 'client_credentials'

/** What a client's access tokens must be bound to. Bearer needs a reason that the operator signs for. */
export type BindingPolicy =
  | { readonly kind: 'required' }
  | { readonly kind: 'optional'; readonly reason: string }
  | { readonly kind: 'bearer'; readonly reason: string; readonly until?: Seconds }

export interface ClientRecord {
  readonly issuer: Issuer
  readonly clientId: string
  readonly kind: ClientKind
  readonly name: Text
  readonly redirectUris: readonly string[]
  readonly authentication: ClientAuthMethod
  /** SHA-256 of generated 256-bit secrets; several with overlap. */
  readonly secretHashes: readonly SecretHash[]
  readonly jwks: readonly PublicJwk[]
  readonly grants: readonly GrantType[]
  readonly scopes: readonly string[]
  /** API identifiers this client may ask tokens for. The first is the default audience. */
  readonly resources: readonly string[]
  readonly binding: BindingPolicy
  readonly idTokenAlg: 'RS256' | 'ES256'
  /** API identifiers this client is the server of: it may ask about their tokens (RFC 7662 §2.1). Absent: none. */
  readonly introspects?: readonly string[]
  /** Of its signed answers (RFC 9701 §6). Absent: RS256. */
  readonly introspectionAlg?: 'RS256' | 'ES256'
  readonly dangerouslyAcceptTokenEndpointAudience: boolean
  /** Browser origins that may call the token endpoint (CORS): the origins of its redirect URIs. */
  readonly origins: readonly string[]
  /** Direct authorization requests of this client are refused (RFC 9126 §6). */
  readonly requirePushedAuthorizationRequests?: boolean
  readonly disabled: boolean
  readonly version: number
}

/** An API that accepts tokens of this issuer. */
export interface ResourceRecord {
  readonly issuer: Issuer
  /** Absolute URI without fragment: the `aud` of its tokens (RFC 8707 §2). */
  readonly resource: string
  readonly name: Text
  readonly scopes: readonly string[]
  readonly accessTokenLifetimeSeconds: number
}

export interface ScopeRecord {
  readonly issuer: Issuer
  readonly scope: string
  readonly description: Text
  /** UserInfo claims it releases (OIDC Core §5.4). */
  readonly claims: readonly string[]
}

export interface UserRecord {
  readonly issuer: Issuer
  /** `sub`: never reassigned, at most 255 ASCII characters. */
  readonly subject: string
  readonly username: string
  /** PHC string, argon2id. */
  readonly passwordHash: string
  readonly claims: Readonly<Record<string, unknown>>
  readonly disabled: boolean
  readonly version: number
}

/** One sign-in of one browser. */
export interface SessionRecord {
  readonly issuer: Issuer
  readonly sessionHash: SecretHash
  /** Public id of the sign-in (`sid`). */
  readonly sessionId: string
  readonly subject: string
  readonly authTime: Seconds
  readonly amr: readonly string[]
  readonly createdAt: Seconds
  readonly expiresAt: Seconds
  readonly endedAt: Seconds | null
  readonly version: number
}

/** What a user (or, for client credentials, nobody) allowed a client. Revoked as one. */
export interface GrantRecord {
  readonly issuer: Issuer
  readonly grantId: string
  readonly clientId: string
  readonly subject: string
  readonly scopes: readonly string[]
  readonly resources: readonly string[]
  readonly sessionId: string | null
  /** The sign-in it came from: without offline access its refresh tokens end with it. */
  readonly sessionHash?: SecretHash
  readonly authTime: Seconds
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
  readonly codeChallenge: string
  /** From `dpop_jkt`: the token request must prove this key (RFC 9449 §10). */
  readonly dpopJkt: Thumbprint | null
  readonly nonce: string | null
  readonly subject: string
  readonly scopes: readonly string[]
  readonly resources: readonly string[]
  readonly authTime: Seconds
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
  /** Public clients: the key or certificate every refresh must prove. Confidential: `null`, bound by client authentication. */
  readonly confirmation: Confirmation | null
  readonly rotates: boolean
  readonly idTokenNonce: string | null
  readonly authTime: Seconds
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

/** An authorization request waiting for its user. Bound to one browser by `browserHash`. */
export interface InteractionRecord {
  readonly issuer: Issuer
  readonly interactionHash: SecretHash
  readonly browserHash: SecretHash
  /** The checked request, as the authorization endpoint accepted it. */
  readonly request: Readonly<Record<string, unknown>>
  readonly subject: string | null
  readonly authTime: Seconds | null
  readonly createdAt: Seconds
  readonly expiresAt: Seconds
  readonly version: number
}

/** An authorization request that its client pushed, before any person has seen it (RFC 9126). */
export interface PushedRequestRecord {
  readonly issuer: Issuer
  readonly requestHash: SecretHash
  readonly clientId: string
  /** The accepted parameters as a form, without credentials; `dpop_jkt` also where a proof took its place. */
  readonly parameters: string
  readonly createdAt: Seconds
  /** From then on nobody can begin with it. */
  readonly expiresAt: Seconds
  /** The last second at which somebody who began in time can complete it. */
  readonly takeUntil: Seconds
}

export type KeyState = 'published' | 'signing' | 'retired'
export interface KeyRecord {
  readonly issuer: Issuer
  readonly kid: string
  /** HS256: the issuer's own shared secret (nonces, sealed successors, form tokens), never published. */
  readonly alg: 'ES256' | 'RS256' | 'HS256'
  readonly state: KeyState
  readonly publicJwk: PublicJwk
  /** Private JWK, encrypted under the server's versioned key where one is configured. */
  readonly sealedPrivateJwk: string
  readonly createdAt: Seconds
  readonly signingSince: Seconds | null
  readonly retiredAt: Seconds | null
  /** Last second at which a token it signed may still be valid: then it leaves the JWKS. */
  readonly removeAt: Seconds | null
  readonly version: number
}

export type AuditName =
  | 'authorization_refused'
  | 'request_pushed'
  | 'token_issued'
  | 'token_refused'
  | 'token_revoked'
  | 'token_introspected'
  | 'api_access'
  | 'api_refused'
  | 'dpop_invalid'
  | 'dpop_nonce_required'
  | 'mtls_missing'
  | 'binding_mismatch'
  | 'would_refuse'
  | 'refresh_reused'
  | 'refresh_repeated'
  | 'code_reused'
  | 'login'
  | 'login_failed'
  | 'logout'
  | 'consent'
  | 'key_rotated'
  | 'fault'

/** One line of the audit log. Never a token, code, proof or secret. */
export interface AuditEvent {
  readonly at: Seconds
  readonly event: AuditName
  readonly issuer: Issuer
  readonly requestId: string
  readonly mode?: 'bearer' | 'dpop' | 'mtls' | 'mixed'
  readonly rule?: string
  readonly clientId?: string
  readonly subject?: string
  readonly jkt?: Thumbprint
  readonly x5t?: Thumbprint
  readonly grantType?: string
  readonly route?: string
  readonly resource?: string
  readonly expected?: unknown
  readonly received?: unknown
  readonly [more: string]: unknown
}
