// refresh_token: confidential clients keep their token; public clients rotate, and a lost answer may be asked for again.
// The winner seals the successor under a key derived from the presented token and the issuer's secret, in the same plan.
import {
  type AuthorizationDetail,
  b64u,
  broke,
  type Confirmation,
  confirmationOf,
  decideRefresh,
  Fault,
  type Form,
  isBroken,
  type MatchedGrant,
  open,
  type PresentedCertificate,
  type RefreshFamilyRecord,
  type RefreshTokenRecord,
  type Refusal,
  repeatRules,
  sameDetails,
  seal,
  sha256,
  splitScope,
  type Write,
  withCertificate,
} from '@kimei/protocol'
import { deriveFor } from '../keys/secrets.ts'
import { keyOfClient } from '../steps/client-keys.ts'
import { claimsOf, lostClaim, signTokens, type TokenOrder, type TokenResponse } from '../steps/issue-tokens.ts'
import { presentedCertificate } from '../steps/present-certificate.ts'
import { signInLasts } from '../steps/sign-in-lasts.ts'

interface Known {
  /** What the family is bound to from now on, where it was bound to nothing. */
  readonly bind?: Confirmation
  readonly presented: string
  readonly token: RefreshTokenRecord
  readonly family: RefreshFamilyRecord
}

export async function grantRefreshToken(order: TokenOrder, form: Form): Promise<TokenResponse | Refusal> {
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const answer = await refreshOnce(order, form)
    if (answer !== 'lost') return answer
  }
  throw new Fault('the refresh token changed under three decisions')
}

async function refreshOnce(given: TokenOrder, form: Form): Promise<TokenResponse | Refusal | 'lost'> {
  const decided = await decide(given, form)
  if ('broken' in decided) return decided
  const { issue, known, order } = decided
  return decided.token === 'keep'
    ? keep(order, issue, known)
    : rotate(order, issue, { ...known, ...(decided.bind && { bind: decided.bind }) })
}

async function decide(given: TokenOrder, form: Form) {
  const { context, exchange, client } = given
  const { issuer, storage } = context
  const { records } = storage
  const presented = form.get('refresh_token')
  const token = presented === undefined ? undefined : await records.refreshToken(issuer, await sha256(presented))
  const family = token && (await records.refreshFamily(issuer, token.familyId))
  const grant = family && (await records.grant(issuer, family.grantId))
  const successor = token?.successorHash ? await records.refreshToken(issuer, token.successorHash) : undefined
  const person = family && (await records.user(issuer, family.subject))
  const certificate = await presentedCertificate(context, exchange)
  if (isBroken(certificate)) return certificate
  const order = family?.confirmation?.['x5t#S256'] && certificate ? boundAsBefore(given, certificate) : given
  const { constraint } = order
  const decision = decideRefresh(
    {
      client,
      token,
      family,
      grant,
      successor,
      personActive: person !== undefined && !person.disabled,
      signInLasts: await signInLasts(context, grant, family?.scopes ?? []),
      jkt: 'proof' in constraint ? constraint.proof.jkt : undefined,
      x5t: certificate?.x5t,
      confirmation: confirmationOf(constraint),
      clientKey: family?.clientKey && (await keyOfClient(context, client)),
      scopes: splitScope(form.get('scope')),
      resources: form.all('resource'),
      details: form.get('authorization_details'),
      detailTypes: (await context.directory.offer()).details,
      now: exchange.now,
    },
    context.law,
  )
  if ('broken' in decision || !presented || !token || !family) return decision as Refusal
  return { ...decision, order, known: { presented, token, family } }
}

/** A family that names a certificate gives no token that does not, whatever became of its client's policy. */
function boundAsBefore(order: TokenOrder, certificate: PresentedCertificate): TokenOrder {
  return { ...order, constraint: withCertificate(order.constraint, certificate) }
}

async function keep(order: TokenOrder, issue: MatchedGrant, { family }: Known): Promise<TokenResponse | Refusal | 'lost'> {
  const signed = await signTokens(order, issue)
  const touch = {
    write: 'touch-refresh-family',
    familyId: family.familyId,
    idleExpiresAt: idleEnd(order, family),
    at: order.exchange.now,
  } as const
  return commitRefresh(order, [...claimsOf(order), touch, ...signed.writes], signed.audit, signed.response)
}

async function rotate(order: TokenOrder, issue: MatchedGrant, known: Known): Promise<TokenResponse | Refusal | 'lost'> {
  const { context, exchange } = order
  const { family, presented, token } = known
  const signed = await signTokens(order, issue)
  const successor = b64u(context.random(32))
  const sealed: Sealed = {
    token: successor,
    scopes: issue.scopes,
    audience: issue.audience,
    ...(issue.details && { details: issue.details }),
  }
  const { repeatWindowSeconds, unboundRepeatWindowSeconds } = context.config.refresh
  const window = family.confirmation === null ? unboundRepeatWindowSeconds : repeatWindowSeconds
  const write: Write = {
    write: 'rotate-refresh-token',
    familyId: family.familyId,
    presentedHash: token.tokenHash,
    successor: {
      issuer: context.issuer,
      tokenHash: await sha256(successor),
      familyId: family.familyId,
      createdAt: exchange.now,
      rotatedAt: null,
      successorHash: null,
      sealedSuccessor: null,
      sealedUntil: null,
    },
    sealedSuccessor: await sealSuccessor(order, presented, token.tokenHash, sealed),
    // No window: over before it began.
    sealedUntil: window > 0 ? exchange.now + window : exchange.now - 1,
    idleExpiresAt: idleEnd(order, family),
    at: exchange.now,
  }
  const bind: readonly Write[] = known.bind ? [{ write: 'bind-refresh-family', familyId: family.familyId, confirmation: known.bind }] : []
  const plan = [...claimsOf(order), ...bind, write, ...signed.writes]
  const answer = await context.commit(exchange, plan, [context.audit.event(exchange, 'token_issued', signed.audit)])
  if (answer.done === 'committed') return { ...signed.response, refresh_token: successor }
  if (answer.done === 'repeat') return repeat(order, issue, known, answer.sealedSuccessor)
  return lostClaim(plan[answer.index]) ?? 'lost'
}

/** An honest duplicate: the same successor, a fresh access token. The grant was checked again on the way here. */
async function repeat(order: TokenOrder, issue: MatchedGrant, known: Known, sealedText: string): Promise<TokenResponse | Refusal | 'lost'> {
  const sealed = await openSuccessor(order, known.presented, known.token.tokenHash, sealedText)
  if (!sealed) throw new Fault('a sealed successor does not open')
  const alike = sameList(sealed.scopes, issue.scopes) && sameList(sealed.audience, issue.audience)
  if (!alike || !sameDetails(sealed.details ?? [], issue.details ?? [])) {
    return broke(repeatRules, 'refresh.repeat-is-the-same-request')
  }
  const signed = await signTokens(order, issue)
  const { family } = known
  const touch = {
    write: 'touch-refresh-family',
    familyId: family.familyId,
    idleExpiresAt: family.idleExpiresAt,
    at: order.exchange.now,
  } as const
  const response = { ...signed.response, refresh_token: sealed.token }
  return commitRefresh(order, [...claimsOf(order), touch, ...signed.writes], signed.audit, response, true)
}

async function commitRefresh(
  { context, exchange }: TokenOrder,
  plan: readonly Write[],
  audit: Parameters<typeof context.audit.event>[2],
  response: TokenResponse,
  repeated = false,
): Promise<TokenResponse | Refusal | 'lost'> {
  const events = [
    context.audit.event(exchange, 'token_issued', audit),
    ...(repeated ? [context.audit.event(exchange, 'refresh_repeated', audit)] : []),
  ]
  const answer = await context.commit(exchange, plan, events)
  if (answer.done === 'committed') return response
  return (answer.done === 'lost' && lostClaim(plan[answer.index])) || 'lost'
}

function idleEnd({ context, exchange }: TokenOrder, family: RefreshFamilyRecord): number {
  return Math.min(exchange.now + context.config.lifetimes.refreshIdleSeconds, family.absoluteExpiresAt)
}

/** What a repeat gets, and what it must ask for. */
interface Sealed {
  readonly token: string
  readonly scopes: readonly string[]
  readonly audience: readonly string[]
  readonly details?: readonly AuthorizationDetail[]
}

async function sealSuccessor({ context }: TokenOrder, presented: string, aad: string, sealed: Sealed): Promise<string> {
  const key = await deriveFor(context.secrets.derive('refresh-successor').current, presented)
  return seal(key, JSON.stringify(sealed), aad, context.random(12))
}

async function openSuccessor({ context }: TokenOrder, presented: string, aad: string, text: string): Promise<Sealed | undefined> {
  const { current, previous } = context.secrets.derive('refresh-successor')
  for (const secret of previous ? [current, previous] : [current]) {
    const opened = await open(await deriveFor(secret, presented), text, aad)
    if (opened !== undefined) return JSON.parse(opened)
  }
  return undefined
}

function sameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((name) => b.includes(name))
}
