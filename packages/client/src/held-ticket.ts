// A saved ticket on a device: read, renewed by one at a time, spent on API calls.
// How it was obtained is the session's business.
import { readChallenges } from './challenges.ts'
import type { Awaitable, Device, Fetch, HolderKey, Ticket, TicketHolder } from './contract.ts'
import { HolderError, isHolderError } from './holder-error.ts'
import type { IssuerLink } from './issuer-link.ts'
import { ownerName } from './key-store/memory.ts'
import { readOrder } from './request-order.ts'
import { isDue, parseSaved, type SavedTicket, showTicket } from './saved-ticket.ts'

const bufferBytes = 1_048_576

export interface HeldTicket extends TicketHolder {
  device(): Promise<Device>
  /** The ticket as saved, whether due or not. */
  saved(): Promise<SavedTicket | undefined>
  save(ticket: SavedTicket): Promise<Ticket>
  /** Waits for a turn; where another turn has renewed the `stale` ticket meanwhile, takes that one. */
  renew(stale: SavedTicket | undefined): Promise<SavedTicket>
  /** Forgets ticket and key. */
  forget(): Promise<void>
}

export interface HeldTicketOptions {
  readonly link: IssuerLink
  readonly device: () => Awaitable<Device>
  /** Gets the next ticket; `undefined` where there is no way. Runs under the lock. */
  readonly next: (key: HolderKey, before: SavedTicket | undefined) => Promise<SavedTicket | undefined>
}

export function holdTicket(options: HeldTicketOptions): HeldTicket {
  const { link } = options
  const place = openPlace(options)
  const { device, key, saved, slot } = place
  const renew = (stale: SavedTicket | undefined): Promise<SavedTicket> => renewInTurn(place, options.next, stale)

  async function current(): Promise<SavedTicket> {
    const found = await saved()
    return found === undefined || isDue(found, link.now()) ? renew(found) : found
  }
  async function currentOrNone(): Promise<SavedTicket | undefined> {
    try {
      return await current()
    } catch (error) {
      if (isHolderError(error, 'holder.session-lives')) return undefined
      throw error
    }
  }
  return {
    device,
    saved,
    renew,
    key,
    async save(ticket) {
      const { lock, shelf } = await device()
      await lock(slot, () => shelf.write(slot, ticket))
      return showTicket(ticket, link.owner)
    },
    async forget() {
      const { lock, shelf, keys } = await device()
      await lock(slot, async () => {
        await shelf.remove(slot)
        await keys.forget(link.owner)
      })
    },
    async ticket() {
      const found = await currentOrNone()
      return found && showTicket(found, link.owner)
    },
    fetch: spendingFetch(link, key, current, renew),
    dangerouslyRevealAccessToken: async () => (await currentOrNone())?.accessToken,
  }
}

/** Where the ticket lies, and the key it is bound to. */
interface Place {
  readonly slot: string
  device(): Promise<Device>
  key(): Promise<HolderKey>
  saved(): Promise<SavedTicket | undefined>
}

function openPlace({ link, device }: Pick<HeldTicketOptions, 'link' | 'device'>): Place {
  const slot = `ticket:${ownerName(link.owner)}`
  let opened: Promise<Device> | undefined
  const open = (): Promise<Device> => {
    opened ??= Promise.resolve(device())
    return opened
  }
  const key = async (): Promise<HolderKey> => (await open()).keys.keyFor(link.owner)
  return {
    slot,
    device: open,
    key,
    async saved() {
      const found = parseSaved(await (await open()).shelf.read(slot))
      // A ticket whose key is gone is waste paper. It stays where it is: by now a new one may lie in its place.
      return found?.jkt === (await key()).jkt ? found : undefined
    },
  }
}

/** One at a time on this device; whoever comes later finds the ticket renewed. */
async function renewInTurn({ slot, device, key, saved }: Place, next: HeldTicketOptions['next'], stale: SavedTicket | undefined) {
  const { lock, shelf } = await device()
  return lock(slot, async () => {
    const before = await saved()
    if (before !== undefined && before.accessToken !== stale?.accessToken) return before
    try {
      const after = await next(await key(), before)
      if (after === undefined) throw new HolderError('holder.session-lives', 'nobody is signed in')
      await shelf.write(slot, after)
      return after
    } catch (error) {
      if (isHolderError(error, 'holder.session-lives')) await shelf.remove(slot)
      throw error
    }
  })
}

/** One renewal at most for one call: an API that refuses the renewed ticket too has the last word. */
function spendingFetch(
  link: IssuerLink,
  key: () => Promise<HolderKey>,
  current: () => Promise<SavedTicket>,
  renew: (stale: SavedTicket) => Promise<SavedTicket>,
): Fetch {
  return async (input, init = {}) => {
    const { url, method, headers, body, redirect, rest } = await readOrder(input, init, bufferBytes)
    const order = { ...rest, method, headers, redirect, ...(body !== undefined && { body }) }
    const ticket = await current()
    const response = await link.prove(await key())(url, { ...order, token: ticket.accessToken })
    if (!refusesTicket(response)) return response
    let renewed: SavedTicket
    try {
      renewed = await renew(ticket)
    } catch (error) {
      if (isHolderError(error)) return response
      throw error
    }
    await response.body?.cancel()
    return link.prove(await key())(url, { ...order, token: renewed.accessToken })
  }
}

/** RFC 6750 §3.1: only `invalid_token` says that another ticket may help. */
function refusesTicket(response: Response): boolean {
  if (response.status !== 401) return false
  const challenges = readChallenges(response.headers.get('www-authenticate'))
  return challenges.some(({ scheme, parameters }) => scheme === 'dpop' && parameters['error'] === 'invalid_token')
}
