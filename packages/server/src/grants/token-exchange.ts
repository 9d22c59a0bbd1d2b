// token-exchange: read both tokens, load what is remembered of them, decide, sign, commit. Nothing that was presented is used up.
import {
  broke,
  decideExchange,
  type ExchangeAsk,
  type ExchangeToken,
  exchangeFormRules,
  Fault,
  type Form,
  isBroken,
  isOpaqueToken,
  type Refusal,
  readExchange,
  type VerifiedAccessToken,
} from '@kimei/protocol'
import { readAccessToken } from '../steps/access-token-form.ts'
import { claimsOf, lostClaim, signTokens, type TokenOrder, type TokenResponse } from '../steps/issue-tokens.ts'
import { presentedCertificate } from '../steps/present-certificate.ts'
import { personBehind, subjectFor } from '../steps/subjects.ts'

export async function grantTokenExchange(order: TokenOrder, form: Form): Promise<TokenResponse | Refusal> {
  const { context, exchange } = order
  const ask = readExchange(form, context.law)
  if (isBroken(ask)) return ask
  const tokens = await readTokens(order, ask)
  if (isBroken(tokens)) return tokens
  const { subject, actor } = tokens
  const certificate = await presentedCertificate(context, exchange)
  if (isBroken(certificate)) return certificate
  const decision = decideExchange(
    {
      client: order.client,
      subject,
      actor,
      jkt: 'proof' in order.constraint ? order.constraint.proof.jkt : undefined,
      x5t: certificate?.x5t,
      bound: order.constraint.kind !== 'bearer',
      scope: form.get('scope'),
      targets: [...form.all('resource'), ...form.all('audience')],
      offer: await context.directory.offer(),
      now: exchange.now,
    },
    context.law,
  )
  if ('broken' in decision) return decision
  const signed = await signTokens(order, decision.issue)
  const plan = [...claimsOf(order), ...signed.writes]
  const event = context.audit.event(exchange, 'token_exchanged', {
    ...signed.audit,
    from: subject.token.clientId,
    source: subject.token.audience.join(' '),
    scope: decision.issue.scopes.join(' '),
    ...(decision.issue.act && { act: decision.issue.act }),
  })
  const answer = await context.commit(exchange, plan, [event])
  if (answer.done === 'committed') return { ...signed.response, issued_token_type: typeOf(signed.response, ask) }
  const lost = answer.done === 'lost' ? lostClaim(plan[answer.index]) : undefined
  if (lost) return lost
  // The grant was revoked while the new token was signed.
  if (answer.done === 'lost') return broke(exchangeFormRules, 'exchange.tokens-are-valid')
  throw new Fault('an exchange was answered as a refresh')
}

/** An API that wants opaque tickets is given no JWT, whatever was asked for. */
function typeOf({ access_token }: TokenResponse, { requestedType }: ExchangeAsk): string {
  return isOpaqueToken(access_token) ? 'urn:ietf:params:oauth:token-type:access_token' : requestedType
}

async function readTokens(order: TokenOrder, ask: ExchangeAsk) {
  const subject = await load(order, ask.subjectToken)
  if (isBroken(subject)) return subject
  if (ask.actorToken === undefined) return { subject, actor: undefined }
  const actor = await load(order, ask.actorToken)
  return isBroken(actor) ? actor : { subject, actor }
}

/** RFC 8693 §2.2.2: whatever is the matter with a token, the request is invalid; the audit log says which rule it was. */
async function load(order: TokenOrder, text: string): Promise<ExchangeToken | Refusal> {
  const { context, exchange } = order
  const token = await readAccessToken(context, exchange, text)
  if (isBroken(token)) {
    return broke(exchangeFormRules, 'exchange.tokens-are-valid', { expected: 'an access token of this issuer', received: token.broken })
  }
  const remembered = await context.storage.records.accessToken(context.issuer, token.jti)
  if (remembered?.grantId == null) return { token, remembered, grant: undefined, ...(await vouchedFor(order, token)) }
  const { grant, user } = await personBehind(context, token, remembered)
  // The token may know the person by a name of its client alone.
  return { token, remembered, grant, subject: grant?.subject ?? token.subject, personActive: user !== undefined && !user.disabled }
}

/**
 * Of a token without a grant: the client itself, or a person somebody vouched for, by the name that the next client knows.
 * A name that only another client knows leads to nobody: it is not carried on.
 */
async function vouchedFor({ context, client }: TokenOrder, { subject, clientId }: VerifiedAccessToken) {
  if (subject === clientId) return { subject, personActive: true }
  const user = await context.storage.records.user(context.issuer, subject)
  if (user === undefined || user.disabled) return { subject, personActive: false }
  return { subject: await subjectFor(context, client.client, user.subject), personActive: true }
}
