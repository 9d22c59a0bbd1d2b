// Scenarios of tickets that name a certificate (RFC 8705): the setups, and what goes wrong between TLS and the application.
import type { Posture } from '@kimei/observer'
import { apiNames, bothNames } from '../world/switches.ts'
import type { Hole, RuleHole, Scenario, Truth } from './scenario.ts'
import { everyApi, lost } from './setups.ts'
import { refused, thief, usual } from './steps.ts'
import { switchedScenario, type Written } from './switched-scenario.ts'

const sealed: Truth['apis'][string] = { enforced: 'yes', mode: 'mtls' }
const everywhere = (rule: RuleHole['rule']): readonly Hole[] => apiNames.map((at) => ({ rule, at }))
const at = (api: (typeof apiNames)[number]) => ({ api, client: 'api' }) as const

/** One client, on a server, with a certificate. There are no proofs, so nothing can be told of their replay. */
const certified: Posture = {
  mode: 'mtls',
  as_enforced: 'yes',
  rs_enforced: 'yes',
  coverage: 'all_api',
  replay_protection: 'unknown',
  client_fit: 'server',
  confidence: 'confirmed',
}

const written: readonly Written[] = [
  {
    id: 'all-certificates',
    kind: 'setup',
    title: { ja: 'すべて証明書つき（mTLS）', en: 'Everything names a certificate (mTLS)' },
    story: {
      ja: 'サーバー同士の連携です。切符はクライアント証明書に結ばれ、API は同じ証明書を見せた接続だけを通します。秘密の鍵は通信に現れません。',
      en: 'Servers among themselves. Tickets are bound to a client certificate, and the APIs admit only connections that show it. Its key never goes over the wire.',
    },
    mend: { ja: '直すところはありません。', en: 'There is nothing to mend.' },
    owner: 'nobody',
    switches: { mode: 'mtls' },
    attack: [
      ...usual(at('admin')),
      refused('no-ticket', at('admin')),
      refused('ticket-alone', at('admin')),
      refused('other-certificate', at('admin')),
      refused('certificate-in-header', at('admin')),
    ],
    truth: { posture: certified, priority: 'none', holes: [], apis: everyApi(sealed) },
  },
  {
    id: 'keys-and-certificates',
    kind: 'setup',
    title: { ja: 'アプリは鍵、サーバーは証明書', en: 'Keys for apps, certificates for servers' },
    story: {
      ja: 'ブラウザーとスマホは証明書を持てないので鍵（DPoP）に、サーバーは証明書に切符を結びます。API は、切符に書かれたほうを求めます。',
      en: 'Browsers and phones cannot hold certificates, so their tickets name a key; those of servers name a certificate. The APIs demand whichever the ticket names.',
    },
    mend: { ja: '直すところはありません。', en: 'There is nothing to mend.' },
    owner: 'nobody',
    switches: { mode: 'mtls', clients: ['web', 'mobile', 'api'], every: bothNames },
    attack: [
      ...usual({ api: 'orders', client: 'web' }),
      refused('ticket-alone', { api: 'orders', client: 'web' }),
      refused('proof-by-own-key', { api: 'orders', client: 'web' }),
      ...usual(at('orders')),
      refused('ticket-alone', at('orders')),
      refused('other-certificate', at('orders')),
    ],
    truth: {
      posture: { ...certified, mode: 'mixed', replay_protection: 'jti_yes', client_fit: 'mixed' },
      priority: 'none',
      holes: [],
      apis: everyApi({ enforced: 'yes', mode: 'mixed' }),
    },
  },
  {
    id: 'certificates-at-issuer-alone',
    kind: 'compound',
    title: { ja: '証明書を求めるのは発行側だけ', en: 'Only the issuer asks for certificates' },
    story: {
      ja: '発行側は証明書でサーバーを確かめ、切符を証明書に結びます。API は証明書を求めず、切符の cnf も読みません。「mTLS 導入済み」ですが、切符が漏れれば誰でも使えます。',
      en: 'The issuer authenticates servers by certificate and binds their tickets to it. The APIs ask for no certificate and never read cnf. mTLS is done, says the plan; whoever finds a ticket can use it.',
    },
    mend: {
      ja: 'API でも証明書を求め、その拇印を切符の x5t#S256 と比べる。',
      en: 'Ask for the certificate at the APIs as well, and compare its thumbprint with x5t#S256 of the ticket.',
    },
    owner: 'RS',
    switches: { mode: 'mtls', every: { certificate: 'off' } },
    attack: [...usual(at('admin')), thief('ticket-alone', at('admin')), thief('other-certificate', at('payments'))],
    truth: {
      posture: { ...certified, mode: 'mixed', rs_enforced: 'no', coverage: 'unknown', confidence: 'inferred' },
      priority: 'P0',
      holes: everywhere('binding.certificate-comes-along'),
      apis: everyApi(lost),
    },
  },
  {
    id: 'certificate-on-one-path',
    kind: 'compound',
    title: { ja: '証明書を求めるのは /admin だけ', en: 'A certificate is asked for on one path only' },
    story: {
      ja: '接続のあとで、/admin に入るときだけ証明書を確かめる設定です（TLS の途中で求める古いやり方の名残）。同じ切符は、ほかの道では証明書なしで通ります。',
      en: 'The certificate is looked at after the connection stands, and only on the way to /admin, as servers did that asked in the middle of TLS. On every other path the same ticket passes without it.',
    },
    mend: {
      ja: '道ではなく切符で決める。cnf に証明書がある切符には、どの道でも証明書を求める。',
      en: 'Decide by the ticket, not by the path: a ticket that names a certificate needs it everywhere.',
    },
    owner: 'RS',
    switches: { mode: 'mtls', every: { certificate: 'off' }, apis: { admin: { certificate: 'required' } } },
    attack: [
      ...usual(at('admin')),
      refused('ticket-alone', at('admin')),
      thief('ticket-alone', at('payments')),
      thief('ticket-alone', at('batch')),
    ],
    truth: {
      posture: { ...certified, mode: 'mixed', rs_enforced: 'partial', coverage: 'partial_api' },
      priority: 'P0',
      holes: everywhere('binding.certificate-comes-along').filter((hole) => hole.at !== 'admin'),
      apis: everyApi(lost, { admin: sealed }),
    },
  },
  {
    id: 'forgeable-certificate-header',
    kind: 'compound',
    title: { ja: '証明書を、ヘッダーに書けば信じる', en: 'A certificate written in a header is believed' },
    story: {
      ja: '手前の装置が TLS を終え、見た証明書をヘッダーで API に伝えます。証明書のない接続では、呼んだ人が書いたヘッダーをそのまま通します。証明書は公開されているものなので、鍵を持たない泥棒にも書けます。',
      en: 'A terminator ends TLS and tells the API in a header which certificate it saw. Where it saw none, it passes on whatever the caller wrote there. A certificate is public, so a thief without its key can write it.',
    },
    mend: {
      ja: '手前の装置では、受け取ったヘッダーを必ず消してから書く。API では、その装置からの要求だと証明できるものだけを信じる。',
      en: 'The terminator must remove the header before it writes its own; the API believes only what provably comes from it.',
    },
    owner: 'RS',
    switches: { mode: 'mtls', apis: { payments: { front: 'trusted-header' } } },
    attack: [
      ...usual(at('payments')),
      refused('ticket-alone', at('payments')),
      refused('other-certificate', at('payments')),
      thief('certificate-in-header', at('payments')),
    ],
    truth: {
      posture: { ...certified, rs_enforced: 'partial', coverage: 'partial_api' },
      priority: 'P0',
      holes: [{ rule: 'binding.certificate-comes-along', at: 'payments' }],
      apis: everyApi(sealed, { payments: { enforced: 'no', mode: 'mtls' } }),
    },
  },
]

export const certificateScenarios: readonly Scenario[] = written.map(switchedScenario)
