// How long a ticket went on passing after it was revoked: one line for each API as a picture, and the table behind it.

import type { Observation } from '../../observation.ts'
import type { Residual } from '../../residual.ts'
import { endingWords, residualTitle, residualWords } from '../residual-words.ts'
import { html } from '../written-safely.ts'
import { drawing, h, type Markup } from './markup.ts'

type Language = 'ja' | 'en'

const words = {
  lead: {
    ja: '予備の切符を取り消すか、サインアウトしたうえで、正しい証明を付けて、断られるまで同じ API に出し続けました。塗ってあるあいだは通っています。',
    en: 'The access of a spare ticket was ended, and it was shown again, with right proofs, until it was refused. It passes where the bar is filled.',
  },
  after: { ja: '一回ずつの答え', en: 'Each answer' },
  answer: { ja: '答え', en: 'Answer' },
  passes: { ja: '通る', en: 'passes' },
  refused: { ja: '断る', en: 'refused' },
  seconds: { ja: '秒', en: 's' },
  still: { ja: '見ているあいだは断られなかった', en: 'not refused while it was watched' },
} as const

export function residualSection({ residual = [] }: Observation, language: Language): Markup | undefined {
  if (residual.length === 0) return undefined
  return h`<section><h2>${residualTitle[language]}</h2><p>${words.lead[language]}</p>${residual.map((one) => lane(one, language))}</section>`
}

function lane(one: Residual, language: Language): Markup {
  const told =
    one.refusedAfterSeconds === undefined
      ? words.still[language]
      : `${words.refused[language]}: ${one.refusedAfterSeconds} ${words.seconds[language]}`
  const rows = one.steps.map(
    ({ seconds, passes, answered }) =>
      h`<tr><th scope="row">${seconds} ${words.seconds[language]}</th><td data-label="${words.answer[language]}">${words[passes ? 'passes' : 'refused'][language]} (${answered})</td></tr>`,
  )
  return h`<div class="lane"><span class="mono">${one.api} (${one.client})<span class="who">${endingWords[one.after][language]}: ${residualWords(one, language)}</span></span>${drawing(curve(one, `${one.api}: ${told}`))}</div>
<details><summary>${words.after[language]}</summary><div class="wide"><table class="cards"><tbody>${rows}</tbody></table></div></details>`
}

const [width, height, left] = [320, 44, 8] as const

/** A step line over time, on a scale that shows the first minute as well as the last: the square root of the seconds. */
export function curve({ steps, lifetimeSeconds }: Residual, label: string): string {
  const end = Math.max(lifetimeSeconds, ...steps.map(({ seconds }) => seconds), 1)
  const x = (seconds: number) => left + Math.round(((width - 2 * left) * Math.sqrt(seconds)) / Math.sqrt(end))
  const bars = steps.flatMap(({ seconds, passes }, i) => {
    const next = steps[i + 1]?.seconds ?? seconds
    return passes
      ? [`<rect x="${x(seconds)}" y="12" width="${Math.max(2, x(next) - x(seconds))}" height="14" fill="currentColor" opacity="0.55"/>`]
      : []
  })
  const marks = steps.map(({ seconds, passes }) =>
    passes
      ? `<circle cx="${x(seconds)}" cy="19" r="4" fill="currentColor"/>`
      : `<circle cx="${x(seconds)}" cy="19" r="4" fill="none" stroke="currentColor" stroke-width="2"/>`,
  )
  // Names that would stand upon each other: the later one is enough.
  const apart = steps.filter(({ seconds }, i) => i === steps.length - 1 || x(steps[i + 1]!.seconds) - x(seconds) >= 14)
  const names = apart.map(
    ({ seconds }) => `<text x="${x(seconds)}" y="40" font-size="9" text-anchor="middle" fill="currentColor">${seconds}</text>`,
  )
  return `<svg viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${html(label)}"><line x1="${left}" y1="26" x2="${width - left}" y2="26" stroke="currentColor" opacity="0.4"/>${bars.join('')}${marks.join('')}${names.join('')}</svg>`
}
