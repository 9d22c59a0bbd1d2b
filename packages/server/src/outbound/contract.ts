// The one way out: what may be asked of the guarded fetcher, and what it answers. Only types.
import type { Broken } from '@kimei/protocol'
import type { Awaitable } from '@kimei/storage'
import type { Exchange } from '../context.ts'

export interface OutboundOptions {
  /** Why it is fetched, for the audit line: `client keys`, `client document`. */
  readonly purpose: string
  /** Media types without parameters, best first. Any other is refused; for a post absent means any. */
  readonly accept?: readonly string[]
  /** Longest body in bytes. */
  readonly mostBytes: number
  /** Deadline of the whole exchange, the look-up of the name included. */
  readonly seconds: number
  /** On whose behalf; absent for work in the background. */
  readonly exchange?: Exchange
}

export interface OutboundPost extends OutboundOptions {
  readonly contentType: string
}

/** A sound answer that is no text. */
export interface FetchedBytes {
  readonly headers: Readonly<Record<string, string>>
  readonly mediaType: string
  readonly bytes: Uint8Array
}

/** What carries a signature of its own that the caller checks: over http, too. */
export interface OutboundSigned extends OutboundOptions {
  readonly accept: readonly string[]
  /** Sent by POST. Absent: a GET. */
  readonly body?: { readonly bytes: Uint8Array; readonly contentType: string }
}

/** A sound answer. */
export interface Fetched {
  readonly status: number
  /** Names in lower case; repeated lines joined by commas. */
  readonly headers: Readonly<Record<string, string>>
  /** Media type without parameters, in lower case. */
  readonly mediaType: string
  readonly text: string
}

/**
 * Fetches only over https from public addresses, from one resolution, without redirects, within size and time.
 * Broken names the rule and carries nothing of the answer; it was audited. `inFamily` makes it the caller's kind.
 */
export interface Outbound {
  /** 200 alone is an answer. */
  get(url: string, options: OutboundOptions & { readonly accept: readonly string[] }): Promise<Fetched | Broken>
  /** As `get`, for what is no text. */
  getBytes(url: string, options: OutboundOptions & { readonly accept: readonly string[] }): Promise<FetchedBytes | Broken>
  /** Any 2xx is an answer. */
  post(url: string, body: string, options: OutboundPost): Promise<Fetched | Broken>
  /** 200 alone is an answer. */
  fetchSigned(url: string, options: OutboundSigned): Promise<FetchedBytes | Broken>
}

/** Platform seam: every address of a name. Rejects or answers none where there is none. */
export type LookUp = (host: string) => Awaitable<readonly string[]>
