// A saved ticket on a device: read, renewed by one at a time, spent on API calls.
// How it was obtained is the session's business; where it lies that of ticket-place.ts.
import { readChallenges } from './challenges.ts'
import type { Awaitable, Device, Fetch, Naming, Ticket, TicketHolder } from './contract.ts'
import { HolderError, isHolderError } from './holder-error.ts'
import type { IssuerLink } from './issuer-link.ts'
import type { NamingOptions } from './naming.ts'
import { readOrder } from './request-order.ts'
import { isDue, type SavedTicket, showTicket } from './saved-ticket.ts'
import { openTicketPlace, type TicketPlace } from './ticket-place.ts'

const bufferBytes = 1_048_576

export interface HeldTicket extends TicketHolder {
  device(): Promise<Device>
  /** What the next ticket is to be named after. */
  name(): Promise<Naming>
  /** The ticket as saved, whether due or not; after a change of certificate the one before, which can only be renewed. */
  saved(): Promise<SavedTicket | undefined>
  save(ticket: SavedTicket): Promise<Ticket>
  /** Waits for a turn; where another turn has renewed the `stale` ticket meanwhile, takes that one. */
  renew(stale: SavedTicket | undefined): Promise<SavedTicket>
  /** Forgets ticket and key. */
  forget(): Promise<void>
}

export interface HeldTicketOptions {
  readonly link: IssuerLink
  readonly options: NamingOptions
  readonly device: () => Awaitable<Device>
  /** Gets the next ticket; `undefined` where there is no way. Runs under the lock. */
  readonly next: (name: Naming, before: SavedTicket | undefined) => Promise<SavedTicket | undefined>
}

/** A ticket and what it is named after, which belong together on the wire. */
interface Named {
  readonly name: Naming
  readonly ticket: SavedTicket
}

export function holdTicket({ link, options, device: given, next }: HeldTicketOptions): HeldTicket {
  const place = openTicketPlace(link.owner, given, options)
  const { device, key, turn } = place
  const renewed = (stale: SavedTicket | undefined): Promise<Named> => renewInTurn(place, next, stale)

  async function current(): Promise<Named> {
    const name = await place.name()
    const found = await place.own(name)
    return found === undefined || isDue(found, link.now()) ? renewed(found) : { name, ticket: found }
  }
  async function currentOrNone(): Promise<SavedTicket | undefined> {
    try {
      return (await current()).ticket
    } catch (error) {
      if (isHolderError(error, 'holder.session-lives')) return undefined
      throw error
    }
  }
  return {
    device,
    key,
    name: place.name,
    async saved() {
      const name = await place.name()
      return (await place.own(name)) ?? place.inherited(name)
    },
    renew: async (stale) => (await renewed(stale)).ticket,
    async save(ticket) {
      await (await device()).lock(turn, () => place.write(ticket))
      return showTicket(ticket, link.owner)
    },
    forget: async () => (await device()).lock(turn, place.forget),
    async ticket() {
      const found = await currentOrNone()
      return found && showTicket(found, link.owner)
    },
    fetch: spendingFetch(link, current, renewed),
    dangerouslyRevealAccessToken: async () => (await currentOrNone())?.accessToken,
  }
}

/** One at a time on this device; whoever comes later finds the ticket renewed. */
async function renewInTurn(place: TicketPlace, next: HeldTicketOptions['next'], stale: SavedTicket | undefined): Promise<Named> {
  const { lock } = await place.device()
  return lock(place.turn, async () => {
    // Asked for under the lock: the certificate may have been exchanged while we waited.
    const name = await place.name()
    const own = await place.own(name)
    if (own !== undefined && own.accessToken !== stale?.accessToken) return { name, ticket: own }
    try {
      const after = await next(name, own ?? (await place.inherited(name)))
      if (after === undefined) throw new HolderError('holder.session-lives', 'nobody is signed in')
      await place.write(after)
      return { name, ticket: after }
    } catch (error) {
      if (isHolderError(error, 'holder.session-lives')) await place.remove(name)
      throw error
    }
  })
}

/** One renewal at most for one call: an API that refuses the renewed ticket too has the last word. */
function spendingFetch(link: IssuerLink, current: () => Promise<Named>, renewed: (stale: SavedTicket) => Promise<Named>): Fetch {
  return async (input, init = {}) => {
    const { url, method, headers, body, redirect, rest } = await readOrder(input, init, bufferBytes)
    const order = { ...rest, method, headers, redirect, ...(body !== undefined && { body }) }
    const spend = ({ name, ticket }: Named) => link.prove(name)(url, { ...order, token: ticket.accessToken })
    const first = await current()
    const response = await spend(first)
    if (!refusesTicket(response, first.name)) return response
    let second: Named
    try {
      second = await renewed(first.ticket)
    } catch (error) {
      if (isHolderError(error)) return response
      throw error
    }
    await response.body?.cancel()
    return spend(second)
  }
}

/** RFC 6750 §3.1: only `invalid_token` says that another ticket may help. A certificate that was exchanged looks the same (RFC 8705 §6.3). */
function refusesTicket(response: Response, name: Naming): boolean {
  if (response.status !== 401) return false
  const ours = name.key === undefined ? 'bearer' : 'dpop'
  const challenges = readChallenges(response.headers.get('www-authenticate'))
  return challenges.some(({ scheme, parameters }) => scheme === ours && parameters['error'] === 'invalid_token')
}
