// By which certificate the client of an exchange authenticated, or tried to: every event of the exchange says so. A thumbprint is no secret.
import type { Broken, ClientAuthMethod, Thumbprint } from '@kimei/protocol'
import type { Exchange } from '../context.ts'

export interface ByCertificate {
  readonly authentication: ClientAuthMethod
  readonly x5t?: Thumbprint
}

const noted = new WeakMap<Exchange, ByCertificate>()

export function noteByCertificate(exchange: Exchange, by: ByCertificate): void {
  noted.set(exchange, by)
}

export function byCertificate(exchange: Exchange): ByCertificate | undefined {
  return noted.get(exchange)
}

const ignored = new WeakMap<Exchange, Broken>()

/** Somebody who is not the terminator told of a certificate in a header (RFC 9440 §4). */
export function noteIgnoredCertificate(exchange: Exchange, broken: Broken): void {
  ignored.set(exchange, broken)
}

export function ignoredCertificate(exchange: Exchange): { readonly ignoredCertificate: object } | undefined {
  const broken = ignored.get(exchange)
  return broken && { ignoredCertificate: { rule: broken.broken, ...broken.seen } }
}
