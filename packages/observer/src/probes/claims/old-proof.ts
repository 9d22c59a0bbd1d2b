// T1: the proof is an hour old.
import { moved } from '../../edits/proof-edits.ts'
import { probeAt } from '../../probe.ts'

export const oldProof = probeAt('api', {
  id: 'T1',
  topic: 'claims',
  attacks: ['dpop.iat-is-recent'],
  level: 'MUST',
  cite: 'RFC9449§4.3-11',
  says: { ja: '古い証明では通らない', en: 'a proof of an hour ago does not pass' },
  proves: { ja: '古い証明は断っている', en: 'old proofs are refused' },
  doesNotProve: { ja: 'どれだけの時間差まで許すか', en: 'how wide the window is' },
  depth: 'core',
  priority: 'P1',
  owner: 'RS',
  sources: ['dpop-header', 'rs-enforcement'],
  // RFC 9449 §11.1: a fresh nonce says the same as a fresh iat.
  excused: (kit) => (kit.nonceDemanded ? 'freshness rests on the nonce here' : undefined),
  edit: moved(-3600),
})
