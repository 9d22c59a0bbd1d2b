// Turns what oauth4webapi throws into the holder's one error. The library's own error is not kept as a cause:
// it carries token responses and claims, and errors get logged.
import type { HolderRule } from '@kimei/protocol'
import * as oauth from 'oauth4webapi'
import { HolderError } from './holder-error.ts'

const idTokenCodes = new Set<unknown>([oauth.JWT_CLAIM_COMPARISON, oauth.JWT_TIMESTAMP_CHECK, oauth.KEY_SELECTION])
const oauthErrorShape = /^[\x20-\x21\x23-\x5B\x5D-\x7E]{1,64}$/

/** Runs one library step; what it refuses is named `rule`. Network failures and our own errors pass through. */
export async function within<T>(rule: HolderRule, step: () => T | Promise<T>): Promise<T> {
  try {
    return await step()
  } catch (error) {
    throw translate(error, rule)
  }
}

function translate(error: unknown, rule: HolderRule): unknown {
  if (error instanceof oauth.ResponseBodyError) return refused(error.error, error.status)
  if (error instanceof oauth.WWWAuthenticateChallengeError) {
    return refused(
      error.cause.map(({ parameters }) => parameters.error).find((found) => found !== undefined),
      error.status,
    )
  }
  if (error instanceof oauth.UnsupportedOperationError) return new HolderError(tokenTypeOr(rule, error.message), error.message)
  if (error instanceof oauth.OperationProcessingError) {
    const soundness = rule === 'holder.answer-is-readable' && (idTokenCodes.has(error.code) || /\bJWT\b|ID Token/.test(error.message))
    if (rule === 'holder.metadata-is-complete' && error.code === oauth.JSON_ATTRIBUTE_COMPARISON) {
      return new HolderError('holder.issuer-is-exact', 'the metadata names another issuer')
    }
    return new HolderError(soundness ? 'holder.id-token-is-sound' : rule, error.message)
  }
  return error
}

function tokenTypeOr(rule: HolderRule, message: string): HolderRule {
  return message.includes('token_type')
    ? 'holder.token-type-is-dpop'
    : rule === 'holder.answer-is-readable'
      ? 'holder.id-token-is-sound'
      : rule
}

/** The code is shown only in the shape RFC 6749 §5.2 allows; the description not at all, it is anybody's text. */
function refused(oauthError: string | undefined, status: number): HolderError {
  const code = oauthError !== undefined && oauthErrorShape.test(oauthError) ? oauthError : undefined
  const rule = code === 'use_dpop_nonce' ? 'holder.nonce-is-accepted' : 'holder.request-is-granted'
  return new HolderError(rule, `the server answered ${status}${code ? ` ${code}` : ''}`, { status, ...(code && { oauthError: code }) })
}
