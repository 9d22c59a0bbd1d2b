// Secrets of registered clients: generated, remembered by hash, followed by a new one while the old still works.
import { b64u, type ClientMetadata, type ClientRecord, type Seconds, type SecretHash, sha256 } from '@kimei/protocol'
import type { ServerContext } from '../../context.ts'

export interface ClientSecrets {
  readonly secretHashes: readonly SecretHash[]
  readonly secretExpiresAt: Readonly<Record<SecretHash, Seconds>>
  /** Told once, in the answer. */
  readonly issued: string | undefined
}

const needsSecret = ({ token_endpoint_auth_method: method }: ClientMetadata): boolean => method.startsWith('client_secret_')

/** `before`: of the client as it is; its living secrets go on beside a new one. */
export async function secretsFor(
  context: ServerContext,
  now: Seconds,
  metadata: ClientMetadata,
  before?: ClientRecord,
): Promise<ClientSecrets> {
  if (!needsSecret(metadata)) return { secretHashes: [], secretExpiresAt: {}, issued: undefined }
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
