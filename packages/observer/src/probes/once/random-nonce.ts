// N1: a nonce that the server never gave.
import { randomNonce } from '../../edits/proof-edits.ts'
import { probeAt } from '../../probe.ts'

export const forgedNonce = probeAt('api', {
  id: 'N1',
  topic: 'once',
  attacks: ['dpop.nonce-is-current'],
  level: 'MUST',
  cite: 'RFC9449§4.3-10',
  says: { ja: 'サーバーの出していない nonce では通らない', en: 'a nonce the server never gave does not pass' },
  proves: { ja: 'nonce が本物かを確かめている', en: 'nonces are verified' },
  doesNotProve: { ja: 'いつまで使えるか', en: 'how long they live' },
  depth: 'core',
  priority: 'P1',
  owner: 'RS',
  sources: ['dpop-header', 'rs-enforcement'],
  judgesNonceChallenge: true,
  edit: (call, kit) => {
    if (kit.nonceDemanded) return randomNonce(call, kit)
    return { notApplicable: kit.nonceOffered?.() ? 'nonces are offered here, and none is demanded' : 'no nonce is demanded here' }
  },
})
