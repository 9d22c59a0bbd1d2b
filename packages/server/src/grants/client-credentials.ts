// client_credentials: load the offer, decide, commit. The hot path of the issuer: one commit, nothing waited for twice.
import { decideClientCredentials, Fault, type Form, type Refusal } from '@kimei/protocol'
import { claimsOf, lostClaim, signTokens, type TokenOrder, type TokenResponse } from '../steps/issue-tokens.ts'

export async function grantClientCredentials(order: TokenOrder, form: Form): Promise<TokenResponse | Refusal> {
  const { context, exchange, client } = order
  const known = context.directory.offer()
  const offer = known instanceof Promise ? await known : known
  const decision = decideClientCredentials(
    { client, scope: form.get('scope'), resources: form.all('resource'), details: form.get('authorization_details'), offer },
    context.law,
  )
  if ('broken' in decision) return decision
  const signed = await signTokens(order, decision.issue)
  const writes = [...claimsOf(order), ...signed.writes]
  const event = context.audit.event(exchange, 'token_issued', signed.audit)
  const answer = await context.commit(exchange, writes, [event])
  if (answer.done === 'committed') return signed.response
  const lost = answer.done === 'lost' ? lostClaim(writes[answer.index]) : undefined
  if (!lost) throw new Fault('a plan of claims alone was lost for another reason')
  return lost
}
