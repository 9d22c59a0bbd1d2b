// What a complete report must have (SEED-TB-01..11, 46, 47): every gap by name. An incomplete report says so; it is never a pass.
import { asvsPoints, attackTechniques, guidelineMistakes, wstgTitles } from '../judgement/guidelines.ts'
import { inventoryEvidence } from '../judgement/overall.ts'
import { contradictionIn } from '../judgement/posture.ts'
import type { Observation } from '../observation.ts'

export function observationMistakes(observation: Omit<Observation, 'complete' | 'missing'>): string[] {
  return [
    ...guidelineMistakes(observation.guidelines),
    ...recordMistakes(observation),
    ...evidenceMistakes(observation),
    ...observation.findings.flatMap(findingMistakes),
    ...(observation.next.length === 0 ? ['next: no design step is named'] : []),
    ...claimMistakes(observation),
  ]
}

function recordMistakes({ record, posture }: Omit<Observation, 'complete' | 'missing'>): string[] {
  const contradiction = contradictionIn(posture)
  return [
    ...(record.token_endpoint.length === 0 ? ['record.token_endpoint is missing'] : []),
    ...(record.api_endpoints.length === 0 ? ['record.api_endpoints is missing'] : []),
    ...(record.evidence.length === 0 ? ['record.evidence is empty'] : []),
    ...(contradiction ? [`posture.${contradiction.field}: ${contradiction.mistake}`] : []),
  ]
}

function evidenceMistakes({ posture, postureEvidence, apis, issuers, evidence }: Omit<Observation, 'complete' | 'missing'>): string[] {
  const known = new Set([inventoryEvidence, ...evidence.map(({ id }) => id)])
  const bare = Object.entries(posture).filter(
    ([field, value]) => value !== 'unknown' && postureEvidence[field as keyof typeof posture].length === 0,
  )
  const dangling = Object.entries(postureEvidence).flatMap(([field, ids]) =>
    ids.filter((id) => !known.has(id)).map((id) => `posture.${field}: no evidence ${id}`),
  )
  const sourceless = [...apis, ...issuers].flatMap((record) =>
    record.probes.filter(
      ({ sources, verdict, evidence: own }) =>
        sources.length === 0 || (verdict !== 'inconclusive' && verdict !== 'not-applicable' && own.length === 0),
    ),
  )
  return [
    ...bare.map(([field]) => `posture.${field} cites no evidence`),
    ...dangling,
    ...sourceless.map(({ probe }) => `probe ${probe} has a verdict without source or evidence`),
    // SEED-TB-43: a replay verdict rests on a replay that was tried.
    ...(posture.replay_protection === 'jti_yes' && !apis.some(({ replay }) => replay === 'jti_yes')
      ? ['posture.replay_protection: no replay was tried']
      : []),
    // SEED-TB-15: use is never derived from issuance.
    ...(posture.rs_enforced !== 'unknown' && !apis.some(({ probes, baseline }) => probes.length > 0 || baseline === 'public')
      ? ['posture.rs_enforced: no API was probed']
      : []),
  ]
}

function findingMistakes({ id, owner, control, asvs, wstg, attack, next, tier, evidence }: Observation['findings'][number]): string[] {
  const outside = (ids: readonly string[], allowed: Readonly<Record<string, unknown>>) =>
    ids.filter((entry) => !Object.hasOwn(allowed, entry))
  return [
    ...(['AS', 'RS', 'Client'].includes(owner) ? [] : [`${id}: no owner`]),
    ...(control.ja && control.en ? [] : [`${id}: no control`]),
    ...(asvs.length === 0 ? [`${id}: no ASVS id`] : []),
    ...[...outside(asvs, asvsPoints), ...outside(wstg, wstgTitles), ...outside(attack, attackTechniques)].map(
      (entry) => `${id}: ${entry} is not a known id`,
    ),
    ...(next.length === 0 ? [`${id}: no next step`] : []),
    ...(tier === 'confirmed' && evidence.length === 0 ? [`${id}: confirmed without evidence`] : []),
  ]
}

/** Words that would claim how a ticket was stolen (SEED-TB-17, 50). */
const theftPaths =
  /\bXSS\b|cross-site scripting|\b(?:was|were|has been|is being) stolen\b|log leak|device compromise|盗まれました|端末が侵害|ログから漏れました/i

export function claimsTheftPath(text: string): boolean {
  return theftPaths.test(text)
}

function claimMistakes({ statements, findings }: Omit<Observation, 'complete' | 'missing'>): string[] {
  const texts = [...statements.map(({ text }) => text), ...findings.flatMap(({ title, control }) => [title, control])]
  return [
    ...texts.filter(({ ja, en }) => claimsTheftPath(ja) || claimsTheftPath(en)).map(({ en }) => `claims a theft path: ${en}`),
    ...statements
      .filter(({ tier, grounds }) => tier !== 'not-claimable' && grounds.length === 0)
      .map(({ text }) => `no grounds: ${text.en}`),
  ]
}
