// A1: the proof was made for another ticket.
import { otherTokenHash } from '../../edits/proof-edits.ts'
import { probeAt } from '../../probe.ts'

export const otherTokenHashProbe = probeAt('api', {
  id: 'A1',
  topic: 'claims',
  attacks: ['dpop.ath-is-token-hash'],
  level: 'MUST',
  cite: 'RFC9449§4.3-11',
  says: { ja: '別の切符のために作った証明では通らない', en: 'a proof made for another ticket does not pass' },
  proves: { ja: 'ath を切符と比べている', en: 'ath is compared with the ticket' },
  doesNotProve: { ja: 'ath のない証明を断るか', en: 'that a proof without ath is refused' },
  depth: 'core',
  priority: 'P1',
  owner: 'RS',
  sources: ['dpop-header', 'rs-enforcement'],
  edit: otherTokenHash,
})
