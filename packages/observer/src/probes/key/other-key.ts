// K1: everything right, but the proof is made with a key the ticket is not bound to.

import { signedByOtherKey } from '../../edits/proof-edits.ts'
import { probeAt } from '../../probe.ts'

export const otherKey = probeAt('api', {
  id: 'K1',
  topic: 'key',
  attacks: ['binding.proof-key-is-named-key'],
  level: 'MUST',
  cite: 'RFC9449§4.3-12',
  says: { ja: '別の鍵の証明では通らない', en: 'a proof by another key does not pass' },
  proves: { ja: '証明の鍵の指紋を cnf.jkt と比べている', en: 'the thumbprint of the proof key is compared with cnf.jkt' },
  doesNotProve: { ja: '証明のほかの項目を確かめているか', en: 'that the other claims of the proof are checked' },
  depth: 'core',
  priority: 'P0',
  owner: 'RS',
  sources: ['dpop-header', 'rs-enforcement'],
  decisive: true,
  edit: signedByOtherKey,
})
