// R2: the identical proof over eight new connections, as different nodes behind a balancer would see it.
import { probeAt } from '../../probe.ts'

export const replayAcrossNodes = probeAt('api', {
  id: 'R2',
  topic: 'once',
  attacks: ['dpop.jti-is-first-use'],
  level: 'SHOULD',
  cite: 'RFC9449§11.1',
  says: { ja: '同じ証明は、どの節点でも二度は通らない', en: 'the same proof does not pass twice at any node' },
  proves: {
    ja: '新しい接続を八つ続けても、使われた証明を覚えているサーバーに当たった',
    en: 'eight new connections in a row met a memory of used proofs',
  },
  doesNotProve: { ja: '振り分け装置の奥に、ほかのサーバーが隠れていないか', en: 'that a balancer would not hide further nodes' },
  depth: 'full',
  priority: 'P1',
  owner: 'RS',
  sources: ['dpop-header', 'rs-enforcement'],
  sends: 9,
  edit: (call) => ({ ...call, headers: [...call.headers, ['Connection', 'close']] }),
})
