// The secrets of clients that sign with them (client_secret_jwt): sealed where they are stored, opened only while a request is judged.
import { type ClientRecord, equal } from '@kimei/protocol'
import { openText, type ServerKey, sealText } from './sealing.ts'

/** Bound to its client: a sealed secret cannot be passed off as another's. */
const aadOf = (clientId: string): string => `kimei client secret ${clientId}`

export type SealedClient = Pick<ClientRecord, 'clientId' | 'sealedSecrets'>

/** Empty where the client has none, or no server key opens them. */
export async function openClientSecrets(client: SealedClient, keys: readonly ServerKey[]): Promise<readonly string[]> {
  const { clientId, sealedSecrets = [] } = client
  const opened = await Promise.all(sealedSecrets.map((sealed) => openText(sealed, aadOf(clientId), keys)))
  return opened.filter((secret) => secret !== undefined)
}

export interface SealParts {
  readonly serverKeys: readonly ServerKey[]
  readonly random: (bytes: number) => Uint8Array
}

/** As they are stored already where nothing changed, so that sealing the same secret again is no change. */
export async function sealClientSecrets(
  { serverKeys, random }: SealParts,
  clientId: string,
  secrets: readonly string[],
  before: SealedClient | undefined,
): Promise<readonly string[]> {
  const first = serverKeys[0]
  const current = before?.sealedSecrets?.every((sealed) => first && sealed.startsWith(`sealed.${encodeURIComponent(first.id)}.`)) ?? false
  const known = before && current ? await openClientSecrets(before, serverKeys) : []
  if (before?.sealedSecrets && known.length === secrets.length && known.every((secret, at) => equal(secret, secrets[at] as string)))
    return before.sealedSecrets
  return Promise.all(secrets.map((secret) => sealText(secret, aadOf(clientId), serverKeys, random(12))))
}
