// The words of passive evidence, in both languages, and its lines in a text report.
import type { Language, Text } from '@kimei/protocol'
import { fitDisplay } from 'look'
import { plain, rows, wrapped } from '../report/columns.ts'
import { byStrength, type PassiveKind, type PassiveReading, type PassiveStatement } from './reading.ts'

export const passiveKindWords: Readonly<Record<PassiveKind, Text>> = {
  'guard-statement': { ja: '番人の署名つきの申告', en: 'signed statement of a guard' },
  audit: { ja: '記録', en: 'log' },
  config: { ja: '設定', en: 'configuration' },
  tls: { ja: 'TLS の控え', en: 'TLS transcript' },
  har: { ja: '通信の控え', en: 'recorded traffic' },
  metadata: { ja: 'メタデータ', en: 'metadata' },
}

export const labelWords: Readonly<Record<PassiveReading['label'], Text>> = {
  declared: { ja: '申告', en: 'declared' },
  logged: { ja: '記録', en: 'logged' },
  passive: { ja: '傍観', en: 'seen in passing' },
}

export const saysWords: Readonly<Record<PassiveStatement['says'], { readonly mark: string; readonly word: Text }>> = {
  demanded: { mark: '■', word: { ja: '必須', en: 'demanded' } },
  optional: { mark: '◧', word: { ja: '任意', en: 'optional' } },
  absent: { mark: '□', word: { ja: '無し', en: 'absent' } },
  weak: { mark: '!', word: { ja: '弱い', en: 'weak' } },
  seen: { mark: '·', word: { ja: '見えた', en: 'seen' } },
  'cannot-tell': { mark: '?', word: { ja: '言えない', en: 'cannot tell' } },
}

export const subjectWords: Readonly<Record<PassiveStatement['about'], Text>> = {
  binding: { ja: '縛り', en: 'binding' },
  issuance: { ja: '発行', en: 'issuance' },
  replay: { ja: '使い回し', en: 'replay' },
  target: { ja: '宛先', en: 'target' },
  nonce: { ja: 'nonce', en: 'nonce' },
  key: { ja: '鍵', en: 'key' },
  certificate: { ja: '証明書', en: 'certificate' },
  forwarding: { ja: '受け渡し', en: 'forwarding' },
  refusals: { ja: '拒否', en: 'refusals' },
}

export const passiveHead: Text = {
  ja: '傍らで読んだもの（確かめたことにはなりません）',
  en: 'Read beside (none of it confirms anything)',
}

/** A head line for each source, then its statements and what it cannot tell. */
export function passiveLines(
  readings: readonly PassiveReading[],
  language: Language,
  look: { readonly most: number; readonly width: number },
): string[] {
  return byStrength(readings).flatMap(({ source, kind, label, read, statements, notes }) => {
    const shown = statements.slice(0, look.most)
    const more = statements.length - shown.length
    const heads = rows(
      shown.map(({ place, about, says, at }) => {
        const { mark, word } = saysWords[says]
        return [
          `${mark} ${word[language]}`,
          subjectWords[about][language],
          at === undefined || place.includes(at) ? place : `${at}  ${place}`,
        ]
      }),
    )
    return [
      '',
      plain(`${source}  ${passiveKindWords[kind][language]} · ${labelWords[label][language]} · ${read}`),
      ...heads.flatMap((line, index) => [fitDisplay(line, look.width), ...wrapped(shown[index]!.text[language], look.width, '      ')]),
      ...(more > 0 ? [`  … ${more}`] : []),
      ...notes.flatMap((note) => wrapped(note[language], look.width, '    ')).map((line) => `  ${line.slice(2)}`),
    ]
  })
}

/** Statements alone, on standard output: for reading files without an observation. */
export function renderReadings(
  readings: readonly PassiveReading[],
  options: { readonly language?: Language; readonly width?: number } = {},
): string {
  const language = options.language ?? 'en'
  const width = Math.max(60, options.width ?? 100)
  return `${passiveHead[language]}\n${passiveLines(readings, language, { most: 40, width }).join('\n')}\n`
}
