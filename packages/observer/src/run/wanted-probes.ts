// Which probes of an API are asked with one ticket: by what it names, and by how it is taken.
// How they are run stands in `apis.ts` and `probe-groups.ts`.
import type { Ticket } from '../clients/tickets.ts'
import { type EditProbe, fits } from '../probe.ts'
import { decidingProbes, probesAt } from '../probes/index.ts'
import type { ApiPlace } from '../stations/api.ts'
import type { Run } from './run.ts'

export const askedOf = (run: Run, ticket: Ticket): readonly EditProbe<'api'>[] => {
  const named = { key: ticket.type !== 'mtls', certificate: ticket.type === 'mtls' || ticket.x5t !== undefined }
  return probesAt('api').filter((probe) => run.wants(probe) && fits(probe, named))
}

export const comparedProbes = (run: Run, ticket: Ticket): readonly EditProbe<'api'>[] =>
  askedOf(run, ticket).filter(({ id }) => decidingProbes.has(id))

/**
 * Where the ticket alone is enough, the ticket is all that is checked: whether anybody can forge one is asked in any case, and the rest
 * about tickets where everything is.
 */
export function ofTicketsAlone(run: Run, { nameless }: ApiPlace): EditProbe<'api'>[] {
  const forged = ({ id }: EditProbe<'api'>) => id === 'TK1' || id === 'TK2'
  // Further tickets would bear a name, and be refused for that.
  const asked = (probe: EditProbe<'api'>) =>
    forged(probe) ? run.options.only === undefined || run.wants(probe) : !nameless && run.wants(probe)
  return probesAt('api').filter((probe) => probe.topic === 'token' && probe.binds === undefined && asked(probe))
}
