// Clients: who may ask for tickets.
import type { Issuer, PublicJwk, Seconds, SecretHash, Text } from '../ids.ts'
import type { ClientAnswers } from './client-answers.ts'
import type { ClientCertificate } from './client-certificate.ts'
import type { ClientLinks } from './client-links.ts'
import type { ClientLogout, ClientWords } from './client-logout.ts'
import type { ClientOutside } from './client-outside.ts'

export type ClientKind = 'spa' | 'mobile' | 'server'

export type ClientAuthMethod =
  | 'none'
  | 'client_secret_basic'
  | 'client_secret_post'
  | 'client_secret_jwt'
  | 'private_key_jwt'
  | 'tls_client_auth'
  | 'self_signed_tls_client_auth'

export type GrantType =
  | 'authorization_code'
  | 'refresh_token'
  | 'client_credentials'
  | 'urn:ietf:params:oauth:grant-type:device_code'
  | 'urn:ietf:params:oauth:grant-type:token-exchange'
  | 'urn:ietf:params:oauth:grant-type:jwt-bearer'

export type RequestObjectAlg = 'RS256' | 'PS256' | 'ES256' | 'EdDSA' | 'Ed25519'

/** By which rules a request object is judged: those of RFC 9101, or the narrower ones of FAPI 2.0 Message Signing §5.3.1. */
export type RequestObjectDemand = 'rfc9101' | 'fapi2-message-signing'

/** By what tokens are named: the key of a DPoP proof, the certificate of the connection (RFC 8705 §3), or both at once. */
export type BindingMeans = 'key' | 'certificate' | 'both'

/** What a client's access tokens must be bound to. Bearer needs a reason that the operator signs for. */
export type BindingPolicy =
  /** Absent: a key. */
  | { readonly kind: 'required'; readonly by?: BindingMeans }
  | { readonly kind: 'optional'; readonly reason: string }
  | { readonly kind: 'bearer'; readonly reason: string; readonly until?: Seconds }

/** Where a client comes from: the configuration, a registration over HTTP, a document of its own. */
export type ClientSource = 'declared' | 'registered' | 'document'

/** Which tokens a client may trade for which, and whether the result tells of it (RFC 8693 §1.1). */
export interface ExchangePolicy {
  readonly from: readonly string[]
  readonly to: readonly string[]
  readonly kind: 'delegation' | 'impersonation'
}

export interface ClientRecord extends ClientLogout, ClientWords, ClientOutside, ClientAnswers, ClientCertificate {
  readonly issuer: Issuer
  readonly clientId: string
  readonly kind: ClientKind
  readonly name: Text
  readonly redirectUris: readonly string[]
  readonly authentication: ClientAuthMethod
  /** SHA-256 of generated 256-bit secrets; several with overlap. */
  readonly secretHashes: readonly SecretHash[]
  /** Of client_secret_jwt: each sealed under a key of the server, since a MAC needs the secret itself. */
  readonly sealedSecrets?: readonly string[]
  /** The one algorithm of its assertions. Absent: any of its method; of client_secret_jwt HS256. */
  readonly authenticationAlg?: string
  /** When each of them ends, where it does. */
  readonly secretExpiresAt?: Readonly<Record<SecretHash, Seconds>>
  /** What pages show beside its name. */
  readonly links?: ClientLinks
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
  /** Authorization requests of this confidential client need no code_challenge. Absent: they do. */
  readonly dangerouslyAllowWithoutPkce?: boolean
  /** Browser origins that may call the token endpoint (CORS): the origins of its redirect URIs. */
  readonly origins: readonly string[]
  /** Types of authorization details it may ask for (RFC 9396 §10). Absent: none. */
  readonly authorizationDetailsTypes?: readonly string[]
  /** Direct authorization requests of this client are refused (RFC 9126 §6). */
  readonly requirePushedAuthorizationRequests?: boolean
  /** How its request objects are signed (OIDC Registration §2). Absent: any algorithm that is served. */
  readonly requestObjectSigningAlg?: RequestObjectAlg
  /** Where its request objects may be fetched from (OIDC Registration §2). Absent: nowhere. */
  readonly requestUris?: readonly string[]
  /** Authorization requests of this client that are not signed are refused (RFC 9101 §10.5). */
  readonly requireSignedRequestObject?: boolean
  /** Absent: the issuer's. */
  readonly requestObjects?: RequestObjectDemand
  /** Absent: declared. Only declared clients follow the configuration. */
  readonly source?: ClientSource
  /** Absent: it exchanges nothing. */
  readonly exchange?: ExchangePolicy
  /** How old a sign-in may be where its request does not say (OIDC Registration §2). Absent: as old as it is. */
  readonly defaultMaxAgeSeconds?: number
  readonly disabled: boolean
  readonly version: number
}
