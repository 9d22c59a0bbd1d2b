// Signs what a decision issues, and commits it once: claims first, then what the grant writes, with the audit row in the same plan.
import {
  type AuthenticatedClient,
  type AuthorizationDetail,
  assertionShapeRules,
  audienceOf,
  type Broken,
  b64u,
  broke,
  buildIdToken,
  type ClientRecord,
  type Constraint,
  type Issue,
  isPersonal,
  issueAccess,
  issueIdToken,
  type MatchedGrant,
  type Offer,
  proofShapeRules,
  recordToldTo,
  tellClaims,
  tokenHash,
  type VerifiedProof,
  type Write,
} from '@kimei/protocol'
import type { AuditFields, Exchange, ServerContext } from '../context.ts'
import { formAccessToken } from './access-token-form.ts'
import { clientSid } from './client-sid.ts'
import { encryptAnswer } from './encrypt-answer.ts'
import { subjectFor } from './subjects.ts'

/** What every grant is given: all of it evidence. */
export interface TokenOrder {
  readonly context: ServerContext
  readonly exchange: Exchange
  readonly client: AuthenticatedClient
  readonly constraint: Constraint
}

/** OAuth 2.1 §3.2.3, OIDC Core §3.1.3.3. */
export interface TokenResponse {
  readonly access_token: string
  readonly token_type: 'DPoP' | 'Bearer'
  readonly expires_in: number
  readonly scope?: string
  /** RFC 9396 §7. */
  readonly authorization_details?: readonly AuthorizationDetail[]
  readonly refresh_token?: string
  readonly id_token?: string
  /** RFC 8693 §2.2.1. */
  readonly issued_token_type?: string
  /** Where the profile wants it told. */
  readonly sub?: string
}

export interface SignedTokens {
  readonly response: TokenResponse
  /** Remembers the access token where a person granted it, so that revoking the grant reaches it; and an opaque one always. */
  readonly writes: readonly Write[]
  readonly audit: AuditFields
}

/** Nothing is consumed yet: a fault while signing costs nobody a code. */
export async function signTokens(order: TokenOrder, grant: MatchedGrant): Promise<SignedTokens> {
  const { context, client, constraint, exchange } = order
  const known = context.directory.offer()
  const offer = known instanceof Promise ? await known : known
  const issue: Issue = {
    client,
    grant,
    constraint,
    issuer: context.issuer,
    now: exchange.now,
    profile: context.profile,
    subject: grant.person ? await subjectFor(context, client.client, grant.subject) : grant.subject,
    accessTokenSeconds: lifetimeOf(context, offer, audienceOf({ grant, constraint, profile: context.profile })),
    jti: b64u(context.random(18)),
  }
  const access = issueAccess(issue)
  const { token: accessToken, writes } = await formAccessToken(context, offer, access.claims)
  const idToken = grant.person && (await signIdToken(order, issue, accessToken))
  const { jti, exp } = access.claims
  const response = {
    access_token: accessToken,
    token_type: access.tokenType,
    expires_in: access.expiresIn,
    ...(access.scope !== '' && { scope: access.scope }),
    ...(access.details && { authorization_details: access.details }),
    ...(context.profile.subjectTold && { sub: issue.subject }),
    ...(idToken && { id_token: idToken }),
  }
  const remembered = grant.person ? [rememberAccess(order, grant.person.grantId, jti, exp)] : []
  return { response, writes: [...remembered, ...writes], audit: describe(order, grant) }
}

async function signIdToken({ context, client }: TokenOrder, issue: Issue, accessToken: string): Promise<string | undefined> {
  const alg = client.client.idTokenAlg
  const claims = issueIdToken(issue, await tokenHash(accessToken, alg), context.config.lifetimes.idTokenSeconds)
  if (!claims) return undefined
  const sid = claims.sid === undefined ? {} : { sid: await clientSid(claims.sid, client.client.clientId) }
  const whole = { ...(await namedClaims(context, client.client, issue.grant)), ...claims, ...sid }
  return encryptAnswer(context, client.client, 'idToken', await buildIdToken(whole, context.keys.signer(alg)))
}

/** Claims of the person that were granted by name for the ID token (OIDC Core §5.5). What the token says by itself goes before. */
async function namedClaims(
  context: ServerContext,
  client: ClientRecord,
  { namedClaims: asks, subject }: MatchedGrant,
): Promise<Readonly<Record<string, unknown>>> {
  if (asks === undefined || !Object.keys(asks).some(isPersonal)) return {}
  const user = await context.storage.records.user(context.issuer, subject)
  return user === undefined ? {} : tellClaims(asks, recordToldTo(client, user.claims, context.law))
}

function rememberAccess({ context, client }: TokenOrder, grantId: string, jti: string, expiresAt: number): Write {
  const record = { issuer: context.issuer, jti, grantId, clientId: client.client.clientId, expiresAt, revokedAt: null }
  return { write: 'put-access-token', record }
}

/** The shortest of the targeted APIs: a token for several is as strict as the strictest. */
function lifetimeOf(context: ServerContext, { resources }: Offer, audience: readonly string[]): number {
  let shortest = context.config.lifetimes.accessTokenSeconds
  let apis = 0
  for (const resource of audience) {
    const api = resources.get(resource)
    if (!api) continue
    shortest = apis === 0 ? api.accessTokenLifetimeSeconds : Math.min(shortest, api.accessTokenLifetimeSeconds)
    apis += 1
  }
  return shortest
}

/** How the tokens of this order look in the audit log. */
export function describe({ context, client, constraint }: TokenOrder, grant: MatchedGrant): AuditFields {
  return {
    mode: constraint.kind === 'bearer' || constraint.kind === 'mtls' ? constraint.kind : constraint.kind === 'both' ? 'mixed' : 'dpop',
    clientId: client.client.clientId,
    subject: grant.subject,
    ...('proof' in constraint && { jkt: constraint.proof.jkt }),
    ...('certificate' in constraint && { x5t: constraint.certificate.x5t }),
    grantType: grant.grantType,
    resource: audienceOf({ grant, constraint, profile: context.profile }).join(' '),
    ...(grant.details && { details: grant.details.map(({ type }) => type).join(' ') }),
  }
}

/** What must be claimed once, ahead of everything else in the plan: a replayed request is refused as such and harms nobody. */
export function claimsOf({ client, constraint }: Pick<TokenOrder, 'client' | 'constraint'>): readonly Write[] {
  return 'proof' in constraint ? [...client.claims, ...proofClaims(constraint.proof)] : client.claims
}

export function proofClaims(proof: VerifiedProof | undefined): readonly Write[] {
  return proof ? [{ write: 'claim-once', space: 'proof', id: proof.replayId, until: proof.replayUntil }] : []
}

/** The refusal of a claim that was lost. */
export function lostClaim(write: Write | undefined): Broken | undefined {
  if (write?.write !== 'claim-once') return undefined
  if (write.space === 'proof') return broke(proofShapeRules, 'dpop.jti-is-first-use')
  return write.space === 'assertion' ? broke(assertionShapeRules, 'assertion.jti-is-first-seen') : undefined
}
