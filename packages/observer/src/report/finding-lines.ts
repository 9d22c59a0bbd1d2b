// The findings on the first screen of a terminal: what is wrong and where, who repairs it and how. The same at many places is one.
import type { Language } from '@kimei/protocol'
import { displayWidth } from 'look'
import type { Finding } from '../observation.ts'
import { plain, wrapped } from './columns.ts'
import type { Paint } from './paint.ts'
import { isAccepted } from './places.ts'
import { head, moreWords } from './words.ts'

const screenFindings = 6
const shownSubjects = 3

export interface TextLook {
  readonly language: Language
  readonly paint: Paint
  readonly width: number
}

export function findingLines(findings: readonly Finding[], { language, paint, width }: TextLook): string[] {
  if (findings.length === 0) return [paint('green', head('noFindings', language))]
  const alike = [...Map.groupBy(findings, (one) => [one.priority, one.title.en, one.control.en, isAccepted(one)].join()).values()]
  const shown = alike.slice(0, screenFindings)
  const tags = shown.map(([first]) => `${first!.id}  ${isAccepted(first!) ? `(${first!.priority})` : first!.priority}`)
  const indent = ' '.repeat(Math.max(...tags.map(displayWidth)) + 4)
  const rest = alike.slice(screenFindings).flat().length
  return [
    paint('bold', head('findings', language)),
    ...shown.flatMap((group, index) => groupLines(group, { tag: tags[index]!, indent, language, paint, width })),
    ...(rest === 0 ? [] : [`  ${moreWords(rest, language)}`]),
    ...(findings.some(isAccepted) ? [`  (P) ${head('accepted', language)}`] : []),
  ]
}

interface GroupLook extends TextLook {
  readonly tag: string
  readonly indent: string
}

function groupLines(group: readonly Finding[], { tag, indent, language, paint, width }: GroupLook): string[] {
  const { title, owner, control, priority } = group[0]!
  const [first = '', ...others] = wrapped(title[language], width, indent)
  const colour = priority === 'P2' || isAccepted(group[0]!) ? 'yellow' : 'red'
  const names = group.slice(0, shownSubjects).map(({ subject }) => subject)
  const more = group.length > names.length ? ` ${moreWords(group.length - names.length, language)}` : ''
  return [
    `  ${paint(colour, tag.padEnd(indent.length - 4))}  ${first.trimStart()}`,
    ...others,
    ...wrapped(`${plain(names.join(', '))}${more}`, width, indent),
    ...wrapped(`→ ${head(`owner${owner}`, language)}: ${control[language]}`, width, indent),
  ]
}
