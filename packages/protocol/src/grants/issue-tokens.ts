// What tokens say. Takes nothing but evidence: an authenticated client, a matched grant, a constraint.
// Falling back to bearer by omission does not compile: bearer is a constraint that needs a permission.
import type { AuthenticatedClient } from '../client-auth/index.ts'
import type { Issuer, Seconds } from '../ids.ts'
import { type Constraint, confirmationOf, tokenTypeOf } from '../sender-constraint/index.ts'
import type { AccessTokenClaims, IdTokenClaims } from '../tokens/index.ts'
import type { MatchedGrant } from './matched-grant.ts'

export interface Issue {
  readonly client: AuthenticatedClient
  readonly grant: MatchedGrant
  readonly constraint: Constraint
  readonly issuer: Issuer
  readonly now: Seconds
  readonly accessTokenSeconds: number
  /** Fresh, at least 128 bits. */
  readonly jti: string
}

export interface IssuedAccess {
  readonly claims: AccessTokenClaims
  readonly tokenType: 'DPoP' | 'Bearer'
  readonly expiresIn: number
  readonly scope: string
}

/** RFC 9068 §2.2. One audience is a plain string, several are a list. */
export function issueAccess({ client, grant, constraint, issuer, now, accessTokenSeconds, jti }: Issue): IssuedAccess {
  const confirmation = confirmationOf(constraint)
  const scope = grant.scopes.join(' ')
  const claims: AccessTokenClaims = {
    iss: issuer,
    sub: grant.subject,
    aud: grant.audience.length === 1 ? (grant.audience[0] as string) : grant.audience,
    client_id: client.client.clientId,
    iat: now,
    exp: now + accessTokenSeconds,
    jti,
    ...(scope !== '' && { scope }),
    ...(grant.person && { auth_time: grant.person.authTime }),
    ...(confirmation && { cnf: confirmation }),
  }
  return { claims, tokenType: tokenTypeOf(constraint), expiresIn: accessTokenSeconds, scope }
}

/** OIDC Core §2, §12.2: `undefined` unless a person granted openid. `atHash` is of the access token beside it. */
export function issueIdToken(order: Issue, atHash: string, idTokenSeconds: number): IdTokenClaims | undefined {
  const { person, scopes, subject } = order.grant
  if (!person || !scopes.includes('openid')) return undefined
  return {
    iss: order.issuer,
    sub: subject,
    aud: order.client.client.clientId,
    iat: order.now,
    exp: order.now + idTokenSeconds,
    auth_time: person.authTime,
    ...(person.nonce !== null && { nonce: person.nonce }),
    at_hash: atHash,
    ...(person.sessionId !== null && { sid: person.sessionId }),
  }
}
