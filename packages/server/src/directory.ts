// Clients, resources and scopes of the issuer, cached for a few seconds: read on every request, changed rarely.
// What this process commits is forgotten at once; what another one changes is seen when the cache is old.
import { type ClientRecord, type Issuer, makeOffer, type Offer, type Seconds } from '@kimei/protocol'
import type { Awaitable, Storage } from '@kimei/storage'

export interface Directory {
  client(clientId: string): Awaitable<ClientRecord | undefined>
  /** Resources and scopes, indexed. */
  offer(): Awaitable<Offer>
  /** Browser origins of all enabled clients. */
  origins(): Awaitable<ReadonlySet<string>>
  /** Whether any enabled client may hold unbound tokens. */
  someUnbound(): Awaitable<boolean>
  /** Forget what is cached: after a commit that changed it. */
  forget(): void
}

export interface DirectoryParts {
  readonly issuer: Issuer
  readonly storage: Storage
  readonly clock: () => Seconds
}

/** How long another process's change may stay unseen. */
const cacheSeconds = 5
/** Unknown ids are not cached: a stranger could fill the memory with them. */
const mostClients = 10_000

export function makeDirectory({ issuer, storage, clock }: DirectoryParts): Directory {
  let clients = new Map<string, ClientRecord>()
  let offer: Offer | undefined
  let origins: ReadonlySet<string> | undefined
  let unbound: boolean | undefined
  let freshUntil = Number.NEGATIVE_INFINITY
  const forget = () => {
    clients = new Map()
    offer = undefined
    origins = undefined
    unbound = undefined
  }
  /** A clock that stepped back counts as old, too. */
  const tend = () => {
    const now = clock()
    if (now < freshUntil && now >= freshUntil - cacheSeconds) return
    forget()
    freshUntil = now + cacheSeconds
  }
  return {
    client(clientId) {
      tend()
      return clients.get(clientId) ?? loadClient(clientId)
    },
    offer() {
      tend()
      return offer ?? loadOffer()
    },
    origins() {
      tend()
      return origins ?? loadOrigins()
    },
    someUnbound() {
      tend()
      return unbound ?? loadUnbound()
    },
    forget,
  }

  async function loadClient(clientId: string): Promise<ClientRecord | undefined> {
    const into = clients
    const found = await storage.records.client(issuer, clientId)
    if (found && into.size < mostClients) into.set(clientId, found)
    return found
  }
  async function loadOffer(): Promise<Offer> {
    const [resources, scopes] = await Promise.all([storage.records.resources(issuer), storage.records.scopes(issuer)])
    offer = makeOffer(issuer, resources, scopes)
    return offer
  }
  async function enabledClients(): Promise<readonly ClientRecord[]> {
    return (await storage.records.clients(issuer)).filter((client) => !client.disabled)
  }
  async function loadOrigins(): Promise<ReadonlySet<string>> {
    origins = new Set((await enabledClients()).flatMap((client) => client.origins))
    return origins
  }
  async function loadUnbound(): Promise<boolean> {
    unbound = (await enabledClients()).some((client) => client.binding.kind !== 'required')
    return unbound
  }
}
