// One API of notes behind our own guard, and the inventory that names it: for tests about what else may go wrong on the way.
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { createGuard } from '@kimei/guard'
import { guardNode } from '@kimei/guard/node'
import type { AuditEvent } from '@kimei/protocol'
import { createMemoryReplay } from '@kimei/storage/memory'
import { type Inventory, type InventoryInput, parseInventory } from '../src/inventory/inventory.ts'
import type { Observation, ObserveOptions } from '../src/observation.ts'
import { observe } from '../src/run/observe.ts'
import { audience, operations, quick, type startIssuer } from './express-apis.ts'

type Issuer = Awaited<ReturnType<typeof startIssuer>>

export const notes = (_request: IncomingMessage, response: ServerResponse): void =>
  void response.setHeader('Content-Type', 'application/json').end('{"notes":[]}')

interface NotesGuard {
  readonly issuer: Issuer
  /** Where callers find it. */
  readonly origin: string
  /** Whose clock it has; left out: ours. */
  readonly offSeconds?: number
  readonly audit?: (event: AuditEvent) => void
}

/** Checks everything at `/notes`. */
export function guardedNotes({ issuer, origin, offSeconds = 0, audit = () => undefined }: NotesGuard): RequestListener {
  const guard = createGuard(
    {
      issuer: issuer.issuer,
      resource: audience,
      baseUrls: [origin],
      accessTokens: { algorithms: ['RS256'] },
      routes: [{ path: '/notes', policy: 'required', scopes: ['read'] }],
    },
    {
      replay: createMemoryReplay(),
      clock: () => Math.floor(Date.now() / 1000) + offSeconds,
      random: (bytes) => crypto.getRandomValues(new Uint8Array(bytes)),
      audit,
    },
  )
  return guardNode(guard, notes)
}

interface NotesWish {
  readonly issuer: Issuer
  readonly origin: string
  readonly client: 'job' | 'partner'
  readonly more?: Partial<InventoryInput>
}

export function notesInventory({ issuer, origin, client, more = {} }: NotesWish): Inventory {
  return parseInventory({
    version: 1,
    contact: 'tests@example.com',
    issuers: [{ id: 'main', url: issuer.issuer, tokenEndpoint: `${issuer.issuer}/token` }],
    clients: issuer.clients.filter(({ id }) => id === client),
    apis: [{ id: 'notes', url: `${origin}/notes`, privilege: 'high' }],
    operations,
    ...more,
  })
}

interface Look {
  readonly issuer: Issuer
  readonly urls: readonly string[]
  readonly more?: Partial<InventoryInput>
  readonly options?: ObserveOptions
}

/** APIs of middle privilege at these addresses, `api-0` and so on, asked by the client `job`. */
export function observeUrls({ issuer, urls, more = {}, options = {} }: Look): Promise<Observation> {
  const apis = urls.map((url, index) => ({ id: `api-${index}`, url, privilege: 'mid' as const }))
  const inventory = notesInventory({ issuer, origin: issuer.issuer, client: 'job', more: { apis, ...more } })
  return observe(inventory, { pace: quick, ...options })
}
