// B3: the Bearer scheme with a valid proof beside it.
import { probeAt } from '../../probe.ts'

export const bearerWithProof = probeAt('api', {
  id: 'B3',
  topic: 'credentials',
  attacks: ['binding.named-token-is-not-bearer'],
  level: 'MUST',
  cite: 'RFC9449§7.2',
  says: { ja: '記名式の切符は、証明があっても Bearer としては通らない', en: 'a bound ticket does not pass as Bearer, even with a proof' },
  proves: { ja: 'スキームと切符の縛りを突き合わせている', en: 'the scheme is compared with the binding' },
  doesNotProve: { ja: '証明のない切符を断るか', en: 'that a ticket without proof is refused' },
  depth: 'full',
  priority: 'P2',
  owner: 'RS',
  sources: ['authorization-header', 'rs-enforcement'],
  edit: (call) => ({ ...call, credentials: call.credentials.map(({ token }) => ({ scheme: 'Bearer', token })) }),
})
