// Mistakes as they are made in real houses, between parts that are each right in themselves. Data by hand.
import { apiNames } from '../world/switches.ts'
import type { Hole, RuleHole, Scenario } from './scenario.ts'
import { everyApi, held, lost, posture } from './setups.ts'
import { holder, refused, thief, usual } from './steps.ts'
import { switchedScenario, type Written } from './switched-scenario.ts'

const everywhere = (rule: RuleHole['rule']): readonly Hole[] => apiNames.map((at) => ({ rule, at }))
const exception = { rs_enforced: 'partial', coverage: 'partial_api', mode: 'mixed' } as const

const written: readonly Written[] = [
  {
    id: 'admin-exception',
    kind: 'compound',
    title: { ja: '管理用の API だけ例外', en: 'Only the admin API is an exception' },
    story: {
      ja: '「古い管理画面が対応するまで」と、管理用の API だけ切符の名前を見ない設定にしました。ほかはすべて守られているので、誰も気にしていません。',
      en: 'Until the old console catches up, the admin API was told not to look at names. Everything else is enforced, so nobody worries.',
    },
    mend: {
      ja: '例外を外す。外せないなら、管理画面を先に対応させ、それまでは API をネットワークで閉じる。',
      en: 'Remove the exception. If that cannot be, move the console first and keep the API off the network until then.',
    },
    owner: 'RS',
    switches: { apis: { admin: { exception: 'bearer' } } },
    attack: [...usual({ api: 'admin' }), thief('ticket-alone', { api: 'admin' }), refused('ticket-alone', { api: 'payments' })],
    truth: {
      posture: posture(exception),
      priority: 'P0',
      holes: [{ rule: 'binding.named-token-is-not-bearer', at: 'admin' }],
      apis: everyApi(held, { admin: lost }),
    },
  },
  {
    id: 'graphql-and-batch',
    kind: 'compound',
    title: { ja: 'GraphQL とバッチが取り残された', en: 'GraphQL and batch were left behind' },
    story: {
      ja: 'REST の API は共通の部品で守られています。あとから別の班が作った GraphQL とバッチの入口には、その部品が入っていません。中身は同じデータです。',
      en: 'The REST APIs share one guard. GraphQL and batch were built later by another team, without it. Behind them lies the same data.',
    },
    mend: {
      ja: '入口ごとではなく、すべての入口に同じ守りを置く。',
      en: 'Put the same guard before every entrance, not before each one somebody remembers.',
    },
    owner: 'RS',
    switches: { apis: { graphql: { dpop: 'off' }, batch: { dpop: 'off' } } },
    attack: [
      ...usual({ api: 'orders' }),
      refused('ticket-alone', { api: 'orders' }),
      thief('ticket-alone', { api: 'graphql' }),
      thief('ticket-alone', { api: 'batch' }),
    ],
    truth: {
      posture: posture(exception),
      priority: 'P1',
      holes: ['graphql', 'batch'].map((at) => ({ rule: 'binding.named-token-is-not-bearer' as const, at })),
      apis: everyApi(held, { graphql: lost, batch: lost }),
    },
  },
  {
    id: 'issuer-alone',
    kind: 'compound',
    title: { ja: '発行側だけが記名のつもり', en: 'Only the issuer believes in names' },
    story: {
      ja: '発行側は DPoP に対応し、切符には鍵の名前が入っています。どの API も Bearer のままで、その名前を読みません。「DPoP 対応済み」と報告されています。',
      en: 'The issuer does DPoP and writes names on its tickets. Every API still treats them as bearer and never reads the name. The report says: DPoP done.',
    },
    mend: {
      ja: 'API に cnf を読ませ、証明を必須にする。発行側だけでは何も守られない。',
      en: 'Let the APIs read cnf and demand the proof. The issuer alone protects nothing.',
    },
    owner: 'RS',
    switches: { every: { dpop: 'off' } },
    attack: [...usual({ api: 'admin' }), thief('ticket-alone', { api: 'admin' })],
    truth: {
      posture: posture({ mode: 'mixed', rs_enforced: 'no', coverage: 'unknown', replay_protection: 'unknown', confidence: 'inferred' }),
      priority: 'P0',
      holes: everywhere('binding.named-token-is-not-bearer'),
      apis: everyApi(lost),
    },
  },
  {
    id: 'scheme-selective-guard',
    kind: 'compound',
    title: { ja: 'DPoP と書いたときだけ確かめる', en: 'A guard that checks only what calls itself DPoP' },
    story: {
      ja: '守りの部品は、Authorization が DPoP で始まるときは完璧に確かめます。Bearer で始まる要求は古い部品に回され、そこでは名前を見ません。盗んだ人は書き方を選べます。',
      en: 'The guard is perfect when Authorization begins with DPoP. Whatever begins with Bearer goes to the old code, which reads no names. The thief chooses the word.',
    },
    mend: {
      ja: '書き方ではなく切符で決める。cnf.jkt のある切符は、Bearer では断る。',
      en: 'Decide by the ticket, not by the scheme: a ticket with cnf.jkt is refused as Bearer.',
    },
    owner: 'RS',
    switches: { every: { without: ['binding.named-token-is-not-bearer'] } },
    attack: [
      ...usual({ api: 'payments' }),
      refused('proof-by-own-key', { api: 'payments' }),
      refused('same-proof-again', { api: 'payments' }),
      thief('ticket-alone', { api: 'payments' }),
    ],
    truth: {
      posture: posture({ mode: 'mixed', rs_enforced: 'no', coverage: 'unknown', replay_protection: 'unknown', confidence: 'inferred' }),
      priority: 'P0',
      holes: everywhere('binding.named-token-is-not-bearer'),
      apis: everyApi(lost),
    },
  },
  {
    id: 'gateway-strips-binding',
    kind: 'compound',
    title: { ja: 'ゲートウェイが証明をはがす', en: 'A gateway strips the proof' },
    story: {
      ja: 'ゲートウェイは DPoP ヘッダーがあることだけを見て取り除き、奥の API には Bearer として渡します。ヘッダーの中身は誰も確かめていません。',
      en: 'The gateway looks whether there is a DPoP header, takes it off and calls the API behind as Bearer. Nobody ever looks inside the header.',
    },
    mend: {
      ja: '証明を取り除く所で検証を終え、結果を署名つきで奥へ渡す。または、取り除かずに奥で検証する。',
      en: 'Whoever takes the proof off must verify it and hand on a signed result; or leave it on and verify behind.',
    },
    owner: 'RS',
    switches: { apis: { payments: { front: 'gateway-strips' } } },
    attack: [
      ...usual({ api: 'payments' }),
      refused('ticket-alone', { api: 'payments' }),
      thief('proof-by-own-key', { api: 'payments' }),
      thief('proof-that-is-none', { api: 'payments' }),
    ],
    truth: {
      // What comes after an open door is not tested there any more; elsewhere used proofs are remembered.
      posture: posture({ ...exception, mode: 'dpop' }),
      priority: 'P0',
      // What else nobody looks at is moot once any key will do.
      holes: [{ rule: 'binding.proof-key-is-named-key', at: 'payments' }],
      apis: everyApi(held, { payments: { enforced: 'no', mode: 'dpop' } }),
    },
  },
  {
    id: 'gateway-trusted-inside',
    kind: 'compound',
    title: { ja: 'ゲートウェイの内側は素通り', en: 'Behind the gateway everything is open' },
    story: {
      ja: 'ゲートウェイは完璧に確かめます。奥の API は「内側からしか呼ばれない」と信じて切符だけを見ます。内側の一台に入られると、そこから先は守りがありません。',
      en: 'The gateway checks everything. The API behind believes that nobody calls it from inside, and looks at the ticket alone. One lost machine inside, and there is no guard left.',
    },
    mend: {
      ja: '奥の API にも確かめさせる。または、ゲートウェイの署名がある要求だけを受ける。',
      en: 'Let the API behind check as well, or take only requests that the gateway has signed.',
    },
    owner: 'RS',
    switches: { apis: { admin: { front: 'gateway-ends' } } },
    attack: [...usual({ api: 'admin' }), refused('ticket-alone', { api: 'admin' }), thief('ticket-alone', { api: 'admin', inside: true })],
    truth: {
      posture: posture(exception),
      priority: 'P0',
      holes: [{ rule: 'binding.named-token-is-not-bearer', at: 'admin-inside' }],
      apis: { ...everyApi(held), 'admin-inside': lost },
    },
  },
  {
    id: 'replay-store-per-node',
    kind: 'compound',
    title: { ja: 'ノードごとに覚える', en: 'Each node remembers alone' },
    story: {
      ja: 'API は二台で動いています。どちらも使われた証明を覚えますが、互いに教え合いません。同じ証明をもう一度送ると、もう一台が通します。',
      en: 'Two nodes serve the API. Each remembers used proofs and tells the other nothing. Sent again, the same proof arrives at the other node and passes.',
    },
    mend: {
      ja: '使われた jti の記録を、すべてのノードで共有する（Redis や共通のデータベース）。',
      en: 'Share the memory of used jti among all nodes (Redis, or a common database).',
    },
    owner: 'RS',
    switches: { every: { front: 'two-nodes' } },
    attack: [...usual({ api: 'orders' }), thief('same-proof-again', { api: 'orders' }), refused('proof-by-own-key', { api: 'orders' })],
    truth: {
      posture: posture({ replay_protection: 'jti_no' }),
      priority: 'P1',
      holes: everywhere('dpop.jti-is-first-use'),
      apis: everyApi(held),
    },
  },
  {
    id: 'cached-responses',
    kind: 'compound',
    title: { ja: 'キャッシュが答えを配る', en: 'A cache hands out the answers' },
    story: {
      ja: 'API は完璧に確かめます。手前のキャッシュは、よい答えを URL だけで覚えます。持ち主が一度読めば、次の人は切符なしで同じ答えを受け取ります。',
      en: 'The API checks everything. The cache before it keeps good answers under their URL alone. Once the holder has read something, the next one gets it without any ticket.',
    },
    mend: {
      ja: 'API の答えに Cache-Control: no-store を付け、キャッシュには Authorization のある要求を覚えさせない。',
      en: 'Answer with Cache-Control: no-store, and let no cache keep what was asked with Authorization.',
    },
    owner: 'RS',
    switches: { apis: { orders: { front: 'cache' } } },
    attack: [refused('no-ticket', { api: 'orders' }), ...usual({ api: 'orders' }), thief('no-ticket', { api: 'orders' })],
    truth: {
      posture: posture(exception),
      priority: 'P1',
      holes: [{ rule: 'binding.named-token-is-not-bearer', at: 'orders' }],
      apis: everyApi(held, { orders: lost }),
    },
  },
  {
    id: 'client-exemption',
    kind: 'compound',
    title: { ja: '取引先のサーバーだけ免除', en: 'One partner is exempt' },
    story: {
      ja: '取引先のサーバーは DPoP に対応できないと言われ、その client_id だけ名前を見ないことにしました。その切符が漏れれば、誰でも使えます。',
      en: 'A partner could not do DPoP, so tickets of that one client_id are not looked at for names. When such a ticket leaks, anybody can use it.',
    },
    mend: {
      ja: '免除をやめる。できないなら期限と届く範囲を決め、その切符を細かい権限だけにする。',
      en: 'End the exemption. If that cannot be, give it an end date and let those tickets reach as little as possible.',
    },
    owner: 'RS',
    switches: { unbound: ['api'], every: { front: 'client-exempt' } },
    attack: [
      ...usual({ api: 'payments', client: 'web' }),
      refused('ticket-alone', { api: 'payments', client: 'web' }),
      ...usual({ api: 'payments', client: 'api' }),
      thief('ticket-alone', { api: 'payments', client: 'api' }),
    ],
    truth: {
      posture: posture({ mode: 'mixed', as_enforced: 'no', rs_enforced: 'partial', coverage: 'partial_api' }),
      priority: 'P0',
      holes: everywhere('binding.token-is-bound'),
      apis: everyApi({ enforced: 'partial', mode: 'mixed' }),
    },
  },
  {
    id: 'residual-access',
    kind: 'compound',
    title: { ja: 'サインアウトしても、まだ入れる', en: 'Signed out, and still inside' },
    story: {
      ja: '「すべての端末からサインアウト」を押すと、切符は取り消されます。ところが API は切符の期限しか見ないので、期限が来るまで通り続けます。',
      en: 'Signing out everywhere revokes the tickets. The API looks at their expiry alone, so they go on passing until it comes.',
    },
    mend: {
      ja: '取り消しがすぐ効くと約束する API では、要求のたびに発行側へ尋ねる（イントロスペクション）。ほかは切符の寿命を短くする。',
      en: 'Where revocation is promised at once, ask the issuer on every request (introspection). Elsewhere let tickets live for minutes.',
    },
    owner: 'RS',
    switches: { apis: { payments: { revocation: 'promised' } } },
    attack: [...usual({ api: 'payments' }), holder('sign-out', { api: 'payments' }), holder('use-revoked', { api: 'payments' })],
    truth: {
      posture: posture({}),
      priority: 'P0',
      holes: [{ rule: 'userinfo.token-is-not-revoked', at: 'payments' }],
      apis: everyApi(held),
    },
  },
  {
    id: 'proof-not-compared',
    kind: 'compound',
    title: { ja: '証明はあるが、中身を見ない', en: 'There is a proof, and nobody reads it' },
    story: {
      ja: 'API は証明の署名と鍵だけを確かめます。宛先も、メソッドも、時刻も、一度きりかどうかも見ません。持ち主の証明を一つ記録すれば、どの API にも、いつまでも使えます。',
      en: 'The APIs verify signature and key of the proof, and nothing else: not where it is for, not when, not whether it was used. One recorded proof opens every API for as long as the ticket lives.',
    },
    mend: {
      ja: 'htm・htu・iat・ath を比べ、使われた jti を断る。',
      en: 'Compare htm, htu, iat and ath, and refuse used jti.',
    },
    owner: 'RS',
    switches: {
      every: { without: ['dpop.htm-is-request-method', 'dpop.htu-is-request-target', 'dpop.iat-is-recent', 'dpop.jti-is-first-use'] },
    },
    attack: [
      ...usual({ api: 'orders' }),
      refused('proof-by-own-key', { api: 'orders' }),
      thief('same-proof-again', { api: 'orders' }),
      thief('proof-of-other-api', { api: 'admin' }),
    ],
    truth: {
      posture: posture({ rs_enforced: 'partial', coverage: 'partial_api', replay_protection: 'jti_no' }),
      priority: 'P1',
      holes: ['dpop.htm-is-request-method', 'dpop.htu-is-request-target', 'dpop.iat-is-recent', 'dpop.jti-is-first-use'].flatMap((rule) =>
        everywhere(rule as RuleHole['rule']),
      ),
      apis: everyApi({ ...held, enforced: 'partial' }),
    },
  },
]

export const compounds: readonly Scenario[] = written.map(switchedScenario)
