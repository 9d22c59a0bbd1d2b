// Scenarios, attacks and grades as text for a terminal. What is said stands in `words.ts`; where it goes is the command's business.
import { columns, displayWidth, fitDisplay, type Language, padDisplay, stampOf } from 'look'
import type { PlayedStep } from '../attack/play-attack.ts'
import { type Figures, figuresOf } from '../grade/figures.ts'
import type { Grade } from '../grade/grade-scenario.ts'
import type { Scenario } from '../scenarios/scenario.ts'
import { word } from './words.ts'

export interface Look {
  readonly language: Language
  readonly width: number
  paint(colour: 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan', text: string): string
}

const kinds = ['setup', 'compound', 'rule'] as const

/** By kind; the many of single rules only where they are asked for. */
export function renderList(scenarios: readonly Scenario[], all: boolean, look: Look): string {
  const { language, paint } = look
  const shown = all ? scenarios : scenarios.filter(({ kind }) => kind !== 'rule')
  const idWidth = Math.max(...shown.map(({ id }) => id.length))
  const margin = idWidth + 16
  // Where names are long and the terminal is narrow, a title stands below its name.
  const beside = look.width - margin >= 24
  const indent = ' '.repeat(beside ? margin : 6)
  const row = ({ id, truth, owner, title }: Scenario) => {
    const priority = truth.priority === 'none' ? '– ' : paint(truth.priority === 'P0' ? 'red' : 'yellow', truth.priority)
    const head = `  ${paint('cyan', id.padEnd(idWidth))}  ${priority}  ${padDisplay(word(language, `owner.${owner}`), 6)}`
    const lines = fold(title[language], look.width - indent.length)
      .split('\n')
      .map((line) => line.trim())
    return beside ? `${head}  ${lines.join(`\n${indent}`)}` : `${head.trimEnd()}\n${indent}${lines.join(`\n${indent}`)}`
  }
  const groups = kinds.flatMap((kind) => {
    const own = shown.filter((scenario) => scenario.kind === kind)
    return own.length === 0 ? [] : [`${paint('bold', word(language, `kind.${kind}`))}\n${own.map(row).join('\n')}`]
  })
  const more = all ? [] : [paint('dim', word(language, 'list.rules', { count: scenarios.length - shown.length }))]
  const legend = paint('dim', word(language, 'list.legend'))
  return [...groups, ...more, legend].join('\n\n')
}

/** Title and story, before the attack. */
export function renderStory({ title, story, truth, world }: Scenario, { language, width, paint }: Look): string {
  const missing = world.without.length > 0 ? `\n${paint('dim', world.without.join(' '))}` : ''
  const priority = truth.priority === 'none' ? '' : `  ${paint(truth.priority === 'P0' ? 'red' : 'yellow', truth.priority)}`
  return `${paint('bold', title[language])}${priority}\n${fold(story[language], width)}${missing}\n`
}

export function renderMend({ mend }: Scenario, { language, width, paint }: Look): string {
  return `${paint('bold', word(language, 'attack.mend'))}\n${fold(mend[language], width)}`
}

/** One step: who did what, what went over the wire, what was remembered. */
export function renderStep(played: PlayedStep, number: number, look: Look): string {
  const { language, paint, width } = look
  const { step, says, passed, asTold, exchanges, audit, ticket } = played
  const mark = word(language, `attack.${'probe' in step ? 'probe' : step.who}-${passed ? 'passed' : 'refused'}`)
  const colour = step.who === 'holder' ? (passed ? 'green' : 'yellow') : passed ? 'red' : 'green'
  const lines = [
    `${paint('bold', `${number}  ${says[language]}`)}   ${paint(colour, mark)}${asTold ? '' : ` ${word(language, 'attack.not-as-told')}`}`,
  ]
  for (const { label, request, answer } of exchanges) {
    if (label !== undefined) lines.push(paint('dim', `   · ${label}`))
    lines.push(...request.map((line) => paint('cyan', fit(`   > ${line}`, width))))
    lines.push(...answer.map((line) => paint(answer[0]?.startsWith('2') ? 'green' : 'yellow', fit(`   < ${line}`, width))))
    lines.push('')
  }
  if (exchanges.length === 0) lines.push(paint('dim', `   ${word(language, 'attack.none')}`), '')
  if ('move' in step && step.move === 'get-ticket' && ticket) lines.push(`   ${ticketText(ticket)}`, '')
  const events = audit.map(({ event, mode, rule }) => [event, mode, rule].filter(Boolean).join(' '))
  if (events.length > 0) lines.splice(-1, 1, paint('dim', fit(`   ${word(language, 'attack.events')}: ${events.join(', ')}`, width)), '')
  return lines.join('\n')
}

function ticketText(ticket: NonNullable<PlayedStep['ticket']>): string {
  if (ticket.kind === 'bearer') return '[ bearer  - - - - - ]'
  return ticket.kind === 'named' && ticket.thumbprint !== undefined ? `[ named   ${stampOf(ticket.thumbprint)} ]` : '[ unknown ///////// ]'
}

const fit = (line: string, width: number) => fitDisplay(line.trimEnd(), width)

/** Breaks where a line is full: at spaces, and in Japanese anywhere but before closing punctuation. */
function fold(text: string, width: number): string {
  const most = Math.min(width, 88)
  const lines: string[] = ['']
  for (const piece of text.match(/[\x21-\x7e]+ ?|[^\s][、。）」]?|\s/gu) ?? []) {
    const last = lines.at(-1)!
    if (displayWidth(last + piece.trimEnd()) > most) lines.push(piece.trimStart())
    else lines[lines.length - 1] = last + piece
  }
  return lines.map((line) => line.trimEnd()).join('\n')
}

export function renderGrades(grades: readonly Grade[], look: Look): string {
  const { language, paint } = look
  const head = (['grade.scenario', 'grade.verdict', 'list.priority', 'grade.requests'] as const).map((key) =>
    paint('dim', word(language, key)),
  )
  const rows = grades.map(({ scenario, right, priority, requests }) => [
    scenario.id,
    right ? paint('green', word(language, 'grade.right')) : paint('red', word(language, 'grade.wrong')),
    priority.found,
    String(requests),
  ])
  const wrong = grades.filter(({ right }) => !right).flatMap((grade) => ['', ...mistakes(grade, look)])
  return [columns([head, ...rows]), ...wrong, '', figuresLine(figuresOf(grades), look)].join('\n')
}

/** What is wrong about one. */
function mistakes({ scenario, key, priority, holes, falseAlarms }: Grade, { language, paint }: Look): string[] {
  const missed = holes.filter(({ found }) => !found).map(({ hole }) => `${hole.at} ${'probe' in hole ? hole.probe : hole.rule}`)
  const rows: string[][] = []
  if (key.wrong.length > 0) rows.push([word(language, 'grade.expected'), key.expected], [word(language, 'grade.found'), key.found])
  if (priority.expected !== priority.found) rows.push([word(language, 'list.priority'), `${priority.expected} → ${priority.found}`])
  if (missed.length > 0) rows.push([word(language, 'grade.missed'), missed.join(', ')])
  if (falseAlarms.length > 0)
    rows.push([word(language, 'grade.false-alarm'), falseAlarms.map(({ at, probe }) => `${at} ${probe}`).join(', ')])
  return [paint('bold', scenario.id), columns(rows, 4)]
}

function figuresLine(figures: Figures, { language, paint, width }: Look): string {
  const line = word(language, 'grade.figures', { ...figures, precision: figures.precision.toFixed(3), recall: figures.recall.toFixed(3) })
  return paint('bold', fold(line, width))
}
