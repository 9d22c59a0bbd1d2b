// Kinds of findings about tickets that are bound to nothing, or that anybody gets or makes. Words only.
// Which probe makes which kind stands in `findings.ts`.
import type { Kind } from './finding-kinds.ts'

const api = { owner: 'RS', wstg: ['WSTG-ATHZ-05', 'WSTG-SESS-10'], attack: ['T1528', 'T1550.001'] } as const
const issuer = { owner: 'AS', wstg: ['WSTG-ATHZ-05.1', 'WSTG-SESS-10'], attack: ['T1528', 'T1550.001'] } as const

export const ticketKinds = {
  /** As `bearer-accepted`, where no ticket of the issuer names anything: the API has nothing to check yet. */
  'bearer-everywhere': {
    ...api,
    id: 'bearer-accepted',
    effect: 'exposure',
    title: { ja: '切符だけで通る（発行者が鍵に結び付けていない）', en: 'The ticket alone is enough; its issuer binds it to nothing' },
    control: {
      ja: 'まず発行者が切符を鍵か証明書に結び付け、それから、ここで結び付きのない切符を断る',
      en: 'Have the issuer bind tickets to a key or certificate first; then refuse here what is not bound',
    },
    asvs: ['10.3.5', '9.2.2'],
    next: ['17', '16', '15'],
  },
  /** As `unbound-accepted`, where bound tickets are refused. */
  'unbound-alone': {
    ...api,
    id: 'unbound-accepted',
    effect: 'exposure',
    title: { ja: '無記名の切符だけが通る（記名式は断られる）', en: 'Only tickets bound to nothing are taken, and bound ones refused' },
    control: {
      ja: 'まず記名式の切符を証明とともに受けられるようにし、それから無記名の切符を断る',
      en: 'Have this API take bound tickets with their proof first; then refuse those that are bound to nothing',
    },
    asvs: ['10.3.5'],
    next: ['17', '16'],
  },
  'ticket-forgeable': {
    ...api,
    id: 'ticket-forgeable',
    effect: 'hollow',
    title: { ja: '誰でも切符を偽造できる（署名が確かめられていない）', en: 'Anybody can forge a ticket: its signature is not verified' },
    control: {
      ja: '発行者の公開鍵で署名を検証し、alg は決めたものだけを受ける',
      en: 'Verify the signature with the keys of the issuer, and take none but the algorithms it uses',
    },
    asvs: ['9.1.1', '9.1.2'],
    next: ['17', '16'],
  },
  'token-not-checked': {
    ...api,
    id: 'token-not-checked',
    effect: 'exposure',
    title: { ja: '切符そのものが確かめられていない', en: 'The ticket itself is not checked' },
    control: { ja: '署名・発行者・宛先・期限・種類を確かめる', en: 'Check signature, issuer, audience, expiry and kind' },
    asvs: ['9.1.1', '9.2.2', '9.2.3'],
    next: ['17', '16'],
  },
  /** As `issued-unbound`, where a certificate was shown and not a proof. */
  'issued-nameless': {
    ...issuer,
    id: 'issued-unbound',
    effect: 'form',
    title: { ja: '証明書を見せて求めても、切符がそれを名指ししない', en: 'Tickets do not name the certificate they are asked for with' },
    control: {
      ja: '切符を接続の証明書に結び付け、cnf の x5t#S256 に書く',
      en: 'Bind the ticket to the certificate of the connection and say so in cnf (x5t#S256)',
    },
    asvs: ['10.4.14'],
    next: ['17', '16', '15'],
  },
  'client-not-authenticated': {
    ...issuer,
    id: 'client-not-authenticated',
    effect: 'hollow',
    title: { ja: 'クライアントの名前を知っていれば、誰にでも切符が出る', en: 'Whoever knows the name of the client is given its tickets' },
    control: {
      ja: '登録した方法で名乗らないクライアントを断る（秘密がないときも、違うときも）',
      en: 'Refuse a client that does not authenticate as it is registered, its secret missing or wrong',
    },
    asvs: ['10.4.10'],
    next: ['17', '15'],
  },
} as const satisfies Readonly<Record<string, Kind>>
