// self_signed_tls_client_auth: a certificate that the client itself registered, as x5c of a key (RFC 8705 §2.2). No chain is looked at.
import { holdsCertificate, isStrongKey } from '../../mtls/index.ts'
import type { ClientRecord } from '../../records.ts'
import { type Broken, broke, type Law, must } from '../../rule.ts'
import { certificateRules } from '../certificate-rules.ts'
import type { ClientAuthExpectation, ClientAuthMethodRow, Presented } from './method.ts'

export const selfSignedTlsClientAuth: ClientAuthMethodRow = {
  name: 'self_signed_tls_client_auth',
  certificate: true,
  /** The connection carries it: a request is read as one of a client that only says its id. */
  read: () => undefined,
  check: checkRegistered,
}

function checkRegistered(
  _presented: Presented,
  client: ClientRecord,
  { certificate, keys, now }: ClientAuthExpectation,
  law: Law,
): Broken | readonly [] {
  if (certificate === undefined) return broke(certificateRules, 'client-certificate.is-presented')
  const { der, facts, x5t } = certificate
  if (der === undefined || facts === undefined)
    return broke(certificateRules, 'client-certificate.is-readable', { expected: 'a certificate', received: x5t })
  const registered = (keys ?? client.jwks).some((jwk) => holdsCertificate(jwk, der))
  const { notBefore, notAfter, strength } = facts
  return (
    must(certificateRules, 'client-certificate.is-registered', registered, law, () => ({ expected: 'a registered one', received: x5t })) ??
    must(certificateRules, 'client-certificate.is-in-force', notBefore <= now && now <= notAfter, law, () => ({
      expected: `${notBefore} to ${notAfter}`,
      received: now,
      x5t,
    })) ??
    must(certificateRules, 'client-certificate.key-is-strong', isStrongKey(strength), law, () => ({
      expected: 'at least RSA 2048 or a curve of 256',
      received: `${strength.kind} ${strength.bits}`,
      x5t,
    })) ??
    []
  )
}
