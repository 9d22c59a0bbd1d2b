// The words of the text report, in both languages; marks of verdicts come from `look`. Every mark has its word.
import type { Language, Text } from '@kimei/protocol'
import { takesOthersAlone } from '../judgement/other-credentials.ts'
import type { ApiRecord, Observation, Priority, Tier } from '../observation.ts'
import type { Readiness } from '../readiness/checks.ts'
import { told } from './told.ts'

export const overallWords: Readonly<Record<Observation['overall'], { readonly mark: string; readonly word: Text }>> = {
  named: { mark: '✓', word: { ja: '記名式の切符だけが通る', en: 'only named tickets pass' } },
  exposed: { mark: '✗', word: { ja: '記名式でないものも通る', en: 'not only named tickets pass' } },
  unknown: { mark: '?', word: { ja: 'まだ言えない', en: 'cannot be said yet' } },
}

const atWords: Readonly<Record<Observation['overall'], Text>> = {
  named: { ja: '{of} の API すべて', en: 'at all {of} APIs' },
  exposed: { ja: '{of} の API のうち {count}', en: 'at {count} of {of} APIs' },
  unknown: { ja: '{of} の API のうち {count} は判定できない', en: '{count} of {of} APIs could not be judged' },
}

const butWord: Text = { ja: '記名式の切符だけが通るが、直すところがある', en: 'only named tickets pass, and there is something to repair' }

/** Where an API was seen to take a ticket without the key of its holder, the result says so, and at how many. */
const stolenWord: Text = { ja: '盗んだ切符で通る入口がある', en: 'a stolen ticket passes' }
/** Where tickets are held to their key everywhere, and somebody else needs none. */
const otherWord: Text = { ja: '切符でない鍵や Cookie で通る入口がある', en: 'a key or cookie passes in place of a ticket' }

/** A sound result with an urgent finding beside it does not look sound. */
export function overallMark({ overall, findings }: Pick<Observation, 'overall' | 'findings'>): {
  readonly mark: string
  readonly word: Text
} {
  const urgent = findings.some(({ priority, acceptance }) => priority !== 'P2' && (acceptance === undefined || acceptance.ended))
  return overall === 'named' && urgent ? { mark: '!', word: butWord } : overallWords[overall]
}

/** The answer in one line: what passes, and at how many APIs. */
export function resultWords(observation: Pick<Observation, 'overall' | 'apis' | 'findings'>, language: Language): string {
  const { overall, apis } = observation
  const { mark, word } = overallMark(observation)
  if (mark === '!') return `${mark} ${word[language]}`
  const counted = {
    named: () => true,
    exposed: ({ rsEnforced }: ApiRecord) => rsEnforced === 'no' || rsEnforced === 'partial',
    unknown: ({ rsEnforced }: ApiRecord) => rsEnforced === 'unknown',
  }[overall]
  const count = new Set(apis.filter(counted).map(({ api }) => api)).size
  const of = new Set(apis.map(({ api }) => api)).size
  if (count === 0) return `${mark} ${word[language]}`
  const others = apis.filter((record) => entranceOf(record) === 'other').length
  const exposedWord = others === 0 ? stolenWord : others === apis.filter(counted).length ? otherWord : word
  const said = overall === 'exposed' ? exposedWord[language] : word[language]
  const at = atWords[overall][language].replace('{count}', String(count)).replace('{of}', String(of))
  return language === 'ja' ? `${mark} ${said}（${at}）` : `${mark} ${said}: ${at}`
}

const errorWords = {
  without: { ja: '切符なし：', en: 'no ticket: ' },
  stolen: { ja: '盗んだ切符：', en: 'stolen ticket: ' },
  accepted: { ja: '通る', en: 'passes' },
  asks: { ja: '（{schemes} を求める）', en: ' (asks for {schemes})' },
} as const satisfies Record<string, Text>

/** How an API answers without a ticket, and with one that was stolen. */
export function errorSentence({ columns, baseline }: ApiRecord, language: Language): string {
  const [none = '', bearer] = columns.errorBehaviour.split('; Bearer ')
  const [, status = none, schemes] = /^(\d{3}) ([\w+]+)$/.exec(none) ?? []
  const named = schemes?.split('+').map((one) => (one === 'dpop' ? 'DPoP' : one === 'bearer' ? 'Bearer' : one))
  const asks = named === undefined ? '' : errorWords.asks[language].replace('{schemes}', named.join(language === 'ja' ? '・' : ' or '))
  const without = `${errorWords.without[language]}${baseline === 'public' ? errorWords.accepted[language] : status}${asks}`
  if (bearer === undefined) return without
  const answer = bearer === 'accepted' ? errorWords.accepted[language] : told(answerOf(bearer), language)
  return `${without}${language === 'ja' ? '、' : '; '}${errorWords.stolen[language]}${answer}`
}

/** How much the report is about: of everything there is, what applies here, and what was answered. */
export function countWords({ declared, testable, tested, requests }: Observation['counts'], language: Language): string {
  return language === 'ja'
    ? `全 ${declared} 項目のうち、ここに当てはまる ${testable}、答えの出た ${tested}（要求 ${requests} 回）`
    : `${tested} answered of ${testable} that apply here, of ${declared} known; ${requests} requests`
}

export const priorityWords: Readonly<Record<Priority, Text>> = {
  P0: { ja: 'すぐ直す', en: 'repair now' },
  P1: { ja: '次に直す', en: 'repair next' },
  P2: { ja: '整える', en: 'tidy up' },
  none: { ja: 'なし', en: 'none' },
}

export const tierWords: Readonly<Record<Tier, Text>> = {
  confirmed: { ja: '確かめられたこと', en: 'confirmed' },
  inferred: { ja: '根拠のある見込み', en: 'inferred' },
  'not-claimable': { ja: '言えないこと', en: 'not claimable' },
}

const heads = {
  title: { ja: '記名式の切符の観測', en: 'Named tickets, observed' },
  posture: { ja: '姿勢', en: 'posture' },
  result: { ja: '結果', en: 'result' },
  priority: { ja: '優先', en: 'priority' },
  controls: { ja: '確認', en: 'checks' },
  apis: { ja: 'API', en: 'APIs' },
  api: { ja: 'API', en: 'API' },
  privilege: { ja: '権限', en: 'privilege' },
  stolen: { ja: '盗んだ切符', en: 'stolen ticket' },
  dpop: { ja: 'DPoP', en: 'DPoP' },
  errors: { ja: '断り方', en: 'errors' },
  tls: { ja: 'TLS 証明書', en: 'TLS certificate' },
  policy: { ja: '方針の差', en: 'policy' },
  findings: { ja: '見つかったこと', en: 'Findings' },
  noFindings: { ja: '見つかったことはありません', en: 'No findings' },
  askedAs: { ja: '使ったクライアント', en: 'asked as' },
  next: { ja: '次に設計すること', en: 'Next design steps' },
  warnings: { ja: '注意', en: 'Note' },
  incomplete: { ja: '未完の報告', en: 'Incomplete report' },
  stopped: { ja: '途中で止まりました', en: 'Stopped early' },
  detail: { ja: '詳細', en: 'Detail' },
  issuers: { ja: '発行者', en: 'Issuers' },
  proves: { ja: 'わかること', en: 'proves' },
  guidelines: { ja: 'ガイドライン', en: 'Guidelines' },
  threat: { ja: '閉じたい危険', en: 'Threat to be closed' },
  control: { ja: '直し方', en: 'control' },
  rules: { ja: '規則', en: 'rules' },
  plan: { ja: '送る予定（まだ何も送っていません）', en: 'Plan (nothing has been sent)' },
  hosts: { ja: '触れるホスト', en: 'hosts' },
  requests: { ja: '要求', en: 'requests' },
  seconds: { ja: '秒', en: 'seconds' },
  readiness: { ja: 'OAuth 2.1 の準備', en: 'Ready for OAuth 2.1' },
  mend: { ja: '直し方', en: 'mend' },
  accepted: { ja: '認められた例外', en: 'accepted' },
  acceptedUntil: { ja: '期限', en: 'until' },
  ownerAS: { ja: '発行者', en: 'issuer' },
  ownerRS: { ja: 'API', en: 'API' },
  ownerClient: { ja: 'クライアント', en: 'client' },
  by: { ja: '直す人', en: 'who acts' },
  certainty: { ja: '確かさ', en: 'certainty' },
  kind: { ja: '種類', en: 'kind' },
  where: { ja: '場所', en: 'where' },
  ticket: { ja: '切符', en: 'ticket' },
  bindingRequired: { ja: '記名が必須か', en: 'a name is required' },
  binds: { ja: '縛るか', en: 'it binds' },
  strength: { ja: '証明の確かめ方', en: 'proofs checked' },
  replay: { ja: '使い終えた証明', en: 'a proof used twice' },
  baseline: { ja: '正しい要求', en: 'a good request' },
  statements: { ja: '言えること、言えないこと', en: 'What may be said, and what not' },
  declared: { ja: '言われていること', en: 'declared' },
  observed: { ja: '見えたこと', en: 'seen' },
  contradictions: { ja: '言われていることと、見えたことの食い違い', en: 'Declared, and seen otherwise' },
} as const satisfies Record<string, Text>

/** `… 37 more` */
export function moreWords(count: number, language: Language): string {
  return language === 'ja' ? `… ほか ${count} 件` : `… ${count} more`
}

export type Head = keyof typeof heads
export const head = (name: Head, language: Language): string => heads[name][language]

const columnWords: Readonly<Record<string, Text>> = {
  required: { ja: '必須', en: 'required' },
  optional: { ja: '任意', en: 'optional' },
  'not-required': { ja: '求めない', en: 'not asked' },
  unknown: { ja: '不明', en: 'unknown' },
  requested: { ja: '任意', en: 'optional' },
  'not-requested': { ja: '求めない', en: 'not asked' },
  'not-observable': { ja: '見えない', en: 'not seen' },
  'not-tested': { ja: '未確認', en: 'not tried' },
  none: { ja: '断らない', en: 'none' },
  'not-at-all': { ja: 'まったくない', en: 'not at all' },
  strict: { ja: '厳しく', en: 'strictly' },
  lax: { ja: '緩く', en: 'laxly' },
  nominal: { ja: '形だけ', en: 'in name only' },
  jti_yes: { ja: '断る', en: 'refused' },
  jti_no: { ja: '通る', en: 'passes' },
  'no-tls': { ja: 'TLS なし', en: 'no TLS' },
  same: { ja: '同じ', en: 'same' },
  differs: { ja: '違う', en: 'differs' },
  high: { ja: '高', en: 'high' },
  mid: { ja: '中', en: 'mid' },
  low: { ja: '低', en: 'low' },
  yes: { ja: 'はい', en: 'yes' },
  no: { ja: 'いいえ', en: 'no' },
  partial: { ja: '一部', en: 'partly' },
}

export const baselineWords: Readonly<Record<ApiRecord['baseline'], Text>> = {
  good: { ja: '通る', en: 'passes' },
  public: { ja: '切符なしでも通る', en: 'passes without a ticket too' },
  failed: { ja: '通らない', en: 'does not pass' },
}

/** `refused (401 invalid_token)` as `401 invalid_token`, the mark having said the rest. */
export function answerOf(answered: string): string {
  return /^refused \((.+)\)$/.exec(answered)?.[1] ?? answered
}

export const columnWord = (value: string, language: Language): string => columnWords[value]?.[language] ?? value

/** What somebody meets who has the ticket of another, and not the key. Worst first. */
export type Entrance = 'open' | 'passes' | 'partly' | 'other' | 'unclear' | 'not-asked' | 'refused'

export const entranceWords: Readonly<Record<Entrance, { readonly mark: string; readonly word: Text }>> = {
  open: { mark: '✗', word: { ja: '誰でも', en: 'anyone' } },
  passes: { mark: '✗', word: { ja: '通る', en: 'passes' } },
  partly: { mark: '~', word: { ja: '一部', en: 'partly' } },
  other: { mark: '~', word: { ja: '別の鍵は通る', en: 'other key' } },
  unclear: { mark: '?', word: { ja: '不明', en: 'unclear' } },
  'not-asked': { mark: '?', word: { ja: '未確認', en: 'not tried' } },
  refused: { mark: '✓', word: { ja: '断る', en: 'refused' } },
}

export function entranceOf({ baseline, rsEnforced, probes }: Pick<ApiRecord, 'baseline' | 'rsEnforced' | 'probes'>): Entrance {
  if (baseline === 'failed') return 'not-asked'
  if (baseline === 'public') return 'open'
  if (rsEnforced === 'partial' && takesOthersAlone(probes)) return 'other'
  return ({ yes: 'refused', no: 'passes', partial: 'partly', unknown: 'unclear' } as const)[rsEnforced]
}

export const readinessWords: Readonly<Record<Readiness, { readonly mark: string; readonly word: Text }>> = {
  ready: { mark: '✓', word: { ja: '整っている', en: 'ready' } },
  'not-ready': { mark: '✗', word: { ja: '整っていない', en: 'not ready' } },
  'not-observable': { mark: '?', word: { ja: '見えない', en: 'not observable' } },
}
