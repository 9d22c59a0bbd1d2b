// The observation as text: one screen with the result, then the detail. ja or en; one mark and one word for each state.
import type { Language } from '@kimei/protocol'
import { fitDisplay } from 'look'
import type { ApiRecord, Finding, Observation, ObservationPlan, ReportOptions } from '../observation.ts'
import { plain, rows } from './columns.ts'
import { detail } from './detail.ts'
import { type Paint, painter } from './paint.ts'
import { columnWord, enforcementMark, head, overallWords, priorityWords } from './words.ts'

const screenApis = 12
const screenFindings = 8

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
    ...rows([
      [of('posture'), observation.bindingKeyPosture],
      [of('result'), `${result.mark} ${result.word[language]}`],
      [
        of('priority'),
        record.action_priority === 'none'
          ? priorityWords.none[language]
          : `${record.action_priority}  ${priorityWords[record.action_priority][language]}`,
      ],
      [of('controls'), countLine(counts, language)],
    ]),
    '',
    paint('bold', of('apis')),
    ...apiTable(observation.apis, language, width),
    '',
    ...findingLines(findings, language, paint, width),
    '',
    paint('bold', of('next')),
    ...rows(observation.next.map(({ step, text }) => [step, text[language]])),
    ...warnings.map((warning) => `${of('warnings')}: ${warning[language]}`),
    ...(stopped === undefined ? [] : [`${of('stopped')}: ${stopped}`]),
    ...(missing.length === 0 ? [] : [`${of('incomplete')}: ${missing.join('; ')}`]),
  ]
}

/** Every report begins by saying how much it is about. */
function countLine({ declared, testable, tested, requests }: Observation['counts'], language: Language): string {
  return language === 'ja'
    ? `一覧 ${declared}  試せる ${testable}  試した ${tested}  (要求 ${requests})`
    : `declared ${declared}  testable ${testable}  tested ${tested}  (${requests} requests)`
}

function apiTable(apis: readonly ApiRecord[], language: Language, width: number): string[] {
  const titles = ['', 'api', 'privilege', 'enforced', 'dpop', 'tls', 'policy', 'errors'] as const
  const cells = apis
    .slice(0, screenApis)
    .map((record) => [
      enforcementMark[record.rsEnforced]!,
      fitDisplay(`${record.method} ${record.api} (${record.client})`, 40),
      columnWord(record.privilege, language),
      columnWord(record.rsEnforced, language),
      columnWord(record.columns.dpop, language),
      columnWord(record.columns.tlsCertificateRequest, language),
      columnWord(record.columns.policy, language),
      fitDisplay(record.columns.errorBehaviour, Math.max(20, width - 80)),
    ])
  const more = apis.length > screenApis ? [`  … ${apis.length - screenApis} ${head('more', language)}`] : []
  return [...rows([titles.map((title) => (title === '' ? '' : head(title, language))), ...cells]), ...more]
}

function findingLines(findings: readonly Finding[], language: Language, paint: Paint, width: number): string[] {
  if (findings.length === 0) return [paint('green', head('noFindings', language))]
  const cells = findings
    .slice(0, screenFindings)
    .map(({ priority, owner, title, subject }) => [
      priority,
      owner,
      fitDisplay(title[language], 60),
      fitDisplay(subject, Math.max(24, width - 72)),
    ])
  const more = findings.length > screenFindings ? [`  … ${findings.length - screenFindings} ${head('more', language)}`] : []
  return [paint('bold', head('findings', language)), ...rows(cells), ...more]
}

export function renderPlan(plan: ObservationPlan, options: ReportOptions = {}): string {
  const language = options.language ?? 'en'
  const of = (name: Parameters<typeof head>[0]) => head(name, language)
  const lines = [
    of('plan'),
    ...rows([
      [of('hosts'), plan.hosts.join(' ')],
      [of('requests'), String(plan.requests)],
      [of('seconds'), String(plan.seconds)],
    ]),
    '',
    ...rows(plan.steps.map(({ target, client, probe, says, requests }) => [target, client, probe, `≤ ${requests}`, says[language]])),
  ]
  return `${lines.map(plain).join('\n')}\n`
}
