// Where the guard's token verification keys come from: the shape every source has.
import type { KeyQuestion, VerifyKey } from '@kimei/protocol'
import type { Awaitable } from '@kimei/storage'

export interface KeySource {
  /**
   * The key for this token head, or `undefined` when the issuer has none. The head is untrusted: it selects, it never
   * locates (RFC 8725 §3.10). The same key is the same object while it is trusted: what was verified with it is then
   * remembered. Throws `KeysUnavailable` when it cannot be known.
   */
  keyFor(question: KeyQuestion): Awaitable<VerifyKey | undefined>
  /** Loads the keys now. */
  warm?(): Promise<void>
}

/** The issuer's keys could not be loaded: the guard answers 503. */
export class KeysUnavailable extends Error {
  override readonly name = 'KeysUnavailable'
}
