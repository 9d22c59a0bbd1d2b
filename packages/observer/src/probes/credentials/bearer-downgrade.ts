// B1: the bound ticket, sent as if it were a bearer ticket.
import { probeAt } from '../../probe.ts'

export const bearerDowngrade = probeAt('api', {
  id: 'B1',
  topic: 'credentials',
  attacks: ['binding.named-token-is-not-bearer'],
  level: 'MUST',
  cite: 'RFC9449§7.2',
  says: { ja: '記名式の切符は Bearer としては通らない', en: 'a bound ticket does not pass as Bearer' },
  proves: { ja: 'Bearer で来た切符でも、API は cnf を読んでいる', en: 'the API reads cnf on its Bearer path' },
  doesNotProve: { ja: '証明を確かめているか', en: 'that proofs are checked' },
  depth: 'core',
  priority: 'P0',
  owner: 'RS',
  sources: ['authorization-header', 'rs-enforcement'],
  decisive: true,
  edit: (call) => ({ ...call, credentials: call.credentials.map(({ token }) => ({ scheme: 'Bearer', token })), proofs: [] }),
})
