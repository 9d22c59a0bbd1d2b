// The one error a holder throws: a stable code, a sentence, and the server's own error code where there is one.
// Never a cause from a library: those carry token responses.
import { type HolderRule, holderRules } from '@kimei/protocol'

export interface HolderErrorDetails {
  /** `error` of an OAuth answer, or of a challenge. */
  readonly oauthError?: string
  readonly status?: number
}

/** `code` is the rule that did not hold; its sentence and citation stand in `holderRules`. */
export class HolderError extends Error {
  override readonly name = 'HolderError'
  readonly code: HolderRule
  readonly oauthError: string | undefined
  readonly status: number | undefined

  /** `what` says what was found instead, in one clause, without any secret. */
  constructor(code: HolderRule, what?: string, details: HolderErrorDetails = {}) {
    super(`${what ?? 'this does not hold'} [${code}: ${holderRules.rules[code].says}]`)
    this.code = code
    this.oauthError = details.oauthError
    this.status = details.status
  }
}

export function isHolderError(error: unknown, code?: HolderRule): error is HolderError {
  return error instanceof HolderError && (code === undefined || error.code === code)
}
