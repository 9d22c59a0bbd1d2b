// Warns before a certificate expires that tokens are bound to. Whether it may be used at all is nobody's question here (RFC 8705 §6.2).
import type { PresentedCertificate } from '@kimei/protocol'
import { noteExpiry } from '../certificates/note-expiry.ts'
import { readCertificate } from '../certificates/read-certificate.ts'
import type { Exchange, ServerContext } from '../context.ts'

export interface BoundCertificate {
  readonly clientId: string
  readonly certificate: PresentedCertificate
}

/** Nothing for a certificate of which a hop tells the digest alone. */
export async function noteBoundExpiry(
  context: ServerContext,
  exchange: Exchange,
  { clientId, certificate }: BoundCertificate,
): Promise<void> {
  const { der, x5t } = certificate
  const facts = der && (await readCertificate(der))
  if (facts) await noteExpiry(context, exchange, { clientId, x5t, notAfter: facts.notAfter })
}
