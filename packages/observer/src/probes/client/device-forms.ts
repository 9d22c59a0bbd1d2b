// AS6: devices that ask and poll, one fault at a time (RFC 8628).
import * as edits from '../../edits/form-edits.ts'
import { withHeader, withProof } from '../../edits/plans.ts'
import type { DeviceCall } from '../../probe.ts'
import { type GrantForm, probeOf, withFact } from './grant-form.ts'

const devices: readonly GrantForm<'device'>[] = [
  {
    part: 'other-client',
    attacks: ['device.code-is-of-this-client'],
    cite: 'RFC8628§3.4',
    ja: 'ほかのアプリの機器コードでは問い合わせられない',
    en: 'a device code is not polled by another client',
    proves: { ja: '機器コードは、頼んだアプリだけのもの', en: 'a device code belongs to the client that asked for it' },
    doesNotProve: { ja: '人が決めたあと、どうなるか', en: 'what becomes of it once a person has decided' },
    edit: (call, kit) => withFact(kit, 'twinClientId', (id) => ({ ...call, change: edits.parameter('client_id', id) })),
  },
  {
    part: 'no-proof',
    attacks: ['device.announced-key-is-proven'],
    cite: 'RFC9449§10',
    ja: '証明とともに求めた機器コードは、証明なしでは問い合わせられない',
    en: 'a device code asked for with a proof is not polled without one',
    proves: { ja: '最初の要求の鍵を覚えている', en: 'the key of the request is remembered' },
    doesNotProve: { ja: '最初の要求に証明がなくても、求めるか', en: 'that it is asked for where the request had none' },
    edit: (call): DeviceCall => ({ ...call, change: (poll) => ({ ...poll, proofs: [] }) }),
  },
  {
    part: 'other-key',
    attacks: ['device.key-is-the-announced-one'],
    cite: 'RFC9449§10',
    ja: '求めたときと違う鍵では問い合わせられない',
    en: 'a device code is not polled with another key than it was asked for with',
    proves: { ja: '機器コードを写し取っても、切符は受け取れない', en: 'whoever copies a device code cannot collect with it' },
    doesNotProve: { ja: '鍵を持たない機器のこと', en: 'anything about devices without a key' },
    edit: (call, kit): DeviceCall => ({
      ...call,
      change: (poll) => withProof(poll, (proof) => ({ ...withHeader(proof, { jwk: kit.otherKey.publicJwk }), key: kit.otherKey })),
    }),
  },
  {
    part: 'details',
    attacks: ['device.no-authorization-details'],
    cite: 'RFC9396§5',
    ja: '機器が authorization_details を頼めば断られる',
    en: 'a device that asks for authorization_details is refused',
    proves: { ja: '画面に出せないものを、黙って落としていない', en: 'what the page cannot show is not silently left out' },
    doesNotProve: { ja: 'ブラウザからの申請のこと', en: 'anything about requests of browsers' },
    edit: (call): DeviceCall => ({ ...call, ask: edits.parameter('authorization_details', '[{"type":"unknown"}]')(call.ask) }),
  },
  {
    part: 'expired',
    attacks: ['device.code-is-not-expired'],
    cite: 'RFC8628§3.5',
    ja: '期限の過ぎた機器コードは使えない',
    en: 'a device code that has expired is refused',
    proves: { ja: 'expires_in の期限を守っている', en: 'expires_in is kept' },
    doesNotProve: { ja: '期限が短いか', en: 'that it is short' },
    edit: (call, { wait }) => (wait ? { ...call, late: true } : { notApplicable: 'nobody waits until it expires' }),
  },
  {
    part: 'hurried',
    attacks: ['device.poll-keeps-the-interval'],
    cite: 'RFC8628§3.5',
    ja: '間隔をおかない問い合わせは slow_down になる',
    en: 'a poll before the interval is told to slow down',
    proves: { ja: '問い合わせの間隔を、一度は守らせている', en: 'the interval is kept once' },
    doesNotProve: { ja: '間隔を延ばしていくか', en: 'that it grows' },
    edit: (call): DeviceCall => ({ ...call, hurried: true }),
  },
]

export const deviceForms = devices.map((form) => probeOf('device', 'AS6', form))
