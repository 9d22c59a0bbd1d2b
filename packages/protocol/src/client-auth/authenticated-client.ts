// The evidence that a client is who it says. Only `checkClient` mints it.
import type { Thumbprint } from '../ids.ts'
import type { ClientAuthMethod, ClientRecord } from '../records.ts'
import type { Write } from '../writes.ts'

declare const authenticated: unique symbol

/** A client that passed every check of its registered method but single use of its assertion. */
export interface AuthenticatedClient {
  readonly [authenticated]: true
  readonly client: ClientRecord
  readonly method: ClientAuthMethod
  /** A public client is only identified. */
  readonly confidential: boolean
  /** `kid` of the assertion, where it named one. */
  readonly kid: string | undefined
  /** Thumbprint of the certificate that authenticated it, where one did. */
  readonly x5t: Thumbprint | undefined
  /** Claims the assertion's `jti`, in the same plan that issues. */
  readonly claims: readonly Extract<Write, { write: 'claim-once' }>[]
}
