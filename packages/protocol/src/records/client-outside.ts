// What of a client stands outside the issuer, at URLs that the client names.
import type { Seconds } from '../ids.ts'

export interface ClientOutside {
  /** Where its public keys are published; then `jwks` is empty. */
  readonly jwksUri?: string
  /** People are known to it by a name of its sector alone (OIDC Core §8.1). Absent: by their own subject. */
  readonly subjectType?: 'pairwise'
  /** Names the sector, and leads to the redirect URIs of all its clients. */
  readonly sectorIdentifierUri?: string
  /** Host that people's names are made from: set by whoever checked it. */
  readonly sector?: string
  /** Private mode: the only claims of a person that it is told. Absent: all that its scopes tell. */
  readonly privateClaims?: readonly string[]
  /** Of a client that comes by a document: when it was fetched, and since when it is as it is. */
  readonly document?: {
    readonly fetchedAt: Seconds
    /** Its redirect URIs or its keys became others: earlier consents do not count. 0: never. */
    readonly changedAt: Seconds
    /** All of its keys became others: earlier grants do not count. 0: never. */
    readonly keysSince: Seconds
  }
}
