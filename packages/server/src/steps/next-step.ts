// Loads what the decision about the next step needs, and makes it.
import {
  type Broken,
  type ClaimsRequest,
  type ClientRecord,
  decideStep,
  type GrantRecord,
  identityIsAssured,
  isBroken,
  personalClaims,
  type Seconds,
  type Step,
} from '@kimei/protocol'
import type { Exchange, ServerContext } from '../context.ts'
import type { CheckedAuthorization, FindNextStep, SignIn } from './contract.ts'
import { unchangedSince } from './find-client.ts'
import { subjectFor } from './subjects.ts'

export interface StepQuestion {
  readonly request: CheckedAuthorization
  readonly client: Pick<ClientRecord, 'authentication' | 'clientId' | 'subjectType' | 'sector'>
  readonly signIn: SignIn | undefined
  /** The person signed in for this very request. */
  readonly signedInHere: boolean
}

/** Broken only for prompt=none. */
export async function decideNext(context: ServerContext, { now }: Exchange, question: StepQuestion): Promise<Step | Broken> {
  const { request, client, signIn } = question
  const consented = signIn !== undefined && (await hasConsented(context, request, signIn.subject, now))
  return decideStep(
    {
      prompt: request.prompt,
      maxAgeSeconds: request.maxAgeSeconds,
      hintedSubject: request.hintedSubject,
      signedInHere: question.signedInHere,
      now,
      // The client's own words about a person are judged in its own words.
      signIn: signIn && { ...signIn, subject: await subjectFor(context, client, signIn.subject) },
      consented,
      identityAssured: identityIsAssured(client, request.redirectUri),
    },
    context.law,
  )
}

export const findNextStep: FindNextStep = async (context, exchange, { record, request, client }, signIn) => {
  const signedInHere = signIn !== undefined && record.subject === signIn.subject && record.authTime === signIn.authTime
  const step = await decideNext(context, exchange, { request, client, signIn, signedInHere })
  // prompt=none never opens an interaction, so nothing is broken here.
  if (isBroken(step) || step === 'sign-in' || !signIn) return { step: 'sign-in' }
  return { step, signIn }
}

/** An earlier grant of this person to this client that covers everything asked for and is young enough. */
export async function hasConsented(
  context: ServerContext,
  {
    clientId,
    scopes,
    resources,
    claims,
  }: Pick<CheckedAuthorization, 'clientId' | 'scopes' | 'resources'> & Partial<Pick<CheckedAuthorization, 'claims'>>,
  subject: string,
  now: Seconds,
): Promise<boolean> {
  const grants = await context.storage.records.grantsOf(context.issuer, subject, now, clientId)
  const since = Math.max(now - context.config.lifetimes.consentSeconds, (await unchangedSince(context, clientId)) - 1)
  const told = claims && (await claimsTold(context, claims))
  // What was left out later, or in the same moment, is not answered by what was allowed before.
  const takenBack = ({ createdAt }: GrantRecord) =>
    grants.some((later) => later.createdAt >= createdAt && later.leftOut?.some((scope) => scopes.includes(scope)))
  return grants.some(
    (grant) =>
      grant.createdAt > since &&
      !takenBack(grant) &&
      (told === undefined || told(grant)) &&
      scopes.every((scope) => grant.scopes.includes(scope)) &&
      resources.every((resource) => grant.resources.includes(resource)),
  )
}

/** Whether a grant covers claims asked for by name: granted by name as well, or by a scope that tells them. */
async function claimsTold(context: ServerContext, claims: ClaimsRequest): Promise<(grant: GrantRecord) => boolean> {
  const { scopes } = await context.directory.offer()
  const asked = personalClaims(claims)
  return (grant) => {
    const told = new Set(grant.claims ? personalClaims(grant.claims) : [])
    return asked.every((claim) => told.has(claim) || grant.scopes.some((scope) => scopes.get(scope)?.claims.includes(claim)))
  }
}
