// The token endpoint (OAuth 2.1 §3.2): message, client, proof, grant, in this order; then one commit.
// Everything is checked before anything is consumed; a nonce challenge and a bad proof cost nobody anything.
import {
  type AuthenticatedClient,
  type Broken,
  broke,
  checkRepeats,
  type Form,
  type GrantType,
  isBroken,
  isGrantType,
  must,
  type NonceVerdict,
  type Refusal,
  tokenRequestRules,
  type Write,
} from '@kimei/protocol'
import { servedGrants } from '../../config/grant-checks.ts'
import type { AuditFields, Exchange, ServerContext } from '../../context.ts'
import { grantHandlers } from '../../grants/index.ts'
import { answerJson } from '../../http/answers.ts'
import { readForm } from '../../http/read-form.ts'
import { rememberRefusal, renderRefusal } from '../../http/refuse.ts'
import { authenticateClient, clientChallenge } from '../../steps/authenticate-client.ts'
import { claimsOf, lostClaim, type TokenResponse } from '../../steps/issue-tokens.ts'
import { checkPossession, chooseConstraint, nonceHeader } from '../../steps/prove-possession.ts'

/** What is known when the answer is given, whichever it is. */
interface Trail {
  grantType?: string
  clientId?: string
  jkt?: string
  x5t?: string
  verdict?: NonceVerdict
  /** What this request would claim once. */
  claims?: readonly Write[]
}

export async function answerToken(context: ServerContext, exchange: Exchange): Promise<Response> {
  const trail: Trail = {}
  const answer = await decideToken(context, exchange, trail)
  if ('broken' in answer) return refuse(context, exchange, answer, trail)
  const nonce = context.config.dpop.nonce.token === 'off' || !trail.jkt ? undefined : await nonceHeader(context, exchange, trail.verdict)
  return answerJson(context, 200, answer, nonce)
}

async function decideToken(context: ServerContext, exchange: Exchange, trail: Trail): Promise<TokenResponse | Refusal> {
  const form = await readForm(context, exchange)
  if (isBroken(form)) return form
  const grantType = readGrantType(context, form, trail)
  if (typeof grantType !== 'string') return grantType
  const { client, claimedId } = await authenticateClient(context, exchange, form)
  if (claimedId !== undefined) trail.clientId = claimedId
  if (isBroken(client)) return client
  return decideForClient(context, exchange, form, { client, grantType, trail })
}

function readGrantType(context: ServerContext, form: Form, trail: Trail): GrantType | Broken {
  const repeated = checkRepeats(form, context.law)
  if (repeated) return repeated
  const grantType = form.get('grant_type')
  if (grantType === undefined) return broke(tokenRequestRules, 'token.grant-type-is-present')
  trail.grantType = grantType.slice(0, 100)
  if (!isGrantType(grantType) || !servedGrants(context.config).includes(grantType))
    return broke(tokenRequestRules, 'token.grant-type-is-served')
  return grantType
}

const carriesDetails: readonly GrantType[] = ['authorization_code', 'refresh_token', 'client_credentials']

async function decideForClient(
  context: ServerContext,
  exchange: Exchange,
  form: Form,
  known: { readonly client: AuthenticatedClient; readonly grantType: GrantType; readonly trail: Trail },
): Promise<TokenResponse | Refusal> {
  const { client, grantType, trail } = known
  const { law } = context
  const carried = carriesDetails.includes(grantType) || form.get('authorization_details') === undefined
  const allowed =
    must(tokenRequestRules, 'token.client-may-use-grant', client.client.grants.includes(grantType), law) ??
    must(tokenRequestRules, 'token.details-go-with-grant', carried, law)
  if (allowed) return allowed
  const possession = await checkPossession(context, exchange)
  if (isBroken(possession)) return possession
  if (possession.verdict) trail.verdict = possession.verdict
  const chosen = chooseConstraint(context, exchange, client, possession.proof)
  const constraint = chosen instanceof Promise ? await chosen : chosen
  if (isBroken(constraint)) return constraint
  if (possession.proof) trail.jkt = possession.proof.jkt
  if ('certificate' in constraint) trail.x5t = constraint.certificate.x5t
  trail.claims = claimsOf({ client, constraint })
  return grantHandlers[grantType]({ context, exchange, client, constraint }, form)
}

async function refuse(context: ServerContext, exchange: Exchange, decided: Refusal, trail: Trail): Promise<Response> {
  const { clientId, grantType, jkt, x5t, claims = [] } = trail
  const fields: AuditFields = { ...(clientId && { clientId }), ...(grantType && { grantType }), ...(jkt && { jkt }), ...(x5t && { x5t }) }
  // A revocation is somebody's doing: the request that causes it is used up, and a copy of an earlier request causes none.
  const refusal = decided.writes?.length ? { ...decided, writes: [...claims, ...decided.writes] } : decided
  const remembered = await rememberRefusal(context, exchange, refusal, fields)
  const copied = remembered.done === 'lost' ? lostClaim(refusal.writes?.[remembered.index]) : undefined
  if (copied) await rememberRefusal(context, exchange, copied, fields)
  const answered = copied ?? refusal
  const extra = {
    ...clientChallenge(exchange, answered),
    ...(answered.family === 'proof-nonce' || answered.family === 'proof' ? await nonceHeader(context, exchange, undefined) : {}),
  }
  return renderRefusal(context, 'token', answered, extra)
}
