// Secrets that every process of one issuer shares, derived from one stored secret: nonce keys, successor seals, form tokens.
import { Fault, fromB64u, hmacSha256 } from '@kimei/protocol'

const purposes = ['nonce', 'refresh-successor', 'form', 'user-code', 'sign-out'] as const
export type SecretPurpose = (typeof purposes)[number]

/** 32 bytes each. `previous` is still accepted, never used for anything new. */
export interface SecretPair {
  readonly current: Uint8Array
  readonly previous?: Uint8Array
}

export interface Secrets {
  /** Names of people at pairwise clients are made with it: from a secret of its own that is never rotated. */
  readonly pairwise: Uint8Array
  derive(purpose: SecretPurpose): SecretPair
}

/** One derivation a purpose (HMAC-SHA-256 over its name): no secret serves two ends. */
export async function makeSecrets(current: string, previous: string | undefined, kept: string): Promise<Secrets> {
  const pairs = new Map<SecretPurpose, SecretPair>()
  for (const purpose of purposes) {
    pairs.set(purpose, {
      current: await derive(current, purpose),
      ...(previous !== undefined && { previous: await derive(previous, purpose) }),
    })
  }
  return {
    pairwise: await derive(kept, 'pairwise'),
    derive(purpose) {
      const pair = pairs.get(purpose)
      if (!pair) throw new Fault(`no secret for ${purpose}`)
      return pair
    },
  }
}

async function derive(secret: string, purpose: SecretPurpose | 'pairwise'): Promise<Uint8Array> {
  return bytesOf(await hmacSha256(bytesOf(secret), `kimei ${purpose}`))
}

/** 32 bytes for one value under one purpose. */
export async function deriveFor(key: Uint8Array, value: string): Promise<Uint8Array> {
  return bytesOf(await hmacSha256(key, value))
}

function bytesOf(text: string): Uint8Array {
  const bytes = fromB64u(text)
  if (!bytes) throw new Fault('a stored secret is not base64url')
  return bytes
}
