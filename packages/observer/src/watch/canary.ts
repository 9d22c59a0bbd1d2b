// Canary proofs: each run sends every API a good ticket with a proof of another key (probe K1). The guard must refuse it, and must be heard
// refusing it: its log has to name the thumbprint of that key, or its signed counts have to grow. A refusal that nobody hears of is an
// alarm that does not ring.
import type { Seconds } from '@kimei/protocol'
import type { PassiveReading } from '../evidence/reading.ts'
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

/**
 * From what guards say, signed, how often they refused by the rule that a canary breaks: it must have grown since the run before by as
 * many canaries as were refused. Nothing where there is no earlier count, or the guard was started anew.
 */
export function countedCanaries(before: Observation | undefined, after: Observation): readonly CanaryState[] {
  const canaries = canariesOf(after)
  const rules = new Set(after.apis.flatMap(({ probes }) => probes.filter(({ probe }) => probe === 'K1').flatMap(({ attacks }) => attacks)))
  const guards = (after.passive ?? []).filter(({ kind, statements }) => kind === 'guard-statement' && statements.length > 0)
  return guards.flatMap((guard) => {
    const own = canaries.filter(({ api }) => guard.statements.some(({ at, about }) => about === 'binding' && at === api))
    const earlier = before?.passive?.find(({ kind, source }) => kind === guard.kind && source === guard.source)
    const [now, then] = [countOf(guard, rules), earlier && countOf(earlier, rules)]
    const accepted = own.filter(({ verdict }) => verdict === 'accepted')
    const refused = own.filter(({ verdict }) => verdict === 'refused')
    const grown = now === undefined || then === undefined ? -1 : now - then
    const state = grown >= refused.length ? 'heard' : 'silent'
    return [
      ...accepted.map(({ api }) => ({ api, state: 'accepted' as const })),
      ...(grown < 0 ? [] : refused.map(({ api }) => ({ api, state: state as 'heard' | 'silent' }))),
    ]
  })
}

/** A guard that counts nothing yet has refused nothing. */
function countOf({ statements }: PassiveReading, rules: ReadonlySet<string>): number | undefined {
  const counts = statements.filter(({ about }) => about === 'refusals')
  const counted = counts.filter(({ place }) => rules.has(place)).reduce((sum, { count = 0 }) => sum + count, 0)
  return statements.length === 0 ? undefined : counted
}

export function judgeCanaries(canaries: readonly Canary[], heard: ReadonlySet<string>): readonly CanaryState[] {
  return canaries.map(({ api, jkt, verdict }) => ({
    api,
    state: verdict === 'accepted' ? 'accepted' : heard.has(jkt) ? 'heard' : 'silent',
  }))
}
