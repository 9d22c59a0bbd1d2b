// The few words that the lab says in a terminal and on its page, in Japanese and English. Stories stand with their scenarios.
import type { Language } from 'look'

export const words = {
  'kind.setup': { ja: '手本', en: 'Setups' },
  'kind.compound': { ja: '現場でよくある失敗', en: 'Mistakes of real houses' },
  'kind.rule': { ja: '決まりが一つ欠けている', en: 'One rule is missing' },
  'owner.AS': { ja: '発行側', en: 'issuer' },
  'owner.RS': { ja: 'API', en: 'API' },
  'owner.Client': { ja: 'アプリ', en: 'client' },
  'owner.nobody': { ja: '–', en: '–' },
  'list.priority': { ja: '優先度', en: 'priority' },
  'list.legend': {
    ja: '列は順に：名前、優先度、直す人、話。kimei lab attack <名前> で盗みを見られます。',
    en: 'Columns: name, priority, who mends, story. kimei lab attack <name> plays the theft.',
  },
  'list.rules': {
    ja: 'ほかに、決まりを一つだけ抜いたシナリオが {count} 件あります（--all で表示）。',
    en: 'And {count} scenarios in which one rule is missing (--all shows them).',
  },
  'attack.holder-passed': { ja: '✓ 通る', en: '✓ ok' },
  'attack.holder-refused': { ja: '– 断られる', en: '– refused' },
  'attack.thief-passed': { ja: '✗ 盗める', en: '✗ stolen' },
  'attack.thief-refused': { ja: '✓ 防げる', en: '✓ refused' },
  'attack.probe-passed': { ja: '✗ 守られない', en: '✗ not kept' },
  'attack.probe-refused': { ja: '✓ 守られる', en: '✓ kept' },
  'attack.not-as-told': { ja: '（話と違います）', en: '(not as told)' },
  'attack.events': { ja: '記録', en: 'event' },
  'attack.mend': { ja: '直し方', en: 'The mend' },
  'attack.none': { ja: '（何も送れません）', en: '(nothing could be sent)' },
  'grade.scenario': { ja: 'シナリオ', en: 'scenario' },
  'grade.verdict': { ja: '判定', en: 'verdict' },
  'grade.right': { ja: '✓ 合っている', en: '✓ right' },
  'grade.wrong': { ja: '✗ 違う', en: '✗ wrong' },
  'grade.key': { ja: '正規化キー', en: 'key' },
  'grade.requests': { ja: '要求数', en: 'requests' },
  'grade.expected': { ja: '正解', en: 'so it is' },
  'grade.found': { ja: '観測', en: 'observed' },
  'grade.missed': { ja: '見落とし', en: 'missed' },
  'grade.false-alarm': { ja: '誤報', en: 'false alarm' },
  'grade.figures': {
    ja: '{scenarios} 件のうち {right} 件が正解。穴 {holes} のうち {found} を発見、誤報 {falseAlarms}。適合率 {precision}、再現率 {recall}、要求 {requests}。',
    en: '{right} of {scenarios} right. Found {found} of {holes} holes, {falseAlarms} false alarms. Precision {precision}, recall {recall}, {requests} requests.',
  },
  'ending.stolen': { ja: '盗んだ切符で入れました。', en: 'The stolen ticket got in.' },
  'ending.kept': { ja: '盗んだ切符では、どこにも入れませんでした。', en: 'The stolen ticket got in nowhere.' },
  'ending.open': { ja: 'ここで守られるはずのことが、守られていません。', en: 'What should hold here does not.' },
  'ending.holds': { ja: 'ここで守られるはずのことは、守られています。', en: 'What should hold here does.' },
  'ready.title': { ja: '実験室が動いています（このコンピューターの中だけ）。', en: 'The lab is running, for this machine alone.' },
  'ready.issuer': { ja: '発行側', en: 'issuer' },
  'ready.try': { ja: '試してみてください：', en: 'Try:' },
  'ready.page': { ja: 'ブラウザーで開く', en: 'open in a browser' },
  'ready.attack': { ja: '同じ盗みを端末で見る', en: 'the same theft in a terminal' },
  'ready.curl': { ja: '切符なしで呼んでみる', en: 'call without a ticket' },
  'ready.observe': { ja: '観測者に見せる', en: 'ask the observer' },
  'ready.grade': { ja: 'サインインするアプリも含めて', en: 'with apps that are signed in to' },
  'ready.stop': { ja: 'Ctrl+C で終わります。鍵もデータも残りません。', en: 'Ctrl+C ends it. Neither keys nor data remain.' },
} as const

export type Word = keyof typeof words

export function word(language: Language, key: Word, values: Readonly<Record<string, string | number>> = {}): string {
  return words[key][language].replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole))
}
