// Tickets that an API must not take: bound to nothing, or of an issuer that is not its own. Those of its own clients are in `tickets.ts`.

import type { ApiEntry } from '../inventory/inventory.ts'
import type { Run } from '../run/run.ts'
import type { Desk } from './desk.ts'
import type { Ticket } from './tickets.ts'

/** A ticket of the same issuer that is bound to nothing: asked for without a proof, or a client's that is issued so. */
export async function unboundToken(run: Run, api: ApiEntry, desk: Desk, desks: ReadonlyMap<string, Desk>): Promise<string | undefined> {
  const others = [...desks.values()].filter(({ client }) => client.issuer.id === api.issuer && client.entry.id !== desk.client.entry.id)
  for (const { office, wish } of [desk, ...others]) {
    const ticket = await office.ticket({ scope: api.scope ?? wish.scope, resource: api.resource ?? wish.resource, proof: false })
    if (!('none' in ticket) && ticket.type === 'bearer') return ticket.accessToken
  }
  return run.options.forgeAccessToken?.({ header: {}, claims: api.resource === undefined ? {} : { aud: api.resource }, without: ['cnf'] })
}

/** Of another issuer of the inventory. One whose clients are listed at this API is trusted here, and asked nothing of. */
export async function foreignTicket({ inventory }: Run, api: ApiEntry, desks: ReadonlyMap<string, Desk>): Promise<Ticket | undefined> {
  const own = new Set([api.issuer, ...api.clients.map((id) => inventory.clients.find((client) => client.id === id)?.issuer)])
  for (const { client, office, wish } of desks.values()) {
    if (own.has(client.issuer.id)) continue
    const got = await office.ticket({ ...wish, proof: true })
    if (!('none' in got)) return got
  }
  return undefined
}
