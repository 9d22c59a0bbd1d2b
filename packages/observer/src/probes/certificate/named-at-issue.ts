// L12: a ticket asked for with a certificate names that certificate. That the client authenticated by it proves nothing of the kind.
import type { ProcedureProbe } from '../../probe.ts'
import type { Outcome } from '../../run/sandwich.ts'

export const namedAtIssue: ProcedureProbe = {
  station: 'procedure',
  id: 'L12',
  topic: 'certificate',
  // No single rule: a ticket with a certificate cannot be built without its cnf.
  attacks: [],
  level: 'MUST',
  cite: 'RFC8705§3.1',
  says: { ja: '証明書を見せて申請した切符は、その証明書に縛られる', en: 'a ticket asked for with a certificate names that certificate' },
  proves: { ja: '切符は、出すときに証明書に縛られている', en: 'tickets are bound to the certificate at issue' },
  doesNotProve: { ja: 'API がそれを比べているか', en: 'that any API compares it' },
  depth: 'core',
  priority: 'P1',
  owner: 'AS',
  binds: 'certificate',
  sources: ['mtls-handshake', 'token-endpoint-response'],
  async run({ ticket, kit }): Promise<Outcome> {
    if ('none' in ticket) return { verdict: 'inconclusive', reason: ticket.none, answered: '', evidence: ticket.evidence }
    const { evidence, format, x5t } = ticket
    const own = kit.certificates?.own.thumbprint
    if (own === undefined)
      return { verdict: 'not-applicable', reason: 'the inventory has no certificate of this client', answered: '', evidence: [] }
    if (format === 'opaque') return { verdict: 'inconclusive', reason: 'the ticket cannot be read', answered: 'issued', evidence }
    if (x5t === own) return { verdict: 'holds', answered: 'cnf.x5t#S256 is our certificate', evidence }
    const said = x5t === undefined ? 'issued without cnf.x5t#S256' : 'cnf.x5t#S256 is another certificate'
    return { verdict: 'violated', answered: said, evidence }
  },
}
