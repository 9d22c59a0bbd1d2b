// The report after its first screen: findings with their controls, every probe with its answer, guidelines.
import type { Language } from '@kimei/protocol'
import { mark } from 'look'
import { passiveHead, passiveLines } from '../evidence/words.ts'
import type { ApiRecord, Finding, IssuerRecord, Observation, ProbeResult } from '../observation.ts'
import { plain, rows } from './columns.ts'
import type { Paint } from './paint.ts'
import { tlsTitle, tlsVersionWords } from './tls-words.ts'
import { head, tierWords } from './words.ts'

const tint = { holds: 'green', violated: 'red', inconclusive: 'yellow', 'not-applicable': 'dim' } as const

/** Everything after the first screen. */
export function detail(observation: Observation, language: Language, paint: Paint): string[] {
  const { findings, issuers, apis, guidelines } = observation
  const of = (name: Parameters<typeof head>[0]) => head(name, language)
  return [
    paint('bold', of('detail')),
    ...findings.flatMap((finding) => findingDetail(finding, language)),
    ...contradictionLines(observation, language, paint),
    ...statementLines(observation, language, paint),
    ...passiveDetail(observation, language, paint),
    ...issuers.flatMap((record) => [
      '',
      issuerHead(record),
      ...tlsLines(record, language, paint),
      ...probeLines(record.probes, language, paint),
    ]),
    ...apis.flatMap((record) => ['', apiHead(record), ...tlsLines(record, language, paint), ...probeLines(record.probes, language, paint)]),
    '',
    ...rows([[of('threat'), observation.threat[language]]]),
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
  const { id, kind, priority, owner, tier, title, control, subject, probes, rules, asvs, wstg, attack, next, acceptance } = finding
  const exception = acceptance && `${acceptance.owner}, ${head('acceptedUntil', language)} ${acceptance.until}: ${acceptance.reason}`
  return [
    '',
    plain(`${id} ${priority} ${owner} [${tier}] ${title[language]}`),
    ...rows([
      [head('api', language), subject],
      [head('kind', language), kind],
      [head('control', language), control[language]],
      [head('rules', language), [...probes, ...rules].join(' ')],
      ['ASVS', asvs.join(' ')],
      ['WSTG', wstg.join(' ')],
      ['ATT&CK', attack.join(' ')],
      ...(exception === undefined ? [] : [[head('accepted', language), exception]]),
      [head('next', language), next.join(' ')],
    ]),
  ]
}

/** Declared against observed: nothing where they agree. */
function contradictionLines({ contradictions }: Observation, language: Language, paint: Paint): string[] {
  if (contradictions.length === 0) return []
  const cells = contradictions.map(({ at, client, declared, observed, text }) => [`${at} (${client})`, declared, observed, text[language]])
  return ['', paint('bold', head('contradictions', language)), ...rows(cells)]
}

/** The three tiers: what was seen, what follows from it, what is not said. */
function statementLines({ statements, notClaimed }: Observation, language: Language, paint: Paint): string[] {
  const said = statements.map(({ tier, text }) => [tierWords[tier][language], text[language]])
  return ['', paint('bold', head('statements', language)), ...rows([...said, [tierWords['not-claimable'][language], notClaimed[language]]])]
}

function passiveDetail({ passive = [] }: Observation, language: Language, paint: Paint): string[] {
  if (passive.length === 0) return []
  return ['', paint('bold', passiveHead[language]), ...passiveLines(passive, language, { most: 20, width: 160 })]
}

function issuerHead({ tokenEndpoint, client, mode, asRequired, asEnforced, token }: IssuerRecord): string {
  return plain(`${tokenEndpoint} (${client})  mode ${mode}  required ${asRequired}  enforced ${asEnforced}  token ${token}`)
}

function apiHead(record: ApiRecord): string {
  const { method, url, client, mode, strength, replay, baseline, baselineReason } = record
  const why = baselineReason === undefined ? '' : `: ${baselineReason}`
  return plain(`${method} ${url} (${client})  mode ${mode}  strength ${strength}  ${replay}  baseline ${baseline}${why}`)
}

/** What the handshakes of the place showed. */
function tlsLines({ tls }: IssuerRecord | ApiRecord, language: Language, paint: Paint): string[] {
  if (tls === undefined) return []
  const versions = tlsVersionWords(tls, language).flatMap(({ title, details }) => [`  ${title}`, ...details.map((one) => `    ${one}`)])
  return [tlsTitle(tls, language), ...versions].map((line) => paint('dim', plain(`  ${line}`)))
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
