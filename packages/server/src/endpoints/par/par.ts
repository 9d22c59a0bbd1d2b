// Pushed authorization requests (RFC 9126): message, client, proof, then the request by the rules of every authorization request.
// One commit at the end claims the assertion and the proof, and remembers the request.
import {
  type AuthenticatedClient,
  type Broken,
  checkPush,
  checkPushedKey,
  checkRedirectTarget,
  checkRepeats,
  Fault,
  type Form,
  isBroken,
  must,
  type NonceVerdict,
  profilePushRules,
  pushedForm,
  type Refusal,
  type VerifiedProof,
  type Write,
} from '@kimei/protocol'
import type { AuditFields, Exchange, ServerContext } from '../../context.ts'
import { targetsAt } from '../../endpoint-urls.ts'
import { answerJson } from '../../http/answers.ts'
import { readForm } from '../../http/read-form.ts'
import { eventOf, rememberRefusal, renderRefusal } from '../../http/refuse.ts'
import { authenticateClient, clientChallenge } from '../../steps/authenticate-client.ts'
import { checkAuthorization } from '../../steps/check-authorization.ts'
import { lostClaim, proofClaims } from '../../steps/issue-tokens.ts'
import { checkPossession, nonceHeader } from '../../steps/prove-possession.ts'
import { makePushed, type PushedResponse } from '../../steps/pushed-requests.ts'
import { mustBeSigned, openRequestObject } from '../../steps/request-objects.ts'

/** What is known when the answer is given, whichever it is. */
interface Trail {
  clientId?: string
  jkt?: string
  verdict?: NonceVerdict
}

export async function answerPush(context: ServerContext, exchange: Exchange): Promise<Response> {
  const trail: Trail = {}
  const answer = await push(context, exchange, trail)
  if ('broken' in answer) return refuse(context, exchange, answer, trail)
  return answerJson(context, 201, answer, trail.jkt ? await nonceHeader(context, exchange, trail.verdict) : undefined)
}

async function push(context: ServerContext, exchange: Exchange, trail: Trail): Promise<PushedResponse | Refusal> {
  const { law } = context
  const form = await readForm(context, exchange)
  if (isBroken(form)) return form
  const repeated = checkRepeats(form, law)
  if (repeated) return repeated
  const { client, claimedId } = await authenticateClient(context, exchange, form)
  if (claimedId !== undefined) trail.clientId = claimedId
  if (isBroken(client)) return client
  const possession = await checkPossession(context, exchange, targetsAt(context, exchange).pushedTargets)
  if (isBroken(possession)) return possession
  const { proof, verdict } = possession
  if (verdict) trail.verdict = verdict
  if (proof) trail.jkt = proof.jkt
  const unproven = must(profilePushRules, 'profile.push-is-proven', proof !== undefined || !context.profile.pushProven, law)
  if (unproven) return unproven
  const asked = checkPush(form, law) ?? (await readPush(context, exchange, form, client))
  if (isBroken(asked)) return asked
  const otherKey = checkPushedKey(asked, proof?.jkt, law)
  if (otherKey) return otherKey
  const kept = pushedForm(asked, { clientId: client.client.clientId, proofKey: proof?.jkt }, law)
  if (isBroken(kept)) return kept
  return judge(context, exchange, kept, { client, proof })
}

/** RFC 9126 §3: of a push with a request object, only what is inside counts. */
async function readPush(context: ServerContext, exchange: Exchange, form: Form, { client }: AuthenticatedClient): Promise<Form | Broken> {
  const object = form.get('request')
  const unsigned = mustBeSigned(context, client, object !== undefined)
  if (unsigned) return unsigned
  return object === undefined ? form : openRequestObject(context, exchange, object, client)
}

/** The request itself, as /authorize judges it: what is remembered would be accepted there. */
async function judge(
  context: ServerContext,
  exchange: Exchange,
  form: Form,
  { client, proof }: { readonly client: AuthenticatedClient; readonly proof: VerifiedProof | undefined },
): Promise<PushedResponse | Refusal> {
  const target = checkRedirectTarget(form, client.client, context.law)
  if (isBroken(target)) return target
  const request = await checkAuthorization(context, exchange, form, target)
  if (isBroken(request)) return request
  const { response, write } = await makePushed(context, exchange, request.clientId, form)
  const writes: readonly Write[] = [...client.claims, ...proofClaims(proof), write]
  const event = context.audit.event(exchange, 'request_pushed', {
    clientId: request.clientId,
    scope: request.scopes.join(' '),
    resource: request.resources.join(' '),
    ...(request.dpopJkt !== null && { jkt: request.dpopJkt }),
  })
  const answer = await context.commit(exchange, writes, [event])
  if (answer.done === 'committed') return response
  const copied = answer.done === 'lost' ? lostClaim(writes[answer.index]) : undefined
  if (copied) return copied
  throw new Fault('a pushed request was lost')
}

async function refuse(context: ServerContext, exchange: Exchange, refusal: Refusal, { clientId, jkt }: Trail): Promise<Response> {
  const fields: AuditFields = { ...(clientId && { clientId }), ...(jkt && { jkt }), route: 'par' }
  const aboutProof = refusal.family === 'proof' || refusal.family === 'proof-nonce'
  await rememberRefusal(context, exchange, refusal, fields, aboutProof ? eventOf(refusal) : 'authorization_refused')
  const extra = {
    ...clientChallenge(exchange, refusal),
    ...(aboutProof ? await nonceHeader(context, exchange, undefined) : {}),
  }
  return renderRefusal(context, 'par', refusal, extra)
}
