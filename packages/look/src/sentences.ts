// Every sentence a person reads on pages, reports and in the terminal that both share, in Japanese and English.
// Japanese is written, not translated. A key without one of the languages does not compile.
import { deviceSentences } from './device-sentences.ts'
import type { Language } from './language.ts'
import { signOutSentences } from './sign-out-sentences.ts'

type Pair = { readonly ja: string; readonly en: string }

const all = {
  'ticket.named': { ja: '記名式の切符（鍵 {stamp}）', en: 'a named ticket (key {stamp})' },
  'ticket.bearer': { ja: '無記名の切符', en: 'a bearer ticket' },
  'ticket.unknown': { ja: '名前の有無が確かめられない切符', en: 'a ticket whose name could not be seen' },
  'ticket.named-soon': { ja: '記名式の切符（鍵はこれから決まります）', en: 'a named ticket (its key is not known yet)' },
  // U+200B is where a line may break.
  'ticket.short.named': { ja: '持ち主の鍵がなければ\u200b使えません', en: 'useless without the key of its holder' },
  'ticket.short.bearer': { ja: '手に入れた人なら\u200b誰でも使えます', en: 'works for whoever gets hold of it' },
  'ticket.short.unknown': { ja: '名前の有無は\u200b確かめられませんでした', en: 'nobody could see whether it has a name' },
  'ticket.kind.named': { ja: '記名', en: 'named' },
  'ticket.kind.bearer': { ja: '無記名', en: 'bearer' },
  'ticket.kind.unknown': { ja: '不明', en: 'unknown' },
  'mark.holds': { ja: '守られている', en: 'holds' },
  'mark.violated': { ja: '破られる', en: 'violated' },
  'mark.inconclusive': { ja: '判定できない', en: 'inconclusive' },
  'mark.not-applicable': { ja: '対象外', en: 'not applicable' },
  'mark.ok': { ja: '成功', en: 'ok' },
  'mark.failed': { ja: '失敗', en: 'failed' },
  'mark.refused': { ja: '拒否', en: 'refused' },
  'page.skip': { ja: '本文へ移動', en: 'Skip to content' },
  'page.language': { ja: '言語', en: 'Language' },
  'page.error-prefix': { ja: 'エラー：', en: 'Error: ' },
  'signin.title': { ja: 'サインイン', en: 'Sign in' },
  'signin.first': { ja: '「{client}」に進むため、サインインしてください', en: 'Sign in to continue to {client}' },
  'signin.again': { ja: '確認のため、もう一度サインインしてください', en: 'Please sign in once more to confirm that it is you' },
  'signin.choose': { ja: '使うアカウントでサインインしてください', en: 'Sign in with the account that you want to use' },
  'signin.other': {
    ja: '「{client}」は別のアカウントを求めています。そのアカウントでサインインしてください。',
    en: '{client} asks for another account. Please sign in with that one.',
  },
  'choose.title': { ja: 'アカウントの選択', en: 'Choose an account' },
  'choose.for': { ja: '「{client}」にどのアカウントで進みますか', en: 'Which account do you want to use for {client}?' },
  'choose.continue': { ja: '「{user}」で続ける', en: 'Continue as {user}' },
  'choose.other': { ja: '別のアカウントを使う', en: 'Use another account' },
  'signin.username': { ja: 'ユーザー名', en: 'Username' },
  'signin.password': { ja: 'パスワード', en: 'Password' },
  'signin.submit': { ja: 'サインイン', en: 'Sign in' },
  'signin.cancel': { ja: 'やめて「{client}」に戻る', en: 'Back to {client}' },
  'signin.wrong': {
    ja: 'ユーザー名かパスワードが違います。もう一度入力してください。',
    en: 'The username or the password is not right. Please try again.',
  },
  'signin.missing': { ja: 'ユーザー名とパスワードの両方を入力してください。', en: 'Please enter both username and password.' },
  'signin.slow': {
    ja: '失敗が続いたため、{seconds} 秒ほど待ってからもう一度お試しください。',
    en: 'Too many attempts. Please wait about {seconds} seconds and try again.',
  },
  'signin.busy': {
    ja: 'ただいま混み合っています。数秒待ってから、もう一度お試しください。',
    en: 'Very many people are signing in. Please wait a few seconds and try again.',
  },
  'second.title': { ja: '確認コードの入力', en: 'One-time code' },
  'second.why': {
    ja: '「{client}」がより確かな本人確認を求めています。認証アプリに表示されている 6 桁のコードを入力してください。',
    en: '{client} asks for stronger proof that it is you. Enter the 6-digit code that your authenticator app shows.',
  },
  'second.code': { ja: '確認コード', en: 'One-time code' },
  'second.submit': { ja: '確認する', en: 'Confirm' },
  'second.wrong': {
    ja: '確認コードが違うか、すでに使われています。新しいコードが表示されてから、もう一度入力してください。',
    en: 'The code is not right, or was used before. Wait for a new one and try again.',
  },
  'second.missing': { ja: '6 桁の確認コードを入力してください。', en: 'Please enter the 6-digit code.' },
  'consent.title': { ja: 'アクセスの許可', en: 'Allow access' },
  'consent.asks': { ja: '「{client}」が次の許可を求めています', en: '{client} asks for your permission' },
  'consent.you': { ja: 'サインイン中：{user}', en: 'Signed in as {user}' },
  'consent.who': { ja: 'アプリ', en: 'Application' },
  'consent.client-id': { ja: 'クライアント ID', en: 'Client ID' },
  'consent.where': { ja: '戻り先', en: 'Returns to' },
  'consent.what': { ja: '許可する内容', en: 'What it may do' },
  'consent.told': { ja: '伝わる情報', en: 'What it is told about you' },
  'consent.detail.actions': { ja: 'できること', en: 'Actions' },
  'consent.detail.locations': { ja: 'アクセス先', en: 'Where' },
  'consent.detail.datatypes': { ja: '情報の種類', en: 'Kinds of data' },
  'consent.detail.identifier': { ja: '対象', en: 'Concerning' },
  'consent.detail.privileges': { ja: '権限', en: 'Privileges' },
  'consent.detail.true': { ja: 'はい', en: 'yes' },
  'consent.detail.false': { ja: 'いいえ', en: 'no' },
  'consent.detail.none': { ja: 'なし', en: 'none' },
  'consent.detail.row': { ja: '{label}：{values}', en: '{label}: {values}' },
  'consent.detail.and': { ja: '、', en: ', ' },
  'consent.api': { ja: '使う API', en: 'At which API' },
  'consent.how-long': { ja: '期間', en: 'For how long' },
  'consent.access-minutes': { ja: '一枚の切符が使えるのは {minutes} 分間', en: '{minutes} minutes at a time' },
  'consent.refresh-days': {
    ja: '最長 {days} 日間、アプリが確認なしに新しい切符と替えられます',
    en: 'The app may renew it for up to {days} days without asking again',
  },
  'consent.refresh-hours': {
    ja: 'このサインインの間（最長 {hours} 時間）、アプリが確認なしに新しい切符と替えられます',
    en: 'The app may renew it while this sign-in lasts, up to {hours} hours',
  },
  'consent.no-refresh': { ja: '期限が来たら、もう一度サインインが必要です', en: 'Then you are asked to sign in again' },
  'consent.offline': {
    ja: 'あなたがいない間も、サインアウトした後も続きます',
    en: 'This continues while you are away, also after you sign out',
  },
  'consent.organisation': { ja: '提供元', en: 'Provided by' },
  'consent.purpose': { ja: '目的：{purpose}', en: 'For: {purpose}' },
  'consent.claim-purpose': { ja: '{claim}の目的：{purpose}', en: '{claim}: {purpose}' },
  'consent.may-untick': {
    ja: 'チェックを外せる項目は、外してもアプリを使えます。',
    en: 'What has a tick box is up to you: the app works without it, too.',
  },
  'consent.offline-until-sign-out': {
    ja: 'あなたがいない間も続きます。サインアウトすると終わります',
    en: 'This continues while you are away, and ends when you sign out',
  },
  'consent.online': {
    ja: 'サインアウトすると終わります',
    en: 'It ends when you sign out',
  },
  'consent.ticket': { ja: '切符の種類', en: 'Kind of ticket' },
  'consent.named': {
    ja: '記名式：このアプリの鍵がなければ、誰にも使えません',
    en: 'Named: useless without the key of this app',
  },
  'consent.bearer': {
    ja: '無記名：漏れると、手に入れた人が使えてしまいます',
    en: 'Bearer: whoever gets hold of it can use it',
  },
  'consent.loopback': {
    ja: 'このアプリは、お使いのコンピューターの中で応答を受け取ります。自分で起動したアプリであることを確かめてください。',
    en: 'This app receives the answer on your own computer. Make sure that it is an app you started yourself.',
  },
  'consent.self-described': {
    ja: 'アプリの名前は、アプリの作り手が自分で名乗っているものです。このサーバーでは確かめていません。',
    en: 'The app chose this name itself. Nobody here has checked it.',
  },
  'consent.see-only': { ja: '次の情報を見ること：{claims}', en: 'See your {claims}' },
  'consent.private-title': { ja: '渡さない情報', en: 'What it is not told' },
  'consent.private': {
    ja: '名前やメールアドレスなど、ほかのアプリと突き合わせられる情報は渡しません。このアプリは、このアプリだけの識別子であなたを区別します。',
    en: 'No name, no e-mail address and nothing else that other apps know too. This app knows you by a name of its own.',
  },
  'consent.more': { ja: 'アプリからの案内', en: 'From the app' },
  'consent.home': { ja: 'ホームページ', en: 'Home page' },
  'consent.policy': { ja: 'プライバシーポリシー', en: 'Privacy policy' },
  'consent.terms': { ja: '利用規約', en: 'Terms of service' },
  'consent.published-at': { ja: 'アプリの公開元', en: 'Published at' },
  'form-post.title': { ja: '「{client}」に戻ります', en: 'Back to {client}' },
  'form-post.lead': {
    ja: '自動で切り替わらないときは、ボタンを押してください。',
    en: 'If nothing happens by itself, please press the button.',
  },
  'form-post.submit': { ja: '「{client}」に進む', en: 'Continue to {client}' },
  'consent.allow': { ja: '許可する', en: 'Allow' },
  'consent.deny': { ja: '許可しない', en: 'Deny' },
  'error.title': { ja: 'この要求は処理できません', en: 'Request cannot be processed' },
  'error.next': {
    ja: 'アプリの画面に戻って、もう一度はじめからお試しください。同じことが続くときは、アプリの提供元に下の番号をお伝えください。',
    en: 'Please go back to the app and start again. If it happens again, tell the people who run the app the number below.',
  },
  'error.onward-lead': {
    ja: 'アプリからの要求に誤りがあり、先へ進めません。下の戻り先はアプリが自分で登録したもので、ここでは確かめていません。心当たりがあるときだけお進みください。',
    en: 'The app asked for something that cannot be done. It registered the place below itself, and nobody here has checked it: go on only if you know it.',
  },
  'error.onward': { ja: '{to} へ進む', en: 'Go on to {to}' },
  'error.ours': {
    ja: 'サーバー側の問題です。少し待ってからもう一度お試しください。',
    en: 'The problem is on our side. Please wait a moment and try again.',
  },
  'error.request-id': { ja: 'お問い合わせ番号', en: 'Request number' },
  'error.details': { ja: '開発者向けの詳細', en: 'Details for developers' },
  'error.rule': { ja: '破られた規則', en: 'Broken rule' },
  'signin.page': { ja: '続けるには、サインインしてください', en: 'Sign in to continue' },
  ...deviceSentences,
  ...signOutSentences,
} as const satisfies Record<string, Pair>

export type SentenceKey = keyof typeof all
export const sentenceKeys = Object.keys(all) as readonly SentenceKey[]

/** The sentence, its `{names}` filled in. Plain text: escape it where it becomes HTML. */
export function sentence(language: Language, key: SentenceKey, names: Readonly<Record<string, string | number>> = {}): string {
  return all[key][language].replace(/\{([a-z]+)\}/g, (whole, name: string) => String(names[name] ?? whole))
}
