// AS10: what the server of an API hears about a bound ticket must say the key, or it cannot enforce anything.
import { formCall } from '../../clients/prepare.ts'
import { writeFormCall } from '../../edits/plans.ts'
import type { ProcedureProbe } from '../../probe.ts'
import type { Outcome } from '../../run/sandwich.ts'
import { sameOrigin } from '../../wire/same-origin.ts'

const sentence = 'introspection of a bound ticket says its key (cnf.jkt, token_type DPoP) or its certificate (cnf.x5t#S256)'

export const introspectedName: ProcedureProbe = {
  station: 'procedure',
  id: 'AS10',
  topic: 'issuer-apis',
  // No single rule: an answer is built from the whole ticket, its name included.
  attacks: [],
  level: 'MUST',
  cite: 'RFC9449§6.2',
  says: { ja: '照会の答えには、切符が縛られた鍵（cnf.jkt）か証明書（cnf.x5t#S256）が入っている', en: sentence },
  proves: {
    ja: 'API は、読めない切符でも、その名義を確かめられる',
    en: 'the server of an API can enforce the name of a ticket that it cannot read',
  },
  doesNotProve: { ja: '実際に確かめているか', en: 'that it does' },
  depth: 'full',
  priority: 'P1',
  owner: 'AS',
  sources: ['token-endpoint-response'],
  async run({ office, line, target, ticket, kit }): Promise<Outcome> {
    const url = kit.facts['introspectionEndpoint']
    const { client } = office
    if (url === undefined || !sameOrigin(url, kit.facts['tokenEndpoint']))
      return notHere('the issuer names no introspection endpoint of its own')
    if (!client.entry.introspects) return notHere('the client serves no API')
    if ('none' in ticket || ticket.type === 'bearer') return notHere('there is no bound ticket to ask about')
    const call = formCall(client, { url, form: [['token', ticket.accessToken]], proof: false }, line)
    const sent = await line.send(target, 'AS10, introspection', writeFormCall(call))
    const own = client.certificate?.thumbprint
    const byCertificate = ticket.type === 'mtls' && own !== undefined
    const named = byCertificate
      ? ({ member: 'x5t#S256', thumbprint: own } as const)
      : ({ member: 'jkt', thumbprint: ticket.key.thumbprint } as const)
    return { ...readAnswer(sent.answer, named), evidence: [sent.evidence] }
  },
}

const notHere = (reason: string): Outcome => ({ verdict: 'not-applicable', reason, answered: '', evidence: [] })

interface Name {
  readonly member: 'jkt' | 'x5t#S256'
  readonly thumbprint: string
}

/** An answer that says active, and of which key or certificate. */
export function readAnswer(
  { status, body }: { readonly status: number; readonly body: string },
  { member, thumbprint }: Name,
): Omit<Outcome, 'evidence'> {
  const members = status === 200 ? membersOf(body) : undefined
  if (members?.['active'] !== true) {
    return { verdict: 'inconclusive', reason: `the ticket was not told to be active (${status})`, answered: String(status) }
  }
  const cnf = members['cnf']
  const named = typeof cnf === 'object' && cnf !== null ? (cnf as Record<string, unknown>)[member] : undefined
  const type = String(members['token_type'] ?? '').toLowerCase()
  const another = member === 'jkt' ? 'key' : 'certificate'
  if (named === undefined) return { verdict: 'violated', answered: `active, without cnf.${member}` }
  if (named !== thumbprint) return { verdict: 'violated', answered: `active, with the thumbprint of another ${another}` }
  // RFC 8705 §3.2 leaves token_type alone.
  if (member === 'x5t#S256') return { verdict: 'holds', answered: 'active, with cnf.x5t#S256' }
  if (type !== 'dpop') return { verdict: 'violated', answered: `active, with cnf.jkt, but token_type "${type.slice(0, 20)}"` }
  return { verdict: 'holds', answered: 'active, with cnf.jkt and token_type DPoP' }
}

function membersOf(body: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(body)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}
