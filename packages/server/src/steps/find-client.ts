// The client that a request names, and by which rule there is none where its document was refused.
// Whoever needs no reason asks the directory.
import type { Broken, ClientRecord } from '@kimei/protocol'
import type { Awaitable } from '@kimei/storage'
import type { Exchange, ServerContext } from '../context.ts'

export function findClient(context: ServerContext, exchange: Exchange, clientId: string): Awaitable<ClientRecord | Broken | undefined> {
  return context.clientDocuments.serves(clientId) ? findDocument(context, exchange, clientId) : context.directory.client(clientId)
}

async function findDocument({ storage, issuer, clientDocuments }: ServerContext, exchange: Exchange, clientId: string) {
  const stored = await storage.records.client(issuer, clientId)
  // Declared or registered under such an id: no document is asked.
  return stored && stored.source !== 'document' ? stored : clientDocuments.find(clientId, stored, exchange)
}

/**
 * Who publishes a document may be told what is wrong with it, on the page that opens instead of the sign-in.
 * How a fetch failed is not told: it would show strangers what the issuer can reach.
 */
export function shownOnPage(broken: Broken): Broken {
  return broken.broken.startsWith('outbound.') ? broken : { ...broken, family: 'untrusted-redirect' }
}

/** A person agreed to it: from now on it is stored, so that grants, sign-out and an outage of its site find it. */
export async function keepDocumentClient(context: ServerContext, exchange: Exchange, clientId: string): Promise<void> {
  if (!context.clientDocuments.serves(clientId)) return
  if (await context.storage.records.client(context.issuer, clientId)) return
  const client = await context.directory.client(clientId)
  // Lost only to another request that stores the same client.
  if (client) await context.commit(exchange, [{ write: 'put-client', record: { ...client, version: 1 } }], [])
}

/** Since when an earlier consent may speak for the client: it is not the one it was before. */
export async function unchangedSince(context: ServerContext, clientId: string): Promise<number> {
  if (!context.clientDocuments.serves(clientId)) return 0
  return (await context.directory.client(clientId))?.document?.changedAt ?? 0
}
