// The words of the page, in both languages. What findings, probes and verdicts say stands with them.
import type { Text } from '@kimei/protocol'
import type { PostureField } from '../../judgement/posture.ts'
import type { Owner, Tier } from '../../observation.ts'

export const phrases = {
  title: { ja: '記名式の切符の観測', en: 'Named tickets, observed' },
  skip: { ja: '本文へ移動', en: 'Skip to content' },
  language: { ja: '言語', en: 'Language' },
  lead: {
    ja: '切符（アクセストークン）を、持ち主の鍵なしで使おうとするとどうなるか。発行者と API に少しずつ違う要求を送り、答えを比べました。',
    en: 'What happens when a ticket (an access token) is used without the key of its holder: issuer and APIs were sent requests with one thing changed at a time, and the answers compared.',
  },
  result: { ja: '結果', en: 'Result' },
  posture: { ja: '姿勢', en: 'Posture' },
  priority: { ja: '優先', en: 'Priority' },
  counts: { ja: '確かめた数', en: 'Controls' },
  when: { ja: '観測した時刻', en: 'Observed' },
  hypothesis: { ja: '当てはまる仮説', en: 'Hypothesis' },
  matrix: { ja: 'どの入口が、どの切符を通すか', en: 'Which entrance takes which ticket' },
  matrixLead: {
    ja: '行は API と使ったクライアント、列は切符の持ち込み方です。持ち主の証明がそろったもの以外は、すべて「断る」が正しい答えです。',
    en: 'Rows are APIs and the client that was used; columns are ways to carry a ticket. Everything here lacks something, so refused is the right answer everywhere.',
  },
  api: { ja: 'API', en: 'API' },
  client: { ja: 'クライアント', en: 'client' },
  privilege: { ja: '権限', en: 'privilege' },
  columns: { ja: '各 API が求めるもの', en: 'What each API demands' },
  findings: { ja: '見つかったこと', en: 'Findings' },
  noFindings: { ja: '見つかったことはありません。', en: 'No findings.' },
  where: { ja: '場所', en: 'Where' },
  who: { ja: '直す人', en: 'Who acts' },
  what: { ja: '直し方', en: 'What to do' },
  tier: { ja: '確かさ', en: 'Certainty' },
  rules: { ja: '破られた規則', en: 'Broken rules' },
  guides: { ja: 'ガイドライン', en: 'Guidelines' },
  exchanges: { ja: '根拠となるやり取り', en: 'Exchanges that prove it' },
  fromInventory: { ja: '一覧（持ち主の申告）による', en: 'From the inventory: the word of the owner' },
  accepted: { ja: '認められた例外', en: 'Accepted exception' },
  acceptedWords: { ja: '{owner}・{until} まで：{reason}', en: '{owner}, until {until}: {reason}' },
  acceptedEnded: { ja: '期限が過ぎました', en: 'it has ended' },
  contradictions: { ja: '言われていることと、見えたこと', en: 'Declared, and seen otherwise' },
  noContradictions: { ja: '食い違いは見つかりませんでした。', en: 'No contradiction was seen.' },
  declared: { ja: '言われていること', en: 'Declared' },
  observed: { ja: '見えたこと', en: 'Observed' },
  by: { ja: '出どころ', en: 'Source' },
  byMetadata: { ja: '公表されたメタデータ', en: 'published metadata' },
  byInventory: { ja: '持ち主の申告', en: 'the inventory' },
  passiveLead: {
    ja: '通信の控え、記録、設定などから読み取ったことです。要求を送って確かめたものではないので、上の判定には使っていません。強いものから並べています。',
    en: 'Read from recordings, logs, configuration and the like. Nobody was asked, so no verdict above rests on it. Strongest first.',
  },
  says: { ja: '内容', en: 'Says' },
  tiers: { ja: '言えること、言えないこと', en: 'What may be said, and what not' },
  notObserved: { ja: '判定できなかったもの', en: 'Without a verdict' },
  timeline: { ja: 'やり取りの順', en: 'Timeline of exchanges' },
  timelineLead: {
    ja: '左から右へ、送った順。背の高い印は、見つかったことの根拠です。',
    en: 'From left to right in the order they were sent. Tall marks prove a finding.',
  },
  timelineLabel: { ja: '{count} 件のやり取り', en: '{count} exchanges' },
  timelineProofs: { ja: '{count} 件のやり取り、うち根拠 {proofs} 件', en: '{count} exchanges; {proofs} prove a finding' },
  allExchanges: { ja: 'すべてのやり取り（{count} 件）', en: 'All {count} exchanges' },
  otherPlaces: { ja: 'ほか {count} か所', en: '{count} other places' },
  restOfApis: { ja: 'ほか {count} 件', en: '{count} more' },
  restOfExchanges: {
    ja: 'ここには初めの {count} 件だけを載せています。すべては JSON と HAR の報告にあります。',
    en: 'The first {count} are shown here; all are in the JSON and HAR reports.',
  },
  restOfPlaces: {
    ja: 'ここには {count} か所だけを載せています。すべては JSON の報告にあります。',
    en: '{count} places are shown here; all are in the JSON report.',
  },
  places: { ja: '{count} か所', en: '{count} places' },
  elsewhere: { ja: 'メタデータなど', en: 'metadata and others' },
  details: { ja: '場所ごとの詳細', en: 'Every place in detail' },
  control: { ja: '確認', en: 'Control' },
  verdict: { ja: '判定', en: 'Verdict' },
  answered: { ja: '答え', en: 'Answer' },
  notApplicable: { ja: '対象外の確認', en: 'Controls that do not apply' },
  next: { ja: '次に設計すること', en: 'Next design steps' },
  warnings: { ja: '注意', en: 'Note' },
  missing: { ja: 'この報告に足りないもの', en: 'Missing in this report' },
  stopped: { ja: '途中で終わりました', en: 'It ended early' },
  guidelines: { ja: 'ガイドラインとの対応', en: 'Guidelines and their editions' },
  readiness: { ja: 'OAuth 2.1 の準備', en: 'Ready for OAuth 2.1' },
  threat: { ja: '閉じたい危険', en: 'Threat to be closed' },
  footer: {
    ja: 'トークン・証明・秘密の値はこの報告に入っていません。SHA-256 の要約と長さだけが残っています。',
    en: 'No token, proof or secret is in this report: only their SHA-256 digests and lengths.',
  },
  request: { ja: '要求', en: 'Request' },
  answer: { ja: '応答', en: 'Answer' },
  noTicket: { ja: '切符なし', en: 'no ticket' },
  proof: { ja: '証明', en: 'proof' },
  ticket: { ja: '切符', en: 'ticket' },
  letters: { ja: '文字', en: 'letters' },
  parameters: { ja: 'パラメーター', en: 'parameters' },
} as const satisfies Record<string, Text>

export const tierWords: Readonly<Record<Tier, { readonly title: Text; readonly lead: Text }>> = {
  confirmed: {
    title: { ja: '確かめられたこと', en: 'Confirmed' },
    lead: { ja: 'やり取りそのものが示しています。', en: 'The exchanges themselves show it.' },
  },
  inferred: {
    title: { ja: '根拠のある見込み', en: 'Inferred, with grounds' },
    lead: { ja: '見えたことから考えられますが、直接には見ていません。', en: 'It follows from what was seen, and was not itself seen.' },
  },
  'not-claimable': {
    title: { ja: '言えないこと', en: 'Not claimable' },
    lead: { ja: 'この観測からは何も言いません。', en: 'This observation says nothing about it.' },
  },
}

export const ownerWords: Readonly<Record<Owner, Text>> = {
  AS: { ja: '発行者（認可サーバー）の担当', en: 'whoever runs the issuer (authorization server)' },
  RS: { ja: 'API の担当', en: 'whoever runs the API (resource server)' },
  Client: { ja: 'アプリの担当', en: 'whoever runs the app (client)' },
}

export const postureWords: Readonly<Record<PostureField, Text>> = {
  mode: { ja: '切符の種類', en: 'kind of ticket' },
  as_enforced: { ja: '発行者が縛るか', en: 'issuer binds' },
  rs_enforced: { ja: 'API が強制するか', en: 'APIs enforce' },
  coverage: { ja: '範囲', en: 'coverage' },
  replay_protection: { ja: '再利用を断るか', en: 'replay refused' },
  client_fit: { ja: 'クライアント', en: 'clients' },
  confidence: { ja: '確かさ', en: 'confidence' },
}

export const hypothesisWords: Readonly<Record<'A' | 'B' | 'C' | 'D' | 'none' | 'unknown', Text>> = {
  A: { ja: 'A：どこでも無記名のまま', en: 'A: bearer everywhere' },
  B: { ja: 'B：記名は名ばかり', en: 'B: bound in name only' },
  C: { ja: 'C：証明書が片側だけ', en: 'C: certificates on one side only' },
  D: { ja: 'D：例外の入口がある', en: 'D: an exception is left open' },
  none: { ja: '抜け道の仮説は残っていない', en: 'none is left' },
  unknown: { ja: 'まだ言えない', en: 'cannot be said yet' },
}

export type Phrase = keyof typeof phrases

/** The phrase, its `{names}` filled in. */
export function phrase(name: Phrase, language: 'ja' | 'en', names: Readonly<Record<string, string | number>> = {}): string {
  return phrases[name][language].replace(/\{([a-z]+)\}/g, (whole, one: string) => String(names[one] ?? whole))
}
