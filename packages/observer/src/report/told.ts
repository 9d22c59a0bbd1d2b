// A note of the run in the language of the reader: the whole of it, or its parts where it is composed. What is not known stays as it is.
import type { Language } from '@kimei/protocol'
import { toldInJapanese } from './told-words.ts'

/** `$1` is told in turn. */
export type Composed = readonly [note: RegExp, ja: string]

/** @param whole notes that are sentences as they stand. */
export function makeTold(
  whole: Readonly<Record<string, string>>,
  parts: readonly Composed[],
): (note: string, language: Language) => string {
  const inJapanese = (note: string): string => {
    // Some notes are what the other side wrote: no name of an object's own members may answer.
    if (Object.hasOwn(whole, note)) return whole[note]!
    for (const [pattern, ja] of parts) {
      const found = pattern.exec(note)
      if (found) return ja.replace(/\$(\d)/g, (_, group: string) => inJapanese(found[Number(group)] ?? ''))
    }
    return note
  }
  return (note, language) => (language === 'ja' ? inJapanese(note) : note)
}

const composed: readonly Composed[] = [
  [/^refused \((.+)\)$/, '断られた（$1）'],
  [/^moot: (\S+) is violated$/, '$1 が破られているので問うまでもない'],
  [/^accepted in (\d+) of (\d+) tries$/, '$2 回のうち $1 回通った'],
  [/^(.+), (accepted in \d+ of \d+ tries)$/, '$1。$2'],
  [/^without a ticket: (.+)$/, '切符なしで：$1'],
  [/^control before failed: (.+)$/, '先に送ったよい要求が通らなかった：$1'],
  [/^control after failed: (.+)$/, 'あとに送ったよい要求が通らなかった：$1'],
  [/^a good ticket was answered (.+)$/, 'よい切符への答えが $1'],
  [/^a good request was (.+)$/, 'よい要求が：$1'],
  [/^a right proof was answered (.+)$/, '正しい証明への答えが $1'],
  [/^first use was not accepted: (.+)$/, '一度目が通らなかった：$1'],
  [/^first use was (.+)$/, '一度目が：$1'],
  [/^not reached: (.+)$/, '届かなかった：$1'],
  [/^no ticket: (.+)$/, '切符が手に入らない：$1'],
  [/^no answer: (\S+)$/, '答えがない（$1）'],
  [/^(.+) \((.+)\) was given up: (.+)$/, '$1（$2）に尋ねるのをやめた：$3'],
  [/^(\S+) was given up: (.+)$/, '$1 に尋ねるのをやめた：$2'],
  [/^3 answers in a row with 429 or 5xx, the last (\d+)$/, '429 や 5xx が三回続いた（最後は $1）'],
  [/^3 requests in a row without an answer \((.+)\)$/, '三回続けて答えがない（$1）'],
  [/^it asks for (\d+) seconds of rest$/, '$1 秒待ってほしいと言われた'],
  [/^stopped after (\d+) hosts answered with 429 or 5xx$/, '$1 の host が続けて 429 や 5xx を返したので終えた'],
  [/^stopped after (\d+) hosts in a row without a usual answer$/, '$1 の host が続けて答えないので終えた'],
  [/^nothing is there: (.+)$/, 'そこには何もない：$1'],
  [/^(\d+) with errors inside$/, '$1（中身は拒否）'],
  [/^(\d+) with another representation$/, '$1（別の形の内容）'],
  [/^(\d+): a redirect, perhaps to a sign-in page$/, '$1（別の所へ。サインイン画面かもしれない）'],
  [/^(\d+): a firewall that wants a browser$/, '$1（ブラウザかを確かめるファイアウォール）'],
  [/^403 without a challenge: perhaps something in front of the API$/, '403（求めるものの指定がない。API の手前かもしれない）'],
  [/^(\d+) is not an answer to a ticket$/, '$1（切符への答えではない）'],
  [/^(.+) is no answer of a token endpoint$/, '$1（トークンエンドポイントの答えではない）'],
  [/^(.+) is no answer of an introspection endpoint$/, '$1（照会エンドポイントの答えではない）'],
  [/^(\S+) is neither acceptance nor refusal$/, '$1（可でも不可でもない）'],
  [/^(.+) \(a page to sign in\)$/, '$1（サインイン画面）'],
  [/^(.+) \(a firewall that wants a browser\)$/, '$1（ブラウザかを確かめるファイアウォール）'],
  [/^(.+) \(errors inside\)$/, '$1（中身は拒否）'],
  [/^codes of this client are not looked at \((.+)\)$/, 'このアプリのコードは見てもらえない（$1）'],
  [/^the sign-in ended on a page \((.+)\)$/, 'サインインが画面で止まった（$1）'],
  [/^it answers a random ticket alike \((.+)\)$/, 'でたらめな切符にも同じ答え（$1）'],
  [/^nothing of this client opens it \((.+)\)$/, 'このアプリの持つもので開かない（$1）'],
  [/^HEAD is answered (\S+) here$/, 'ここでは HEAD への答えが $1'],
  [/^the ticket was not told to be active \((.+)\)$/, '切符が有効だと言われなかった（$1）'],
  [/^active, without (\S+)$/, '有効。$1 がない'],
  [/^active, with the thumbprint of another (?:key|certificate)$/, '有効。別の鍵か証明書の指紋つき'],
  [/^active, with cnf\.jkt, but token_type "(.*)"$/, '有効。cnf.jkt つきだが token_type が「$1」'],
  [/^requested; without one: (.+)$/, '求められた。なしで：$1'],
  [/^not requested; without one: (.+)$/, '求められない。なしで：$1'],
  [/^(TLS \S+|\S+) is not spoken here$/, 'ここでは $1 を話さない'],
  [/^the inventory does not say: (\S+)$/, '一覧に $1 が書かれていない'],
  [/^the inventory has no other (\S+) to ask for$/, '一覧に、ほかに頼める $1 がない'],
  [/^no ticket can be had for another (\S+)$/, '別の $1 の切符が手に入らない'],
  [/^nobody waits (\d+) seconds for a nonce to grow old$/, 'nonce が古くなるまでの $1 秒を待たない'],
  [/^(\S+): no bound ticket for it$/, '$1：記名式の切符がない'],
  [/^(\S+) gave no session$/, '$1 がセッションを出さなかった'],
  [/^refused, as it is where it should work \((.+)\)$/, '断られた。使えるはずの所でも断られる（$1）'],
  [/^refused, and whether it is good could not be told: (.+)$/, '断られたが、使えるものか確かめられなかった：$1'],
  [/^(.+); (.+)$/, '$1。$2'],
]

/** An answer or a reason. */
export const told = makeTold(toldInJapanese, composed)
