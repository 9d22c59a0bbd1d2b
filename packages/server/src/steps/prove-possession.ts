// The DPoP proof of a token request or a pushed one: judged before anything is consumed, turned into the constraint of the new token.
import {
  type AuthenticatedClient,
  type Broken,
  bearerPermission,
  type Constraint,
  checkProof,
  isBroken,
  judgeNonce,
  makeNonce,
  type NonceVerdict,
  parseProof,
  type VerifiedProof,
} from '@kimei/protocol'
import type { Exchange, ServerContext } from '../context.ts'
import { targetsAt } from '../endpoint-urls.ts'
import { headerLines } from '../http/header-lines.ts'

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

const required = { kind: 'required' } as const

/** What the token will be bound to. Bearer only with the permission of the client's policy. */
export function chooseConstraint(
  context: ServerContext,
  exchange: Exchange,
  client: AuthenticatedClient,
  proof: VerifiedProof | undefined,
): Constraint | Broken {
  if (proof) return { kind: 'dpop', proof }
  const binding = context.profile.everyTokenBound ? required : client.client.binding
  const permission = bearerPermission(binding, exchange.now, context.law)
  return isBroken(permission) ? permission : { kind: 'bearer', permission }
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
