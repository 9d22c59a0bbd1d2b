// The report after its first screen: findings with their controls, every probe with its answer, guidelines.
import type { Language } from '@kimei/protocol'
import { mark } from 'look'
import type { ApiRecord, Finding, IssuerRecord, Observation, ProbeResult } from '../observation.ts'
import { plain, rows } from './columns.ts'
import type { Paint } from './paint.ts'
import { head } from './words.ts'

const tint = { holds: 'green', violated: 'red', inconclusive: 'yellow', 'not-applicable': 'dim' } as const

/** Everything after the first screen. */
export function detail(observation: Observation, language: Language, paint: Paint): string[] {
  const { findings, issuers, apis, guidelines } = observation
  const of = (name: Parameters<typeof head>[0]) => head(name, language)
  return [
    paint('bold', of('detail')),
    ...findings.flatMap((finding) => findingDetail(finding, language)),
    ...issuers.flatMap((record) => ['', issuerHead(record), ...probeLines(record.probes, language, paint)]),
    ...apis.flatMap((record) => ['', apiHead(record), ...probeLines(record.probes, language, paint)]),
    '',
    ...rows([
      [of('threat'), observation.threat[language]],
      [of('notClaimed'), observation.notClaimed[language]],
    ]),
    '',
    paint('bold', of('guidelines')),
    ...rows([
      ['ASVS', guidelines.asvs.map(({ id }) => id).join(' ')],
      ['WSTG', guidelines.wstg.map(({ id }) => id.replace('WSTG-', '')).join(' ')],
      ['PTES', `${guidelines.ptes.phases.join(', ')} — ${guidelines.ptes.linkage[language]}`],
      ['ATT&CK', guidelines.attack.map(({ id, version, tactics }) => `${id} (${version}: ${tactics.join(', ')})`).join('; ')],
    ]),
  ]
}

function findingDetail(finding: Finding, language: Language): string[] {
  const { id, priority, owner, tier, title, control, subject, probes, rules, asvs, next } = finding
  return [
    '',
    plain(`${id} ${priority} ${owner} [${tier}] ${title[language]}`),
    ...rows([
      [head('api', language), subject],
      [head('control', language), control[language]],
      [head('rules', language), [...probes, ...rules].join(' ')],
      ['ASVS', asvs.join(' ')],
      [head('next', language), next.join(' ')],
    ]),
  ]
}

function issuerHead({ tokenEndpoint, client, mode, asRequired, asEnforced, token }: IssuerRecord): string {
  return plain(`${tokenEndpoint} (${client})  mode ${mode}  required ${asRequired}  enforced ${asEnforced}  token ${token}`)
}

function apiHead(record: ApiRecord): string {
  const { method, url, client, mode, strength, replay, baseline, baselineReason } = record
  const why = baselineReason === undefined ? '' : `: ${baselineReason}`
  return plain(`${method} ${url} (${client})  mode ${mode}  strength ${strength}  ${replay}  baseline ${baseline}${why}`)
}

/** What has no subject here is one line, not one for each probe. */
function probeLines(probes: readonly ProbeResult[], language: Language, paint: Paint): string[] {
  const judged = probes.filter(({ verdict }) => verdict !== 'not-applicable')
  const others = probes.filter(({ verdict }) => verdict === 'not-applicable').map(({ probe }) => probe)
  const cells = judged.map(({ verdict, probe, says, answered, reason }) => [
    mark(verdict, { color: false, language }),
    probe,
    says[language],
    reason ?? answered,
  ])
  const lines = rows(cells).map((line, i) => paint(tint[judged[i]!.verdict], line))
  const none = mark('not-applicable', { color: false, language })
  return others.length === 0 ? lines : [...lines, paint('dim', `  ${none}: ${others.join(' ')}`)]
}
