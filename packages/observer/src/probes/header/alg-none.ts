// X1, first part: a proof that says it has no signature.
import { algNone } from '../../edits/proof-edits.ts'
import { probeAt } from '../../probe.ts'

export const algNoneProbe = probeAt('api', {
  id: 'X1a',
  topic: 'header',
  attacks: ['dpop.alg-is-asymmetric'],
  level: 'MUST',
  cite: 'RFC9449§4.3-5',
  says: { ja: '署名なし (none) の証明では通らない', en: 'a proof with alg none does not pass' },
  proves: { ja: '署名なし（alg none）を受け取らない', en: 'alg none is not accepted' },
  doesNotProve: { ja: 'ほかの署名方式も絞っているか', en: 'that other algorithms are limited' },
  depth: 'core',
  priority: 'P0',
  owner: 'RS',
  sources: ['dpop-header', 'rs-enforcement'],
  edit: algNone,
})
