// authorization_code: load code and grant, decide, commit. Lost to somebody else: load again and decide once more.
import { b64u, type CodeRecord, decideCode, Fault, type Form, type MatchedGrant, type Refusal, sha256, type Write } from '@kimei/protocol'
import { challengeId } from '../steps/challenge-id.ts'
import { claimsOf, lostClaim, signTokens, type TokenOrder, type TokenResponse } from '../steps/issue-tokens.ts'

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
  const refresh = await startFamily(order, issue)
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
      resources: form.all('resource'),
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

/** A family begins with the code. Public clients rotate and are bound to their key; confidential ones do neither. */
async function startFamily({ context, exchange, client, constraint }: TokenOrder, grant: MatchedGrant) {
  const { person } = grant
  if (!person || !client.client.grants.includes('refresh_token')) return undefined
  const { lifetimes } = context.config
  const { now } = exchange
  const offline = grant.scopes.includes('offline_access')
  // Without offline access a refresh token ends with the sign-in it came from (OIDC Core §11).
  const absolute = Math.min(
    now + lifetimes.refreshAbsoluteSeconds,
    offline ? Number.MAX_SAFE_INTEGER : person.authTime + lifetimes.sessionAbsoluteSeconds,
  )
  const token = b64u(context.random(32))
  const familyId = b64u(context.random(16))
  const { issuer } = context
  const record = {
    issuer,
    familyId,
    grantId: person.grantId,
    clientId: client.client.clientId,
    subject: grant.subject,
    scopes: grant.scopes,
    resources: grant.audience,
    confirmation: !client.confidential && 'proof' in constraint ? { jkt: constraint.proof.jkt } : null,
    rotates: !client.confidential,
    idTokenNonce: null,
    authTime: person.authTime,
    createdAt: now,
    idleExpiresAt: Math.min(now + lifetimes.refreshIdleSeconds, absolute),
    absoluteExpiresAt: absolute,
    revokedAt: null,
  }
  const first = {
    issuer,
    tokenHash: await sha256(token),
    familyId,
    createdAt: now,
    rotatedAt: null,
    successorHash: null,
    sealedSuccessor: null,
    sealedUntil: null,
  }
  const writes: readonly Write[] = [{ write: 'put-refresh-family', record, token: first }]
  return { token, writes }
}
