// A sign-in under way, remembered on this device alone, and the checks of the callback that ends it.
import { isThumbprint, type Seconds, type Thumbprint } from '@kimei/protocol'
import * as oauth from 'oauth4webapi'
import type { KeyOwner } from './contract.ts'
import { HolderError } from './holder-error.ts'

/** Long enough for a person to find a password, short enough to forget abandoned ones. */
const lifetimeSeconds = 1_800

export interface SignIn {
  readonly issuer: string
  readonly clientId: string
  readonly redirectUri: string
  readonly verifier: string
  /** Present where an ID token is asked for. */
  readonly nonce?: string
  /** The key the ticket will be bound to, where it will be. */
  readonly jkt?: Thumbprint
  readonly scopes: readonly string[]
  readonly maxAgeSeconds?: number
  readonly beganAt: Seconds
}

export function signInSlot(state: string): string {
  return `sign-in:${state}`
}

export function parseSignIn(value: unknown): SignIn | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const found = value as Partial<Record<keyof SignIn, unknown>>
  const texts = [found.issuer, found.clientId, found.redirectUri, found.verifier].every((text) => typeof text === 'string')
  const named = found.jkt === undefined || isThumbprint(found.jkt)
  return texts && named && Array.isArray(found.scopes) && Number.isSafeInteger(found.beganAt) ? (value as SignIn) : undefined
}

export interface CallbackCheck {
  readonly as: oauth.AuthorizationServer
  readonly client: oauth.Client
  readonly signIn: SignIn
  readonly owner: KeyOwner
  /** The parameters of the answer, out of its JWT where it was signed. */
  readonly answered: URLSearchParams
  readonly now: Seconds
}

/** The issuer is compared before anything else is believed, an error included (RFC 9207 §2.4). Texts of errors are not passed on. */
export function checkCallback({ as, client, signIn, owner, answered, now }: CallbackCheck): URLSearchParams {
  if (signIn.issuer !== owner.issuer || signIn.clientId !== owner.clientId) {
    throw new HolderError('holder.iss-is-ours', 'the sign-in began with another issuer or client')
  }
  if (now > signIn.beganAt + lifetimeSeconds) throw new HolderError('holder.state-is-ours', 'the sign-in began too long ago')
  for (const name of ['iss', 'code', 'error']) {
    if (answered.getAll(name).length > 1) throw new HolderError('holder.callback-is-readable', `${name} comes twice`)
  }
  const iss = answered.get('iss')
  if (iss === null && as.authorization_response_iss_parameter_supported === true) {
    throw new HolderError('holder.iss-is-ours', 'the callback names no issuer')
  }
  if (iss !== null && iss !== signIn.issuer) throw new HolderError('holder.iss-is-ours', 'the callback names another issuer')
  const error = answered.get('error')
  if (error !== null) {
    const known = /^[a-z_]{1,64}$/.test(error) ? { oauthError: error } : {}
    throw new HolderError('holder.sign-in-is-granted', `the issuer answered ${known.oauthError ?? 'an error'}`, known)
  }
  try {
    return oauth.validateAuthResponse(as, client, answered, answered.get('state') ?? oauth.expectNoState)
  } catch {
    throw new HolderError('holder.callback-is-readable', 'the callback is of another flow')
  }
}
