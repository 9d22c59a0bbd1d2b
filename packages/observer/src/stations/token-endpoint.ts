// The token endpoint as a place to probe: a request that yields a ticket, whatever grant the client uses.
// What an issuer publishes about itself stands in `metadata.ts`.
import type { Answered } from '../baseline.ts'
import { fingerprint, readEnd } from '../baseline.ts'
import { kitCertificates } from '../clients/kit-certificates.ts'
import { issuedAs, readTokenAnswer, type TicketOffice, type TicketWish } from '../clients/tickets.ts'
import { type FormCall, writeFormCall } from '../edits/plans.ts'
import type { EditKit } from '../probe.ts'
import type { Performed, Station } from '../run/sandwich.ts'
import type { Line } from '../wire/line.ts'
import { headerValues, type RawAnswer, type RawRequest } from '../wire/raw-client.ts'

/** What a token endpoint's answer means: only an access token is acceptance. */
export function readTokenEndpoint(answer: RawAnswer): Answered {
  const { error, status } = fingerprint(answer)
  if (answer.ended) return readEnd(answer.ended)
  const nonce = headerValues(answer.headers, 'dpop-nonce')[0]
  if (error === 'use_dpop_nonce' && nonce !== undefined) return { kind: 'nonce-challenge', nonce }
  const issued = readTokenAnswer(answer)
  if (issued) return { kind: 'accepted', issued: issuedAs(issued) }
  const named = error === null ? String(status) : `${status} ${error}`
  if (
    (status >= 400 && status < 500 && status !== 429 && (error !== null || [400, 401, 405, 413, 415, 431].includes(status))) ||
    status === 500
  ) {
    return { kind: 'refused', by: named }
  }
  return { kind: 'unclear', because: `${named} is no answer of a token endpoint` }
}

export interface TokenPlaceParts {
  readonly office: TicketOffice
  readonly line: Line
  /** Whose budget pays. */
  readonly target: string
  readonly wish: Omit<TicketWish, 'proof'>
  readonly facts?: EditKit['facts']
  readonly wait?: EditKit['wait']
}

/** `undefined` for clients whose ticket was pasted, or takes a person each time. */
export function tokenStation(parts: TokenPlaceParts): Station<'token-request'> | undefined {
  const { office, line, target } = parts
  const { client } = office
  const { from } = client.entry.ticket
  if (from === 'pasted' || office.source.byHand) return undefined
  const url = client.issuer.tokenEndpoint
  let nonceDemanded = false
  const perform = async (request: RawRequest, role: string): Promise<Performed> => {
    const sent = await line.send(target, role, request)
    const issued = readTokenAnswer(sent.answer)
    if (issued) office.source.learn(issued)
    const closed = sent.answer.ended?.kind === 'closed'
    const again = closed ? await line.send(target, `${role}, once more`, request) : undefined
    const twice = again?.answer.ended?.kind === 'closed'
    const answered: Answered = twice ? { kind: 'refused', by: 'closed twice' } : readTokenEndpoint((again ?? sent).answer)
    const evidence = [sent.evidence, ...(again ? [again.evidence] : [])]
    return { answered, evidence, repeat: () => perform(request, `${role}, again`) }
  }
  return {
    name: 'token-request',
    async build(): Promise<FormCall> {
      const call = await office.request({ ...parts.wish, proof: true })
      if ('none' in call) throw new StationClosed(call.none)
      return call
    },
    perform: (call, role) => perform(writeFormCall(call), role),
    nonceDemanded() {
      nonceDemanded = true
    },
    kit: {
      key: client.key,
      otherKey: client.otherKey,
      certificates: kitCertificates(client, line, target),
      random: line.random,
      now: () => line.now(url),
      clockInDoubt: () => line.clockInDoubt(url),
      get nonceDemanded() {
        return nonceDemanded
      },
      unboundToken: async () => undefined,
      otherTicket: async () => undefined,
      forge: undefined,
      revokedTicket: async () => undefined,
      send: async (role, call) => (await line.send(target, role, writeFormCall(call))).answer,
      wait: parts.wait,
      freshCode: async () => undefined,
      facts: parts.facts ?? {},
    },
  }
}

/** No further working exchange can be built here; with `nothing`, because this client has nothing that could be asked about. */
export class StationClosed extends Error {
  override readonly name = 'StationClosed'
  readonly nothing: boolean
  constructor(message: string, { nothing = false }: { readonly nothing?: boolean } = {}) {
    super(message)
    this.nothing = nothing
  }
}
