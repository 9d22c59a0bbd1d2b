// authorization_code: load code and grant, decide, commit. Lost to somebody else: load again and decide once more.
import { type CodeRecord, decideCode, Fault, type Form, type Refusal, sha256, type Write } from '@kimei/protocol'
import { challengeId } from '../steps/challenge-id.ts'
import { claimsOf, lostClaim, signTokens, type TokenOrder, type TokenResponse } from '../steps/issue-tokens.ts'
import { startFamily } from '../steps/refresh-family.ts'
import { signInLasts } from '../steps/sign-in-lasts.ts'

/** A code stays guarded against a second request with the same challenge for a day (RFC 9700 §2.1.1). */
const challengeSeconds = 86_400

export async function grantAuthorizationCode(order: TokenOrder, form: Form): Promise<TokenResponse | Refusal> {
  for (let attempt = 0; attempt < 2; attempt += 1) {
    const answer = await redeemOnce(order, form)
    if (answer !== 'lost') return answer
  }
  throw new Fault('the code changed under two decisions')
}

async function redeemOnce(order: TokenOrder, form: Form): Promise<TokenResponse | Refusal | 'lost'> {
  const { context, exchange } = order
  const decided = await decide(order, form)
  if ('broken' in decided) return decided
  const { issue, writes, code } = decided
  const signed = await signTokens(order, issue)
  const refresh = await startFamily(order, issue, code)
  const challenge = await challengeClaim(order, code)
  const plan = [...claimsOf(order), ...writes, ...challenge, ...(refresh?.writes ?? []), ...signed.writes]
  const answer = await context.commit(exchange, plan, [context.audit.event(exchange, 'token_issued', signed.audit)])
  if (answer.done === 'committed') return { ...signed.response, ...(refresh && { refresh_token: refresh.token }) }
  return (answer.done === 'lost' && lostClaim(plan[answer.index])) || 'lost'
}

async function decide({ context, exchange, client, constraint }: TokenOrder, form: Form) {
  const { records } = context.storage
  const verifier = form.get('code_verifier')
  const presented = form.get('code')
  const code = presented === undefined ? undefined : await records.code(context.issuer, await sha256(presented))
  const grant = code && (await records.grant(context.issuer, code.grantId))
  const decision = decideCode(
    {
      client,
      code,
      grant,
      redirectUri: form.get('redirect_uri'),
      verifier,
      verifierHash: verifier === undefined ? '' : await sha256(verifier),
      jkt: 'proof' in constraint ? constraint.proof.jkt : undefined,
      signInLasts: await signInLasts(context, grant, code?.scopes ?? []),
      resources: form.all('resource'),
      details: form.get('authorization_details'),
      detailTypes: (await context.directory.offer()).details,
      now: exchange.now,
    },
    context.law,
  )
  if ('broken' in decision || !code) return decision as Refusal
  return { ...decision, code }
}

/** Remembers the challenge, so that the authorization endpoint knows it when it comes again. Once is enough. */
async function challengeClaim({ context, exchange }: TokenOrder, code: CodeRecord): Promise<readonly Write[]> {
  if (code.codeChallenge === '') return []
  const id = await challengeId(context.issuer, code.clientId, code.codeChallenge)
  if (await context.storage.records.claimed('challenge', id, exchange.now)) return []
  return [{ write: 'claim-once', space: 'challenge', id, until: exchange.now + challengeSeconds }]
}
