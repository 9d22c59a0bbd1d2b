// The DPoP proof of a token request or a pushed one, and the certificate of its connection: judged before anything is consumed,
// turned into the constraint of the new token.
import {
  type AuthenticatedClient,
  type BindingPolicy,
  type Broken,
  type Constraint,
  checkProof,
  decideConstraint,
  isBroken,
  judgeNonce,
  makeNonce,
  type NonceVerdict,
  parseProof,
  type VerifiedProof,
  wantsCertificate,
} from '@kimei/protocol'
import type { Awaitable } from '@kimei/storage'
import type { Exchange, ServerContext } from '../context.ts'
import { targetsAt } from '../endpoint-urls.ts'
import { headerLines } from '../http/header-lines.ts'
import { noteBoundExpiry } from './note-bound-expiry.ts'
import { presentedCertificate } from './present-certificate.ts'

export interface Possession {
  readonly proof: VerifiedProof | undefined
  readonly verdict: NonceVerdict | undefined
}

/** No proof is no refusal yet: what the token may be bound to is the client's policy. */
export async function checkPossession(
  context: ServerContext,
  exchange: Exchange,
  targets = targetsAt(context, exchange).tokenTargets,
): Promise<Possession | Broken> {
  const lines = headerLines(exchange, 'dpop')
  if (lines.length === 0) return { proof: undefined, verdict: undefined }
  const { config, law } = context
  const parsed = parseProof(lines, law)
  if (isBroken(parsed)) return parsed
  const required = config.dpop.nonce.token === 'required'
  const verdict = required ? await judgeNonce(nonceKeys(context), nonceScope(context), parsed.nonce, exchange.now) : undefined
  const proof = await checkProof(
    parsed,
    {
      owner: context.issuer,
      method: exchange.request.method,
      targets,
      now: exchange.now,
      window: context.proofWindow,
      algorithms: config.dpop.algorithms,
      nonce: verdict ? { mode: 'required', verdict } : { mode: 'off' },
    },
    law,
  )
  return isBroken(proof) ? proof : { proof, verdict }
}

/** What the token will be bound to. Bearer only with the permission of the client's policy; certificates only where it wants them. */
export function chooseConstraint(
  context: ServerContext,
  exchange: Exchange,
  { client }: AuthenticatedClient,
  proof: VerifiedProof | undefined,
): Awaitable<Constraint | Broken> {
  const policy = policyFor(context, client.binding)
  if (wantsCertificate(policy)) return byCertificate(context, exchange, { policy, proof, clientId: client.clientId })
  return decideConstraint(policy, { proof, certificate: undefined }, exchange.now, context.law)
}

/** Under a profile that binds every token no policy says less. */
function policyFor({ profile }: ServerContext, policy: BindingPolicy): BindingPolicy {
  return profile.everyTokenBound && policy.kind !== 'required' ? { kind: 'required' } : policy
}

async function byCertificate(
  context: ServerContext,
  exchange: Exchange,
  { policy, proof, clientId }: { readonly policy: BindingPolicy; readonly proof: VerifiedProof | undefined; readonly clientId: string },
): Promise<Constraint | Broken> {
  const certificate = await presentedCertificate(context, exchange)
  if (isBroken(certificate)) return certificate
  const constraint = decideConstraint(policy, { proof, certificate }, exchange.now, context.law)
  if (certificate && !isBroken(constraint)) await noteBoundExpiry(context, exchange, { clientId, certificate })
  return constraint
}

/**
 * RFC 9449 §8: with a challenge always, on success only where a newer nonce exists. `off` never sends one.
 * Nothing is consumed when it is sent.
 */
export async function nonceHeader(
  context: ServerContext,
  exchange: Exchange,
  verdict: NonceVerdict | undefined,
): Promise<Readonly<Record<string, string>>> {
  if (context.config.dpop.nonce.token === 'off') return {}
  if (verdict?.nonce === 'current' && !verdict.renew && !context.profile.nonceAlways) return {}
  return { 'dpop-nonce': await makeNonce(nonceKeys(context), nonceScope(context), exchange.now) }
}

/** As the guard in front of UserInfo calls it: clients keep one nonce for an origin, and both stand at this one (RFC 9449 §8.2). */
function nonceScope({ issuer }: ServerContext): string {
  return issuer
}

function nonceKeys(context: ServerContext) {
  const { current, previous } = context.secrets.derive('nonce')
  return { current, ...(previous && { previous }), rotationSeconds: Math.ceil(context.config.dpop.nonceLifetimeSeconds / 2) }
}
