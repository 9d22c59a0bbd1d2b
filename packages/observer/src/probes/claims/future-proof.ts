// T2: the proof is dated an hour ahead.
import { moved } from '../../edits/proof-edits.ts'
import { probeAt } from '../../probe.ts'

export const futureProof = probeAt('api', {
  id: 'T2',
  topic: 'claims',
  attacks: ['dpop.iat-is-not-ahead'],
  level: 'MUST',
  cite: 'RFC9449§4.3-11',
  says: { ja: '未来の日付の証明では通らない', en: 'a proof dated an hour ahead does not pass' },
  proves: { ja: '証明を前もって作り置きできない', en: 'proofs cannot be made in advance' },
  doesNotProve: { ja: 'どれだけの時間差まで許すか', en: 'how wide the window is' },
  depth: 'core',
  priority: 'P1',
  owner: 'RS',
  sources: ['dpop-header', 'rs-enforcement'],
  // RFC 9449 §11.1: a fresh nonce says the same as a fresh iat.
  excused: (kit) => (kit.nonceDemanded ? 'freshness rests on the nonce here' : undefined),
  edit: moved(3600),
})
