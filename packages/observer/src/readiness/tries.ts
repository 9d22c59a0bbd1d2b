// Removed flows that are really tried, with the test account: no PKCE at all, published response types with a token, a refresh without key.
import type { AuthorizationPlan } from '../clients/grant-source.ts'
import { type EditProbe, probeAt } from '../probe.ts'
import { sandwich } from '../run/sandwich.ts'
import { type CodeFlowParts, codeFlow } from '../stations/code-flow.ts'
import { type CheckName, checks, line, type ReadinessLine } from './checks.ts'

/** A try of one check: what is changed in a right authorization request. */
async function tried(parts: CodeFlowParts, check: CheckName, edit: (plan: AuthorizationPlan) => AuthorizationPlan): Promise<ReadinessLine> {
  const { verdict, answered, reason, evidence } = await sandwich(codeFlow(parts).authorization, tryOf(check, edit))
  if (verdict === 'holds') return line(check, 'ready', answered, evidence)
  return line(check, verdict === 'violated' ? 'not-ready' : 'not-observable', reason ?? answered, evidence)
}

function tryOf(check: CheckName, edit: (plan: AuthorizationPlan) => AuthorizationPlan): EditProbe<'authorization'> {
  const { cite, says } = checks[check]
  return probeAt('authorization', {
    id: check,
    topic: 'oauth21',
    attacks: [],
    level: 'MUST',
    cite,
    says,
    proves: says,
    doesNotProve: { ja: 'ほかのクライアントにも同じことを求めているか', en: 'that other clients are held to the same' },
    depth: 'full',
    priority: 'P1',
    owner: 'AS',
    sources: ['token-endpoint-response'],
    edit,
  })
}

/** Without method as well: some issuers miss only one of the two. */
export function noPkceLine(parts: CodeFlowParts): Promise<ReadinessLine> {
  return tried(parts, 'pkce-required', (plan) => ({
    ...plan,
    parameters: plan.parameters.filter(([name]) => name !== 'code_challenge' && name !== 'code_challenge_method'),
  }))
}

/** `token`, and the first published type that carries one. */
export async function implicitLine(parts: CodeFlowParts, published: readonly string[]): Promise<ReadinessLine> {
  const types = [...new Set(['token', ...published.filter((type) => type.split(' ').includes('token')).slice(0, 2)])]
  const lines: ReadinessLine[] = []
  for (const type of types) {
    const one = await tried(parts, 'implicit-refused', (plan) => ({
      ...plan,
      parameters: [
        ...plan.parameters.filter(([name]) => name !== 'response_type'),
        ['response_type', type],
        ['nonce', parts.line.random()],
      ],
    }))
    lines.push({ ...one, seen: `${type}: ${one.seen}` })
  }
  const worst =
    lines.find(({ verdict }) => verdict === 'not-ready') ?? lines.find(({ verdict }) => verdict === 'not-observable') ?? lines[0]!
  return { ...worst, seen: lines.map(({ seen }) => seen).join('; '), evidence: lines.flatMap(({ evidence }) => evidence) }
}
