// Where a holder's tickets lie on its device: one for each name, so that a ticket of one certificate is never spent over another.
// When tickets are renewed stands in held-ticket.ts.
import type { Awaitable, Device, HolderKey, KeyOwner, Naming } from './contract.ts'
import { ownerName } from './key-store/memory.ts'
import { currentName, type NamingOptions } from './naming.ts'
import { namesOf, parseSaved, type SavedTicket } from './saved-ticket.ts'

export interface TicketPlace {
  /** One turn at a time under this name, whatever certificate is in use. */
  readonly turn: string
  device(): Promise<Device>
  key(): Promise<HolderKey>
  /** What the next ticket is to be named after. */
  name(): Promise<Naming>
  /** The ticket of this name. */
  own(name: Naming): Promise<SavedTicket | undefined>
  /** What the certificate before this one left: good for renewal, never for spending (RFC 8705 §6.3). */
  inherited(name: Naming): Promise<SavedTicket | undefined>
  write(ticket: SavedTicket): Promise<void>
  remove(name: Naming): Promise<void>
  /** All of them, and the key. */
  forget(): Promise<void>
}

/** The one in use, and the one before: another process may still be on it. */
const mostCertificates = 2

export function openTicketPlace(owner: KeyOwner, device: () => Awaitable<Device>, options: NamingOptions): TicketPlace {
  const turn = `ticket:${ownerName(owner)}`
  const listSlot = `certificates:${ownerName(owner)}`
  const slotOf = (x5t: string | undefined): string =>
    x5t === undefined ? turn : `ticket:${JSON.stringify([owner.issuer, owner.clientId, x5t])}`
  let opened: Promise<Device> | undefined
  const open = (): Promise<Device> => {
    opened ??= Promise.resolve(device())
    return opened
  }
  const shelf = async () => (await open()).shelf
  const key = async (): Promise<HolderKey> => (await open()).keys.keyFor(owner)
  const certificates = async (): Promise<readonly string[]> => readNames(await (await shelf()).read(listSlot))
  const note = async (x5t: string): Promise<void> => {
    const before = await certificates()
    if (before[0] === x5t) return
    const [dropped, kept] = split([x5t, ...before.filter((one) => one !== x5t)])
    for (const one of dropped) await (await shelf()).remove(slotOf(one))
    await (await shelf()).write(listSlot, kept)
  }
  return {
    turn,
    device: open,
    key,
    name: () => currentName(options, key),
    async own(name) {
      const names = namesOf(name)
      const found = parseSaved(await (await shelf()).read(slotOf(names.x5t)))
      // A ticket whose key is gone is waste paper. It stays where it is: by now a new one may lie in its place.
      return found?.jkt === names.jkt && found?.x5t === names.x5t ? found : undefined
    },
    async inherited({ certificate }) {
      if (certificate === undefined) return undefined
      const before = (await certificates()).find((x5t) => x5t !== certificate.x5t)
      return before === undefined ? undefined : parseSaved(await (await shelf()).read(slotOf(before)))
    },
    async write(ticket) {
      await (await shelf()).write(slotOf(ticket.x5t), ticket)
      if (ticket.x5t !== undefined) await note(ticket.x5t)
    },
    remove: async (name) => (await shelf()).remove(slotOf(namesOf(name).x5t)),
    async forget() {
      for (const x5t of [undefined, ...(await certificates())]) await (await shelf()).remove(slotOf(x5t))
      await (await shelf()).remove(listSlot)
      await (await open()).keys.forget(owner)
    },
  }
}

function readNames(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : []
}

function split(names: readonly string[]): readonly [dropped: readonly string[], kept: readonly string[]] {
  return [names.slice(mostCertificates), names.slice(0, mostCertificates)]
}
