// What the issuer has to give: APIs and scopes.
import type { Issuer, Text } from '../ids.ts'

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
