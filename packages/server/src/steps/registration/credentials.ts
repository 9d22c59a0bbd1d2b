// Who registers, and who manages a registration: the Bearer tokens of RFC 7591 §3 and RFC 7592 §2, compared by their hashes.
import { type Broken, broke, equal, must, type RegistrationRecord, registrationRules, sha256 } from '@kimei/protocol'
import type { Exchange, ServerContext } from '../../context.ts'
import { headerLines } from '../../http/header-lines.ts'

/** The token of one `Authorization: Bearer` line; `undefined` where there is no such line, or not exactly one. */
function bearerOf(exchange: Exchange): string | undefined {
  const lines = headerLines(exchange, 'authorization')
  return lines.length === 1 ? /^bearer +([\x21-\x2B\x2D-\x7E]{1,1000})$/i.exec((lines[0] as string).trim())?.[1] : undefined
}

/** Which initial access token came; `undefined`: none, where registration is open. */
export async function checkInitialToken(context: ServerContext, exchange: Exchange): Promise<{ readonly id: string | undefined } | Broken> {
  const { mode, initialAccessTokens } = context.config.registration
  const sent = bearerOf(exchange)
  const presented = sent !== undefined || headerLines(exchange, 'authorization').length > 0
  const absent = must(registrationRules, 'registration.initial-token-is-presented', mode === 'open' || presented, context.law)
  if (absent) return absent
  if (!presented) return { id: undefined }
  const hash = sent === undefined ? '' : await sha256(sent)
  // Every hash is compared, so that the time does not tell which one was near.
  const good = initialAccessTokens.filter((one) => {
    const alive = one.expiresAt === undefined || exchange.now < Date.parse(one.expiresAt) / 1000
    return equal(one.hash, hash) && alive
  })
  return must(registrationRules, 'registration.initial-token-is-good', good.length > 0, context.law) ?? { id: good[0]?.id }
}

/** The client a management URI names, and the token it was asked with. */
export interface Managed {
  readonly registration: RegistrationRecord
  /** As presented: storage has only its hash. */
  readonly token: string
}

/** One answer for an unknown client and for a wrong token (RFC 7592 §2.1). */
export async function checkManagement(context: ServerContext, exchange: Exchange, clientId: string): Promise<Managed | Broken> {
  const token = bearerOf(exchange)
  if (token === undefined) return broke(registrationRules, 'registration.token-is-presented')
  const registration = await context.storage.records.registration(context.issuer, clientId)
  const matches = equal(registration?.tokenHash ?? 'A'.repeat(43), await sha256(token))
  const foreign = must(registrationRules, 'registration.token-is-of-this-client', registration !== undefined && matches, context.law)
  if (foreign || !registration) return foreign ?? broke(registrationRules, 'registration.token-is-of-this-client')
  return { registration, token }
}
