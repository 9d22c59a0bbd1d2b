// Stories by hand for the rules that decide whether a stolen ticket works. Words only.
import type { RuleId, Text } from '@kimei/protocol'

interface Story {
  readonly title: Text
  readonly story: Text
  readonly mend: Text
}

export const ruleStories: Readonly<Record<RuleId, Story>> = {
  'binding.named-token-is-not-bearer': {
    title: { ja: '記名の切符なのに、名前を見ない', en: 'The name on the ticket is never read' },
    story: {
      ja: '発行側は切符に鍵の名前を入れています。ところが API は、切符が Bearer として出されると名前を見ずに通します。切符を盗んだ人は、証明を付けずに Bearer と書くだけで入れます。',
      en: 'The issuer writes the name of a key on every ticket. The API reads the name only when it is told DPoP; as Bearer the same ticket passes. A thief simply leaves the proof away and writes Bearer.',
    },
    mend: {
      ja: 'どの書き方で出されても cnf を必ず読み、鍵の名前がある切符は DPoP と証明がそろったときだけ通す。',
      en: 'Read cnf whatever the scheme says; let a ticket that names a key pass only under DPoP with its proof.',
    },
  },
  'binding.proof-key-is-named-key': {
    title: { ja: '誰の鍵の証明でもよい', en: 'Any key will do' },
    story: {
      ja: 'API は証明の署名を確かめますが、その鍵が切符に書かれた鍵かどうかを比べません。切符を盗んだ人は、自分で作った鍵で証明を作れば通ります。',
      en: 'The API verifies the signature of the proof but never compares its key with the one on the ticket. A thief makes a key of their own, signs a proof, and is in.',
    },
    mend: { ja: '証明の鍵の拇印を、切符の cnf.jkt と比べる。', en: 'Compare the thumbprint of the proof key with cnf.jkt of the ticket.' },
  },
  'dpop.signature-verifies': {
    title: { ja: '署名のでたらめな証明が通る', en: 'A proof with a broken signature passes' },
    story: {
      ja: '証明は読まれますが、署名が検証されていません。盗んだ人は、持ち主の公開鍵を書き写した証明を、秘密の鍵なしで作れます。',
      en: 'The proof is read, but its signature is not verified. A thief copies the public key of the holder into a proof and needs no private key at all.',
    },
    mend: {
      ja: 'ヘッダーの jwk で署名を検証してから、中身を読む。',
      en: 'Verify the signature with the jwk of the header before believing anything inside.',
    },
  },
  'dpop.jti-is-first-use': {
    title: { ja: '同じ証明が何度でも通る', en: 'The same proof passes again and again' },
    story: {
      ja: '使われた証明を覚えていません。通信を記録した人は、同じ切符と証明をそのまま送り直せば、証明の期限まで入り続けられます。',
      en: 'Used proofs are not remembered. Whoever recorded one request sends ticket and proof again, unchanged, for as long as the proof is fresh.',
    },
    mend: {
      ja: '使われた jti を、証明が有効なあいだ覚えて断る。',
      en: 'Remember each jti while its proof could still pass, and refuse it.',
    },
  },
  'dpop.htu-is-request-target': {
    title: { ja: '別の API 向けの証明が通る', en: 'A proof made for another API passes' },
    story: {
      ja: '証明に書かれた宛先（htu）が比べられていません。あまり大切でない API への証明を手に入れた人が、管理用の API でそれを使えます。',
      en: 'The address inside the proof (htu) is not compared. Whoever gets a proof made for a harmless API can spend it at the admin API.',
    },
    mend: { ja: 'htu を、正規化した要求先の URI と比べる。', en: 'Compare htu with the normalized URI of the request.' },
  },
  'dpop.htm-is-request-method': {
    title: { ja: '読むための証明で、書ける', en: 'A proof for reading is good for writing' },
    story: {
      ja: '証明に書かれたメソッド（htm）が比べられていません。GET のために作られた証明で、消すことも書くこともできます。',
      en: 'The method inside the proof (htm) is not compared. A proof made for GET is good for deleting and writing.',
    },
    mend: { ja: 'htm を、要求のメソッドと文字どおりに比べる。', en: 'Compare htm with the method of the request, letter by letter.' },
  },
  'dpop.ath-is-token-hash': {
    title: { ja: '証明が、別の切符にも使える', en: 'A proof goes with any ticket' },
    story: {
      ja: '証明は一枚の切符のために作られ、その切符のハッシュ（ath）を含みます。それが比べられないと、手に入れた証明を別の切符と組み合わせられます。',
      en: 'A proof is made for one ticket and carries its hash (ath). Where nobody compares it, a proof can be combined with another ticket of the same key.',
    },
    mend: { ja: 'ath を、出された切符の SHA-256 と比べる。', en: 'Compare ath with the SHA-256 of the ticket that was presented.' },
  },
  'binding.token-is-bound': {
    title: { ja: '無記名の切符も受け取る', en: 'Nameless tickets are taken as well' },
    story: {
      ja: '記名の切符はきちんと確かめますが、名前のない切符も通します。攻撃者は、名前のない切符をどこかで手に入れさえすればよくなります。',
      en: 'Named tickets are checked well, and nameless ones pass beside them. An attacker only has to obtain a nameless ticket somewhere.',
    },
    mend: { ja: 'cnf のない切符を断る。', en: 'Refuse tickets without cnf.' },
  },
  'binding.bearer-is-permitted': {
    title: { ja: '頼めば無記名の切符が出る', en: 'The issuer gives out nameless tickets on request' },
    story: {
      ja: '証明を付けずに申し込むと、発行側は黙って無記名の切符を出します。記名にしたつもりのアプリから、気づかないうちに盗みやすい切符が出ていきます。',
      en: 'Asked without a proof, the issuer silently gives out a nameless ticket. An app that was meant to have named ones hands out stealable ones without anybody noticing.',
    },
    mend: { ja: 'このアプリには、証明のない申し込みを断る。', en: 'Refuse requests of this client that come without a proof.' },
  },
  'exchange.bound-token-gives-no-bearer': {
    title: { ja: '記名式の切符が、無記名に洗い替えられる', en: 'A named ticket is laundered into a nameless one' },
    story: {
      ja: '切符を別の API 向けに取り替える窓口が、元の切符が鍵に結ばれていることを忘れます。証明を付けずに出すと、名前のない切符になって返ってきます。',
      en: 'The counter where a ticket is traded for one for another API forgets that it was bound to a key. Traded without a proof, it comes back without a name.',
    },
    mend: {
      ja: '縛られた切符から出す切符は、証明がなければ断る。',
      en: 'Refuse to trade a bound ticket where no proof comes along.',
    },
  },
  'code.is-unredeemed': {
    title: { ja: '引換コードが二度使える', en: 'An authorization code works twice' },
    story: {
      ja: 'サインインのあとに渡される引換コードは、一度だけ使えるはずです。二度使えると、リダイレクトの URL を見た人がもう一枚の切符を受け取れます。',
      en: 'The code that comes back from a sign-in should work once. Where it works twice, whoever sees the redirect URL collects a second ticket.',
    },
    mend: {
      ja: 'コードを一度の書き込みで使用済みにし、再び来たら出した切符ごと取り消す。',
      en: 'Redeem the code in one atomic write; when it comes again, revoke what it gave.',
    },
  },
  'pkce.verifier-matches-challenge': {
    title: { ja: '盗まれた引換コードが使える', en: 'A stolen code can be redeemed' },
    story: {
      ja: 'コードを受け取れるのは、最初に申し込んだアプリだけのはずです（PKCE）。合言葉が比べられないと、コードを横取りしたアプリが切符を受け取れます。',
      en: 'Only the app that asked may redeem the code (PKCE). Where the verifier is not compared, whoever catches the code gets the ticket.',
    },
    mend: {
      ja: 'code_verifier の SHA-256 を、申し込みの code_challenge と比べる。',
      en: 'Compare the SHA-256 of code_verifier with the code_challenge of the request.',
    },
  },
  'refresh.is-current': {
    title: { ja: '古い更新券が使い続けられる', en: 'An old refresh token keeps working' },
    story: {
      ja: '更新券は使うたびに新しくなり、古いものは無効になるはずです。古いものが使えると、一度盗んだ人がいつまでも新しい切符を受け取れます。',
      en: 'A refresh token is replaced each time it is used. Where the old one keeps working, whoever stole it once gets new tickets for ever.',
    },
    mend: {
      ja: '使われた更新券を無効にし、再び来たら一連の切符をすべて取り消す。',
      en: 'Retire a used refresh token; when it comes again, revoke the whole family.',
    },
  },
  'refresh.key-is-the-bound-one': {
    title: { ja: '更新券が、別の鍵に移せる', en: 'A refresh token moves to another key' },
    story: {
      ja: '更新券は持ち主の鍵に結ばれているはずです。別の鍵の証明で更新できると、盗んだ人は自分の鍵の名前が入った、正しい切符を手に入れます。',
      en: 'A refresh token is bound to the key of its holder. Where a proof by another key will do, the thief ends up with a perfectly good ticket in their own name.',
    },
    mend: { ja: '更新のときも、証明の鍵を最初の鍵と比べる。', en: 'At refresh, too, compare the proof key with the first one.' },
  },
  'access-token.aud-is-ours': {
    title: { ja: 'よその API の切符が通る', en: 'A ticket for another API passes' },
    story: {
      ja: '切符には、どの API のためのものかが書かれています。それを見ない API は、別の API 向けの切符でも通してしまいます。',
      en: 'A ticket says which API it is for. An API that does not look lets in tickets that were given out for another one.',
    },
    mend: { ja: 'aud に自分の名前があることを、文字どおりに確かめる。', en: 'Check, letter by letter, that aud names this API.' },
  },
  'userinfo.token-is-not-revoked': {
    title: { ja: '取り消した切符が、まだ通る', en: 'A revoked ticket still passes' },
    story: {
      ja: 'アプリがサインアウトして切符を取り消しても、利用者情報の窓口はその切符を通し続けます。',
      en: 'The app signed out and revoked its ticket; the UserInfo endpoint goes on accepting it.',
    },
    mend: { ja: '取り消しの記録を、要求のたびに確かめる。', en: 'Look up revocation on every request.' },
  },
  'logout.redirect-is-registered': {
    title: { ja: 'サインアウトのあと、見知らぬ所へ送られる', en: 'After signing out, people are sent anywhere' },
    story: {
      ja: 'サインアウトのあとの戻り先が、登録されたものかどうか確かめられていません。本物のサーバーの URL から、偽のページへ人を送れます。',
      en: 'Where people go after signing out is not checked against what was registered. A link to the real server leads to a fake page.',
    },
    mend: { ja: '戻り先を、登録された URL と文字どおりに比べる。', en: 'Compare the address, letter by letter, with the registered ones.' },
  },
  'authorize.redirect-uri-is-registered': {
    title: { ja: '引換コードを、どこへでも送らせる', en: 'Codes are sent anywhere' },
    story: {
      ja: '戻り先の URL が登録と比べられていません。攻撃者は自分のサイトを戻り先に書いたリンクを踏ませるだけで、引換コードを受け取れます。',
      en: 'The redirect address is not compared with the registered ones. A link that names the attacker’s site brings the code to them.',
    },
    mend: {
      ja: '戻り先を、登録された URL と文字どおりに比べる。',
      en: 'Compare the redirect address, letter by letter, with the registered ones.',
    },
  },
}
