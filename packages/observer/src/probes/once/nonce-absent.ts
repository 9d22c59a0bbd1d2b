// N2: no nonce, where one is demanded.
import { withoutNonce } from '../../edits/proof-edits.ts'
import { probeAt } from '../../probe.ts'

export const nonceAbsent = probeAt('api', {
  id: 'N2',
  topic: 'once',
  attacks: ['dpop.nonce-is-given'],
  level: 'MUST',
  cite: 'RFC9449§11.3',
  says: { ja: 'nonce を求めるところでは、nonce のない証明は通らない', en: 'where a nonce is demanded, a proof without one does not pass' },
  proves: { ja: 'nonce の要求に抜け道がない', en: 'the demand for a nonce has no way around it' },
  doesNotProve: { ja: 'nonce が本物かを確かめているか', en: 'that nonces are verified' },
  depth: 'full',
  priority: 'P1',
  owner: 'RS',
  sources: ['dpop-header', 'rs-enforcement'],
  judgesNonceChallenge: true,
  edit: (call, kit) => {
    const demanded = kit.nonceDemanded || kit.facts['nonce'] === 'required'
    return demanded ? withoutNonce(call, kit) : { notApplicable: 'no nonce is demanded here' }
  },
})
