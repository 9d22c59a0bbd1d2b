// U1: a ticket that is bound to nothing.
import { probeAt } from '../../probe.ts'

export const unboundToken = probeAt('api', {
  id: 'U1',
  topic: 'credentials',
  attacks: ['binding.token-is-bound'],
  level: 'MUST',
  cite: 'RFC9449§7.2',
  says: { ja: '無記名の切符は通らない', en: 'a ticket bound to nothing does not pass' },
  proves: { ja: 'API は、縛られた切符を求めている', en: 'the API demands a binding' },
  doesNotProve: { ja: '縛りを確かめているか', en: 'that bindings are checked' },
  depth: 'core',
  priority: 'P0',
  owner: 'RS',
  sources: ['authorization-header', 'rs-enforcement'],
  edit: async (call, kit) => {
    const token = await kit.unboundToken()
    return token === undefined
      ? { notApplicable: 'no unbound ticket can be had from this issuer' }
      : { ...call, credentials: [{ scheme: 'Bearer', token }], proofs: [] }
  },
})
