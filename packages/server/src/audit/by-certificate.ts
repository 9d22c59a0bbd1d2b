// By which certificate the client of an exchange authenticated, or tried to: every event of the exchange says so. A thumbprint is no secret.
import type { ClientAuthMethod, Thumbprint } from '@kimei/protocol'
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
