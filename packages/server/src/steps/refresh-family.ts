// A family of refresh tokens begins with what a person allowed. Public clients rotate and are bound to their key or certificate; confidential ones do neither.
import { type AuthorizationDetail, b64u, confirmationOf, type MatchedGrant, sha256, type Write } from '@kimei/protocol'
import { keyOfClient } from './client-keys.ts'
import type { TokenOrder } from './issue-tokens.ts'

/** `undefined`: the client takes no refresh tokens. Details: all that were granted, of which this first token may carry fewer. */
export async function startFamily(
  { context, exchange, client, constraint }: TokenOrder,
  grant: MatchedGrant,
  { details }: { readonly details?: readonly AuthorizationDetail[] } = grant,
) {
  const { person } = grant
  if (!person || !client.client.grants.includes('refresh_token')) return undefined
  const { lifetimes } = context.config
  const { now } = exchange
  const offline = grant.scopes.includes('offline_access')
  // Without offline access a refresh token ends with the sign-in it came from (OIDC Core §11).
  const absolute = Math.min(
    now + lifetimes.refreshAbsoluteSeconds,
    offline ? Number.MAX_SAFE_INTEGER : person.authTime + lifetimes.sessionAbsoluteSeconds,
  )
  const { everybodyRotates, keepsClientKey } = context.profile
  const rotates = everybodyRotates || !client.confidential
  const clientKey = keepsClientKey ? await keyOfClient(context, client) : undefined
  const token = b64u(context.random(32))
  const familyId = b64u(context.random(16))
  const { issuer } = context
  const record = {
    issuer,
    familyId,
    grantId: person.grantId,
    clientId: client.client.clientId,
    subject: grant.subject,
    scopes: grant.scopes,
    resources: grant.audience,
    ...(details && { details }),
    ...(person.authentication && { authentication: person.authentication }),
    confirmation: (rotates ? confirmationOf(constraint) : undefined) ?? null,
    rotates,
    ...(clientKey !== undefined && { clientKey }),
    idTokenNonce: null,
    authTime: person.authTime,
    createdAt: now,
    idleExpiresAt: Math.min(now + lifetimes.refreshIdleSeconds, absolute),
    absoluteExpiresAt: absolute,
    revokedAt: null,
  }
  const first = {
    issuer,
    tokenHash: await sha256(token),
    familyId,
    createdAt: now,
    rotatedAt: null,
    successorHash: null,
    sealedSuccessor: null,
    sealedUntil: null,
  }
  const writes: readonly Write[] = [{ write: 'put-refresh-family', record, token: first }]
  return { token, writes }
}
