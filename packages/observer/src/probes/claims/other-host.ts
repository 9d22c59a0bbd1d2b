// H1: the proof was made for the same path on another host.
import { otherHost } from '../../edits/proof-edits.ts'
import { probeAt } from '../../probe.ts'

export const otherHostProbe = probeAt('api', {
  id: 'H1',
  topic: 'claims',
  attacks: ['dpop.htu-is-request-target'],
  level: 'MUST',
  cite: 'RFC9449§4.3-9',
  says: { ja: '別のホストの証明では通らない', en: 'a proof made for another host does not pass' },
  proves: { ja: 'htu のホストを比べている', en: 'the host of htu is compared' },
  doesNotProve: { ja: 'パスも比べているか', en: 'that the path is compared' },
  depth: 'core',
  priority: 'P1',
  owner: 'RS',
  sources: ['dpop-header', 'rs-enforcement'],
  edit: otherHost,
})
