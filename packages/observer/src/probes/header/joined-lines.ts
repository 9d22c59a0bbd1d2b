// X4, second part: two right proofs joined in one line, as proxies do.
import { joinedProofs } from '../../edits/proof-edits.ts'
import { probeAt } from '../../probe.ts'

export const joinedProofLines = probeAt('api', {
  id: 'X4b',
  topic: 'header',
  attacks: ['dpop.proof-is-sent-once'],
  level: 'MUST',
  cite: 'RFC9449§4.3-1',
  says: { ja: 'つながった二つの証明では通らない', en: 'two proofs joined in one header do not pass' },
  proves: { ja: 'つなげた証明を見抜いている', en: 'joined proofs are recognized' },
  doesNotProve: { ja: 'どちらを読むところだったか', en: 'which one would have been read' },
  depth: 'core',
  priority: 'P2',
  owner: 'RS',
  sources: ['dpop-header', 'rs-enforcement'],
  edit: joinedProofs,
})
