// AS8: assertions of other issuers, one fault at a time (RFC 7523 §2.1).
import * as edits from '../../edits/form-edits.ts'
import { withClaims, withHeader } from '../../edits/plans.ts'
import type { VouchedCall } from '../../probe.ts'
import { type GrantForm, probeOf, withFact } from './grant-form.ts'

const claims = (call: VouchedCall, changed: Readonly<Record<string, unknown>>): VouchedCall => ({
  ...call,
  assertion: withClaims(call.assertion, changed),
})
const vouched: readonly GrantForm<'vouched'>[] = [
  {
    part: 'signature',
    attacks: ['jwt-bearer.signature-verifies'],
    cite: 'RFC7523§3-9',
    ja: '署名の合わない証言は断られる',
    en: 'an assertion whose signature does not verify is refused',
    proves: { ja: '相手の発行者の署名を確かめている', en: 'the signature of the other issuer is checked' },
    doesNotProve: { ja: '鍵をどう守っているか', en: 'how its keys are kept' },
    edit: (call): VouchedCall => ({ ...call, assertion: { ...call.assertion, signature: 'flipped' } }),
  },
  {
    part: 'other-kind',
    attacks: ['jwt-bearer.typ-is-no-other-kind'],
    cite: 'RFC7523bis§4',
    ja: 'ほかの種類の JWT は証言にならない',
    en: 'a JWT of another kind does not pass for an assertion',
    proves: { ja: 'typ を見ている', en: 'typ is looked at' },
    doesNotProve: { ja: 'typ のないものが、見かけどおりのものか', en: 'that one without typ is what it seems' },
    edit: (call): VouchedCall => ({ ...call, assertion: withHeader(call.assertion, { typ: 'at+jwt' }) }),
  },
  {
    part: 'audience',
    attacks: ['jwt-bearer.aud-is-this-issuer'],
    cite: 'RFC7523bis§4',
    ja: '宛先がこの発行者でない証言は断られる',
    en: 'an assertion for the token endpoint instead of the issuer is refused',
    proves: { ja: '宛先には、発行者の名前だけを認めている', en: 'only the issuer identifier is taken for the audience' },
    doesNotProve: { ja: 'ほかの項目のこと', en: 'anything about its other claims' },
    edit: (call, kit) => withFact(kit, 'tokenEndpoint', (aud) => claims(call, { aud })),
  },
  {
    part: 'expired',
    attacks: ['jwt-bearer.is-not-expired'],
    cite: 'RFC7523§3-4',
    ja: '期限の過ぎた証言は断られる',
    en: 'an assertion that has expired is refused',
    proves: { ja: 'exp（期限）を守っている', en: 'exp is kept' },
    doesNotProve: { ja: '期限が近くなければならないか', en: 'that it must be near' },
    edit: (call, kit) => claims(call, { exp: kit.now() - 60 }),
  },
  {
    part: 'far',
    attacks: ['jwt-bearer.exp-is-near'],
    cite: 'RFC7523§3-4',
    ja: '期限の遠すぎる証言は断られる',
    en: 'an assertion that lasts for days is refused',
    proves: { ja: 'exp（期限）に上限がある', en: 'exp is bounded' },
    doesNotProve: { ja: '上限がどれほどか', en: 'by how much' },
    edit: (call, kit) => claims(call, { exp: kit.now() + 7 * 86_400 }),
  },
  {
    part: 'future',
    attacks: ['jwt-bearer.is-not-from-the-future'],
    cite: 'RFC7523§3-5',
    ja: 'まだ始まっていない証言は断られる',
    en: 'an assertion that is not valid yet is refused',
    proves: { ja: 'nbf（使い始めの時刻）を守っている', en: 'nbf is kept' },
    doesNotProve: { ja: '時計のずれをどこまで許すか', en: 'how much two clocks may differ' },
    edit: (call, kit) => claims(call, { nbf: kit.now() + 600, exp: kit.now() + 200 }),
  },
  {
    part: 'other-client',
    attacks: ['jwt-bearer.client-may-use-issuer'],
    cite: 'RFC7521§4.1',
    ja: 'ほかのアプリあての証言は使えない',
    en: 'an assertion made out to another client is refused',
    proves: { ja: '証言の client_id を守っている', en: 'client_id in an assertion is kept' },
    doesNotProve: { ja: 'アプリの名前がない証言のこと', en: 'anything where it names no client' },
    edit: (call, kit) => claims(call, { client_id: `not-${kit.random()}` }),
  },
  {
    part: 'twice',
    attacks: ['jwt-bearer.jti-is-first-seen'],
    cite: 'RFC7523§3-7',
    ja: '証言は一度だけ使える',
    en: 'an assertion is used once',
    proves: { ja: 'jti を覚えている', en: 'its jti is remembered' },
    doesNotProve: { ja: 'いつまで覚えているか', en: 'for how long' },
    edit: (call) => call,
    sends: 'twice',
    carry: (first, fresh) => ({ ...fresh, assertion: first.assertion }),
  },
  {
    part: 'scope',
    attacks: ['jwt-bearer.scope-is-of-the-issuer'],
    cite: 'RFC7521§4.1',
    ja: '証言者が語れない範囲は得られない',
    en: 'a scope that the other issuer may not speak for is refused',
    proves: { ja: '相手の発行者は、任された範囲までしか語れない', en: 'the other issuer is held to its scopes' },
    doesNotProve: { ja: '任された範囲が狭いか', en: 'that those are few' },
    edit: (call, kit) => withFact(kit, 'beyondScope', (scope) => ({ ...call, call: edits.parameter('scope', scope)(call.call) })),
  },
  {
    part: 'api',
    attacks: ['jwt-bearer.api-is-of-the-issuer'],
    cite: 'RFC7521§4.1',
    ja: '証言者が語れない API の切符は得られない',
    en: 'an API that the other issuer may not speak for is refused',
    proves: { ja: '相手の発行者は、任された API のことしか語れない', en: 'the other issuer is held to its APIs' },
    doesNotProve: { ja: '任された範囲が狭いか', en: 'that those are few' },
    edit: (call, kit) =>
      withFact(kit, 'beyondResource', (resource) => ({ ...call, call: edits.parameter('resource', resource)(call.call) })),
  },
]

export const vouchedForms = vouched.map((form) => probeOf('vouched', 'AS8', form))
