// jwt-bearer: judge the assertion, find its person, decide, sign, and claim the assertion's `jti` in the same commit.
import {
  broke,
  checkGrantAssertion,
  decideJwtBearer,
  Fault,
  type Form,
  isBroken,
  type JudgedAssertion,
  jwtBearerShapeRules,
  type Refusal,
} from '@kimei/protocol'
import { trustedAssertions } from '../config/grant-records.ts'
import { clientKeys } from '../steps/client-keys.ts'
import { claimsOf, lostClaim, signTokens, type TokenOrder, type TokenResponse } from '../steps/issue-tokens.ts'
import { subjectFor } from '../steps/subjects.ts'

export async function grantJwtBearer(order: TokenOrder, form: Form): Promise<TokenResponse | Refusal> {
  const { context, exchange, client } = order
  const trusted = trustedAssertions(context.config)
  const assertion = await checkGrantAssertion(
    form.get('assertion'),
    {
      client,
      issuer: context.issuer,
      now: exchange.now,
      issuers: trusted,
      keysOf: (from, kid) => clientKeys(context, from, { exchange, fits: (jwk) => kid === undefined || jwk.kid === kid }),
    },
    context.law,
  )
  if (isBroken(assertion)) return assertion
  const offer = await context.directory.offer()
  const subject = await subjectOf(order, assertion)
  const decision = decideJwtBearer(
    { client, assertion, subject, scope: form.get('scope'), resources: form.all('resource'), offer },
    context.law,
  )
  if ('broken' in decision) return decision
  const signed = await signTokens(order, decision.issue)
  const plan = [...claimsOf(order), ...decision.writes, ...signed.writes]
  const event = context.audit.event(exchange, 'token_issued', { ...signed.audit, vouchedBy: assertion.from.issuer })
  const answer = await context.commit(exchange, plan, [event])
  if (answer.done === 'committed') return signed.response
  const write = answer.done === 'lost' ? plan[answer.index] : undefined
  const lost = write === assertion.claim ? broke(jwtBearerShapeRules, 'jwt-bearer.jti-is-first-seen') : lostClaim(write)
  if (lost) return lost
  throw new Fault('a plan of claims alone was lost for another reason')
}

/** The person here whom the assertion means, by username or by `sub`, who may sign in: by the name that the client knows. */
async function subjectOf({ context, client }: TokenOrder, { from, subject }: JudgedAssertion): Promise<string | undefined> {
  const { issuer, config, storage } = context
  const by = config.assertionIssuers.find((one) => one.issuer === from.issuer)?.subjects
  const user = by === 'username' ? await storage.records.userByName(issuer, subject) : await storage.records.user(issuer, subject)
  return user && !user.disabled ? subjectFor(context, client.client, user.subject) : undefined
}
