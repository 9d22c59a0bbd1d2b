// Headers in which terminators tell a server which certificate they saw: what each looks like when a stranger writes it.
// Only our own certificate is ever put in, and a certificate is public.
import type { X509Certificate } from 'node:crypto'

export interface ForgedHeader {
  /** Of the probe. */
  readonly id: string
  readonly name: string
  readonly value: (certificate: X509Certificate) => string
}

const escapedPem = (certificate: X509Certificate): string => encodeURIComponent(certificate.toString())
const base64 = ({ raw }: X509Certificate): string => raw.toString('base64')

export const forgedHeaders: readonly ForgedHeader[] = [
  // RFC 9440 §2.1: a byte sequence of structured fields.
  { id: 'L9-client-cert', name: 'Client-Cert', value: (certificate) => `:${base64(certificate)}:` },
  { id: 'L9-x-ssl', name: 'X-SSL-Client-Cert', value: escapedPem },
  { id: 'L9-ssl', name: 'ssl-client-cert', value: escapedPem },
  {
    id: 'L9-xfcc',
    name: 'X-Forwarded-Client-Cert',
    value: (certificate) =>
      `Hash=${certificate.fingerprint256.replaceAll(':', '').toLowerCase()};Cert="${escapedPem(certificate)}";Subject="${certificate.subject.replaceAll('\n', ',').replaceAll('"', '')}"`,
  },
  { id: 'L9-xftlscc', name: 'X-Forwarded-Tls-Client-Cert', value: (certificate) => encodeURIComponent(base64(certificate)) },
  { id: 'L9-amazon', name: 'X-Amzn-Mtls-Clientcert', value: escapedPem },
  { id: 'L9-x-client', name: 'X-Client-Certificate', value: base64 },
  { id: 'L9-azure', name: 'X-ARR-ClientCert', value: base64 },
]
