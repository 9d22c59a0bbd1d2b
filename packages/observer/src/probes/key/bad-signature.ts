// S1: the right key is named, the signature is not its own.

import { signatureFlipped } from '../../edits/proof-edits.ts'
import { probeAt } from '../../probe.ts'

export const badSignature = probeAt('api', {
  id: 'S1',
  topic: 'key',
  attacks: ['dpop.signature-verifies'],
  level: 'MUST',
  cite: 'RFC9449§4.3-7',
  says: { ja: '署名の壊れた証明では通らない', en: 'a proof with a broken signature does not pass' },
  proves: { ja: '署名を確かめている', en: 'signatures are verified' },
  doesNotProve: { ja: 'どの鍵で確かめているか', en: 'with which key' },
  depth: 'core',
  priority: 'P0',
  owner: 'RS',
  sources: ['dpop-header', 'rs-enforcement'],
  edit: signatureFlipped,
})
