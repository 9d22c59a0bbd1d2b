// X1, second part: a proof "signed" with the public key as HMAC secret.
import { algHmac } from '../../edits/proof-edits.ts'
import { probeAt } from '../../probe.ts'

export const algHmacProbe = probeAt('api', {
  id: 'X1b',
  topic: 'header',
  attacks: ['dpop.alg-is-asymmetric'],
  level: 'MUST',
  cite: 'RFC9449§4.3-5',
  says: { ja: '公開鍵を共通鍵として使った証明では通らない', en: 'a proof with HMAC over the public key does not pass' },
  proves: { ja: '共通鍵の署名方式を受け取らない', en: 'symmetric algorithms are not accepted' },
  doesNotProve: { ja: 'ほかの署名方式も絞っているか', en: 'that other algorithms are limited' },
  depth: 'core',
  priority: 'P0',
  owner: 'RS',
  sources: ['dpop-header', 'rs-enforcement'],
  edit: algHmac,
})
