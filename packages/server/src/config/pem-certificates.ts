// Certificates in PEM texts of a configuration: one text may hold several.
import { X509Certificate } from 'node:crypto'

const block = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g

/** `undefined`: there is none in it, or one of them cannot be read. */
export function readPemCertificates(pem: string): readonly X509Certificate[] | undefined {
  const blocks = pem.match(block) ?? []
  try {
    return blocks.length === 0 ? undefined : blocks.map((one) => new X509Certificate(one))
  } catch {
    return undefined
  }
}
