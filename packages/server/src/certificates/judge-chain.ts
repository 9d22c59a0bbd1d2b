// Whether the chain of a client's certificate ends at an authority that the operator named for clients: never the machine's own store.
// Without revocation; the facts of one certificate stand in read-certificate.ts.
import { X509Certificate } from 'node:crypto'
import type { PresentedCertificate, Seconds } from '@kimei/protocol'
import { readPemCertificates } from '../config/pem-certificates.ts'

const clientUsage = '1.3.6.1.5.5.7.3.2'
const anyUsage = '2.5.29.37.0'
/** Of them, each once: so long a path may be, and so many ways there are at most. */
const mostSent = 5

export interface ChainQuestion {
  /** PEM. */
  readonly trustAnchors: readonly string[]
  readonly now: Seconds
}

export function isTrustedChain({ der, chain }: PresentedCertificate, { trustAnchors, now }: ChainQuestion): boolean {
  if (der === undefined || chain.length > mostSent) return false
  const [leaf] = readAll([der])
  if (!leaf || !isInForce(leaf, now) || !isForClients(leaf)) return false
  const anchors = trustAnchors.flatMap(anchorsOf)
  return leadsTo(leaf, { anchors, sent: readAll(chain), now })
}

interface Climb {
  readonly anchors: readonly X509Certificate[]
  /** Not used yet. */
  readonly sent: readonly X509Certificate[]
  readonly now: Seconds
}

/** One way up is enough; each certificate that was sent is used once. */
function leadsTo(from: X509Certificate, { anchors, sent, now }: Climb): boolean {
  const signed = (issuer: X509Certificate) =>
    isInForce(issuer, now) && issuer.ca && from.checkIssued(issuer) && from.verify(issuer.publicKey)
  const above = (issuer: X509Certificate) => leadsTo(issuer, { anchors, sent: sent.filter((other) => other !== issuer), now })
  return anchors.some(signed) || sent.some((one) => signed(one) && above(one))
}

const known = new Map<string, readonly X509Certificate[]>()

/** Configuration names few, and the same for its life. */
function anchorsOf(pem: string): readonly X509Certificate[] {
  const before = known.get(pem)
  if (before) return before
  const read = readPemCertificates(pem) ?? []
  known.set(pem, read)
  return read
}

function readAll(all: readonly Uint8Array[]): readonly X509Certificate[] {
  return all.flatMap((one) => {
    try {
      return [new X509Certificate(one)]
    } catch {
      return []
    }
  })
}

/** RFC 5280 §4.1.2.5: the first and the last second count. */
function isInForce({ validFromDate, validToDate }: X509Certificate, now: Seconds): boolean {
  return validFromDate.getTime() <= now * 1000 && now * 1000 <= validToDate.getTime()
}

/** RFC 5280 §4.2.1.12: no usage named is every usage. */
function isForClients({ keyUsage }: X509Certificate): boolean {
  const usages: readonly string[] = keyUsage ?? []
  return usages.length === 0 || usages.includes(clientUsage) || usages.includes(anyUsage)
}
