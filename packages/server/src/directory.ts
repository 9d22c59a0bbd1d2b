// Clients, resources and scopes of the issuer, cached for a few seconds: read on every request, changed rarely.
// What this process commits is forgotten at once; what another one changes is seen when the cache is old.
import {
  type Broken,
  type ClientRecord,
  type Issuer,
  isBroken,
  makeOffer,
  type Offer,
  type ResponseType,
  responseTypes,
  type Seconds,
} from '@kimei/protocol'
import type { Awaitable, Storage } from '@kimei/storage'

export interface Directory {
  client(clientId: string): Awaitable<ClientRecord | undefined>
  /** Resources and scopes, indexed. */
  offer(): Awaitable<Offer>
  /** Browser origins of all enabled clients. */
  origins(): Awaitable<ReadonlySet<string>>
  /** What some enabled client is registered to be answered with. */
  responseTypes(): Awaitable<readonly ResponseType[]>
  /** Whether any enabled client may hold unbound tokens. */
  someUnbound(): Awaitable<boolean>
  /** Forget what is cached: after a commit that changed it. */
  forget(): void
}

export interface DirectoryParts {
  readonly issuer: Issuer
  readonly storage: Storage
  readonly clock: () => Seconds
  /** Clients whose id is the URL of a document; kept and freshened there. */
  readonly documents: {
    serves(clientId: string): boolean
    find(clientId: string, stored: ClientRecord | undefined): Promise<ClientRecord | Broken>
  }
  /** Configuration alone knows them: their schemas are compiled at start. */
  readonly more: Partial<Pick<Offer, 'details' | 'levels' | 'acrValuesAreDemands'>>
}

/** How long another process's change may stay unseen. */
const cacheSeconds = 5
/** Unknown ids are not cached: a stranger could fill the memory with them. */
const mostClients = 10_000

export function makeDirectory({ issuer, storage, clock, documents, more }: DirectoryParts): Directory {
  const { records } = storage
  const enabled = async () => (await records.clients(issuer)).filter((client) => !client.disabled)
  let clients = new Map<string, ClientRecord>()
  const offer = remembered(async () => {
    const [resources, scopes] = await Promise.all([records.resources(issuer), records.scopes(issuer)])
    return makeOffer(issuer, resources, scopes, more)
  })
  const origins = remembered(async () => new Set((await enabled()).flatMap((client) => client.origins)))
  const unbound = remembered(async () => (await enabled()).some((client) => client.binding.kind !== 'required'))
  const fromDocument = async (clientId: string, stored: ClientRecord | undefined) => {
    const client = documents.serves(clientId) ? await documents.find(clientId, stored) : undefined
    return client === undefined || isBroken(client) ? undefined : client
  }
  const types = remembered(async () => {
    const used = new Set((await enabled()).flatMap((client) => client.responseTypes ?? []))
    return responseTypes.filter((type) => type === 'code' || used.has(type))
  })
  const loadClient = async (clientId: string) => {
    const into = clients
    const found = await records.client(issuer, clientId)
    if (found?.source === 'document' || (!found && documents.serves(clientId))) return fromDocument(clientId, found)
    if (found && into.size < mostClients) into.set(clientId, found)
    return found
  }
  const forget = () => {
    clients = new Map()
    for (const one of [offer, origins, unbound, types]) one.forget()
  }
  let freshUntil = Number.NEGATIVE_INFINITY
  /** A clock that stepped back counts as old, too. */
  const tended = <T>(value: () => T): T => {
    const now = clock()
    if (now >= freshUntil || now < freshUntil - cacheSeconds) {
      forget()
      freshUntil = now + cacheSeconds
    }
    return value()
  }
  return {
    client: (clientId) => tended(() => clients.get(clientId) ?? loadClient(clientId)),
    offer: () => tended(offer.value),
    origins: () => tended(origins.value),
    responseTypes: () => tended(types.value),
    someUnbound: () => tended(unbound.value),
    forget,
  }
}

/** A value that is loaded once and then at hand, until it is forgotten. */
function remembered<T>(load: () => Promise<T>): { readonly value: () => Awaitable<T>; readonly forget: () => void } {
  let known: { readonly value: T } | undefined
  let generation = 0
  return {
    value: () => {
      if (known) return known.value
      const mine = generation
      return load().then((value) => {
        // What was loaded before a change must not be remembered after it.
        if (mine === generation) known = { value }
        return value
      })
    },
    forget: () => {
      known = undefined
      generation += 1
    },
  }
}
