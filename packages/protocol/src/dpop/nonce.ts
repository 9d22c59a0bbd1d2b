// Server nonces (RFC 9449 §8): stateless, keyed, rotating, bound to one server. Nothing is stored.
import type { Seconds } from '../ids.ts'
import { type Awaitable, type BoundedMemory, boundedMemory, equal, hmacSha256 } from '../jose/index.ts'

/** Shared by all replicas of one deployment. */
export interface NonceKeys {
  /** 32 random bytes. */
  readonly current: Uint8Array
  /** The key before, still accepted while keys change. */
  readonly previous?: Uint8Array
  /** A new nonce every so many seconds; the one before is accepted as long again. Default 120. */
  readonly rotationSeconds?: number
}

export type NonceVerdict =
  /** A nonce of ours. `renew`: a newer one exists, send it with the answer. `until`: its last acceptable second. */
  | { readonly nonce: 'current'; readonly until: Seconds; readonly renew: boolean }
  | { readonly nonce: 'missing' }
  /** Expired, altered, or another server's. */
  | { readonly nonce: 'unknown' }

const defaultRotationSeconds = 120

/** The nonce to send in `DPoP-Nonce` now. `scope` is the issuer or API identifier: no nonce serves two. */
export function makeNonce(keys: NonceKeys, scope: string, now: Seconds): Awaitable<string> {
  return nonceOf(keys.current, scope, slotAt(keys, now))
}

/** What a proof's nonce is worth now, at the server that `scope` names. */
export async function judgeNonce(keys: NonceKeys, scope: string, nonce: string | undefined, now: Seconds): Promise<NonceVerdict> {
  if (nonce === undefined) return { nonce: 'missing' }
  const slot = slotOf(nonce)
  const present = slotAt(keys, now)
  // The next one too: a replica whose clock runs a little ahead has given it out already.
  if (slot === undefined || slot < present - 1 || slot > present + 1) return { nonce: 'unknown' }
  const until = (slot + 2) * rotationOf(keys) - 1
  if (equal(await nonceOf(keys.current, scope, slot), nonce)) return { nonce: 'current', until, renew: slot < present }
  if (keys.previous === undefined) return { nonce: 'unknown' }
  return equal(await nonceOf(keys.previous, scope, slot), nonce) ? { nonce: 'current', until, renew: true } : { nonce: 'unknown' }
}

const rotationOf = (keys: NonceKeys): number => keys.rotationSeconds ?? defaultRotationSeconds
const slotAt = (keys: NonceKeys, now: Seconds): number => Math.floor(now / rotationOf(keys))

/** A nonce is `slot.mac`, of characters that RFC 9449 §8.1 allows. The slot is no secret, the MAC cannot be guessed. */
function slotOf(nonce: string): number | undefined {
  const parts = /^([0-9a-z]{1,9})\.[A-Za-z0-9_-]{43}$/.exec(nonce)
  return parts === null ? undefined : Number.parseInt(parts[1]!, 36)
}

/** One nonce serves all requests of its slot: computed once, not once a request. */
const known = new WeakMap<Uint8Array, BoundedMemory<Awaitable<string>>>()

function nonceOf(key: Uint8Array, scope: string, slot: number): Awaitable<string> {
  const nonces = known.get(key) ?? boundedMemory<Awaitable<string>>(256)
  known.set(key, nonces)
  const text = `kimei nonce\n${slot}\n${scope}`
  const ready = nonces.get(text)
  if (ready !== undefined) return ready
  const mac = hmacSha256(key, text)
  const label = slot.toString(36)
  const made: Awaitable<string> = typeof mac === 'string' ? `${label}.${mac}` : mac.then((m) => `${label}.${m}`)
  nonces.set(text, made)
  return made
}
