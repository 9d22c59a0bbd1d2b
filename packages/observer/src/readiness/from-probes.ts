// What the observer's ordinary probes already answer about OAuth 2.1.
import type { PreparedClient } from '../clients/prepare.ts'
import type { ProbeResult } from '../observation.ts'
import { type CheckName, line, type ReadinessLine } from './checks.ts'

const answeredBy = {
  'pkce-plain-refused': 'AZ-plain-challenge',
  'pkce-verifier-checked': 'RD-no-verifier',
  'code-once': 'RD-code-twice',
  'assertion-audience': 'AS-assertion-aud',
  'credentials-demanded': 'AS-no-credentials',
} as const satisfies Partial<Record<CheckName, string>>

const refreshProbes = ['RF-rotated', 'RF-other-key', 'RF-no-proof'] as const

/** Probes that a check of readiness needs, whatever else the run wants. */
export const readinessProbes: ReadonlySet<string> = new Set([...Object.values(answeredBy), ...refreshProbes])

export function probedLines(client: PreparedClient, probes: readonly ProbeResult[]): ReadinessLine[] {
  const of = (id: string) => probes.find(({ probe }) => probe === id)
  // Who authenticates by certificate is alone with its client_id where none is shown.
  const certified = client.entry.authentication.method.endsWith('tls_client_auth')
  const answer = (id: string) => of(certified && id === answeredBy['credentials-demanded'] ? 'L2' : id)
  const simple = Object.entries(answeredBy).map(([check, id]) => probedLine(check as CheckName, answer(id)))
  return [...simple, refreshLine(client, of)]
}

function probedLine(check: CheckName, result: ProbeResult | undefined): ReadinessLine {
  if (result === undefined) return line(check, 'not-observable', 'needs a test account that somebody signs in')
  const { probe, verdict, answered, reason, evidence } = result
  if (verdict === 'holds') return line(check, 'ready', `${probe}: ${answered}`, evidence)
  if (verdict === 'violated') return line(check, 'not-ready', `${probe}: ${answered}`, evidence)
  return line(check, 'not-observable', `${probe}: ${reason ?? answered}`, evidence)
}

/** Confidential clients bind their refresh tokens by authenticating (OAuth 2.1 §4.3.1). */
function refreshLine({ authentication }: PreparedClient, of: (id: string) => ProbeResult | undefined): ReadinessLine {
  const results = refreshProbes.flatMap((id) => of(id) ?? [])
  const evidence = results.flatMap((result) => result.evidence)
  const seen = results.map(
    ({ probe, verdict, reason, answered }) => `${probe}: ${verdict === 'not-applicable' ? reason : answered || reason}`,
  )
  const line1 = (verdict: ReadinessLine['verdict'], text = seen.join('; ')) => line('refresh-restricted', verdict, text, evidence)
  if (results.length === 0) return line1('not-observable', 'needs a test account that somebody signs in')
  const held = (id: string) => of(id)?.verdict === 'holds'
  if (held('RF-rotated') || (held('RF-other-key') && held('RF-no-proof'))) return line1('ready')
  if (authentication.method !== 'none')
    return line1('not-observable', 'this client is confidential: its authentication binds its refresh tokens')
  const loose = of('RF-rotated')
  const neither = loose?.verdict === 'violated' || loose?.reason === 'the refresh token does not rotate'
  return line1(neither && of('RF-other-key')?.verdict === 'violated' ? 'not-ready' : 'not-observable')
}
