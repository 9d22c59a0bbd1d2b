// R1: the identical proof, a second time.
import { probeAt } from '../../probe.ts'

export const replay = probeAt('api', {
  id: 'R1',
  topic: 'once',
  attacks: ['dpop.jti-is-first-use'],
  level: 'SHOULD',
  cite: 'RFC9449§11.1',
  says: { ja: '同じ証明は二度は通らない', en: 'the same proof does not pass twice' },
  proves: { ja: '答えたサーバーは、使われた証明を覚えている', en: 'used proofs are remembered where this request was answered' },
  doesNotProve: { ja: 'どのサーバーも同じ記憶を持つか', en: 'that every node shares that memory' },
  depth: 'core',
  priority: 'P1',
  owner: 'RS',
  sources: ['dpop-header', 'rs-enforcement'],
  sends: 'twice',
  edit: (call) => call,
})
