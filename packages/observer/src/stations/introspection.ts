// The introspection endpoint as a place to probe: the server of an API asks about tickets it gets for itself (RFC 7662).
import { type Answered, fingerprint } from '../baseline.ts'
import { kitCertificates } from '../clients/kit-certificates.ts'
import { formCall } from '../clients/prepare.ts'
import type { Ticket, TicketOffice, TicketWish } from '../clients/tickets.ts'
import { type FormCall, writeFormCall } from '../edits/plans.ts'
import type { EditKit } from '../probe.ts'
import type { Performed, Station } from '../run/sandwich.ts'
import type { Line } from '../wire/line.ts'
import type { RawAnswer, RawRequest } from '../wire/raw-client.ts'
import { StationClosed } from './token-endpoint.ts'

/** Only `active: true` is acceptance. */
export function readIntrospection(answer: RawAnswer): Answered {
  const { error } = fingerprint(answer)
  const active = answer.status === 200 ? activeOf(answer.body) : undefined
  if (active !== undefined) return active ? { kind: 'accepted' } : { kind: 'refused', by: 'active: false' }
  const named = error === null ? String(answer.status) : `${answer.status} ${error}`
  return [400, 401, 403].includes(answer.status)
    ? { kind: 'refused', by: named }
    : { kind: 'unclear', because: `${named} is no answer of an introspection endpoint` }
}

function activeOf(body: string): boolean | undefined {
  try {
    const members: unknown = JSON.parse(body)
    if (typeof members !== 'object' || members === null || !('active' in members)) return undefined
    return typeof members.active === 'boolean' ? members.active : undefined
  } catch {
    return undefined
  }
}

export interface IntrospectionPlaceParts {
  readonly office: TicketOffice
  readonly line: Line
  /** Whose budget pays. */
  readonly target: string
  readonly endpoint: string
  readonly wish: Omit<TicketWish, 'proof'>
  readonly facts: EditKit['facts']
}

export function introspectionStation(parts: IntrospectionPlaceParts): Station<'introspection'> {
  const { office, line, target, wish, endpoint, facts } = parts
  const { client } = office
  const perform = async (request: RawRequest, role: string): Promise<Performed> => {
    const sent = await line.send(target, role, request)
    return { answered: readIntrospection(sent.answer), evidence: [sent.evidence], repeat: () => perform(request, `${role}, again`) }
  }
  return {
    name: 'introspection',
    async build(): Promise<FormCall> {
      const ticket = await office.ticket({ ...wish, proof: true })
      if ('none' in ticket) throw new StationClosed(ticket.none)
      return formCall(client, { url: endpoint, form: [['token', ticket.accessToken]], proof: false }, line)
    },
    perform: (call, role) => perform(writeFormCall(call), role),
    nonceDemanded() {},
    kit: {
      key: client.key,
      otherKey: client.otherKey,
      certificates: kitCertificates(client, line, target),
      random: line.random,
      now: () => line.now(endpoint),
      clockInDoubt: () => line.clockInDoubt(endpoint),
      nonceDemanded: false,
      forge: undefined,
      unboundToken: async () => undefined,
      otherTicket: async (other) => {
        const ticket = await office.ticket({ ...wish, ...other, proof: true })
        return 'none' in ticket ? undefined : ticket
      },
      revokedTicket: () => revokedTicket(parts),
      send: async (role, call) => (await line.send(target, role, writeFormCall(call))).answer,
      wait: undefined,
      freshCode: async () => undefined,
      facts,
    },
  }
}

/** A ticket of its own, revoked at once: the working exchange keeps the other one. */
async function revokedTicket({ office, line, target, wish, facts }: IntrospectionPlaceParts): Promise<Ticket | undefined> {
  const url = facts['revocationEndpoint']
  if (url === undefined) return undefined
  const spare = await office.spare({ ...wish, proof: true })
  if ('none' in spare) return undefined
  const form = [['token', spare.accessToken]] as const
  const call = formCall(office.client, { url, form, proof: false }, line)
  const sent = await line.send(target, 'revocation of a spare ticket', writeFormCall(call))
  return sent.answer.status === 200 ? spare : undefined
}
