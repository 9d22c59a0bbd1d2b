// From all records to the whole observation: posture, findings, counts, the minimal record, and what is missing.
// Each judgement stands in its own file beside this one.

import type { Seconds } from '@kimei/protocol'
import { byStrength, type PassiveReading } from '../evidence/reading.ts'
import { withAcceptances } from '../inventory/acceptance.ts'
import type { Inventory } from '../inventory/inventory.ts'
import { shownUrl } from '../ledger/evidence.ts'
import type { ApiRecord, Contradiction, Evidence, Finding, IssuerRecord, Observation, Priority } from '../observation.ts'
import { probes, probesAt, sequences } from '../probes/index.ts'
import { observationMistakes } from '../report/complete.ts'
import type { Residual } from '../residual.ts'
import type { GivenUp } from '../wire/host-health.ts'
import { contradictionsOf } from './contradictions.ts'
import { findingsOf } from './findings.ts'
import { givenUpWarnings, placesGivenUp } from './given-up.ts'
import { guidelineBlock } from './guidelines.ts'
import { nextStepsOf } from './next-steps.ts'
import { doubtWarnings } from './other-credentials.ts'
import { judgeOverall, notClaimed, type Overall, statementsOf, threat } from './overall.ts'
import { passiveContradictions } from './passive-contradictions.ts'
import { renderPosture } from './posture.ts'
import { waveringWarnings } from './wavering-words.ts'

export interface Seen {
  readonly inventory: Inventory
  readonly startedAt: Seconds
  readonly finishedAt: Seconds
  readonly requests: number
  /** Of these, the most that one API was sent. */
  readonly mostAtOneApi?: number
  readonly evidence: readonly Evidence[]
  /** The run was ended from outside: what is here is a part. */
  readonly cancelled?: boolean
  /** Hosts struggled everywhere, and nothing more was asked. */
  readonly stopped?: string | undefined
  readonly givenUp?: readonly GivenUp[]
  readonly issuers: readonly IssuerRecord[]
  readonly apis: readonly ApiRecord[]
  readonly passive?: readonly PassiveReading[]
  readonly residual?: readonly Residual[]
  /** What guards said of themselves against itself. */
  readonly told?: readonly Contradiction[]
}

/** Everything that follows from the records, without a request. */
export function conclude(seen: Seen): Observation {
  const { inventory, issuers, apis } = seen
  const overall = judgeOverall({ inventory, issuers, apis })
  const { posture, perClientDifference, hypothesis, warnings } = overall
  const claimed = isClaimed(inventory, issuers, apis) ? 'somewhere' : 'nowhere'
  const everywhere = apis.some(({ rsEnforced }) => rsEnforced === 'no') && !apis.some(({ rsEnforced }) => rsEnforced === 'yes')
  const found = findingsOf(issuers, apis, { inventory, claimed, everywhere, residual: seen.residual ?? [] })
  const { findings, warnings: ofAcceptances } = withAcceptances(found, inventory.accepted, seen.finishedAt)
  const stopped = seen.cancelled ? 'cancelled' : seen.evidence.length === 0 ? 'nothing was reached' : seen.stopped
  const issuerOf = (url: string) => inventory.issuers.find((entry) => entry.url === url)?.id ?? url
  const givenUp = placesGivenUp(seen.givenUp ?? [], { issuers, apis, issuerOf })
  const draft: Omit<Observation, 'complete' | 'missing'> = {
    format: 'kimei-observation/1',
    startedAt: seen.startedAt,
    finishedAt: seen.finishedAt,
    ...(stopped !== undefined && { stopped }),
    ...(givenUp.length > 0 && { givenUp }),
    bindingKeyPosture: renderPosture(posture),
    posture,
    postureEvidence: overall.evidence,
    overall: overall.overall,
    hypothesis,
    counts: { ...countsOf(issuers, apis), requests: seen.requests, mostAtOneApi: seen.mostAtOneApi ?? seen.requests },
    record: minimalRecord(inventory, issuers, apis, overall, findings),
    threat,
    notClaimed,
    issuers,
    apis,
    perClientDifference,
    findings,
    contradictions: [
      ...contradictionsOf(inventory, issuers, apis),
      ...passiveContradictions(seen.passive ?? [], seen),
      ...(seen.told ?? []),
    ],
    ...(seen.residual && { residual: seen.residual }),
    statements: statementsOf(overall, issuers),
    warnings: [...givenUpWarnings(givenUp), ...waveringWarnings(apis), ...warnings, ...doubtWarnings(apis), ...ofAcceptances],
    next: nextStepsOf(findings, hypothesis),
    guidelines: guidelineBlock(),
    evidence: seen.evidence,
    ...(seen.passive && seen.passive.length > 0 && { passive: byStrength(seen.passive) }),
  }
  const missing = observationMistakes(draft)
  return { ...draft, complete: missing.length === 0, missing }
}

function isClaimed(inventory: Inventory, issuers: readonly IssuerRecord[], apis: readonly ApiRecord[]): boolean {
  return (
    inventory.issuers.some(({ claims }) => claims === 'dpop' || claims === 'mtls') ||
    issuers.some(({ mode }) => mode === 'dpop' || mode === 'mtls') ||
    [...issuers, ...apis].some(({ declared }) => declared['dpop_bound_access_tokens_required'] === true)
  )
}

/** Declared: every probe of every place. Testable: not `not-applicable`. Tested: with a verdict. */
function countsOf(issuers: readonly IssuerRecord[], apis: readonly ApiRecord[]): Omit<Observation['counts'], 'requests' | 'mostAtOneApi'> {
  const results = [...issuers, ...apis].flatMap((record) => record.probes)
  const testable = results.filter(({ verdict }) => verdict !== 'not-applicable')
  const declared =
    issuers.length * probes.filter(({ owner }) => owner === 'AS').length +
    new Set(apis.map(({ api }) => api)).size * (probesAt('api').length + sequences().length)
  return { declared, testable: testable.length, tested: testable.filter(({ verdict }) => verdict !== 'inconclusive').length }
}

function minimalRecord(
  inventory: Inventory,
  issuers: readonly IssuerRecord[],
  apis: readonly ApiRecord[],
  { posture, evidence, representatives }: Overall,
  findings: readonly Finding[],
): Observation['record'] {
  const required = new Set(apis.map(({ rsRequired }) => rsRequired).filter((value) => value !== 'unknown'))
  const priorities = findings.map(({ priority }) => priority)
  const as = issuers.map(({ asRequired }) => asRequired)
  return {
    token_endpoint: [...new Set(inventory.issuers.map(({ tokenEndpoint }) => tokenEndpoint))],
    api_endpoints: inventory.apis.map(({ id, method, url }) => ({
      method,
      url: shownUrl(url),
      representative: representatives.includes(id),
    })),
    mode: posture.mode,
    as_required: as.includes('no') ? 'no' : as.length > 0 && as.every((value) => value === 'yes') ? 'yes' : 'unknown',
    rs_required: required.size === 0 ? 'unknown' : required.size > 1 ? 'partial' : [...required][0]!,
    coverage: posture.coverage,
    evidence: evidence.confidence,
    action_priority: (['P0', 'P1', 'P2'] as const).find((priority) => priorities.includes(priority)) ?? ('none' satisfies Priority),
  }
}
