// A ticket as it is kept between calls: the token with the name of its key, and what is needed to show and renew it.
// The access token is an opaque string here and everywhere in the holder (RFC 9068 §6).
import { isThumbprint, type Seconds, type Thumbprint } from '@kimei/protocol'
import type { TokenEndpointResponse } from 'oauth4webapi'
import type { KeyOwner, Naming, Ticket } from './contract.ts'
import { HolderError } from './holder-error.ts'

const format = 'kimei-ticket-1'

export interface SavedTicket {
  readonly format: typeof format
  readonly accessToken: string
  /** What it is named after: never a key or a certificate itself, only its thumbprint. */
  readonly jkt?: Thumbprint
  readonly x5t?: Thumbprint
  readonly scopes: readonly string[]
  readonly issuedAt: Seconds
  readonly expiresAt?: Seconds
  readonly refreshToken?: string
  readonly subject?: string
  /** The newest, checked: it names the sign-in when that is to end. */
  readonly idToken?: string
}

/** Takes from a token response what is understood, and refuses what is not a named ticket (RFC 9449 §5; RFC 8705 §3). */
export function readTicket(
  answer: TokenEndpointResponse,
  now: Seconds,
  name: Naming,
  before: Partial<Pick<SavedTicket, 'scopes' | 'refreshToken' | 'subject' | 'idToken'>>,
): SavedTicket {
  checkTokenType(answer.token_type.toLowerCase(), name)
  const idToken = answer.id_token ?? before.idToken
  const refreshToken = answer.refresh_token ?? before.refreshToken
  return {
    format,
    accessToken: answer.access_token,
    ...namesOf(name),
    scopes: answer.scope === undefined ? (before.scopes ?? []) : answer.scope.split(' ').filter((scope) => scope !== ''),
    issuedAt: now,
    ...(answer.expires_in !== undefined && { expiresAt: now + Math.floor(answer.expires_in) }),
    ...(refreshToken !== undefined && { refreshToken }),
    ...(idToken !== undefined && { idToken }),
    ...(before.subject !== undefined && { subject: before.subject }),
  }
}

function checkTokenType(type: string, name: Naming): void {
  if (name.key !== undefined && type !== 'dpop') {
    throw new HolderError('holder.token-type-is-dpop', 'the issuer answered with a ticket that anyone could use; it was thrown away')
  }
  if (name.key === undefined && type !== 'bearer') {
    throw new HolderError('holder.answer-is-readable', 'a ticket of a certificate has token_type Bearer; this one was thrown away')
  }
}

/** The thumbprints that a ticket with this name carries. */
export function namesOf({ key, certificate }: Naming): Pick<SavedTicket, 'jkt' | 'x5t'> {
  return { ...(key && { jkt: key.jkt }), ...(certificate && { x5t: certificate.x5t }) }
}

/** `undefined` for anything that this holder has not written: then there is no ticket. */
export function parseSaved(value: unknown): SavedTicket | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const saved = value as Partial<Record<keyof SavedTicket, unknown>>
  const sound =
    saved.format === format &&
    typeof saved.accessToken === 'string' &&
    (saved.jkt !== undefined || saved.x5t !== undefined) &&
    (saved.jkt === undefined || isThumbprint(saved.jkt)) &&
    (saved.x5t === undefined || isThumbprint(saved.x5t)) &&
    Array.isArray(saved.scopes) &&
    saved.scopes.every((scope) => typeof scope === 'string') &&
    Number.isSafeInteger(saved.issuedAt) &&
    (saved.expiresAt === undefined || Number.isSafeInteger(saved.expiresAt)) &&
    (saved.refreshToken === undefined || typeof saved.refreshToken === 'string') &&
    (saved.subject === undefined || typeof saved.subject === 'string') &&
    (saved.idToken === undefined || typeof saved.idToken === 'string')
  return sound ? (value as SavedTicket) : undefined
}

/** Due a little early, so that a ticket does not expire on its way: half a minute, or a tenth of a short life. */
export function isDue({ issuedAt, expiresAt }: SavedTicket, now: Seconds): boolean {
  if (expiresAt === undefined) return false
  return now >= expiresAt - Math.min(30, Math.floor((expiresAt - issuedAt) / 10))
}

/** The ticket as it may be shown. */
export function showTicket(saved: SavedTicket, owner: KeyOwner): Ticket {
  return {
    issuer: owner.issuer,
    clientId: owner.clientId,
    jkt: saved.jkt,
    x5t: saved.x5t,
    scopes: saved.scopes,
    issuedAt: saved.issuedAt,
    expiresAt: saved.expiresAt,
    subject: saved.subject,
    renewable: saved.refreshToken !== undefined,
  }
}
