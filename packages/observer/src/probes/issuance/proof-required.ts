// AS2: the token request without a proof.
import { probeAt } from '../../probe.ts'

export const proofRequired = probeAt('token-request', {
  id: 'AS2',
  topic: 'issuance',
  attacks: ['binding.bearer-is-permitted'],
  level: 'PRODUCT',
  cite: 'RFC9449§5.2',
  says: { ja: '証明のない申請に切符は出ない', en: 'no ticket is issued without a proof' },
  proves: {
    ja: 'この種類の申請・範囲・宛先では、このアプリに無記名の切符は出ない',
    en: 'this client gets no unbound ticket from this grant, scope and resource',
  },
  doesNotProve: { ja: 'ほかのアプリや申請の種類のこと', en: 'anything about other clients and grants' },
  depth: 'core',
  priority: 'P1',
  owner: 'AS',
  sources: ['token-endpoint-response'],
  asksForUnbound: true,
  edit: (call) =>
    call.tls?.identity && call.proofs.length > 0
      ? { notApplicable: 'tickets of this client name its certificate as well: L2-proof asks this' }
      : { ...call, proofs: [] },
})
