// B2: the DPoP scheme without any proof.
import { probeAt } from '../../probe.ts'

export const schemeWithoutProof = probeAt('api', {
  id: 'B2',
  topic: 'credentials',
  attacks: ['dpop.proof-is-present'],
  level: 'MUST',
  cite: 'RFC9449§7.1',
  says: { ja: '証明のない DPoP は通らない', en: 'the DPoP scheme does not pass without a proof' },
  proves: { ja: 'DPoP スキームでは証明を求めている', en: 'a proof is demanded on the DPoP scheme' },
  doesNotProve: { ja: 'Bearer で来たときのこと', en: 'anything about the Bearer path' },
  depth: 'core',
  priority: 'P0',
  owner: 'RS',
  sources: ['dpop-header', 'rs-enforcement'],
  edit: (call) => ({ ...call, proofs: [] }),
})
