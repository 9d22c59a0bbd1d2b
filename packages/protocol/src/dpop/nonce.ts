// Server nonces (RFC 9449 §8): stateless, keyed, rotating, bound to one server. Nothing is stored.
import type { Seconds } from '../ids.ts'
import type { Awaitable } from '../jose/index.ts'

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

/** The nonce to send in `DPoP-Nonce` now. `scope` is the issuer or API identifier: no nonce serves two. */
export function makeNonce(keys: NonceKeys, scope: string, now: Seconds): Awaitable<string> {
  throw new Error('pending')
}

export function judgeNonce(keys: NonceKeys, scope: string, nonce: string | undefined, now: Seconds): Awaitable<NonceVerdict> {
  throw new Error('pending')
}
