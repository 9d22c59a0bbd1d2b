// AS4: pushed authorization requests, one fault at a time: at the push, or at its use (RFC 9126, RFC 9449 §10.1).
import type { Text } from '@kimei/protocol'
import * as edits from '../../edits/form-edits.ts'
import { type EditKit, type EditProbe, type NotApplicable, type PushedCall, probeAt } from '../../probe.ts'
import { levelOf } from '../level.ts'

interface PushedForm {
  readonly part: string
  readonly attacks: EditProbe['attacks']
  readonly cite: string
  readonly ja: string
  readonly en: string
  readonly proves: Text
  readonly doesNotProve: Text
  readonly edit: (call: PushedCall, kit: EditKit) => PushedCall | NotApplicable
  readonly sends?: 'twice'
}

const forms: readonly PushedForm[] = [
  {
    part: 'other-key',
    attacks: ['par.proof-key-is-dpop-jkt'],
    cite: 'RFC9449§10.1',
    ja: '証明と違う鍵の dpop_jkt は断られる',
    en: 'a push whose dpop_jkt is not the key of its proof is refused',
    proves: { ja: '預けるときに、dpop_jkt と証明を突き合わせている', en: 'dpop_jkt and proof are compared at the push' },
    doesNotProve: {
      ja: 'コードがその鍵に縛られるか（引き換えの確認で調べます）',
      en: 'that the code is held to that key: the probes of the redemption ask that',
    },
    edit: (call, kit) => ({ ...call, push: edits.parameter('dpop_jkt', kit.otherKey.thumbprint)(call.push) }),
  },
  {
    part: 'request-uri',
    attacks: ['par.no-request-uri'],
    cite: 'RFC9126§2.1',
    ja: 'request_uri を預けることはできない',
    en: 'request_uri inside a push is refused',
    proves: { ja: '預けた申請の中に、さらに預けた申請を入れられない', en: 'pushes are not chained' },
    doesNotProve: { ja: '認可エンドポイントでの request_uri のこと', en: 'anything about request_uri at the authorization endpoint' },
    edit: (call, kit) => ({
      ...call,
      push: edits.parameter('request_uri', `urn:ietf:params:oauth:request_uri:${kit.random()}`)(call.push),
    }),
  },
  {
    part: 'other-client',
    attacks: ['par.request-is-of-this-client'],
    cite: 'RFC9126§2.2',
    ja: 'ほかのアプリの預けた申請は使えない',
    en: 'a request pushed by another client is refused',
    proves: { ja: '預けた申請は、預けたアプリだけのもの', en: 'a pushed request belongs to the client that pushed it' },
    doesNotProve: { ja: '言い当てられないか', en: 'that it cannot be guessed' },
    edit: (call, { facts: { otherClientId } }) =>
      otherClientId === undefined
        ? { notApplicable: 'no second client with this redirect URI is in the inventory' }
        : { ...call, use: [['client_id', otherClientId]] },
  },
  {
    part: 'expired',
    attacks: ['par.request-is-not-expired'],
    cite: 'RFC9126§4',
    ja: '期限の過ぎた預けは使えない',
    en: 'a pushed request that has expired is refused',
    proves: { ja: 'expires_in の期限を守っている', en: 'expires_in is kept' },
    doesNotProve: { ja: '期限が短いか', en: 'that it is short' },
    edit: (call, { wait }) => (wait ? { ...call, late: true } : { notApplicable: 'nobody waits until it expires' }),
  },
  {
    part: 'twice',
    attacks: ['par.request-is-unused'],
    cite: 'RFC9126§4',
    ja: '預けた申請から二つのコードは出ない',
    en: 'one pushed request does not give two codes',
    proves: { ja: '使い終えた申請は消えている', en: 'a completed request is gone' },
    doesNotProve: { ja: 'その前に画面を読み直しても残るか', en: 'that it survives a reload before that' },
    edit: (call) => call,
    sends: 'twice',
  },
]

export const pushedForms: readonly EditProbe<'pushed'>[] = forms.map(({ part, attacks, cite, ja, en, proves, doesNotProve, edit, sends }) =>
  probeAt('pushed', {
    id: `AS4-${part}`,
    topic: 'authorization',
    attacks,
    level: levelOf(attacks),
    cite,
    says: { ja, en },
    proves,
    doesNotProve,
    depth: 'full',
    priority: 'P1',
    owner: 'AS',
    sources: ['token-endpoint-response'],
    edit,
    ...(sends && { sends }),
  }),
)
