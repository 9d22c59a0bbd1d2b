// The examination as text: one mark and one word for each line, what was found, what to do; then the lines of proxies.
import type { Language, Text } from '@kimei/protocol'
import { displayWidth, fitDisplay, padDisplay } from 'look'
import { plain, rows, wrapped } from '../report/columns.ts'
import { painter } from '../report/paint.ts'
import type { CheckName, Examination, Health, ProxyLine } from './examination.ts'
import { foundTold } from './found-words.ts'

export const healthWords: Readonly<
  Record<Health, { readonly mark: string; readonly word: Text; readonly colour: 'green' | 'yellow' | 'red' | 'dim' }>
> = {
  good: { mark: '✓', word: { ja: '良い', en: 'good' }, colour: 'green' },
  doubtful: { mark: '!', word: { ja: '気になる', en: 'doubtful' }, colour: 'yellow' },
  wrong: { mark: '✗', word: { ja: '悪い', en: 'wrong' }, colour: 'red' },
  'not-seen': { mark: '?', word: { ja: '見えない', en: 'not seen' }, colour: 'dim' },
}

const checkWords: Readonly<Record<CheckName, Text>> = {
  reach: { ja: '応答', en: 'answer' },
  clock: { ja: '時計', en: 'clock' },
  tls: { ja: 'TLS', en: 'TLS' },
  chain: { ja: '証明書', en: 'certificate' },
  'old-tls': { ja: '古い TLS', en: 'old TLS' },
  metadata: { ja: 'メタデータ', en: 'metadata' },
  addresses: { ja: 'アドレス', en: 'addresses' },
  keys: { ja: '鍵', en: 'keys' },
  browsers: { ja: 'ブラウザ', en: 'browsers' },
  target: { ja: '宛先 htu', en: 'target htu' },
  forwarded: { ja: '転送ヘッダー', en: 'forwarded' },
  certificates: { ja: 'クライアント証明書', en: 'client certs' },
  proxy: { ja: 'プロキシ', en: 'proxy' },
}

const heads = {
  issuer: { ja: '発行者', en: 'issuer' },
  api: { ja: 'API', en: 'API' },
  proxies: { ja: 'プロキシの設定で変えるところ', en: 'What to change in the configuration of a proxy' },
  requests: { ja: '要求', en: 'requests' },
} as const

export interface ExaminationLook {
  readonly language?: Language
  readonly colour?: boolean
  readonly width?: number
}

export function renderExamination(examination: Examination, look: ExaminationLook = {}): string {
  const language = look.language ?? 'en'
  const width = Math.max(60, Math.min(100, look.width ?? 100))
  const paint = painter(look.colour)
  const wordWidth = Math.max(...Object.values(healthWords).map(({ word }) => displayWidth(word[language])))
  const nameWidth = Math.max(...Object.values(checkWords).map((word) => displayWidth(word[language])))
  const lines = examination.lines.flatMap(({ check, health, found, says, mend }) => {
    const { mark, word, colour } = healthWords[health]
    const state = paint(colour, padDisplay(`${mark} ${word[language]}`, wordWidth + 2))
    const head = `  ${state}  ${padDisplay(checkWords[check][language], nameWidth)}  `
    const room = width - wordWidth - nameWidth - 8
    const more =
      health === 'good'
        ? []
        : [...wrapped(says[language], width, '      '), ...(mend ? wrapped(`→ ${mend[language]}`, width, '      ') : [])]
    return [`${head}${fitDisplay(plain(foundTold(found, language)), room)}`, ...more]
  })
  const { url, kind, requests, proxies } = examination
  return `${[
    `${paint('bold', plain(url))}  ${heads[kind][language]} · ${heads.requests[language]} ${requests}`,
    '',
    ...lines,
    ...(proxies.length === 0 ? [] : ['', paint('bold', heads.proxies[language]), ...proxyLines(proxies, language)]),
  ].join('\n')}\n`
}

function proxyLines(proxies: readonly ProxyLine[], language: Language): string[] {
  return [...Map.groupBy(proxies, ({ why }) => why[language])].flatMap(([why, list]) => [
    `  ${why}`,
    ...rows(list.map(({ at, write }) => [at, write])).map((row) => `  ${row}`),
  ])
}
