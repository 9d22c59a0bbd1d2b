// tls_client_auth: a certificate of an authority that the operator trusts, with the one name that the client registered (RFC 8705 §2.1).
import { hasExpectedSubject } from '../../mtls/index.ts'
import type { ClientRecord } from '../../records.ts'
import { type Broken, broke, isBroken, type Law, must } from '../../rule.ts'
import { certificateRules } from '../certificate-rules.ts'
import type { ClientAuthExpectation, ClientAuthMethodRow, Presented } from './method.ts'

export const tlsClientAuth: ClientAuthMethodRow = {
  name: 'tls_client_auth',
  certificate: true,
  /** The connection carries it: a request is read as one of a client that only says its id. */
  read: () => undefined,
  check: checkSubject,
}

function checkSubject(_presented: Presented, client: ClientRecord, { certificate }: ClientAuthExpectation, law: Law): Broken | readonly [] {
  if (certificate === undefined) return broke(certificateRules, 'client-certificate.is-presented')
  const { facts, chain, x5t } = certificate
  if (facts === undefined) return broke(certificateRules, 'client-certificate.is-readable', { expected: 'a certificate', received: x5t })
  const untrusted = isBroken(chain)
    ? chain
    : must(certificateRules, 'client-certificate.chain-is-trusted', chain === 'trusted', law, () => ({
        expected: 'a chain to a configured authority',
        received: x5t,
      }))
  if (untrusted) return untrusted
  const expected = client.tlsClientAuth
  const named = expected !== undefined && hasExpectedSubject(expected, facts)
  const seen = () => ({ expected, received: x5t })
  return must(certificateRules, 'client-certificate.subject-is-the-registered-one', named, law, seen) ?? []
}
