// The kinds of findings: title, owner, the control that repairs them, guideline ids, next steps. Words only.
// Which probe makes which kind stands in `findings.ts`.

import type { Text } from '@kimei/protocol'
import type { NextStep, Owner } from '../observation.ts'
import { sideKinds } from './side-kinds.ts'
import { ticketKinds } from './ticket-kinds.ts'

/** `hollow`: something is demanded (a proof, a certificate, a secret), and nothing is compared. */
type Effect = 'exposure' | 'hollow' | 'laundering' | 'proof' | 'form' | 'operations'

export interface Kind {
  readonly id: string
  readonly effect: Effect
  readonly owner: Owner
  readonly title: Text
  readonly control: Text
  readonly asvs: readonly string[]
  readonly wstg: readonly string[]
  readonly attack: readonly string[]
  readonly next: readonly NextStep[]
}

const api = { owner: 'RS', wstg: ['WSTG-ATHZ-05', 'WSTG-SESS-10'], attack: ['T1528', 'T1550.001'] } as const
const issuer = { owner: 'AS', wstg: ['WSTG-ATHZ-05.1', 'WSTG-SESS-10'], attack: ['T1528', 'T1550.001'] } as const

export const findingKinds = {
  ...sideKinds,
  ...ticketKinds,
  'no-ticket-needed': {
    ...api,
    id: 'no-ticket-needed',
    effect: 'exposure',
    title: { ja: '切符がなくても同じ答えが返る', en: 'The same answer comes without any ticket' },
    control: { ja: 'すべての要求に切符を求める', en: 'Demand a ticket on every request' },
    asvs: ['10.3.5'],
    next: ['17', '16', '15'],
  },
  'bearer-accepted': {
    ...api,
    id: 'bearer-accepted',
    effect: 'exposure',
    title: { ja: '切符だけで通る（鍵がいらない）', en: 'The ticket alone is enough; no key is needed' },
    control: { ja: 'cnf を必ず読み、証明のない要求を断る', en: 'Always read cnf and refuse requests without its proof' },
    asvs: ['10.3.5', '9.2.2'],
    next: ['17', '16', '15'],
  },
  'key-not-checked': {
    ...api,
    id: 'key-not-checked',
    effect: 'hollow',
    title: { ja: '証明はあるだけでよい（鍵や署名が確かめられない）', en: 'Any proof will do: key or signature is not checked' },
    control: { ja: '署名を検証し、鍵の拇印を cnf.jkt と比べる', en: 'Verify the signature and compare the key thumbprint with cnf.jkt' },
    asvs: ['10.3.5', '9.1.1', '9.1.2'],
    next: ['17', '16'],
  },
  'unbound-accepted': {
    ...api,
    id: 'unbound-accepted',
    effect: 'exposure',
    title: { ja: '無記名の切符も通る', en: 'Tickets bound to nothing are taken as well' },
    control: { ja: '無記名の切符を断る', en: 'Refuse tickets that are not bound' },
    asvs: ['10.3.5'],
    next: ['17', '16'],
  },
  'declared-not-enforced': {
    ...api,
    id: 'declared-not-enforced',
    effect: 'exposure',
    title: { ja: '必須と公表しているのに、強制していない', en: 'Declared as required, and not enforced' },
    control: { ja: '公表のとおりに強制するか、公表を改める', en: 'Enforce what the metadata declares, or correct the metadata' },
    asvs: ['10.3.5'],
    next: ['16', '15'],
  },
  'certificate-not-compared': {
    ...api,
    id: 'certificate-not-compared',
    effect: 'hollow',
    title: { ja: 'どの証明書でも通る（切符の証明書と比べられない）', en: 'Any certificate will do: it is not compared with the ticket' },
    control: {
      ja: '接続の証明書の拇印を cnf の x5t#S256 と比べる',
      en: 'Compare the thumbprint of the connection’s certificate with x5t#S256 in cnf',
    },
    asvs: ['10.3.5', '9.1.1'],
    next: ['17', '16'],
  },
  'certificate-told-by-anybody': {
    ...api,
    id: 'certificate-told-by-anybody',
    effect: 'hollow',
    title: { ja: '証明書をヘッダーで名乗るだけで通る', en: 'A certificate that is only told of in a header is believed' },
    control: {
      ja: '証明書のヘッダーは、確かめた中継からだけ受け取り、ほかからは消す',
      en: 'Take certificate headers from an authenticated terminator alone, and strip them from everybody else',
    },
    asvs: ['10.3.5', '9.1.1'],
    next: ['17', '16'],
  },
  'certificate-not-needed-elsewhere': {
    ...api,
    id: 'certificate-not-needed-elsewhere',
    effect: 'exposure',
    title: { ja: 'ほかの入口では証明書なしで通る', en: 'By another door it passes without the certificate' },
    control: {
      ja: '名前・宛先・TLS セッションにかかわらず、切符の証明書を求める',
      en: 'Demand the ticket’s certificate whatever name, address or TLS session is used',
    },
    asvs: ['10.3.5', '9.1.1'],
    next: ['17', '16'],
  },
  'certificate-not-requested': {
    ...api,
    id: 'certificate-not-requested',
    effect: 'proof',
    title: { ja: 'ハンドシェイクで証明書を求めない TLS の版がある', en: 'A TLS version in which the handshake asks for no certificate' },
    control: { ja: '話すすべての版で証明書を求める', en: 'Ask for the certificate in every version that is spoken' },
    asvs: ['10.3.5'],
    next: ['16', '15'],
  },
  'certificate-requested-late': {
    ...api,
    id: 'certificate-requested-late',
    effect: 'form',
    title: { ja: '証明書を、道ごとに後から求めている', en: 'The certificate is asked for late, for some paths' },
    control: { ja: '最初のハンドシェイクで求める（名前か口を分ける）', en: 'Ask in the first handshake, on a name or port of its own' },
    asvs: ['10.3.5'],
    next: ['15'],
  },
  'certificate-not-required': {
    ...issuer,
    id: 'certificate-not-required',
    effect: 'form',
    title: { ja: '証明書がなくても切符が出る', en: 'Tickets are issued without the certificate' },
    control: { ja: 'このクライアントに証明書を必須にする', en: 'Demand the certificate from this client' },
    asvs: ['10.4.14'],
    next: ['17', '16'],
  },
  'proof-not-compared': {
    ...api,
    id: 'proof-not-compared',
    effect: 'proof',
    title: { ja: '証明の中身が比べられていない', en: 'Claims of the proof are not compared' },
    control: { ja: 'htm・htu・ath・iat・nonce をそれぞれ確かめる', en: 'Compare htm, htu, ath, iat and nonce' },
    asvs: ['10.3.5', '9.2.1'],
    next: ['17', '16'],
  },
  'replay-accepted': {
    ...api,
    id: 'replay-accepted',
    effect: 'proof',
    title: { ja: '同じ証明が二度通る', en: 'The same proof passes twice' },
    control: {
      ja: '使われた jti を、証明の有効なあいだ覚えて断る',
      en: 'Remember used jti for as long as the proof is valid, and refuse them',
    },
    asvs: ['10.3.5'],
    next: ['17', '15'],
  },
  'certificate-one-sided': {
    ...api,
    id: 'certificate-one-sided',
    effect: 'proof',
    title: { ja: '証明書による拘束が片側だけ', en: 'Certificates bind on one side only' },
    control: {
      ja: '発行の入口と API の両方で同じ証明書を求め、拇印を比べる',
      en: 'Ask for the same certificate at the token endpoint and at the API, and compare its thumbprint',
    },
    asvs: ['10.3.5', '10.4.14'],
    next: ['16'],
  },
  'form-not-strict': {
    ...api,
    id: 'form-not-strict',
    effect: 'form',
    title: { ja: 'あいまいな要求が通る', en: 'Ambiguous requests pass' },
    control: { ja: 'ヘッダーを数え、二つあれば断る', en: 'Count headers and refuse two where one is allowed' },
    asvs: ['10.3.5'],
    next: ['15'],
  },
  'proof-loosely-read': {
    ...api,
    id: 'proof-loosely-read',
    effect: 'form',
    title: { ja: '証明の中のおかしなものが見過ごされる', en: 'Proofs pass with something odd in them' },
    control: {
      ja: 'nbf・exp・crit・鍵の用途・長さなど、どの JWT にもある決まりも確かめる',
      en: 'Check what holds for every JWT too: nbf, exp, crit, use of the key, lengths',
    },
    asvs: ['10.3.5'],
    next: ['15'],
  },
  'wrong-status': {
    ...api,
    id: 'wrong-status',
    effect: 'form',
    title: { ja: '断り方が 500 になっている', en: 'Refusals come as 500' },
    control: { ja: '401 と WWW-Authenticate で断る', en: 'Refuse with 401 and WWW-Authenticate' },
    asvs: ['10.3.5'],
    next: ['15'],
  },
  'issued-unbound': {
    ...issuer,
    id: 'issued-unbound',
    effect: 'form',
    title: { ja: '証明つきの申請にも無記名の切符が出る', en: 'Tickets are issued unbound even when a proof is sent' },
    control: { ja: '証明の鍵に切符を縛り、cnf を入れる', en: 'Bind the ticket to the key of the proof and say so in cnf' },
    asvs: ['10.4.14'],
    next: ['17', '16', '15'],
  },
  'proof-not-required': {
    ...issuer,
    id: 'proof-not-required',
    effect: 'form',
    title: { ja: '証明がなくても切符が出る', en: 'Tickets are issued without a proof' },
    control: { ja: 'このクライアントに証明を必須にする', en: 'Demand a proof from this client' },
    asvs: ['10.4.14'],
    next: ['17', '16'],
  },
  'ticket-laundered': {
    ...issuer,
    id: 'ticket-laundered',
    effect: 'laundering',
    title: {
      ja: '記名式の切符や許しが、証明なしで無記名の切符に替わる',
      en: 'What is bound is traded for an unbound ticket without a proof',
    },
    control: {
      ja: '縛られたもの（切符・コード・更新用の切符）から出る切符は、証明がなければ断るか、同じ鍵に縛る',
      en: 'Whatever descends from something bound (ticket, code, refresh token) is refused without a proof, or bound to the same key',
    },
    asvs: ['10.4.14'],
    next: ['17', '16', '15'],
  },
  'issuer-checks-missing': {
    ...issuer,
    id: 'issuer-checks-missing',
    effect: 'proof',
    title: { ja: '発行側で確かめられていないことがある', en: 'The issuer leaves something unchecked' },
    control: { ja: '該当する規則を発行側で強制する', en: 'Enforce the rules named here at the issuer' },
    asvs: ['10.4.14', '10.4.16'],
    next: ['17', '16'],
  },
  'issuer-not-strict': {
    ...issuer,
    id: 'issuer-not-strict',
    effect: 'form',
    title: { ja: '発行側がゆるく受け取るものがある', en: 'The issuer takes some things loosely' },
    control: { ja: 'あいまいな申請を断る', en: 'Refuse requests that can be read in two ways' },
    asvs: ['10.4.16'],
    next: ['15'],
  },
  'operations-unclear': {
    ...issuer,
    id: 'operations-unclear',
    effect: 'operations',
    title: { ja: '運用（鍵の交代・失効・障害時）が明らかでない', en: 'Operations (key rotation, revocation, fallback) are unclear' },
    control: { ja: '鍵の交代、失効、障害時の動きを文書にする', en: 'Document key rotation, revocation and behaviour on failure' },
    asvs: ['9.1.3'],
    next: ['15'],
  },
  'refresh-not-rotated': {
    ...issuer,
    owner: 'AS',
    id: 'refresh-not-rotated',
    effect: 'proof',
    title: { ja: '縛られず回転もしない refresh token がある', en: 'A refresh token is neither bound nor rotated' },
    control: {
      ja: 'まず回転と再利用の検知（17）、つぎに鍵への拘束（18）',
      en: 'First rotation and reuse detection (17), then binding (18)',
    },
    asvs: ['10.4.5'],
    next: ['17'],
  },
} as const satisfies Record<string, Kind>

export type FindingKind = keyof typeof findingKinds
