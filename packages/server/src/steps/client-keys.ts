// The public keys of a client: to check what it signs, and to encrypt what it alone may read. Everybody asks here.
import { type AuthenticatedClient, type ClientRecord, jwkThumbprint, type PublicJwk, type Thumbprint } from '@kimei/protocol'
import type { ServerContext } from '../context.ts'
import type { KeyQuestion } from '../outbound/key-sets.ts'

/** Registered by value, or fetched from its jwks_uri; empty where none is to be had. `question` says which key is needed. */
export async function clientKeys(
  context: ServerContext,
  client: Pick<ClientRecord, 'jwks' | 'jwksUri'> & Partial<Pick<ClientRecord, 'clientId'>>,
  question: KeyQuestion = {},
): Promise<readonly PublicJwk[]> {
  const { clientId: owner, jwksUri } = client
  return jwksUri === undefined ? client.jwks : context.keySets.keysAt(jwksUri, { ...question, ...(owner !== undefined && { owner }) })
}

/** The name of the key that a client has just authenticated with. `undefined`: it used none, or did not say which. */
export async function keyOfClient(context: ServerContext, { client, method, kid }: AuthenticatedClient): Promise<Thumbprint | undefined> {
  if (method !== 'private_key_jwt' || kid === undefined) return undefined
  const named = (await clientKeys(context, client)).filter((jwk) => jwk.kid === kid)
  return named.length === 1 ? jwkThumbprint(named[0] as PublicJwk) : undefined
}
