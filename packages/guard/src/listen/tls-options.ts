// What every TLS listener of ours speaks, in one place: the issuer's, the proxy's, the demo's.
import { constants } from 'node:crypto'
import type { TlsOptions } from 'node:tls'

/** PEM texts. */
export interface ServerCertificate {
  /** The certificate, and after it those of its issuers. */
  readonly cert: string
  readonly key: string
}

/** `requested`: asked for in every handshake, taken whoever issued it. `never`: no CertificateRequest is sent. */
export type ClientCertificates = 'never' | 'requested'

/** TLS 1.3, and of TLS 1.2 only what has forward secrecy and authenticated encryption (RFC 9325 §4.2). */
const suites = [
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'TLS_AES_128_GCM_SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
].join(':')

const handshakeMs = 10_000
const sessionSeconds = 600

/**
 * Nothing here judges a certificate: binding needs no chain (RFC 8705 §6.2), and authentication judges it by a trust store of its own.
 * Early data stays off: Node has no switch that would take it.
 */
export function tlsOptions(
  { cert, key }: ServerCertificate,
  clientCertificates: ClientCertificates,
  sessionContext: string,
): TlsOptions & { readonly ALPNProtocols: string[] } {
  return {
    cert,
    key,
    minVersion: 'TLSv1.2',
    ciphers: suites,
    honorCipherOrder: true,
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION | constants.SSL_OP_NO_COMPRESSION,
    ALPNProtocols: ['http/1.1'],
    handshakeTimeout: handshakeMs,
    sessionTimeout: sessionSeconds,
    // A session of one listener is none at another, even if their ticket keys were the same.
    sessionIdContext: sessionContext,
    requestCert: clientCertificates === 'requested',
    rejectUnauthorized: false,
    // No list of issuers in the request, and the machine's trust store is not even read.
    ca: [],
  }
}
