// What the demo app says, in Japanese and English. Japanese is written, not translated.
import { type Language, languages } from 'look'

type Pair = { readonly ja: string; readonly en: string }

const all = {
  title: { ja: '記名式の切符を試す', en: 'Try a named ticket' },
  lead: {
    ja: 'ふつうのアクセストークンは、拾った人なら誰でも使えます。ここで受け取る切符には名前があり、このブラウザーの中の鍵がなければ使えません。受け取って、使って、盗んでみてください。',
    en: 'An ordinary access token works for whoever finds it. The ticket you get here carries a name, and without the key inside this browser it is useless. Get one, use it, then try to steal it.',
  },
  'sign-in': { ja: 'サインインして切符を受け取る', en: 'Sign in and get a ticket' },
  'compare.bearer': { ja: 'ふつうのトークン', en: 'An ordinary token' },
  'compare.named': { ja: 'ここで受け取る切符', en: 'The ticket you get here' },
  'compare.key': {
    ja: '切符に押された印は、このブラウザーの中にもう作られている鍵の指紋です。',
    en: 'The stamp is the thumbprint of a key that this browser has already made.',
  },
  'sign-in-note': {
    ja: 'ユーザー名とパスワードは、kimei dev を起動した画面に表示されています。',
    en: 'Username and password stand in the terminal where kimei dev was started.',
  },
  'sign-out': { ja: '切符を返して鍵を捨てる', en: 'Hand back the ticket and destroy the key' },
  'ticket.heading': { ja: '1. あなたの切符', en: '1. Your ticket' },
  'ticket.greeting': { ja: 'ようこそ、{name} さん。', en: 'Welcome, {name}.' },
  'ticket.title': { ja: 'メモ帳 API', en: 'Notes API' },
  'ticket.key': { ja: '鍵の指紋', en: 'Thumbprint of the key' },
  'ticket.scopes': { ja: 'できること', en: 'Good for' },
  'scope.openid': { ja: '誰がサインインしたかを知らせる', en: 'Saying who signed in' },
  'scope.profile': { ja: '名前を知らせる', en: 'Telling your name' },
  'scope.notes:read': { ja: 'メモを読む', en: 'Reading notes' },
  'scope.notes:write': { ja: 'メモを書く', en: 'Writing notes' },
  'ticket.expires': { ja: '有効期限', en: 'Valid until' },
  'ticket.issuer': { ja: '発行者', en: 'Issued by' },
  'ticket.renew': { ja: '新しい切符に替える', en: 'Renew' },
  'ticket.renewed': {
    ja: '新しい切符に替わりました。名前（鍵の指紋）は同じです。',
    en: 'The ticket is a new one. Its name, the thumbprint of the key, is the same.',
  },
  'key.heading': { ja: '2. 鍵は取り出せない', en: '2. The key does not come out' },
  'key.text': {
    ja: '秘密鍵はブラウザーが預かっています。このページのスクリプトは署名を頼めますが、鍵そのものは読めません。',
    en: 'The browser keeps the private key. A script on this page may ask for signatures, but it cannot read the key.',
  },
  'key.try': { ja: '秘密鍵を取り出してみる', en: 'Try to take the private key out' },
  'key.refused': { ja: 'ブラウザーが断りました', en: 'The browser refused' },
  'key.came-out': { ja: '鍵が取り出せてしまいました', en: 'The key came out' },
  'use.heading': { ja: '3. 切符を使う', en: '3. Use the ticket' },
  'use.text': {
    ja: '呼び出すたびに、その一回だけに通用する証明を鍵で作って添えます。',
    en: 'For every call the key makes a proof that is good for this one call.',
  },
  'use.read': { ja: 'メモを読む', en: 'Read the notes' },
  'use.write': { ja: 'メモを書く', en: 'Write a note' },
  'use.note': { ja: '{time} に書いたメモ', en: 'Written at {time}' },
  'use.sent': { ja: '送ったもの', en: 'What was sent' },
  'use.answered': { ja: '返ってきたもの', en: 'What came back' },
  'use.proof': { ja: '証明の中身', en: 'Inside the proof' },
  'steal.heading': { ja: '4. 盗んでみる', en: '4. Steal it' },
  'steal.text': {
    ja: '泥棒は切符（トークン）と、通信から拾った使用済みの証明を持っています。鍵は持っていません。泥棒にできることを順に試します。',
    en: 'A thief has the ticket itself and one used proof picked up on the way. The thief does not have the key. This tries everything a thief could do with them.',
  },
  'steal.try': { ja: '盗んだ切符を使ってみる', en: 'Use the stolen ticket' },
  'steal.way': { ja: '泥棒のやり方', en: 'What the thief does' },
  'steal.outcome': { ja: '結果', en: 'Outcome' },
  'steal.refused': { ja: '拒否', en: 'refused' },
  'steal.admitted': { ja: '通過した', en: 'let in' },
  'steal.all-refused': { ja: '{count} 通りすべて拒否されました。', en: 'All {count} ways were refused.' },
  'steal.some-admitted': {
    ja: '{count} 通りで通ってしまいました。この API は切符の名前を確かめていません。',
    en: '{count} of them got in: this API does not check the name on the ticket.',
  },
  'steal.rule': { ja: 'API の言い分', en: 'What the API says' },
  'theft.bearer': { ja: '名前のない切符のふりをして出す', en: 'Presents it as an ordinary bearer ticket' },
  'theft.bearer.why': {
    ja: '名前のある切符は、証明のない使い方では受け付けられません。',
    en: 'A ticket with a name is not taken in the way of tickets without one.',
  },
  'theft.no-proof': { ja: '証明を添えずに出す', en: 'Presents it without a proof' },
  'theft.no-proof.why': { ja: '鍵を持っている証明がありません。', en: 'Nothing proves possession of the key.' },
  'theft.other-key': { ja: '自分の鍵で証明を作って添える', en: 'Makes a proof with a key of the thief’s own' },
  'theft.other-key.why': {
    ja: '証明は正しくても、切符に書かれた名前と違う鍵です。',
    en: 'The proof is sound, but the key is not the one named on the ticket.',
  },
  'theft.replay': { ja: '拾った使用済みの証明をもう一度出す', en: 'Presents the used proof once more' },
  'theft.replay.why': { ja: '証明は一度しか使えません。', en: 'A proof works once.' },
  'theft.elsewhere': { ja: '拾った証明を別の操作に使う', en: 'Uses the picked-up proof for another operation' },
  'theft.elsewhere.why': {
    ja: '証明は、作られたときの操作と宛先にしか通用しません。',
    en: 'A proof is good only for the operation and the address it was made for.',
  },
  'error.heading': { ja: 'うまくいきませんでした', en: 'That did not work' },
  'error.denied': { ja: '許可しないことが選ばれたので、切符は受け取っていません。', en: 'Access was not allowed, so there is no ticket.' },
  'error.callback': {
    ja: 'このサインインはもう終わっているか、別の場所で始められたものです。もう一度はじめからお試しください。',
    en: 'This sign-in is already over, or it began somewhere else. Please start again.',
  },
  'error.issuer': { ja: '発行者に届きません。kimei dev は動いていますか。', en: 'The issuer cannot be reached. Is kimei dev running?' },
  'error.home': {
    ja: 'このブラウザーは鍵を預かってくれません（プライベートモードなど）。別のウィンドウでお試しください。',
    en: 'This browser does not keep keys for pages (a private mode, perhaps). Please try another window.',
  },
  'error.ended': { ja: 'サインインは終わっています。もう一度サインインしてください。', en: 'The sign-in has ended. Please sign in again.' },
  'error.other': { ja: '予期しないことが起きました。', en: 'Something unexpected happened.' },
  busy: { ja: 'お待ちください…', en: 'One moment…' },
  footer: { ja: 'このページは練習用です。', en: 'This page is for practice.' },
} as const satisfies Record<string, Pair>

export type TextKey = keyof typeof all

/** The words for a scope the demo knows; any other scope is its own word. */
export function scopeWords(language: Language, scope: string): string {
  const key = `scope.${scope}`
  return Object.hasOwn(all, key) ? all[key as TextKey][language] : scope
}
export const textKeys = Object.keys(all) as readonly TextKey[]

/** The text, its `{names}` filled in. */
export function text(language: Language, key: TextKey, names: Readonly<Record<string, string | number>> = {}): string {
  return all[key][language].replace(/\{([a-z]+)\}/g, (whole, name: string) => String(names[name] ?? whole))
}

/** What the page was asked for by `?lang=`, else what was chosen before, else what the browser prefers. */
export function pickLanguage(asked: string | null, chosen: string | null, preferred: readonly string[]): Language {
  const known = (tag: string | null): Language | undefined => languages.find((language) => language === tag?.toLowerCase().split('-', 1)[0])
  return known(asked) ?? known(chosen) ?? preferred.map(known).find((language) => language !== undefined) ?? 'en'
}
