// The public keys of a client: to check what it signs, and to encrypt what it alone may read. Everybody asks here.
import type { ClientRecord, PublicJwk } from '@kimei/protocol'
import type { ServerContext } from '../context.ts'

/** Registered by value. */
export async function clientKeys(_context: ServerContext, client: ClientRecord): Promise<readonly PublicJwk[]> {
  return client.jwks
}
