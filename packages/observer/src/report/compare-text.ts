// The difference of two observations as text: the answer first, then what makes it.
import type { Language, Text } from '@kimei/protocol'
import type { Finding, ReportOptions } from '../observation.ts'
import { plain, rows } from './columns.ts'
import type { Difference, Turn } from './compare.ts'
import { type Paint, painter } from './paint.ts'

const words = {
  worse: { ja: '悪くなった', en: 'it became worse' },
  lost: { ja: '悪くはなっていないが、見えなくなったものがある', en: 'no worse, but some of it could not be seen again' },
  same: { ja: '悪くなっていない', en: 'no worse' },
  before: { ja: '前', en: 'before' },
  after: { ja: '後', en: 'after' },
  posture: { ja: '姿勢', en: 'Posture' },
  new: { ja: '新しく見つかったこと', en: 'New findings' },
  changed: { ja: '変わったこと', en: 'Changed findings' },
  gone: { ja: 'なくなったこと', en: 'Gone' },
  unseen: { ja: '見直せなかったこと', en: 'Not seen again, so not known to be gone' },
  controls: { ja: '守られていたのに、いまは違うもの', en: 'Controls that held before' },
  more: { ja: 'ほか', en: 'more' },
} as const satisfies Record<string, Text>

const turnMarks: Readonly<Record<Turn, readonly [mark: string, word: Text]>> = {
  worse: ['✗', { ja: '悪化', en: 'worse' }],
  better: ['✓', { ja: '改善', en: 'better' }],
  lost: ['?', { ja: '不明に', en: 'not known any more' }],
  other: ['~', { ja: '変化', en: 'changed' }],
}

const mostLines = 20

export function renderDifference(difference: Difference, options: ReportOptions = {}): string {
  const language = options.language ?? 'en'
  const paint = painter(options.colour)
  const { before, after, fields, findings, controls, worse, lost } = difference
  const answer = worse
    ? paint('red', `✗ ${words.worse[language]}`)
    : lost
      ? paint('yellow', `? ${words.lost[language]}`)
      : paint('green', `✓ ${words.same[language]}`)
  const changed = findings.changed.map(({ after: finding, what, turn }) => [
    ...turned(turn, language),
    ...cells(finding, language),
    what.join(', '),
  ])
  const lines = [
    answer,
    ...rows([
      [words.before[language], time(before.startedAt), before.bindingKeyPosture],
      [words.after[language], time(after.startedAt), after.bindingKeyPosture],
    ]),
    ...chapter(
      words.posture[language],
      fields.map(({ field, before: old, after: now, turn }) => [...turned(turn, language), field, `${old} → ${now}`]),
      paint,
      language,
    ),
    ...chapter(
      words.new[language],
      findings.new.map((finding) => cells(finding, language)),
      paint,
      language,
    ),
    ...chapter(words.changed[language], changed, paint, language),
    ...chapter(
      words.gone[language],
      findings.gone.map((finding) => cells(finding, language)),
      paint,
      language,
    ),
    ...chapter(
      words.unseen[language],
      findings.unseen.map((finding) => cells(finding, language)),
      paint,
      language,
    ),
    ...chapter(
      words.controls[language],
      controls.map(({ place, probe, after: now, turn }) => [...turned(turn, language), place, probe, now]),
      paint,
      language,
    ),
  ]
  return `${lines.join('\n')}\n`
}

function chapter(title: string, cellRows: readonly (readonly string[])[], paint: Paint, language: Language): string[] {
  if (cellRows.length === 0) return []
  const more = cellRows.length > mostLines ? [`  … ${cellRows.length - mostLines} ${words.more[language]}`] : []
  return ['', paint('bold', title), ...rows(cellRows.slice(0, mostLines)), ...more]
}

function turned(turn: Turn, language: Language): string[] {
  const [sign, word] = turnMarks[turn]
  return [`${sign} ${word[language]}`]
}

function cells({ priority, owner, kind, title, subject }: Finding, language: Language): string[] {
  return [priority, owner, title[language], plain(subject), kind]
}

function time(at: number): string {
  return new Date(at * 1000).toISOString().slice(0, 16).replace('T', ' ')
}
