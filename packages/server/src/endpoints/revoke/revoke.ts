// The revocation endpoint (RFC 7009). An unknown token is success; a refresh token takes its whole grant along.
import {
  type AuthenticatedClient,
  assertionShapeRules,
  broke,
  checkRepeats,
  decideRevocation,
  Fault,
  type Form,
  type FoundToken,
  isBroken,
  type Refusal,
  revocationRules,
  sha256,
} from '@kimei/protocol'
import type { Exchange, ServerContext } from '../../context.ts'
import { answerEmpty } from '../../http/answers.ts'
import { readForm } from '../../http/read-form.ts'
import { rememberRefusal, renderRefusal } from '../../http/refuse.ts'
import { readAccessToken } from '../../steps/access-token-form.ts'
import { authenticateClient, clientChallenge } from '../../steps/authenticate-client.ts'

export async function answerRevoke(context: ServerContext, exchange: Exchange): Promise<Response> {
  const form = await readForm(context, exchange)
  if (isBroken(form)) return refuse(context, exchange, form)
  const repeated = checkRepeats(form, context.law)
  if (repeated) return refuse(context, exchange, repeated)
  const { client, claimedId } = await authenticateClient(context, exchange, form)
  if (isBroken(client)) return refuse(context, exchange, client, claimedId)
  const refusal = await revoke(context, exchange, form, client)
  return refusal ? refuse(context, exchange, refusal, claimedId) : answerEmpty(context, 200)
}

async function revoke(context: ServerContext, exchange: Exchange, form: Form, client: AuthenticatedClient): Promise<Refusal | undefined> {
  const token = form.get('token')
  if (token === undefined) return broke(revocationRules, 'revocation.token-is-present')
  const found = await findToken(context, exchange, token)
  const decision = decideRevocation(client, found, { issuer: context.issuer, now: exchange.now }, context.law)
  if ('broken' in decision) return decision
  const { clientId } = client.client
  const audit = found ? [context.audit.event(exchange, 'token_revoked', { clientId, kind: found.kind })] : []
  const answer = await context.commit(exchange, [...client.claims, ...decision.writes], audit)
  if (answer.done === 'committed') return undefined
  if (answer.done === 'lost' && answer.lost === 'claim-once') return broke(assertionShapeRules, 'assertion.jti-is-first-seen')
  throw new Fault('a revocation was lost')
}

/** By what the token is, not by token_type_hint, which may be wrong (RFC 7009 §2.1). */
async function findToken(context: ServerContext, exchange: Exchange, token: string): Promise<FoundToken | undefined> {
  const { records } = context.storage
  const { issuer } = context
  const refresh = await records.refreshToken(issuer, await sha256(token))
  const family = refresh && (await records.refreshFamily(issuer, refresh.familyId))
  if (family) return { kind: 'refresh', clientId: family.clientId, grantId: family.grantId }
  const access = await readAccessToken(context, exchange, token)
  if (isBroken(access)) return undefined
  const remembered = (await records.accessToken(issuer, access.jti)) !== undefined
  return { kind: 'access', clientId: access.clientId, jti: access.jti, expiresAt: access.expiresAt, remembered }
}

async function refuse(context: ServerContext, exchange: Exchange, refusal: Refusal, clientId?: string): Promise<Response> {
  await rememberRefusal(context, exchange, refusal, { ...(clientId && { clientId }), route: 'revoke' })
  return renderRefusal(context, 'revocation', refusal, clientChallenge(exchange, refusal))
}
