// What is left of access after it was ended, in words and as lines of text. The picture of it stands in `html/residual-section.ts`.
import type { Text } from '@kimei/protocol'
import type { Observation } from '../observation.ts'
import type { Residual } from '../residual.ts'
import { wrappedRows } from './columns.ts'
import type { TextLook } from './finding-lines.ts'

export const residualTitle: Text = {
  ja: '取り消しやサインアウトのあと、いつまで通るか',
  en: 'How long a ticket still passes after revocation or sign-out',
}

export const endingWords: Readonly<Record<Residual['after'], Text>> = {
  'access-token': { ja: '切符を取り消したあと', en: 'ticket revoked' },
  'refresh-token': { ja: '更新用の切符を取り消したあと', en: 'refresh token revoked' },
  'sign-out': { ja: 'サインアウトのあと', en: 'signed out' },
}

const words = {
  passed: { ja: '通った（最後に見たのは {n} 秒後）', en: 'passed, last seen after {n} s' },
  refused: { ja: '{n} 秒で断られた', en: 'refused after {n} s' },
  atOnce: { ja: 'すぐ断られた', en: 'refused at once' },
  still: { ja: '見ているあいだは断られなかった', en: 'not refused while it was watched' },
} as const
const bindingWords: Readonly<Record<Residual['binding'], Text | undefined>> = {
  kept: { ja: '切符だけでは通らない', en: 'not without its key' },
  lapsed: { ja: '縛りが消え、切符だけで通る', en: 'its binding has lapsed: the ticket alone passes' },
  'never-held': { ja: 'もともと切符だけで通る', en: 'the ticket alone passed before as well' },
  'not-tried': undefined,
}
const refreshWords: Readonly<Record<Residual['refresh'], Text | undefined>> = {
  refused: { ja: '更新はできない', en: 'no refresh' },
  accepted: { ja: '更新がまだできる', en: 'it is still refreshed' },
  'meant-to': { ja: '更新はできる（offline_access）', en: 'it is refreshed, as offline_access wants' },
  'not-tried': undefined,
}

/** One line: when it ended, and what else was seen. */
export function residualWords(one: Residual, language: 'ja' | 'en'): string {
  const { refusedAfterSeconds, passedSeconds } = one
  const said = (text: Text, n?: number) => text[language].replace('{n}', String(n ?? ''))
  const refused = refusedAfterSeconds === 0 ? said(words.atOnce) : said(words.refused, refusedAfterSeconds)
  const end = refusedAfterSeconds === undefined ? said(words.still) : refused
  const parts = [
    ...(passedSeconds === undefined ? [] : [said(words.passed, passedSeconds)]),
    end,
    bindingWords[one.binding]?.[language],
    refreshWords[one.refresh]?.[language],
  ]
  return parts.filter((part) => part !== undefined).join(' · ')
}

export function residualLines({ residual = [] }: Observation, { language, paint, width }: TextLook): string[] {
  if (residual.length === 0) return []
  const rows = residual.map((one): [string, string] => [
    `${one.api.slice(0, 24)} (${one.client.slice(0, 16)})`,
    `${endingWords[one.after][language]}: ${residualWords(one, language)}`,
  ])
  return ['', paint('bold', residualTitle[language]), ...wrappedRows(rows, width)]
}
