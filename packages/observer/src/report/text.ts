// The observation as text: one screen with the result, then the detail. ja or en; one mark and one word for each state.
import type { Language } from '@kimei/protocol'
import type { ApiRecord, Finding, IssuerRecord, Observation, ObservationPlan, ProbeResult, ReportOptions } from '../observation.ts'
import { columns, cut, plain } from './columns.ts'
import { columnWord, enforcementMark, head, overallWords, priorityWords, verdictWords } from './words.ts'

const screenApis = 12
const screenFindings = 8

type Paint = (colour: 'red' | 'green' | 'yellow' | 'bold' | 'dim', text: string) => string

const codes = { red: '31', green: '32', yellow: '33', bold: '1', dim: '2' } as const

function painter(colour: boolean | undefined): Paint {
  return (name, text) => (colour ? `\u001b[${codes[name]}m${text}\u001b[0m` : text)
}

const tint = { holds: 'green', violated: 'red', inconclusive: 'yellow', 'not-applicable': 'dim' } as const

export function renderText(observation: Observation, options: ReportOptions = {}): string {
  const language = options.language ?? 'en'
  const paint = painter(options.colour)
  const width = options.width ?? 100
  const rest = options.detail === false ? [] : ['', ...detail(observation, language, paint)]
  const lines = [...summary(observation, language, paint, width), ...rest]
  return `${lines.join('\n')}\n`
}

function summary(observation: Observation, language: Language, paint: Paint, width: number): string[] {
  const { overall, counts, record, findings, warnings, missing, stopped } = observation
  const result = overallWords[overall]
  const of = (name: Parameters<typeof head>[0]) => head(name, language)
  return [
    paint('bold', of('title')),
    ...columns([
      [of('posture'), observation.bindingKeyPosture],
      [of('result'), `${result.mark} ${result.word[language]}`],
      [of('priority'), `${record.action_priority}  ${priorityWords[record.action_priority][language]}`],
      [of('controls'), `declared ${counts.declared}  testable ${counts.testable}  tested ${counts.tested}  (${counts.requests} requests)`],
    ]),
    '',
    paint('bold', of('apis')),
    ...apiTable(observation.apis, language, width),
    '',
    ...findingLines(findings, language, paint, width),
    '',
    paint('bold', of('next')),
    ...columns(observation.next.map(({ step, text }) => [step, text[language]])),
    ...warnings.map((warning) => `${of('warnings')}: ${warning[language]}`),
    ...(stopped === undefined ? [] : [`${of('stopped')}: ${stopped}`]),
    ...(missing.length === 0 ? [] : [`${of('incomplete')}: ${missing.join('; ')}`]),
  ]
}

function apiTable(apis: readonly ApiRecord[], language: Language, width: number): string[] {
  const titles = ['', 'api', 'privilege', 'enforced', 'dpop', 'tls', 'policy', 'errors'] as const
  const rows = apis
    .slice(0, screenApis)
    .map((record) => [
      enforcementMark[record.rsEnforced]!,
      cut(`${record.method} ${record.api} (${record.client})`, 40),
      columnWord(record.privilege, language),
      columnWord(record.rsEnforced, language),
      columnWord(record.columns.dpop, language),
      columnWord(record.columns.tlsCertificateRequest, language),
      columnWord(record.columns.policy, language),
      cut(record.columns.errorBehaviour, Math.max(20, width - 80)),
    ])
  const more = apis.length > screenApis ? [`  … ${apis.length - screenApis} ${head('more', language)}`] : []
  return [...columns([titles.map((title) => (title === '' ? '' : head(title, language))), ...rows]), ...more]
}

function findingLines(findings: readonly Finding[], language: Language, paint: Paint, width: number): string[] {
  if (findings.length === 0) return [paint('green', head('noFindings', language))]
  const rows = findings
    .slice(0, screenFindings)
    .map(({ priority, owner, title, subject }) => [priority, owner, cut(title[language], 60), cut(subject, Math.max(24, width - 72))])
  const more = findings.length > screenFindings ? [`  … ${findings.length - screenFindings} ${head('more', language)}`] : []
  return [paint('bold', head('findings', language)), ...columns(rows), ...more]
}

function detail(observation: Observation, language: Language, paint: Paint): string[] {
  const { findings, issuers, apis, guidelines } = observation
  const of = (name: Parameters<typeof head>[0]) => head(name, language)
  return [
    paint('bold', of('detail')),
    ...findings.flatMap((finding) => findingDetail(finding, language)),
    ...issuers.flatMap((record) => ['', issuerHead(record), ...probeLines(record.probes, language, paint)]),
    ...apis.flatMap((record) => ['', apiHead(record), ...probeLines(record.probes, language, paint)]),
    '',
    ...columns([
      [of('threat'), observation.threat[language]],
      [of('notClaimed'), observation.notClaimed[language]],
    ]),
    '',
    paint('bold', of('guidelines')),
    ...columns([
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
    ...columns([
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

function probeLines(probes: readonly ProbeResult[], language: Language, paint: Paint): string[] {
  const rows = probes.map(({ verdict, probe, says, answered, reason }) => {
    const { mark, word } = verdictWords[verdict]
    return [`${mark} ${word[language]}`, probe, says[language], reason ?? answered]
  })
  return columns(rows).map((line, i) => paint(tint[probes[i]!.verdict], line))
}

export function renderPlan(plan: ObservationPlan, options: ReportOptions = {}): string {
  const language = options.language ?? 'en'
  const of = (name: Parameters<typeof head>[0]) => head(name, language)
  const lines = [
    of('plan'),
    ...columns([
      [of('hosts'), plan.hosts.join(' ')],
      [of('requests'), String(plan.requests)],
      [of('seconds'), String(plan.seconds)],
    ]),
    '',
    ...columns(plan.steps.map(({ target, client, probe, says, requests }) => [target, client, probe, `≤ ${requests}`, says[language]])),
  ]
  return `${lines.map(plain).join('\n')}\n`
}
