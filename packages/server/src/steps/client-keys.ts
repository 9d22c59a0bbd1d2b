// The public keys of a client: to check what it signs, and to encrypt what it alone may read. Everybody asks here.
import type { ClientRecord, PublicJwk } from '@kimei/protocol'
import type { ServerContext } from '../context.ts'
import type { KeyQuestion } from '../outbound/key-sets.ts'

/** Registered by value, or fetched from its jwks_uri; empty where none is to be had. `question` says which key is needed. */
export async function clientKeys(
  context: ServerContext,
  client: Pick<ClientRecord, 'jwks' | 'jwksUri'>,
  question: KeyQuestion = {},
): Promise<readonly PublicJwk[]> {
  return client.jwksUri === undefined ? client.jwks : context.keySets.keysAt(client.jwksUri, question)
}
