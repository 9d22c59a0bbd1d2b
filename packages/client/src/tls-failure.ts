// What went wrong in a TLS handshake, in plain words. Failures of the network itself pass through as they are.
import { HolderError } from './holder-error.ts'

const unknownAuthority = new Set([
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'CERT_UNTRUSTED',
])
const times = new Set(['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID'])
/** Other judgements of OpenSSL about the server's chain. */
const unsound = new Set([
  'CERT_SIGNATURE_FAILURE',
  'CERT_REVOKED',
  'INVALID_CA',
  'INVALID_PURPOSE',
  'PATH_LENGTH_EXCEEDED',
  'CERT_REJECTED',
])

/** What fetch threw, or what it means. `origin`: who was called. */
export function explainTlsFailure(error: unknown, origin: string): unknown {
  const code = codeOf(error)
  if (code === undefined) return error
  const untrusted = (what: string): HolderError => new HolderError('holder.server-proves-its-name', what)
  if (unknownAuthority.has(code)) {
    return untrusted(`the certificate of ${origin} comes from an authority that is not known here: name that authority with a CA file`)
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return untrusted(`the certificate that ${origin} shows is for another name`)
  if (times.has(code)) return untrusted(`the certificate of ${origin} is ${code === 'CERT_HAS_EXPIRED' ? 'expired' : 'not in force yet'}`)
  if (unsound.has(code)) return untrusted(`the certificate of ${origin} is not sound (${code})`)
  if (/_ALERT_(?:BAD_|UNSUPPORTED_)?CERTIFICATE|ALERT_UNKNOWN_CA|ALERT_ACCESS_DENIED|CERTIFICATE_REQUIRED/.test(code)) {
    return new HolderError('holder.certificate-is-taken', `${origin} ended the handshake (${code})`)
  }
  return error
}

function codeOf(error: unknown): string | undefined {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    const { code } = at as { code?: unknown }
    if (typeof code === 'string') return code
  }
  return undefined
}
