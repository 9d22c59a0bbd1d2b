// Encrypts what one client alone may read, where it is registered so: signed before, encrypted last (OIDC Core §16.14).
import { type ClientEncryption, type ClientRecord, canEncryptWith, encryptionKeyOf, encryptJwe, Fault } from '@kimei/protocol'
import type { ServerContext } from '../context.ts'
import { clientKeys } from './client-keys.ts'

/** The text as it was where the client registered nothing. A client whose key is gone is told nothing instead. */
export async function encryptAnswer(
  context: ServerContext,
  client: ClientRecord,
  kind: keyof ClientEncryption,
  text: string,
  content: 'JWT' | 'json' = 'JWT',
): Promise<string> {
  const choice = client.encryption?.[kind]
  if (choice === undefined) return text
  const keys = await clientKeys(context, client, { fits: (jwk) => canEncryptWith(jwk, choice.alg) })
  if (encryptionKeyOf(keys, choice.alg) === undefined) throw new Fault(`client ${client.clientId} has no key for ${choice.alg}`)
  return encryptJwe(text, choice, keys, content)
}
