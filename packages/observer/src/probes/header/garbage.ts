// X0: something that is no proof, where the proof should be.
import { garbage } from '../../edits/proof-edits.ts'
import { probeAt } from '../../probe.ts'

export const garbageProbe = probeAt('api', {
  id: 'X0',
  topic: 'header',
  attacks: ['jose.is-compact'],
  level: 'MUST',
  cite: 'RFC9449§4.3-2',
  says: { ja: '証明でないものは通らない', en: 'what is no proof does not pass' },
  proves: { ja: 'ヘッダーを読んではいる', en: 'the header is read at all' },
  doesNotProve: { ja: '中身を確かめているか', en: 'that what stands in it is checked' },
  depth: 'core',
  priority: 'P0',
  owner: 'RS',
  sources: ['dpop-header', 'rs-enforcement'],
  edit: garbage,
})
