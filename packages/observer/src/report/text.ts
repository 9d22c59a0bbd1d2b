// The observation as text: one screen with the result, then the detail. ja or en; one mark and one word for each state.
import type { Language } from '@kimei/protocol'
import { fitDisplay } from 'look'
import type { Observation, ReportOptions } from '../observation.ts'
import { apiTable } from './api-table.ts'
import { lineWidth, plain, wrapped, wrappedRows } from './columns.ts'
import { detail } from './detail.ts'
import { findingLines } from './finding-lines.ts'
import { type Paint, painter } from './paint.ts'
import { readinessLines } from './readiness.ts'
import { told } from './told.ts'
import { unjudgedLines } from './unjudged.ts'
import { countWords, head, moreWords, overallMark, priorityWords, resultWords } from './words.ts'

const resultColours = { named: 'green', exposed: 'red', unknown: 'yellow' } as const

export function renderText(observation: Observation, options: ReportOptions = {}): string {
  const language = options.language ?? 'en'
  const paint = painter(options.colour)
  const width = lineWidth(options)
  const rest = options.detail === false ? [] : ['', ...detail(observation, { language, paint, width })]
  const ready = readinessLines(observation.issuers, { language, paint, width })
  return `${[...summary(observation, language, paint, width), ...ready, ...rest].join('\n')}\n`
}

function summary(observation: Observation, language: Language, paint: Paint, width: number): string[] {
  const { findings, warnings, missing, stopped, apis } = observation
  const of = (name: Parameters<typeof head>[0]) => head(name, language)
  const clients = [...new Set(apis.map(({ client }) => client))]
  const named = clients.slice(0, 3).join(', ') + (clients.length > 3 ? ` ${moreWords(clients.length - 3, language)}` : '')
  const asked = clients.length === 0 ? '' : `  ${paint('dim', fitDisplay(plain(`${of('askedAs')} ${named}`), width - 10))}`
  const said = (name: Parameters<typeof head>[0], text: string) => wrapped(`${of(name)}: ${text}`, width, '  ')
  return [
    paint('bold', of('title')),
    ...headLines(observation, language, paint, width),
    '',
    `${paint('bold', of('apis'))}${asked}`,
    ...apiTable(apis, { language, paint, width }),
    ...unjudgedLines(apis, language, width),
    '',
    ...findingLines(findings, { language, paint, width }),
    '',
    paint('bold', of('next')),
    ...observation.next.flatMap(({ step, text }) => wrapped(`${text[language]} (${step})`, width, '  ')),
    ...(warnings.length + missing.length > 0 || stopped !== undefined ? [''] : []),
    ...warnings.flatMap((warning) => said('warnings', warning[language])),
    ...(stopped === undefined ? [] : said('stopped', told(stopped, language))),
    ...(missing.length === 0 ? [] : said('incomplete', missing.join('; '))),
  ]
}

/** Every report begins by saying what came out, how urgent it is, and how much it is about. */
function headLines(observation: Observation, language: Language, paint: Paint, width: number): string[] {
  const { overall, record, bindingKeyPosture } = observation
  const colour = overallMark(observation).mark === '!' ? 'yellow' : resultColours[overall]
  const of = (name: Parameters<typeof head>[0]) => head(name, language)
  const priority = record.action_priority
  const urgent = priority === 'none' ? priorityWords.none[language] : `${priority}  ${priorityWords[priority][language]}`
  const lines = wrappedRows(
    [
      [of('result'), resultWords(observation, language)],
      [of('priority'), urgent],
      [of('controls'), countWords(observation.counts, language)],
      [of('posture'), bindingKeyPosture],
    ],
    width,
  )
  return [paint(colour, lines[0]!), ...lines.slice(1)]
}
