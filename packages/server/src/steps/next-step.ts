// Loads what the decision about the next step needs, and makes it.
import {
  type AuthorizationDetail,
  type Broken,
  type ClaimsRequest,
  type ClientRecord,
  decideStep,
  type GrantRecord,
  identityIsAssured,
  isBroken,
  missingMethods,
  personalClaims,
  type Seconds,
  type Step,
  type StepFacts,
  sameDetails,
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
  const { missing, levelIsDemanded } = await askLevel(context, request, signIn)
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
      ...(missing !== undefined && { missing }),
      levelIsDemanded,
      identityAssured: identityIsAssured(client, request.redirectUri),
    },
    context.law,
  )
}

export const findNextStep: FindNextStep = async (context, exchange, { record, request, client }, signIn) => {
  const signedInHere = signIn !== undefined && record.subject === signIn.subject && record.authTime === signIn.authTime
  const step = await decideNext(context, exchange, { request, client, signIn, signedInHere })
  if (!signIn || step === 'sign-in') return { step: 'sign-in' }
  // prompt=none never opens an interaction: broken is what the person cannot reach, and completing it tells the client so.
  if (isBroken(step)) return { step: 'complete', signIn }
  return { step, signIn }
}

/** An earlier grant of this person to this client that covers everything asked for and is young enough. */
export async function hasConsented(
  context: ServerContext,
  {
    clientId,
    scopes,
    resources,
    details = [],
    claims,
  }: Pick<CheckedAuthorization, 'clientId' | 'scopes' | 'resources' | 'details'> & Partial<Pick<CheckedAuthorization, 'claims'>>,
  subject: string,
  now: Seconds,
): Promise<boolean> {
  if (await mustAskEachTime(context, details)) return false
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
      resources.every((resource) => grant.resources.includes(resource)) &&
      (details.length === 0 || sameDetails(details, grant.details ?? [])),
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

/** What the level asked for still lacks for this person. */
async function askLevel(
  context: ServerContext,
  { acr: wish }: CheckedAuthorization,
  signIn: SignIn | undefined,
): Promise<Pick<StepFacts, 'missing' | 'levelIsDemanded'>> {
  if (wish === undefined) return { levelIsDemanded: false }
  const levelIsDemanded = wish.essential
  if (signIn === undefined) return { levelIsDemanded }
  const user = await context.storage.records.user(context.issuer, signIn.subject)
  const means = ['pwd', ...(user?.sealedTotpSecret === undefined ? [] : ['otp'])]
  const { levels } = await context.directory.offer()
  return { missing: missingMethods({ levels, wish, means, amr: signIn.amr }), levelIsDemanded }
}

async function mustAskEachTime(context: ServerContext, details: readonly AuthorizationDetail[]): Promise<boolean> {
  if (details.length === 0) return false
  const { details: types } = await context.directory.offer()
  return details.some(({ type }) => types.get(type)?.consent !== 'remembered')
}
