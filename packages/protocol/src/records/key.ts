// Keys of the issuer.
import type { Issuer, PublicJwk, Seconds } from '../ids.ts'

/** `kept`: never rotated, since names of people are made with it. */
export type KeyState = 'published' | 'signing' | 'retired' | 'kept'

export interface KeyRecord {
  readonly issuer: Issuer
  readonly kid: string
  /** RSA-OAEP-256, ECDH-ES: others encrypt to it. HS256: the issuer's own shared secret (nonces, sealed successors, form tokens), never published. */
  readonly alg: 'ES256' | 'RS256' | 'HS256' | 'RSA-OAEP-256' | 'ECDH-ES'
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
