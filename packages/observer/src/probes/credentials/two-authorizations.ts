// X4, third part: two Authorization header lines.
import { probeAt } from '../../probe.ts'

export const twoAuthorizations = probeAt('api', {
  id: 'X4c',
  topic: 'credentials',
  attacks: ['credentials.are-sent-once'],
  level: 'MUST',
  cite: 'RFC6750§2',
  says: { ja: 'Authorization は一行だけ', en: 'only one Authorization header passes' },
  proves: { ja: '一つを選ぶ前に、いくつ来たかを数えている', en: 'credentials are counted before one is chosen' },
  doesNotProve: { ja: 'どちらを選ぶところだったか', en: 'which one would have been chosen' },
  depth: 'core',
  priority: 'P2',
  owner: 'RS',
  sources: ['authorization-header', 'rs-enforcement'],
  edit: (call, kit) => ({ ...call, credentials: [...call.credentials, { scheme: 'Bearer', token: kit.random() }] }),
})
