// What tokens say. Takes nothing but evidence: an authenticated client, a matched grant, a constraint.
// Falling back to bearer by omission does not compile: bearer is a constraint that needs a permission.
import { locationsOf } from '../authorization/index.ts'
import type { AuthenticatedClient } from '../client-auth/index.ts'
import type { Issuer, Seconds } from '../ids.ts'
import type { Profile } from '../profiles/index.ts'
import type { AuthorizationDetail } from '../records.ts'
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
  readonly profile: Profile
  /** By which name the client knows whom it is about: the grant's own, or a pairwise one. */
  readonly subject: string
  /** Fresh, at least 128 bits. */
  readonly jti: string
}

export interface IssuedAccess {
  readonly claims: AccessTokenClaims
  readonly tokenType: 'DPoP' | 'Bearer'
  readonly expiresIn: number
  readonly scope: string
  /** RFC 9396 §7. Absent: none. */
  readonly details?: readonly AuthorizationDetail[]
}

/** RFC 9068 §2.2. One audience is a plain string, several are a list. */
export function issueAccess(issue: Issue): IssuedAccess {
  const { client, grant, constraint, issuer, now, accessTokenSeconds, jti } = issue
  const audience = audienceOf(issue)
  const confirmation = confirmationOf(constraint)
  const expiresIn = Math.min(accessTokenSeconds, (grant.notAfter ?? now + accessTokenSeconds) - now)
  const scope = grant.scopes.join(' ')
  const details = detailsAt(grant, audience)
  const claims: AccessTokenClaims = {
    iss: issuer,
    sub: issue.subject,
    aud: audience.length === 1 ? (audience[0] as string) : audience,
    client_id: client.client.clientId,
    iat: now,
    exp: now + expiresIn,
    jti,
    ...(scope !== '' && { scope }),
    ...(details && { authorization_details: details }),
    ...(grant.person && { auth_time: grant.person.authTime, ...grant.person.authentication }),
    ...(grant.act && { act: grant.act }),
    ...(confirmation && { cnf: confirmation }),
  }
  return { claims, tokenType: tokenTypeOf(constraint), expiresIn, scope, ...(details && { details }) }
}

/** Where the audience was narrowed further, nothing goes along that names other places alone. */
function detailsAt({ details }: MatchedGrant, audience: readonly string[]): readonly AuthorizationDetail[] | undefined {
  const fit = details?.filter((detail) => {
    const locations = locationsOf(detail)
    return locations.length === 0 || locations.some((location) => audience.includes(location))
  })
  return fit?.length ? fit : undefined
}

/** What the access token is for. RFC 8707 §2.2 lets the issuer narrow it: under `mcp` a ticket without a name is for one API alone. */
export function audienceOf({ grant, constraint, profile }: Pick<Issue, 'grant' | 'constraint' | 'profile'>): readonly string[] {
  return constraint.kind === 'bearer' && profile.bearerForOneApi ? grant.audience.slice(0, 1) : grant.audience
}

/** OIDC Core §2, §12.2: `undefined` unless a person granted openid. `atHash` is of the access token beside it. */
export function issueIdToken(order: Issue, atHash: string, idTokenSeconds: number): IdTokenClaims | undefined {
  const { person, scopes } = order.grant
  if (!person || !scopes.includes('openid')) return undefined
  return {
    iss: order.issuer,
    sub: order.subject,
    aud: order.client.client.clientId,
    iat: order.now,
    exp: order.now + idTokenSeconds,
    auth_time: person.authTime,
    ...person.authentication,
    ...(person.nonce !== null && { nonce: person.nonce }),
    at_hash: atHash,
    ...(person.sessionId !== null && { sid: person.sessionId }),
  }
}
