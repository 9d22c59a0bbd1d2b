// A certificate of ours with its key, as files hold it: PEM texts or PKCS#12. Read, named, and judged before anything is sent.
// Node only. What is wrong is said in plain words, and never with anything of a key or a password.
import { createHash, X509Certificate } from 'node:crypto'
import { Duplex } from 'node:stream'
import { createSecureContext, type SecureContextOptions, TLSSocket } from 'node:tls'
import type { Seconds, Thumbprint } from '@kimei/protocol'
import { HolderError } from './holder-error.ts'

export type CertificateMaterial = (
  | {
      /** PEM: the certificate, and after it those of its issuers. */
      readonly cert: string
      /** PEM. */
      readonly key: string
    }
  | { readonly pkcs12: Uint8Array }
) & {
  /** Of the key, or of the PKCS#12 file. */
  readonly password?: string
  /** PEM: the authorities whose servers are believed, and no others. Absent: those of Node. */
  readonly ca?: string
}

export interface KnownCertificate {
  readonly x5t: Thumbprint
  /** One line. */
  readonly subject: string
  readonly notBefore: Seconds
  readonly notAfter: Seconds
  readonly x509: X509Certificate
  /** What a TLS connection is opened with, the authorities left out. */
  readonly secure: SecureContextOptions
}

/** Throws `holder.certificate-is-usable` where it cannot be read or its parts do not belong together. Times are not judged. */
export function readMaterial(material: CertificateMaterial): KnownCertificate {
  const { password, ca } = material
  const own = 'pkcs12' in material ? { pfx: Buffer.from(material.pkcs12) } : { cert: material.cert, key: material.key }
  const secure: SecureContextOptions = { ...own, ...(password !== undefined && { passphrase: password }) }
  try {
    if (ca !== undefined) checkAuthorities(ca)
    const x509 = leafOf(secure)
    return {
      x5t: createHash('sha256').update(x509.raw).digest('base64url') as Thumbprint,
      subject: x509.subject.split('\n').reverse().join(','),
      notBefore: secondsOf(x509.validFromDate),
      notAfter: secondsOf(x509.validToDate),
      x509,
      secure,
    }
  } catch (error) {
    if (error instanceof HolderError) throw error
    throw unusable(sayWhy(error, 'pkcs12' in material, password !== undefined))
  }
}

/** Throws `holder.certificate-is-usable` outside of its dates; its first and last second count. */
export function checkInForce({ subject, notBefore, notAfter }: KnownCertificate, now: Seconds): void {
  if (now > notAfter) throw unusable(`the certificate of ${subject} expired on ${dayOf(notAfter)}: get a new one`)
  if (now < notBefore) throw unusable(`the certificate of ${subject} is not in force before ${dayOf(notBefore)}`)
}

export function unusable(what: string): HolderError {
  return new HolderError('holder.certificate-is-usable', what)
}

function secondsOf(date: Date): Seconds {
  return Math.floor(date.getTime() / 1000)
}

function dayOf(seconds: Seconds): string {
  return new Date(seconds * 1000).toISOString().slice(0, 10)
}

/** The certificate that connections would show. Nothing is sent: the socket leads nowhere. */
function leafOf(secure: SecureContextOptions): X509Certificate {
  const nowhere = new Duplex({ read: () => undefined, write: (_chunk, _encoding, done) => done() })
  const socket = new TLSSocket(nowhere as ConstructorParameters<typeof TLSSocket>[0], {
    isServer: true,
    // Both belong to the same context: a key of another certificate is refused here.
    secureContext: createSecureContext({ ...secure, ca: [] }),
  })
  socket.on('error', () => undefined)
  try {
    const found = socket.getX509Certificate()
    if (found === undefined) throw unusable('there is no certificate in it')
    return found
  } finally {
    socket.destroy()
    nowhere.destroy()
  }
}

/** Throws `holder.certificate-is-usable` where a text holds no certificate, or one that cannot be read. */
export function checkAuthorities(ca: string): void {
  const blocks = ca.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? []
  if (blocks.length === 0) throw unusable('the file of authorities holds no certificate in PEM')
  for (const block of blocks) {
    try {
      new X509Certificate(block)
    } catch {
      throw unusable('the file of authorities holds a certificate that cannot be read')
    }
  }
}

/** OpenSSL's own words quote nothing of the files, but mean little to most people. */
function sayWhy(error: unknown, isPkcs12: boolean, hasPassword: boolean): string {
  const { code = '', message = '' } = error as { code?: string; message?: string }
  const told = `${code} ${message}`
  if (/VALUES_MISMATCH|KEY_TYPE_MISMATCH/i.test(told)) return 'the key is not the key of the certificate'
  if (/mac verify|bad decrypt|BAD_DECRYPT|bad password/i.test(told)) {
    return hasPassword ? 'the password does not open it' : 'it is locked with a password, and none was given'
  }
  if (/interrupted or cancelled|passphrase|BAD_PASSWORD_READ/i.test(told)) return 'the key is locked with a password, and none was given'
  if (/unsupported/i.test(told)) {
    return isPkcs12
      ? 'the PKCS#12 file is locked in an old way that is no longer read: write it anew, as openssl pkcs12 -export does'
      : 'the key is not in PEM, or of a kind that is not supported'
  }
  return isPkcs12 ? 'the file is no PKCS#12 file that can be read' : 'certificate and key are not PEM texts that can be read'
}
