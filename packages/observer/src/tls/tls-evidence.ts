// How TLS was spoken in one exchange, as a report may show it: thumbprints of certificates, names of authorities, how it ended.
import { X509Certificate } from 'node:crypto'
import type { RawAnswer, RawRequest } from '../wire/raw-client.ts'
import { thumbprintOf } from './client-certificate.ts'
import { describeEnd } from './tls-alerts.ts'

/** How TLS was spoken, and what the handshake showed where it was watched. */
export interface TlsEvidence {
  /** SHA-256 of the certificate that was shown (RFC 8705 §3.1); `none`: without one. */
  readonly certificate: string
  /** Another name than the host's in the handshake; empty: none. */
  readonly name?: string
  readonly version?: string
  readonly request?: 'requested' | 'not-requested' | 'not-observable'
  readonly authorities?: readonly string[]
  readonly signatureAlgorithms?: readonly string[]
  readonly resumed?: boolean
  /** How it ended without an answer. */
  readonly ended?: string
}

/** `undefined` for exchanges that say nothing about certificates. */
export function tlsEvidence({ tls }: RawRequest, { ended, handshake }: RawAnswer): TlsEvidence | undefined {
  if (tls === undefined && ended === undefined && handshake === undefined) return undefined
  const asked = handshake?.flight.asked
  const version = handshake?.flight.version ?? tls?.version
  return {
    certificate: tls?.identity ? thumbprintOf(new X509Certificate(tls.identity.cert)) : 'none',
    ...(tls?.servername !== undefined && { name: tls.servername }),
    ...(version !== undefined && { version }),
    ...(asked && { request: asked.state }),
    ...(asked?.state === 'requested' && { authorities: asked.authorities, signatureAlgorithms: asked.signatureAlgorithms }),
    ...(handshake?.resumed && { resumed: true }),
    ...(ended && { ended: describeEnd(ended) }),
  }
}
