// The end of the authorization endpoint's work: the grant, the code and the answer to the client, in one plan with the interaction.
import {
  type Broken,
  b64u,
  broke,
  type ClaimsRequest,
  isBroken,
  keepOffline,
  personalClaims,
  pushedUseRules,
  type Refusal,
  redirectTrustRules,
  sha256,
  silentRules,
  type Write,
} from '@kimei/protocol'
import type { CommitAnswer } from '@kimei/storage'
import type { Exchange, ServerContext } from '../context.ts'
import { type ClientAnswer, tellCode, tellRefusal } from './answer-client.ts'
import { authenticationOf } from './authentication-of.ts'
import type { CheckedAuthorization, CompleteAuthorization, Interaction, SignIn } from './contract.ts'
import { keepDocumentClient } from './find-client.ts'
import { besideCode } from './front-id-token.ts'
import { grantedRequest } from './granted-request.ts'
import { decideNext, hasConsented } from './next-step.ts'
import { takePushed } from './pushed-requests.ts'

export const completeAuthorization: CompleteAuthorization = async (context, exchange, interaction, decision) => {
  const { request } = interaction
  if (decision.answer !== 'allow') return refuse(context, exchange, interaction, broke(silentRules, 'authorize.person-allows'))
  const { signIn, scopes } = decision
  const signedInHere = interaction.record.subject === signIn.subject && interaction.record.authTime === signIn.authTime
  const step = await decideNext(context, exchange, { request, client: interaction.client, signIn, signedInHere })
  // The person has no way to what the client demands: it is told (RFC 9470 §5).
  if (isBroken(step) && step.family === 'insufficient-authentication') return refuse(context, exchange, interaction, step)
  // Whatever a page was shown: an allowance by somebody who had to sign in again is none.
  if (isBroken(step) || step === 'sign-in' || step === 'second-factor') return broke(silentRules, 'authorize.person-is-signed-in')
  return mintCode(context, exchange, {
    request: await grantedRequest(context, request, scopes),
    ...(scopes && { leftOut: request.scopes.filter((scope) => !scopes.includes(scope)) }),
    signIn,
    interactionHash: interaction.record.interactionHash,
  })
}

export interface CodeOrder {
  readonly request: CheckedAuthorization
  readonly signIn: SignIn
  /** What the person unticked. */
  readonly leftOut?: readonly string[]
  /** Absent where no person had to be asked. */
  readonly interactionHash?: string
}

/** Broken only when the interaction, or the pushed request behind it, was answered meanwhile. */
export async function mintCode(context: ServerContext, exchange: Exchange, order: CodeOrder): Promise<ClientAnswer | Broken> {
  const { request, signIn, interactionHash } = order
  await keepDocumentClient(context, exchange, request.clientId)
  const code = b64u(context.random(32))
  const scopes = await keptScopes(context, exchange, request, signIn)
  const take: readonly Write[] = interactionHash === undefined ? [] : [{ write: 'take-interaction', interactionHash }]
  const records = await recordsOf(context, exchange, { ...order, request: { ...request, scopes } }, code)
  const event = context.audit.event(exchange, 'consent', {
    clientId: request.clientId,
    subject: signIn.subject,
    decision: interactionHash === undefined ? 'remembered' : 'allowed',
    scope: scopes.join(' '),
    resource: request.resources.join(' '),
    ...(request.details && { details: request.details.map(({ type }) => type).join(' ') }),
    ...(request.dpopJkt !== null && { jkt: request.dpopJkt }),
  })
  // Signed before anything is taken: a fault on the way costs nobody the request.
  const answer = await tellCode(context, exchange, request, code, await besideCode(context, exchange, order, code))
  const done = await context.commit(exchange, [...take, ...takePushed(request), ...records], [event])
  return done.done === 'committed' ? answer : answeredMeanwhile(done)
}

function answeredMeanwhile(answer: CommitAnswer): Broken {
  return answer.done === 'lost' && answer.lost === 'take-pushed-request'
    ? broke(pushedUseRules, 'par.request-is-unused')
    : broke(redirectTrustRules, 'authorize.interaction-is-open')
}

async function keptScopes(
  context: ServerContext,
  { now }: Exchange,
  request: CheckedAuthorization,
  signIn: SignIn,
): Promise<readonly string[]> {
  if (!request.scopes.includes('offline_access')) return request.scopes
  const recorded = await hasConsented(
    context,
    { clientId: request.clientId, scopes: ['offline_access'], resources: [] },
    signIn.subject,
    now,
  )
  return keepOffline(request.scopes, { prompt: request.prompt, recorded })
}

/** The grant lives as long as anything that may descend from it, and as long as the consent is remembered. */
async function recordsOf(
  context: ServerContext,
  { now }: Exchange,
  { request, signIn, leftOut = [] }: CodeOrder,
  code: string,
): Promise<readonly Write[]> {
  const { issuer, config } = context
  const { lifetimes } = config
  const grantId = b64u(context.random(16))
  const common = {
    issuer,
    grantId,
    clientId: request.clientId,
    subject: signIn.subject,
    scopes: request.scopes,
    resources: request.resources,
    ...(request.details && { details: request.details }),
    authTime: signIn.authTime,
    authentication: await authenticationOf(context, request, signIn),
    createdAt: now,
  }
  const expiresAt = now + Math.max(lifetimes.refreshAbsoluteSeconds, lifetimes.consentSeconds)
  return [
    {
      write: 'put-grant',
      record: {
        ...common,
        ...namedClaims(request),
        ...(leftOut.length > 0 && { leftOut }),
        sessionId: signIn.sessionId,
        sessionHash: signIn.sessionHash,
        expiresAt,
        revokedAt: null,
        version: 1,
      },
    },
    {
      write: 'put-code',
      record: {
        ...common,
        codeHash: await sha256(code),
        redirectUri: request.redirectUri,
        codeChallenge: request.codeChallenge,
        dpopJkt: request.dpopJkt,
        nonce: request.nonce,
        expiresAt: now + lifetimes.codeSeconds,
        redeemedAt: null,
      },
    },
  ]
}

/** Kept only where something is asked for by name, and openid is granted. */
function namedClaims({ claims, scopes }: CheckedAuthorization): { readonly claims?: ClaimsRequest } {
  return claims && scopes.includes('openid') && personalClaims(claims).length > 0 ? { claims } : {}
}

async function refuse(
  context: ServerContext,
  exchange: Exchange,
  { request, record }: Interaction,
  refusal: Refusal,
): Promise<ClientAnswer | Broken> {
  const event = context.audit.event(exchange, 'consent', {
    clientId: request.clientId,
    ...(record.subject !== null && { subject: record.subject }),
    decision: 'denied',
    rule: refusal.broken,
  })
  const take: Write = { write: 'take-interaction', interactionHash: record.interactionHash }
  const answer = await tellRefusal(context, exchange, request, refusal)
  const done = await context.commit(exchange, [take, ...takePushed(request)], [event])
  return done.done === 'committed' ? answer : answeredMeanwhile(done)
}
