// AR: signed authorization requests (RFC 9101), one fault at a time, as far as the code.
import type { Text } from '@kimei/protocol'
import { withClaims, withHeader } from '../../edits/plans.ts'
import { type EditKit, type EditProbe, probeAt, type SignedRequestCall } from '../../probe.ts'
import { levelOf } from '../level.ts'

interface SignedForm {
  readonly part: string
  readonly attacks: EditProbe['attacks']
  readonly cite: string
  readonly ja: string
  readonly en: string
  readonly doesNotProve: Text
  readonly edit: (call: SignedRequestCall, kit: EditKit) => SignedRequestCall
}

const claims =
  (change: (kit: EditKit) => Readonly<Record<string, unknown>>): SignedForm['edit'] =>
  (call, kit) => ({ ...call, object: withClaims(call.object, change(kit)) })

const forms: readonly SignedForm[] = [
  {
    part: 'signature',
    attacks: ['request-object.signature-verifies'],
    cite: 'RFC9101§6.2',
    ja: '署名の壊れた申請は断られる',
    en: 'a request whose signature does not verify is refused',
    doesNotProve: { ja: 'ほかのアプリの鍵を断るか', en: 'that keys of other clients are refused' },
    edit: (call) => ({ ...call, object: { ...call.object, signature: 'flipped' } }),
  },
  {
    part: 'type',
    attacks: ['request-object.typ-is-no-other'],
    cite: 'RFC9101§10.8',
    ja: 'ほかの種類の JWT は申請にならない',
    en: 'another kind of JWT does not pass for a request',
    doesNotProve: { ja: 'ほかのどの種類も断るか', en: 'that every other kind is refused' },
    edit: (call) => ({ ...call, object: withHeader(call.object, { typ: 'client-authentication+jwt' }) }),
  },
  {
    part: 'client',
    attacks: ['request-object.client-id-agrees'],
    cite: 'RFC9101§5',
    ja: '外と違う client_id の申請は断られる',
    en: 'a request of another client_id than the one beside it is refused',
    doesNotProve: { ja: '相手のアプリなら使えたのか', en: 'that the other client could have used it' },
    edit: claims((kit) => ({ client_id: `${kit.facts['clientId']}-other` })),
  },
  {
    part: 'issuer',
    attacks: ['request-object.iss-is-the-client'],
    cite: 'RFC9101§4',
    ja: 'アプリ自身の名で出ていない申請は断られる',
    en: 'a request that another party issued is refused',
    doesNotProve: { ja: '署名した鍵のこと', en: 'anything about its key' },
    edit: claims(() => ({ iss: 'https://another.invalid' })),
  },
  {
    part: 'audience',
    attacks: ['request-object.aud-is-the-issuer'],
    cite: 'RFC9101§4',
    ja: 'よその発行元あての申請は断られる',
    en: 'a request made for another server is refused',
    doesNotProve: { ja: '宛先が並んでいるときも正しく探すか', en: 'that a list is searched rightly' },
    edit: claims(() => ({ aud: 'https://another.invalid' })),
  },
  {
    part: 'subject',
    attacks: ['request-object.subject-is-not-the-client'],
    cite: 'RFC9101§10.8',
    ja: '本人確認に使える JWT は申請にならない',
    en: 'what could authenticate the client does not pass for a request',
    doesNotProve: { ja: '逆に、申請を本人確認に使うことを断るか', en: 'that requests are refused as assertions' },
    edit: claims((kit) => ({ sub: kit.facts['clientId'] })),
  },
  {
    part: 'expired',
    attacks: ['request-object.is-not-expired'],
    cite: 'RFC7519§4.1.4',
    ja: '期限の過ぎた申請は断られる',
    en: 'an expired request is refused',
    doesNotProve: { ja: 'exp が必ず要るか', en: 'that exp is demanded' },
    edit: claims((kit) => ({ exp: kit.now() - 120 })),
  },
  {
    part: 'future',
    attacks: ['request-object.is-not-from-the-future'],
    cite: 'RFC7519§4.1.5',
    ja: '未来の申請は断られる',
    en: 'a request from the future is refused',
    doesNotProve: { ja: '時計がどこまで進んでいてよいか', en: 'how far ahead a clock may be' },
    edit: claims((kit) => ({ nbf: kit.now() + 600, exp: kit.now() + 700 })),
  },
  {
    part: 'nested',
    attacks: ['request-object.is-the-whole-request'],
    cite: 'RFC9101§4',
    ja: '申請の中に申請は入らない',
    en: 'a request inside a request is refused',
    doesNotProve: { ja: '何も取りに行っていないか', en: 'that nothing is fetched' },
    edit: claims((kit) => ({ request_uri: `urn:ietf:params:oauth:request_uri:${kit.random()}` })),
  },
  {
    part: 'both',
    attacks: ['request-object.comes-alone'],
    cite: 'RFC9101§5',
    ja: 'request と request_uri は一緒に使えない',
    en: 'request and request_uri together are refused',
    doesNotProve: { ja: 'どちらが効くところだったか', en: 'which of them would have counted' },
    edit: (call, kit) => ({
      ...call,
      beside: [...call.beside, ['request_uri', `urn:ietf:params:oauth:request_uri:${kit.random()}`]],
    }),
  },
]

export const signedRequestForms: readonly EditProbe<'signed-request'>[] = forms.map(({ part, attacks, cite, ja, en, doesNotProve, edit }) =>
  probeAt('signed-request', {
    id: `AR-${part}`,
    topic: 'authorization',
    attacks,
    level: levelOf(attacks),
    cite,
    says: { ja, en },
    proves: { ja, en },
    doesNotProve,
    depth: 'full',
    priority: 'P1',
    owner: 'AS',
    sources: ['token-endpoint-response'],
    edit,
  }),
)
