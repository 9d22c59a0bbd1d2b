// Secrets of registered clients: generated, remembered by hash, followed by a new one while the old still works.
import { b64u, type ClientMetadata, type ClientRecord, equal, type Seconds, type SecretHash, sha256 } from '@kimei/protocol'
import type { ServerContext } from '../../context.ts'
import { openClientSecrets, sealClientSecrets } from '../../keys/client-secrets.ts'

export interface ClientSecrets {
  readonly secretHashes: readonly SecretHash[]
  readonly sealedSecrets?: readonly string[]
  readonly secretExpiresAt: Readonly<Record<SecretHash, Seconds>>
  /** Told once, in the answer. */
  readonly issued: string | undefined
}

const sendsSecret = ({ token_endpoint_auth_method: method }: ClientMetadata): boolean =>
  method === 'client_secret_basic' || method === 'client_secret_post'

export interface SecretOrder {
  readonly clientId: string
  readonly metadata: ClientMetadata
  /** The client as it is. */
  readonly before?: ClientRecord
}

/** 512 bits: enough for every MAC. It stays for the life of the client, since both sides sign with it. */
async function sharedSecret({ config, random }: ServerContext, clientId: string, before: ClientRecord | undefined): Promise<ClientSecrets> {
  const none = { secretHashes: [], secretExpiresAt: {} }
  if (before?.sealedSecrets) return { ...none, sealedSecrets: before.sealedSecrets, issued: undefined }
  const issued = b64u(random(64))
  return {
    ...none,
    sealedSecrets: await sealClientSecrets({ serverKeys: config.serverKeys, random }, clientId, [issued], undefined),
    issued,
  }
}

/** Whether the issuer gave this secret to this client, and it still stands. */
export async function isIssuedSecret({ config }: ServerContext, secret: unknown, client: Omit<ClientRecord, 'version'>): Promise<boolean> {
  if (typeof secret !== 'string') return false
  const hash = await sha256(secret)
  const shared = await openClientSecrets(client, config.serverKeys)
  return [...client.secretHashes.map((known) => equal(known, hash)), ...shared.map((known) => equal(known, secret))].includes(true)
}

/** Of the client as it is, its living secrets go on beside a new one. */
export async function secretsFor(
  context: ServerContext,
  now: Seconds,
  { clientId, metadata, before }: SecretOrder,
): Promise<ClientSecrets> {
  if (metadata.token_endpoint_auth_method === 'client_secret_jwt') return sharedSecret(context, clientId, before)
  if (!sendsSecret(metadata)) return { secretHashes: [], secretExpiresAt: {}, issued: undefined }
  const life = lifeSeconds(context)
  const endOf = (hash: SecretHash): Seconds => before?.secretExpiresAt?.[hash] ?? Number.POSITIVE_INFINITY
  const kept = (before?.secretHashes ?? []).filter((hash) => now < endOf(hash))
  const lasting = kept.some((hash) => life === undefined || endOf(hash) > now + life / 2)
  const known = Object.fromEntries(kept.filter((hash) => endOf(hash) !== Number.POSITIVE_INFINITY).map((hash) => [hash, endOf(hash)]))
  if (lasting) return { secretHashes: kept, secretExpiresAt: known, issued: undefined }
  // 43 characters of base64url: 256 bits.
  const issued = b64u(context.random(32))
  const hash = await sha256(issued)
  return { secretHashes: [...kept, hash], secretExpiresAt: life === undefined ? known : { ...known, [hash]: now + life }, issued }
}

/** RFC 7591 §3.2.1: 0 means never. Of the secret that lives longest. */
export function secretEnd({ secretHashes, secretExpiresAt = {} }: Pick<ClientRecord, 'secretHashes' | 'secretExpiresAt'>): Seconds {
  const ends = secretHashes.map((hash) => secretExpiresAt[hash])
  return ends.some((end) => end === undefined) ? 0 : Math.max(0, ...(ends as Seconds[]))
}

function lifeSeconds({ config }: ServerContext): Seconds | undefined {
  const { secretDays } = config.registration
  return secretDays === undefined ? undefined : secretDays * 86_400
}
