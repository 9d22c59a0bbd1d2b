// The observation as text: one screen with the result, then the detail. ja or en; one mark and one word for each state.
import type { Language } from '@kimei/protocol'
import { fitDisplay } from 'look'
import type { ApiRecord, Finding, Observation, ReportOptions } from '../observation.ts'
import type { ObservationPlan } from '../plan.ts'
import { plain, rows } from './columns.ts'
import { detail } from './detail.ts'
import { type Paint, painter } from './paint.ts'
import { readinessLines } from './readiness.ts'
import { columnWord, enforcementMark, head, overallWords, priorityWords } from './words.ts'

const screenApis = 12
const screenFindings = 8

export function renderText(observation: Observation, options: ReportOptions = {}): string {
  const language = options.language ?? 'en'
  const paint = painter(options.colour)
  const width = options.width ?? 100
  const rest = options.detail === false ? [] : ['', ...detail(observation, language, paint)]
  const lines = [...summary(observation, language, paint, width), ...readinessLines(observation.issuers, language, paint), ...rest]
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
    ...warnings.map((warning) => plain(`${of('warnings')}: ${warning[language]}`)),
    ...(stopped === undefined ? [] : [plain(`${of('stopped')}: ${stopped}`)]),
    ...(missing.length === 0 ? [] : [plain(`${of('incomplete')}: ${missing.join('; ')}`)]),
  ]
}

/** Every report begins by saying how much it is about. */
function countLine({ declared, testable, tested, requests }: Observation['counts'], language: Language): string {
  return language === 'ja'
    ? `一覧 ${declared}  試せる ${testable}  試した ${tested}  (要求 ${requests})`
    : `declared ${declared}  testable ${testable}  tested ${tested}  (${requests} requests)`
}

/** Below this many columns the seed's four columns stand on a line of their own under each API. */
const wideTable = 100

function apiTable(apis: readonly ApiRecord[], language: Language, width: number): string[] {
  const shown = apis.slice(0, screenApis)
  const more = apis.length > screenApis ? [`  … ${apis.length - screenApis} ${head('more', language)}`] : []
  return [...(width < wideTable ? narrowTable(shown, language, width) : wideApiTable(shown, language, width)), ...more]
}

function wideApiTable(apis: readonly ApiRecord[], language: Language, width: number): string[] {
  const titles = ['api', 'privilege', 'enforced', 'dpop', 'tls', 'policy', 'errors'] as const
  const cells = apis.map((record) => [...placeCells(record, language), ...columnCells(record, language, Math.max(20, width - 80))])
  return rows([['', ...titles.map((title) => head(title, language))], ...cells])
}

function narrowTable(apis: readonly ApiRecord[], language: Language, width: number): string[] {
  const titles = ['api', 'privilege', 'enforced'] as const
  const lines = rows([['', ...titles.map((title) => head(title, language))], ...apis.map((record) => placeCells(record, language))])
  const under = apis.map((record) => {
    const [dpop, tls, policy, errors] = columnCells(record, language, 40)
    const words = [`${head('dpop', language)}: ${dpop}`, tls, `${head('policy', language)}: ${policy}`, errors]
    return plain(fitDisplay(`     ${words.join(' · ')}`, width))
  })
  return lines.flatMap((line, index) => (index === 0 ? [line] : [line, under[index - 1]!]))
}

function placeCells(record: ApiRecord, language: Language): string[] {
  return [
    enforcementMark[record.rsEnforced]!,
    fitDisplay(`${record.method} ${record.api} (${record.client})`, 40),
    columnWord(record.privilege, language),
    columnWord(record.rsEnforced, language),
  ]
}

function columnCells({ columns }: ApiRecord, language: Language, errorWidth: number): string[] {
  const { dpop, tlsCertificateRequest, policy, errorBehaviour } = columns
  return [
    columnWord(dpop, language),
    columnWord(tlsCertificateRequest, language),
    columnWord(policy, language),
    fitDisplay(errorBehaviour, errorWidth),
  ]
}

function findingLines(findings: readonly Finding[], language: Language, paint: Paint, width: number): string[] {
  if (findings.length === 0) return [paint('green', head('noFindings', language))]
  const titleWidth = Math.max(32, Math.min(60, width - 42))
  const cells = findings
    .slice(0, screenFindings)
    .map(({ priority, owner, title, subject, acceptance }) => [
      acceptance && !acceptance.ended ? `(${priority})` : priority,
      owner,
      fitDisplay(title[language], titleWidth),
      fitDisplay(subject, Math.max(24, width - titleWidth - 16)),
    ])
  const more = findings.length > screenFindings ? [`  … ${findings.length - screenFindings} ${head('more', language)}`] : []
  const accepted = findings.some(({ acceptance }) => acceptance && !acceptance.ended) ? [`  (P) ${head('accepted', language)}`] : []
  return [paint('bold', head('findings', language)), ...rows(cells), ...more, ...accepted]
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
