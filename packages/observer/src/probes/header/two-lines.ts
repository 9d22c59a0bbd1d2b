// X4, first part: two DPoP header lines, both right.
import { secondProof } from '../../edits/proof-edits.ts'
import { probeAt } from '../../probe.ts'

export const twoProofLines = probeAt('api', {
  id: 'X4a',
  topic: 'header',
  attacks: ['dpop.proof-is-sent-once'],
  level: 'MUST',
  cite: 'RFC9449§4.3-1',
  says: { ja: 'DPoP は一行だけ', en: 'only one DPoP header passes' },
  proves: { ja: '証明の数を数えている', en: 'proofs are counted' },
  doesNotProve: { ja: '一行につなげたものも数えるか', en: 'that joined lines are counted' },
  depth: 'core',
  priority: 'P2',
  owner: 'RS',
  sources: ['dpop-header', 'rs-enforcement'],
  edit: secondProof,
})
