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
    proves: 'the signature of the other issuer is checked',
    doesNotProve: 'how its keys are kept',
    edit: (call): VouchedCall => ({ ...call, assertion: { ...call.assertion, signature: 'flipped' } }),
  },
  {
    part: 'other-kind',
    attacks: ['jwt-bearer.typ-is-no-other-kind'],
    cite: 'RFC7523bis§4',
    ja: 'ほかの種類の JWT は証言にならない',
    en: 'a JWT of another kind does not pass for an assertion',
    proves: 'typ is looked at',
    doesNotProve: 'that one without typ is what it seems',
    edit: (call): VouchedCall => ({ ...call, assertion: withHeader(call.assertion, { typ: 'at+jwt' }) }),
  },
  {
    part: 'audience',
    attacks: ['jwt-bearer.aud-is-this-issuer'],
    cite: 'RFC7523bis§4',
    ja: '宛先がこの発行者でない証言は断られる',
    en: 'an assertion for the token endpoint instead of the issuer is refused',
    proves: 'only the issuer identifier is taken for the audience',
    doesNotProve: 'anything about its other claims',
    edit: (call, kit) => withFact(kit, 'tokenEndpoint', (aud) => claims(call, { aud })),
  },
  {
    part: 'expired',
    attacks: ['jwt-bearer.is-not-expired'],
    cite: 'RFC7523§3-4',
    ja: '期限の過ぎた証言は断られる',
    en: 'an assertion that has expired is refused',
    proves: 'exp is kept',
    doesNotProve: 'that it must be near',
    edit: (call, kit) => claims(call, { exp: kit.now() - 60 }),
  },
  {
    part: 'far',
    attacks: ['jwt-bearer.exp-is-near'],
    cite: 'RFC7523§3-4',
    ja: '期限の遠すぎる証言は断られる',
    en: 'an assertion that lasts for days is refused',
    proves: 'exp is bounded',
    doesNotProve: 'by how much',
    edit: (call, kit) => claims(call, { exp: kit.now() + 7 * 86_400 }),
  },
  {
    part: 'future',
    attacks: ['jwt-bearer.is-not-from-the-future'],
    cite: 'RFC7523§3-5',
    ja: 'まだ始まっていない証言は断られる',
    en: 'an assertion that is not valid yet is refused',
    proves: 'nbf is kept',
    doesNotProve: 'how much two clocks may differ',
    edit: (call, kit) => claims(call, { nbf: kit.now() + 600, exp: kit.now() + 200 }),
  },
  {
    part: 'other-client',
    attacks: ['jwt-bearer.client-may-use-issuer'],
    cite: 'RFC7521§4.1',
    ja: 'ほかのアプリあての証言は使えない',
    en: 'an assertion made out to another client is refused',
    proves: 'client_id in an assertion is kept',
    doesNotProve: 'anything where it names no client',
    edit: (call, kit) => claims(call, { client_id: `not-${kit.random()}` }),
  },
  {
    part: 'twice',
    attacks: ['jwt-bearer.jti-is-first-seen'],
    cite: 'RFC7523§3-7',
    ja: '証言は一度だけ使える',
    en: 'an assertion is used once',
    proves: 'its jti is remembered',
    doesNotProve: 'for how long',
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
    proves: 'the other issuer is held to its scopes',
    doesNotProve: 'that those are few',
    edit: (call, kit) => withFact(kit, 'beyondScope', (scope) => ({ ...call, call: edits.parameter('scope', scope)(call.call) })),
  },
  {
    part: 'api',
    attacks: ['jwt-bearer.api-is-of-the-issuer'],
    cite: 'RFC7521§4.1',
    ja: '証言者が語れない API の切符は得られない',
    en: 'an API that the other issuer may not speak for is refused',
    proves: 'the other issuer is held to its APIs',
    doesNotProve: 'that those are few',
    edit: (call, kit) =>
      withFact(kit, 'beyondResource', (resource) => ({ ...call, call: edits.parameter('resource', resource)(call.call) })),
  },
]

export const vouchedForms = vouched.map((form) => probeOf('vouched', 'AS8', form))
