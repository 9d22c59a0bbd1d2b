// M1: the proof was made for another method.
import { otherMethod } from '../../edits/proof-edits.ts'
import { probeAt } from '../../probe.ts'

export const otherMethodProbe = probeAt('api', {
  id: 'M1',
  topic: 'claims',
  attacks: ['dpop.htm-is-request-method'],
  level: 'MUST',
  cite: 'RFC9449§4.3-8',
  says: { ja: '別のメソッドの証明では通らない', en: 'a proof made for another method does not pass' },
  proves: { ja: 'htm をメソッドと比べている', en: 'htm is compared with the method' },
  doesNotProve: { ja: 'URL のこと', en: 'anything about the URL' },
  depth: 'core',
  priority: 'P1',
  owner: 'RS',
  sources: ['dpop-header', 'rs-enforcement'],
  edit: otherMethod,
})
