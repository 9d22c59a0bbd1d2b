// H2: the proof was made for another path on the same host.
import { otherPath } from '../../edits/proof-edits.ts'
import { probeAt } from '../../probe.ts'

export const otherPathProbe = probeAt('api', {
  id: 'H2',
  topic: 'claims',
  attacks: ['dpop.htu-is-request-target'],
  level: 'MUST',
  cite: 'RFC9449§4.3-9',
  says: { ja: '別のパスの証明では通らない', en: 'a proof made for another path does not pass' },
  proves: { ja: 'htu のパスを比べている', en: 'the path of htu is compared' },
  doesNotProve: { ja: 'ホストも比べているか', en: 'that the host is compared' },
  depth: 'core',
  priority: 'P1',
  owner: 'RS',
  sources: ['dpop-header', 'rs-enforcement'],
  edit: otherPath,
})
