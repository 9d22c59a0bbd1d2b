// Warns before a certificate in use expires: an audit event, once a day for each, from the request that shows it.
import type { Seconds, Thumbprint } from '@kimei/protocol'
import type { Exchange, ServerContext } from '../context.ts'

const daySeconds = 86_400
const mostRemembered = 10_000
const warned = new WeakMap<object, Map<Thumbprint, Seconds>>()

export interface ExpiringCertificate {
  readonly clientId: string
  readonly x5t: Thumbprint
  readonly notAfter: Seconds
}

/** Nothing for a certificate that has expired already: whoever relies on it refuses it, or does not care. */
export async function noteExpiry(context: ServerContext, exchange: Exchange, certificate: ExpiringCertificate): Promise<void> {
  const { now } = exchange
  const { clientId, x5t, notAfter } = certificate
  const days = context.config.mtls?.warnBeforeDays ?? 0
  if (notAfter < now || notAfter - now > days * daySeconds) return
  const shelf = warned.get(context.lasting) ?? new Map<Thumbprint, Seconds>()
  warned.set(context.lasting, shelf)
  const last = shelf.get(x5t)
  if (last !== undefined && now < last + daySeconds) return
  shelf.delete(x5t)
  if (shelf.size >= mostRemembered) shelf.delete(shelf.keys().next().value as string)
  shelf.set(x5t, now)
  await context.audit.append(context.audit.event(exchange, 'certificate_expires_soon', { clientId, x5t, notAfter }))
}
