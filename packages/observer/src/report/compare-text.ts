// The difference of two observations as text: the answer first, then what makes it.
import type { Language, Text } from '@kimei/protocol'
import type { Finding, ReportOptions } from '../observation.ts'
import { lineWidth, rows, wrapped } from './columns.ts'
import type { Difference, Turn } from './compare.ts'
import type { TextLook } from './finding-lines.ts'
import { painter } from './paint.ts'
import { told } from './told.ts'
import { head, moreWords } from './words.ts'

const words = {
  worse: { ja: '悪くなった', en: 'it became worse' },
  lost: { ja: '悪くはなっていないが、見えなくなったものがある', en: 'no worse, but some of it could not be seen again' },
  same: { ja: '悪くなっていない', en: 'no worse' },
  before: { ja: '前', en: 'before' },
  after: { ja: '後', en: 'after' },
  part: { ja: '「{which}」は終わりまで見ていません（{why}）', en: 'The one {which} did not see everything: {why}' },
  posture: { ja: '姿勢', en: 'Posture' },
  new: { ja: '新しく見つかったこと', en: 'New findings' },
  changed: { ja: '変わったこと', en: 'Changed findings' },
  gone: { ja: 'なくなったこと', en: 'Gone' },
  unseen: { ja: '見直せなかったこと', en: 'Not seen again, so not known to be gone' },
  controls: { ja: '守られていたのに、いまは違うもの', en: 'Controls that held before' },
} as const satisfies Record<string, Text>

const turnMarks: Readonly<Record<Turn, readonly [mark: string, word: Text]>> = {
  worse: ['✗', { ja: '悪化', en: 'worse' }],
  better: ['✓', { ja: '改善', en: 'better' }],
  lost: ['?', { ja: '不明に', en: 'not known any more' }],
  other: ['~', { ja: '変化', en: 'changed' }],
}

const afterWords: Readonly<Record<Difference['controls'][number]['after'], Text>> = {
  holds: { ja: '守られている', en: 'holds' },
  violated: { ja: '破られる', en: 'violated' },
  inconclusive: { ja: '判定できない', en: 'inconclusive' },
  'not-applicable': { ja: '対象外', en: 'does not apply' },
  unseen: { ja: '今回は確かめていない', en: 'not asked this time' },
}

const mostLines = 20

/** What one of the two did not see is no change of the other side. */
function partLines({ stopped, givenUp }: Difference['before'], which: 'before' | 'after', { language, width }: TextLook): string[] {
  const why = [...(stopped === undefined ? [] : [told(stopped, language)]), ...(givenUp ? [givenUp.slice(0, mostLines).join(', ')] : [])]
  if (why.length === 0) return []
  return wrapped(words.part[language].replace('{which}', words[which][language]).replace('{why}', why.join('; ')), width, '  ')
}

export function renderDifference(difference: Difference, options: ReportOptions = {}): string {
  const language = options.language ?? 'en'
  const look: TextLook = { language, paint: painter(options.colour), width: lineWidth(options) }
  const { before, after, fields, findings, controls, worse, lost } = difference
  const answer = worse
    ? look.paint('red', `✗ ${words.worse[language]}`)
    : lost
      ? look.paint('yellow', `? ${words.lost[language]}`)
      : look.paint('green', `✓ ${words.same[language]}`)
  const listed = (name: keyof typeof words, found: readonly Finding[]) =>
    chapter(
      words[name][language],
      found.map((finding) => findingLines(finding, '', look)),
      look,
    )
  const lines = [
    answer,
    ...rows([
      [words.before[language], time(before.startedAt), before.bindingKeyPosture],
      [words.after[language], time(after.startedAt), after.bindingKeyPosture],
    ]),
    ...partLines(before, 'before', look),
    ...partLines(after, 'after', look),
    ...chapter(
      words.posture[language],
      [rows(fields.map(({ field, before: old, after: now, turn }) => [turned(turn, language), field, `${old} → ${now}`]))],
      look,
    ),
    ...listed('new', findings.new),
    ...chapter(
      words.changed[language],
      findings.changed.map(({ after: finding, what, turn }) =>
        findingLines(finding, `${turned(turn, language)}: ${what.join(', ')}`, look),
      ),
      look,
    ),
    ...listed('gone', findings.gone),
    ...listed('unseen', findings.unseen),
    ...chapter(words.controls[language], controlLines(controls, look), look),
  ]
  return `${lines.join('\n')}\n`
}

function chapter(title: string, blocks: readonly (readonly string[])[], { paint, language }: TextLook): string[] {
  const filled = blocks.filter((block) => block.length > 0)
  if (filled.length === 0) return []
  const more = filled.length > mostLines ? [`  ${moreWords(filled.length - mostLines, language)}`] : []
  return ['', paint('bold', title), ...filled.slice(0, mostLines).flat(), ...more]
}

function findingLines({ priority, owner, kind, title, subject }: Finding, change: string, { language, width }: TextLook): string[] {
  return [
    ...wrapped(`${priority}  ${title[language]}`, width, '      ').map((line, index) => (index === 0 ? line.slice(4) : line)),
    ...wrapped(`${subject} · ${head(`owner${owner}`, language)} · ${kind}${change === '' ? '' : ` · ${change}`}`, width, '      '),
  ]
}

/** What turned the same way at the same place is one line. */
function controlLines(controls: Difference['controls'], { language, width }: TextLook): string[][] {
  const alike = [...Map.groupBy(controls, ({ place, after, turn }) => JSON.stringify([place, after, turn])).values()]
  return alike.map((same) => {
    const { place, after, turn } = same[0]!
    const said = `${turned(turn, language)}  ${place} (${afterWords[after][language]}): ${same.map(({ probe }) => probe).join(' ')}`
    return wrapped(said, width - 2, '  ').map((line, index) => (index === 0 ? line : `  ${line}`))
  })
}

function turned(turn: Turn, language: Language): string {
  const [sign, word] = turnMarks[turn]
  return `${sign} ${word[language]}`
}

function time(at: number): string {
  return new Date(at * 1000).toISOString().slice(0, 16).replace('T', ' ')
}
