// AS1: a ticket asked for with a proof is bound to the key of that proof.
import type { ProcedureProbe } from '../../probe.ts'
import type { Outcome } from '../../run/sandwich.ts'

export const boundTicket: ProcedureProbe = {
  station: 'procedure',
  id: 'AS1',
  topic: 'issuance',
  // No single rule: a ticket with a proof cannot be built without its cnf.
  attacks: [],
  level: 'MUST',
  cite: 'RFC9449§5',
  says: { ja: '証明とともに申請した切符は、その鍵に縛られる', en: 'a ticket asked for with a proof is bound to its key' },
  proves: { ja: '切符は、出すときに縛られている', en: 'tickets are bound at issue' },
  doesNotProve: { ja: 'API が縛りを比べているか', en: 'that any API compares the binding' },
  depth: 'core',
  priority: 'P1',
  owner: 'AS',
  sources: ['token-endpoint-response'],
  async run({ ticket }): Promise<Outcome> {
    if ('none' in ticket) return { verdict: 'inconclusive', reason: ticket.none, answered: '', evidence: ticket.evidence }
    const { evidence, format, jkt, key, type } = ticket
    if (type === 'bearer') return { verdict: 'violated', answered: 'issued as Bearer, without cnf.jkt', evidence }
    if (format === 'opaque')
      return { verdict: 'inconclusive', reason: 'token_type is DPoP, but the ticket cannot be read', answered: 'issued as DPoP', evidence }
    if (jkt === key.thumbprint) return { verdict: 'holds', answered: 'cnf.jkt is our key', evidence }
    return { verdict: 'violated', answered: jkt === undefined ? 'token_type DPoP without cnf.jkt' : 'cnf.jkt is another key', evidence }
  },
}
