// What the issuer has to give: APIs and scopes.
import type { Issuer, Text } from '../ids.ts'

/** A JWT says everything itself; an opaque token is a name of what the issuer remembers. */
export type AccessTokenFormat = 'jwt' | 'opaque'

/** An API that accepts tokens of this issuer. */
export interface ResourceRecord {
  readonly issuer: Issuer
  /** Absolute URI without fragment: the `aud` of its tokens (RFC 8707 §2). */
  readonly resource: string
  readonly name: Text
  readonly scopes: readonly string[]
  readonly accessTokenLifetimeSeconds: number
  /** `opaque`: its server asks about each token. Absent: a JWT. */
  readonly accessTokenFormat?: AccessTokenFormat
}

export interface ScopeRecord {
  readonly issuer: Issuer
  readonly scope: string
  readonly description: Text
  /** UserInfo claims it releases (OIDC Core §5.4). */
  readonly claims: readonly string[]
}
