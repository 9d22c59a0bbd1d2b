// What the operator reads beside the audit log when a certificate of a client is about to expire.
import type { AuditEvent } from '@kimei/protocol'

/** `undefined`: the event tells of something else. */
export function expiryLine({ event, issuer, clientId, x5t, ...more }: AuditEvent): string | undefined {
  const { notAfter } = more
  if (event !== 'certificate_expires_soon' || typeof notAfter !== 'number') return undefined
  const until = `${new Date(notAfter * 1000).toISOString().slice(0, 16).replace('T', ' ')} UTC`
  return `the certificate ${x5t} of client ${clientId} at ${issuer} expires on ${until}: renew it before`
}
