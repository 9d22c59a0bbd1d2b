// Refusals in TLS itself: which alert the other side sent (RFC 8446 §6), from the error that the TLS library makes of it.

/** Alerts with which a server answers a certificate, or its absence. */
const aboutCertificates: Readonly<Record<string, number>> = {
  HANDSHAKE_FAILURE: 40,
  NO_CERTIFICATE: 41,
  BAD_CERTIFICATE: 42,
  UNSUPPORTED_CERTIFICATE: 43,
  CERTIFICATE_REVOKED: 44,
  CERTIFICATE_EXPIRED: 45,
  CERTIFICATE_UNKNOWN: 46,
  UNKNOWN_CA: 48,
  ACCESS_DENIED: 49,
  CERTIFICATE_REQUIRED: 116,
}

const others: Readonly<Record<string, number>> = {
  UNEXPECTED_MESSAGE: 10,
  ILLEGAL_PARAMETER: 47,
  DECODE_ERROR: 50,
  DECRYPT_ERROR: 51,
  PROTOCOL_VERSION: 70,
  INSUFFICIENT_SECURITY: 71,
  INTERNAL_ERROR: 80,
  INAPPROPRIATE_FALLBACK: 86,
  UNRECOGNIZED_NAME: 112,
  NO_APPLICATION_PROTOCOL: 120,
}

export interface TlsAlert {
  readonly number: number
  /** In words of RFC 8446 §6. */
  readonly name: string
  /** Whether a certificate, or its absence, may be what it is about. */
  readonly aboutCertificate: boolean
}

/** `undefined`: the error is no alert of the other side. */
export function alertOf(error: unknown): TlsAlert | undefined {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return undefined
  const said = /^ERR_SSL_.*_ALERT_([A-Z_]+)$/.exec(error.code)?.[1]
  if (said !== undefined) return named(said, aboutCertificates[said] ?? others[said] ?? 0)
  // Where something was already being written, the library's words are all there is.
  const number = error.code === 'EPROTO' ? Number(/SSL alert number (\d{1,3})/.exec(error.message)?.[1]) : Number.NaN
  if (Number.isNaN(number)) return undefined
  const known = Object.entries({ ...aboutCertificates, ...others }).find(([, other]) => other === number)
  return named(known?.[0] ?? 'UNKNOWN', number)
}

function named(said: string, number: number): TlsAlert {
  return { number, name: said.toLowerCase(), aboutCertificate: said in aboutCertificates }
}

/** How a connection ended without an answer. */
export type TlsEnd =
  | { readonly kind: 'alert'; readonly alert: TlsAlert }
  | { readonly kind: 'closed' }
  | { readonly kind: 'failed'; readonly reason: string }

export function describeEnd(ended: TlsEnd): string {
  if (ended.kind === 'alert') return describeAlert(ended.alert)
  return ended.kind === 'closed' ? 'closed without an answer' : ended.reason
}

/** `TLS alert 116, certificate_required`. */
export function describeAlert({ number, name }: TlsAlert): string {
  return number === 0 ? `TLS alert ${name}` : `TLS alert ${number} ${name}`
}
