// The observation as Markdown of the size of a comment: result, table, findings, what to do. The rest is in the other formats.
import type { ApiRecord, Finding, Observation, ReportOptions } from '../observation.ts'
import { worstFirst } from './api-table.ts'
import { isAccepted } from './places.ts'
import { columnWord, countWords, entranceOf, entranceWords, errorSentence, head, moreWords, priorityWords, resultWords } from './words.ts'
import { codeSpan, markdownText } from './written-safely.ts'

type Language = 'ja' | 'en'

const mostApis = 20
const mostFindings = 20

export function renderMarkdown(observation: Observation, options: ReportOptions = {}): string {
  const language = options.language ?? 'en'
  const of = (name: Parameters<typeof head>[0]) => head(name, language)
  const { counts, record, stopped, warnings, missing } = observation
  const priority = record.action_priority
  const lines = [
    `### ${of('title')}: ${resultWords(observation, language)}`,
    '',
    `- ${of('posture')}: ${codeSpan(observation.bindingKeyPosture)}`,
    `- ${of('priority')}: ${priority === 'none' ? priorityWords.none[language] : `**${priority}** ${priorityWords[priority][language]}`}`,
    `- ${of('controls')}: ${countWords(counts, language)}`,
    ...(stopped === undefined ? [] : [`- ${of('stopped')}: ${codeSpan(stopped)}`]),
    '',
    ...apiTable(observation.apis, language),
    '',
    ...findingLines(observation.findings, language),
    ...warnings.map((warning) => `- ${of('warnings')}: ${markdownText(warning[language])}`),
    ...missing.slice(0, 5).map((gap) => `- ${of('incomplete')}: ${codeSpan(gap)}`),
  ]
  return `${lines.join('\n').trimEnd()}\n`
}

function apiTable(apis: readonly ApiRecord[], language: Language): string[] {
  const titles = ['api', 'privilege', 'stolen', 'dpop', 'tls', 'policy', 'errors'] as const
  const shown = worstFirst(apis)
    .slice(0, mostApis)
    .map((record) => {
      const { dpop, tlsCertificateRequest, policy } = record.columns
      const words = [record.privilege, dpop, tlsCertificateRequest, policy].map((word) => columnWord(word, language))
      const name = codeSpan(`${record.method} ${record.api} (${record.client})`)
      const { mark, word } = entranceWords[entranceOf(record)]
      return `| ${name} | ${words[0]} | ${mark} ${word[language]} | ${words[1]} | ${words[2]} | ${words[3]} | ${codeSpan(errorSentence(record, language).slice(0, 80))} |`
    })
  const more = apis.length > mostApis ? ['', moreWords(apis.length - mostApis, language)] : []
  return [`| ${titles.map((title) => head(title, language)).join(' | ')} |`, `|${' --- |'.repeat(titles.length)}`, ...shown, ...more]
}

function findingLines(findings: readonly Finding[], language: Language): string[] {
  if (findings.length === 0) return [head('noFindings', language), '']
  const shown = findings.slice(0, mostFindings).map((finding) => {
    const { id, kind, priority, owner, subject, title, control } = finding
    const line = `- **${priority}** ${codeSpan(subject.slice(0, 120))} ${title[language]} → ${head(`owner${owner}`, language)}: ${control[language]} (${id} ${codeSpan(kind)})`
    return isAccepted(finding) ? `${line} · ${acceptedWords(finding, language)}` : line
  })
  const more = findings.length > mostFindings ? [`- ${moreWords(findings.length - mostFindings, language)}`] : []
  return [`#### ${head('findings', language)}`, '', ...shown, ...more, '']
}

function acceptedWords({ acceptance }: Finding, language: Language): string {
  const { owner, reason, until } = acceptance!
  return `${head('accepted', language)}: ${markdownText(owner)} → ${until}, ${markdownText(reason)}`
}
