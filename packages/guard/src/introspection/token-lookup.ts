// Who can say what an access token stands for that this guard cannot read: the shape every source has.
import type { Broken, JsonObject, Seconds } from '@kimei/protocol'
import type { Awaitable } from '@kimei/storage'

export interface LookupOrder {
  readonly now: Seconds
  /** No remembered answer will do: a revocation must be seen at once. */
  readonly fresh: boolean
}

export interface TokenLookup {
  /**
   * The members of RFC 7662 §2.2, `active` among them; broken where what was answered cannot be believed.
   * Throws `IntrospectionUnavailable` where nothing could be learned: nobody is let in then.
   */
  ask(token: string, order: LookupOrder): Awaitable<JsonObject | Broken>
}

/** The issuer could not be asked: the guard answers 503. Says where, never which token. */
export class IntrospectionUnavailable extends Error {
  override readonly name = 'IntrospectionUnavailable'
}

/** Says nothing but this, whatever is the matter (RFC 7662 §2.2). */
export const inactiveToken: JsonObject = Object.freeze({ active: false })
