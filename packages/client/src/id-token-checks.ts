// What the library leaves to its caller about ID tokens: the signature, at_hash, strangers in aud, iat, the same subject.
import { fromB64u, tokenHash } from '@kimei/protocol'
import * as oauth from 'oauth4webapi'
import { HolderError } from './holder-error.ts'
import type { Asking } from './issuer-link.ts'
import { within } from './library-errors.ts'

const oldestSeconds = 600
const futureSeconds = 60

export interface IdTokenCheck extends Asking {
  readonly response: Response
  readonly answer: oauth.TokenEndpointResponse
  readonly keys: Asking['options']
  readonly now: number
  /** At renewal: who signed in. */
  readonly subject: string | undefined
}

/** Answers the subject, or `undefined` where no ID token came. */
export async function checkIdTokenBeside(check: IdTokenCheck): Promise<string | undefined> {
  const claims = oauth.getValidatedIdTokenClaims(check.answer)
  const idToken = check.answer.id_token
  if (claims === undefined || idToken === undefined) return check.subject
  await within('holder.id-token-is-sound', () => oauth.validateApplicationLevelSignature(check.as, check.response, check.keys))
  if (typeof claims.aud !== 'string' && claims.aud.some((audience) => audience !== check.client.client_id)) {
    throw new HolderError('holder.id-token-is-sound', 'the ID token is meant for others too')
  }
  if (claims.iat > check.now + futureSeconds || claims.iat < check.now - oldestSeconds) {
    throw new HolderError('holder.id-token-is-sound', 'the ID token was not made just now: is a clock wrong?')
  }
  if (check.subject !== undefined && claims.sub !== check.subject) {
    throw new HolderError('holder.subject-is-the-same', 'the renewed ID token speaks of another subject')
  }
  await checkHash(idToken, claims['at_hash'], check.answer.access_token)
  return claims.sub
}

async function checkHash(idToken: string, expected: unknown, accessToken: string): Promise<void> {
  if (expected === undefined) return
  const bytes = fromB64u(idToken.slice(0, idToken.indexOf('.')))
  const header = JSON.parse(new TextDecoder().decode(bytes)) as { alg: string }
  if (expected !== (await tokenHash(accessToken, header.alg))) {
    throw new HolderError('holder.token-hash-matches', 'the access token was exchanged for another on its way')
  }
}
