// The introspection endpoint (RFC 7662): the server of an API asks whether a token is active and what it is bound to.
// Whatever is the matter with a token, the API hears `active: false` alone; which rule it was stands in the audit log.
import {
  type ActiveToken,
  type AuthenticatedClient,
  assertionShapeRules,
  type Broken,
  broke,
  buildIntrospectionAnswer,
  checkRepeats,
  decideIntrospection,
  Fault,
  type IntrospectionAnswer,
  type IntrospectionFacts,
  inactive,
  introspectionMediaType,
  introspectionRules,
  isBroken,
  must,
  type Refusal,
  type VerifiedAccessToken,
} from '@kimei/protocol'
import type { AuditFields, Exchange, ServerContext } from '../../context.ts'
import { asksFor } from '../../http/accept.ts'
import { answerJson, answerJwt } from '../../http/answers.ts'
import { readForm } from '../../http/read-form.ts'
import { rememberRefusal, renderRefusal } from '../../http/refuse.ts'
import { readAccessToken } from '../../steps/access-token-form.ts'
import { authenticateClient, clientChallenge } from '../../steps/authenticate-client.ts'
import { encryptAnswer } from '../../steps/encrypt-answer.ts'
import { personBehind } from '../../steps/subjects.ts'

export async function answerIntrospect(context: ServerContext, exchange: Exchange): Promise<Response> {
  const form = await readForm(context, exchange)
  if (isBroken(form)) return refuse(context, exchange, form)
  const repeated = checkRepeats(form, context.law)
  if (repeated) return refuse(context, exchange, repeated)
  const { client, claimedId } = await authenticateClient(context, exchange, form)
  if (isBroken(client)) return refuse(context, exchange, client, claimedId)
  const audiences = client.client.introspects ?? []
  const stranger = must(introspectionRules, 'introspection.client-serves-an-api', audiences.length > 0, context.law)
  if (stranger) return refuse(context, exchange, stranger, claimedId)
  // token_type_hint is not asked: it may be wrong, and there is one kind to look for (RFC 7662 §2.1).
  const token = form.get('token')
  if (token === undefined) return refuse(context, exchange, broke(introspectionRules, 'introspection.token-is-present'), claimedId)
  const told = await introspect(context, exchange, token, audiences)
  const lost = await remember(context, exchange, client, told)
  if (lost) return refuse(context, exchange, lost, claimedId)
  return answer(context, exchange, client, isBroken(told.outcome) ? inactive : told.outcome)
}

interface Told {
  readonly outcome: ActiveToken | Broken
  /** `undefined`: not a token of ours, or no longer one. */
  readonly token?: VerifiedAccessToken
}

async function introspect(context: ServerContext, exchange: Exchange, text: string, audiences: readonly string[]): Promise<Told> {
  const token = await readAccessToken(context, exchange, text)
  if (isBroken(token)) return { outcome: token }
  const { details: detailTypes } = await context.directory.offer()
  const facts = { token, audiences, detailTypes, now: exchange.now, ...(await loadGrant(context, token)) }
  return { outcome: decideIntrospection(facts, context.law), token }
}

/** Read from storage for every question: a revocation is seen at once. */
async function loadGrant(
  context: ServerContext,
  token: VerifiedAccessToken,
): Promise<Pick<IntrospectionFacts, 'remembered' | 'grant' | 'personActive'>> {
  const remembered = await context.storage.records.accessToken(context.issuer, token.jti)
  if (remembered?.grantId == null) return { remembered, grant: undefined, personActive: await isActive(context, token) }
  const { grant, user } = await personBehind(context, token, remembered)
  return { remembered, grant, personActive: user !== undefined && !user.disabled }
}

/** Without a grant it is the client's own, or somebody vouched for a person; one whom only the client knows is nobody's to ask about. */
async function isActive({ issuer, storage }: ServerContext, { subject, clientId }: VerifiedAccessToken): Promise<boolean> {
  return subject === clientId || (await storage.records.user(issuer, subject))?.disabled !== true
}

/** Claims the client assertion, with the audit row in the same plan. */
async function remember(context: ServerContext, exchange: Exchange, client: AuthenticatedClient, told: Told): Promise<Refusal | undefined> {
  const event = context.audit.event(exchange, 'token_introspected', describe(client, told))
  const done = await context.commit(exchange, client.claims, [event])
  if (done.done === 'committed') return undefined
  if (done.done === 'lost' && done.lost === 'claim-once') return broke(assertionShapeRules, 'assertion.jti-is-first-seen')
  throw new Fault('an introspection was lost')
}

function describe({ client }: AuthenticatedClient, { outcome, token }: Told): AuditFields {
  const bound = token?.confirmation
  return {
    clientId: client.clientId,
    route: 'introspect',
    active: !isBroken(outcome),
    ...(isBroken(outcome) && { rule: outcome.broken }),
    ...(token && { subject: token.subject, holder: token.clientId, resource: token.audience.join(' ') }),
    ...(bound?.jkt !== undefined && { jkt: bound.jkt }),
    ...(bound?.['x5t#S256'] !== undefined && { x5t: bound['x5t#S256'] }),
  }
}

async function answer(
  context: ServerContext,
  { request, now }: Exchange,
  { client }: AuthenticatedClient,
  told: IntrospectionAnswer,
): Promise<Response> {
  if (!asksFor(request.headers.get('accept'), introspectionMediaType, 'application/json')) return answerJson(context, 200, told)
  const signer = context.keys.signer(client.introspectionAlg ?? 'RS256')
  const jwt = await buildIntrospectionAnswer({ issuer: context.issuer, audience: client.clientId, now, answer: told }, signer)
  return answerJwt(context, introspectionMediaType, await encryptAnswer(context, client, 'introspection', jwt))
}

async function refuse(context: ServerContext, exchange: Exchange, refusal: Refusal, clientId?: string): Promise<Response> {
  await rememberRefusal(context, exchange, refusal, { ...(clientId && { clientId }), route: 'introspect' })
  return renderRefusal(context, 'introspection', refusal, clientChallenge(exchange, refusal))
}
