// Clients, resources and scopes of the issuer, cached for a few seconds: read on every request, changed rarely.
import type { ClientRecord, ResourceRecord, ScopeRecord } from '@kimei/protocol'
import type { Awaitable } from '@kimei/storage'

export interface Directory {
  client(clientId: string): Awaitable<ClientRecord | undefined>
  resources(): Awaitable<readonly ResourceRecord[]>
  scopes(): Awaitable<readonly ScopeRecord[]>
  /** Forget what is cached: after a commit that changed it. */
  forget(): void
}
