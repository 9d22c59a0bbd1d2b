// The certificate that the caller of this exchange showed, read once and only where certificates are configured.
import type { Broken, PresentedCertificate } from '@kimei/protocol'
import { noteIgnoredCertificate } from '../audit/by-certificate.ts'
import type { Exchange, ServerContext } from '../context.ts'
import { factsOf } from '../http/request-facts.ts'

type Shown = PresentedCertificate | undefined | Broken

const seen = new WeakMap<Exchange, Promise<Shown>>()

/** Only at the origin for it: elsewhere nobody is asked for one, and none is heard (RFC 8705 §5). `undefined`: none was shown. Broken: something stands where one should, and is none. */
export function presentedCertificate(context: ServerContext, exchange: Exchange): Promise<Shown> | undefined {
  const { certificates } = context
  if (!certificates || exchange.origin !== 'mtls') return undefined
  const known = seen.get(exchange)
  if (known) return known
  const facts = factsOf(exchange)
  const ignored = certificates.withhold?.(facts).ignored
  if (ignored) noteIgnoredCertificate(exchange, ignored)
  const shown = Promise.resolve(certificates(facts))
  seen.set(exchange, shown)
  return shown
}
