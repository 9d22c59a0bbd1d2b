// Canary proofs: each run sends every API a good ticket with a proof of another key (probe K1). The guard must refuse it, and must be heard
// refusing it: its log has to name the thumbprint of that key. A refusal that nobody logs is an alarm that does not ring.
import type { Seconds } from '@kimei/protocol'
import type { Observation } from '../observation.ts'
import { readJsonObject } from '../read-json.ts'

export interface Canary {
  readonly api: string
  /** Thumbprint of the key that the proof was made with. */
  readonly jkt: string
  readonly verdict: 'refused' | 'accepted'
}

export interface CanaryState {
  readonly api: string
  readonly state: 'heard' | 'silent' | 'accepted'
}

/** The proofs that this run sent: the middle one of each K1. */
export function canariesOf({ apis, evidence }: Observation): readonly Canary[] {
  const exchanges = new Map(evidence.map((one) => [one.id, one]))
  return apis.flatMap(({ api, probes }) =>
    probes
      .filter(({ probe, verdict }) => probe === 'K1' && (verdict === 'holds' || verdict === 'violated'))
      .flatMap((result) => {
        const keys = result.evidence.flatMap(
          (id) => exchanges.get(id)?.request.proofs.flatMap(({ claims }) => String(claims?.['jkt'] ?? '')) ?? [],
        )
        const usual = mostOften(keys)
        const other = keys.find((key) => key !== '' && key !== usual)
        return other === undefined
          ? []
          : [{ api, jkt: other, verdict: result.verdict === 'violated' ? ('accepted' as const) : ('refused' as const) }]
      }),
  )
}

/** Controls before and after use the right key: it is the one seen twice. */
function mostOften(keys: readonly string[]): string | undefined {
  return keys.find((key) => keys.filter((other) => other === key).length > 1)
}

const refusals = new Set(['binding_mismatch', 'dpop_invalid', 'api_refused', 'would_refuse'])

/** Thumbprints that a guard's log says it refused, since a second. */
export function refusedThumbprints(lines: Iterable<string>, since: Seconds): ReadonlySet<string> {
  const heard = new Set<string>()
  for (const line of lines) {
    const event = readJsonObject(line)
    const { event: name, jkt, at } = event ?? {}
    if (typeof name === 'string' && refusals.has(name) && typeof jkt === 'string' && (typeof at !== 'number' || at >= since - 5))
      heard.add(jkt)
  }
  return heard
}

export function judgeCanaries(canaries: readonly Canary[], heard: ReadonlySet<string>): readonly CanaryState[] {
  return canaries.map(({ api, jkt, verdict }) => ({
    api,
    state: verdict === 'accepted' ? 'accepted' : heard.has(jkt) ? 'heard' : 'silent',
  }))
}
