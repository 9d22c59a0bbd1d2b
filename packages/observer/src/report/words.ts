// The words of the text report, in both languages; marks of verdicts come from `look`. Every mark has its word.
import type { Language, Text } from '@kimei/protocol'
import type { Observation, Priority, Tier } from '../observation.ts'
import type { Readiness } from '../readiness/checks.ts'

export const overallWords: Readonly<Record<Observation['overall'], { readonly mark: string; readonly word: Text }>> = {
  named: { mark: '✓', word: { ja: '記名式の切符だけが通る', en: 'only named tickets pass' } },
  exposed: { mark: '✗', word: { ja: '鍵なしで通る入口がある', en: 'a ticket passes without its key' } },
  unknown: { mark: '?', word: { ja: 'まだ言えない', en: 'cannot be said yet' } },
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
  controls: { ja: '制御', en: 'controls' },
  apis: { ja: 'API', en: 'APIs' },
  api: { ja: 'API', en: 'API' },
  privilege: { ja: '権限', en: 'privilege' },
  enforced: { ja: '強制', en: 'enforced' },
  dpop: { ja: 'DPoP', en: 'DPoP' },
  errors: { ja: '断り方', en: 'errors' },
  tls: { ja: 'TLS 証明書', en: 'TLS certificate' },
  policy: { ja: '方針の差', en: 'policy' },
  findings: { ja: '見つかったこと', en: 'Findings' },
  noFindings: { ja: '見つかったことはありません', en: 'No findings' },
  next: { ja: '次の設計', en: 'Next design steps' },
  warnings: { ja: '注意', en: 'Warnings' },
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
  more: { ja: 'ほか', en: 'more' },
  accepted: { ja: '認められた例外', en: 'accepted' },
  acceptedUntil: { ja: '期限', en: 'until' },
  ownerAS: { ja: '発行者', en: 'issuer' },
  ownerRS: { ja: 'API', en: 'API' },
  ownerClient: { ja: 'クライアント', en: 'client' },
  by: { ja: '直す人', en: 'who acts' },
  certainty: { ja: '確かさ', en: 'certainty' },
  kind: { ja: '種類', en: 'kind' },
  statements: { ja: '言えること、言えないこと', en: 'What may be said, and what not' },
  contradictions: { ja: '公表と実際の食い違い', en: 'Declared, and seen otherwise' },
} as const satisfies Record<string, Text>

export type Head = keyof typeof heads
export const head = (name: Head, language: Language): string => heads[name][language]

const columnWords: Readonly<Record<string, Text>> = {
  required: { ja: '必須', en: 'required' },
  optional: { ja: '任意', en: 'optional' },
  'not-required': { ja: '不要', en: 'not required' },
  unknown: { ja: '不明', en: 'unknown' },
  requested: { ja: '求める', en: 'requested' },
  'not-requested': { ja: '求めない', en: 'not requested' },
  'not-observable': { ja: '見えない', en: 'not seen' },
  'not-tested': { ja: '未確認', en: 'not tested' },
  'no-tls': { ja: 'TLS なし', en: 'no TLS' },
  same: { ja: '同じ', en: 'same' },
  differs: { ja: '違う', en: 'differs' },
  high: { ja: '高', en: 'high' },
  mid: { ja: '中', en: 'mid' },
  low: { ja: '低', en: 'low' },
  yes: { ja: 'している', en: 'yes' },
  no: { ja: 'していない', en: 'no' },
  partial: { ja: '一部', en: 'partly' },
}

export const columnWord = (value: string, language: Language): string => columnWords[value]?.[language] ?? value

/** Yes and no of an API, as a mark. */
export const enforcementMark: Readonly<Record<string, string>> = { yes: '✓', no: '✗', partial: '~', unknown: '?' }

export const readinessWords: Readonly<Record<Readiness, { readonly mark: string; readonly word: Text }>> = {
  ready: { mark: '✓', word: { ja: '整っている', en: 'ready' } },
  'not-ready': { mark: '✗', word: { ja: '整っていない', en: 'not ready' } },
  'not-observable': { mark: '?', word: { ja: '見えない', en: 'not observable' } },
}
