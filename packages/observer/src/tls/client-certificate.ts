// The certificate of a test client: read, compared with its key, and known by its thumbprint (RFC 8705 §3.1).
import { createHash, createPrivateKey, X509Certificate } from 'node:crypto'
import type { ClientIdentity } from './watched-connection.ts'

/** A certificate that a test client holds the key of. */
export interface HeldCertificate extends ClientIdentity {
  readonly certificate: X509Certificate
  /** base64url SHA-256 of the DER: what `x5t#S256` names. */
  readonly thumbprint: string
}

export function thumbprintOf({ raw }: X509Certificate): string {
  return createHash('sha256').update(raw).digest('base64url')
}

/** What is wrong with them, as a sentence that says nothing of what is inside; or the two as one. */
export function holdCertificate(cert: string, key: string): HeldCertificate | string {
  const read = readWhole(() => new X509Certificate(cert))
  if (read === undefined) return 'the certificate is not a PEM text that can be read'
  const privateKey = readWhole(() => createPrivateKey(key))
  if (privateKey === undefined) return 'the key is not a PEM text that can be read, or it is encrypted'
  if (!read.checkPrivateKey(privateKey)) return 'the key is not that of the certificate'
  return { cert, key, certificate: read, thumbprint: thumbprintOf(read) }
}

function readWhole<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}

/** One certificate or several, and nothing that cannot be read. */
export function holdsAuthorities(pem: string): boolean {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? []
  return blocks.length > 0 && blocks.every((block) => readWhole(() => new X509Certificate(block)) !== undefined)
}
