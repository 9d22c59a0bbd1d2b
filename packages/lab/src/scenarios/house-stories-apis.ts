// Stories of houses whose API is guarded at its front and not at its side, or compares proofs in a way of its own. Data by hand.
import type { housesOfApis } from '../houses/houses-of-apis.ts'
import type { HouseStory } from './house-scenarios.ts'

/** One API of mid privilege is open to whoever has the ticket. */
const exception = {
  posture: { mode: 'mixed', rs_enforced: 'partial', coverage: 'partial_api' },
  priority: 'P1',
  owner: 'RS',
  enforced: 'partial',
} as const satisfies Partial<HouseStory>
/** Nobody gets in who should not, and something is not as it should be. */
const form = { posture: {}, priority: 'P2', owner: 'RS', enforced: 'yes', mode: 'dpop' } as const satisfies Partial<HouseStory>

export const storiesOfApis: Readonly<Record<keyof typeof housesOfApis, HouseStory>> = {
  'ticket-found-anywhere': {
    ...exception,
    title: { ja: '切符を、あちこち探してくれる', en: 'A ticket is found wherever it is put' },
    story: {
      ja: '手前の部品は、Authorization がなければ、URL、ヘッダー、Cookie、本文、WebSocket の副プロトコルまで探します。昔のアプリへの親切です。そこで見つけた切符には、証明を求めません。',
      en: 'Where Authorization is missing, a friendly piece of code looks for the ticket in the URL, in other headers, in a cookie, in the body and in the WebSocket subprotocol, as old apps sent it. Of what it finds there it demands no proof.',
    },
    mend: {
      ja: '切符は Authorization からだけ読み、ほかの所にあるものは読まない。',
      en: 'Read tickets from Authorization alone, and ignore whatever lies elsewhere.',
    },
    open: { notes: ['B4q', 'B4h', 'B4c'], form: ['B4q', 'B4h', 'B4c', 'B4b'], live: ['B4q', 'B4h', 'B4c', 'B4w'] },
  },
  'paths-tidied-behind-the-guard': {
    ...exception,
    title: { ja: '道の書き方を変えれば、守りを通らない', en: 'Written otherwise, the path goes past the guard' },
    story: {
      ja: '守りは /notes という文字の並びを守っています。奥のアプリは親切で、/NOTES も //notes も /notes/ も同じ道と見ます。守りが知らない書き方は、守られずに届きます。',
      en: 'The guard guards the letters /notes. The application behind is kind and takes /NOTES, //notes and /notes/ for the same path. Whatever spelling the guard does not know arrives unguarded.',
    },
    mend: {
      ja: '守りと奥のアプリで、同じ読み方をする。守りの知らない道は断る。',
      en: 'Let guard and application read paths alike, and refuse every path that the guard does not know.',
    },
    open: { notes: ['P1', 'P2', 'P3', 'P4', 'P6', 'P7'] },
  },
  'old-version-forgotten': {
    ...exception,
    title: { ja: '古い版の API が残っている', en: 'The old version is still there' },
    story: {
      ja: '新しい版 /v2 は証明を求めます。古い /v1 は「もう誰も使わない」はずで、守りを付けないまま動いています。返すデータは同じです。',
      en: 'The new version /v2 demands proofs. The old /v1 is used by nobody any more, so nobody put the guard there, and nobody switched it off. It gives out the same content.',
    },
    mend: {
      ja: '古い版を止める。止められないあいだは、同じ守りを置く。',
      en: 'Switch the old version off; until then put the same guard before it.',
    },
    open: { list: ['P5'] },
  },
  'only-get-is-guarded': {
    ...exception,
    title: { ja: '守られているのは GET だけ', en: 'Only GET is guarded' },
    story: {
      ja: '守りは、API の説明書にあるメソッドにだけ付いています。HEAD と OPTIONS には部品が自動で応え、切符だけで中身や長さを返します。',
      en: 'The guard is bound to the methods in the description of the API. HEAD and OPTIONS are answered by the framework itself, and give content or its length to the ticket alone.',
    },
    mend: {
      ja: '守りはメソッドではなく道に付け、知らないメソッドは断る。',
      en: 'Bind the guard to the path, not to methods, and refuse the methods it does not know.',
    },
    open: { notes: ['OP', 'HD'] },
  },
  'node-left-behind': {
    ...exception,
    title: { ja: '一台だけ、更新されていない', en: 'One machine was left behind' },
    story: {
      ja: '同じ名前の後ろに二台あります。一台は守りを入れ忘れたままで、たまたまそちらに当たった要求は、切符だけで通ります。外から名前で呼ぶだけでは、めったに見えません。',
      en: 'Behind one name stand two machines. One never got the guard, and whatever the balancer sends there passes with the ticket alone. Whoever calls the name alone will rarely see it.',
    },
    mend: {
      ja: 'どの台も同じ版で動かし、番地ごとに確かめる。',
      en: 'Run the same release on every machine, and check each by its address.',
    },
    open: { notes: ['ND'] },
  },
  'unreadable-proofs-pass': {
    ...exception,
    title: { ja: '読めない証明は、ないことにする', en: 'A proof that cannot be read is overlooked' },
    story: {
      ja: '移行のあいだに止まらないよう、証明が読めないときや付いていないときは、古いアプリと見て通します。鍵の違う証明は断るのに、証明と呼べないものは断りません。',
      en: 'So that nothing stops during the change, a call whose proof is missing or cannot be read is taken for one of an old app and let through. A proof by a wrong key is refused; one that is none is not.',
    },
    mend: {
      ja: 'DPoP と書かれた要求に、読める証明がちょうど一つなければ断る。',
      en: 'Refuse every request under the DPoP scheme that does not carry exactly one proof that can be read.',
    },
    open: { notes: ['B2', 'X0'] },
  },
  'addresses-compared-as-text': {
    ...form,
    title: { ja: '宛先を、文字の並びとして比べる', en: 'Addresses are compared letter by letter' },
    story: {
      ja: '証明の宛先 htu を、届いた URL と文字どおりに比べます。正しいアプリでも、% の書き方や問い合わせの有無が違うと断られ、「DPoP は使えない」と言われます。',
      en: 'The htu of a proof is compared with the URL letter by letter. Honest apps that write a letter with %, or keep the query, are refused, and soon somebody says that DPoP does not work.',
    },
    mend: {
      ja: 'htu は、問い合わせを除き、% の書き方をそろえてから比べる（RFC 3986 §6.2.2）。',
      en: 'Leave the query out, normalize both sides (RFC 3986 §6.2.2), then compare.',
    },
    open: { notes: ['H5', 'H7'] },
  },
  'proofs-live-for-ten-minutes': {
    ...form,
    title: { ja: '証明が十分間も使える', en: 'Proofs live for ten minutes' },
    story: {
      ja: '時計のずれに困った誰かが、証明の受付を 10 分に広げました。記録から拾った証明も、覚える仕組みが一つ止まれば、それだけ長く使えます。',
      en: 'Somebody had trouble with clocks and let proofs pass for ten minutes. A proof from a log is good for as long as that, once the memory of used ones fails.',
    },
    mend: {
      ja: '受付は作られてから数分までにし、時計は NTP で合わせる。',
      en: 'Take proofs for a minute or a few after their time, and set the clocks right.',
    },
    open: { admin: ['T3'], notes: ['T3'], optional: ['T3'] },
  },
  'one-list-for-everybody': {
    ...form,
    title: { ja: '使用ずみの一覧が、全員で一つ', en: 'One list of used proofs for everybody' },
    story: {
      ja: '使われた jti を、誰の鍵のものかを見ずに覚えます。誰かの jti を先に使えば、その人の正しい要求が断られます。盗みではなく、締め出しです。',
      en: 'Used jti are remembered without looking whose key they came from. Whoever uses somebody’s jti first shuts that somebody out. Nothing is stolen; honest calls fail.',
    },
    mend: {
      ja: 'jti は鍵ごとに、証明を確かめ終わってから覚える。',
      en: 'Remember jti for each key by itself, and only once everything else about the proof is right.',
    },
    open: { notes: ['R6'] },
  },
  'odd-ids-not-remembered': {
    ...form,
    title: { ja: '長すぎる番号、空の番号は覚えない', en: 'Ids too long, or empty, are not remembered' },
    story: {
      ja: '使われた証明の番号（jti）は、255 文字までの欄に書きます。入りきらないもの、空のものは書けないので、確かめずに通します。何度でも使えます。',
      en: 'The ids of used proofs (jti) are kept in a column of 255 letters. What does not fit, or is empty, cannot be written down, so it is let through, as often as it comes.',
    },
    mend: {
      ja: '番号が空か長すぎる証明は、覚えられないのだから断る。',
      en: 'Refuse a proof whose id is empty or too long: what cannot be remembered cannot be taken once only.',
    },
    open: { notes: ['X5b', 'X5c', 'X5d'] },
  },
  'answers-kept-for-anybody': {
    ...exception,
    title: { ja: '守られた答えを、キャッシュが覚えている', en: 'A cache remembers guarded answers' },
    story: {
      ja: '速くするために置いたキャッシュが、守られた API の答えを URL だけで覚えます。持ち主が一度見たものは、次に来た人に、切符がなくても渡されます。',
      en: 'A cache that was put there for speed keeps guarded answers by their URL alone. What its owner has seen once is handed to whoever comes next, ticket or not.',
    },
    mend: {
      ja: '守られた答えに Cache-Control: no-store を付け、Authorization のある要求は覚えさせない。',
      en: 'Send Cache-Control: no-store with guarded answers, and let no cache keep what was asked with Authorization.',
    },
    // Whatever is asked at that address is answered from the cache, the ticket alone included.
    open: { notes: ['CA1', 'B1'] },
    shown: ['CA1'],
  },
  'any-issuer-is-trusted': {
    ...form,
    priority: 'P1',
    title: { ja: 'どの発行者の切符でも通る', en: 'A ticket of any issuer will do' },
    story: {
      ja: 'この API は、切符に書かれた発行者の鍵を取りに行って署名を確かめます。試験用の発行者が出した切符も、署名は正しいので通ります。鍵の証明も正しいのです。',
      en: 'This API fetches the keys of whatever issuer the ticket names and verifies the signature. A ticket of the test issuer is signed rightly, and its proof is right too, so it passes.',
    },
    mend: {
      ja: '信じる発行者を一つに決め、切符の iss をそれと比べる。',
      en: 'Name the one issuer that this API trusts, and compare iss with it.',
    },
    open: { notes: ['TK6'] },
  },
}
