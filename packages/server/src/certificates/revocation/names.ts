// Whom a certificate names as telling of its revocation: OCSP responders and lists (RFC 5280 §4.2.1.13, §4.2.2.1).
import type { CRLDistributionPoints, GeneralName, InfoAccess } from 'pkijs'
import { extensionOf, type ParsedCertificate } from '../parsed-certificate.ts'

const oids = { information: '1.3.6.1.5.5.7.1.1', ocsp: '1.3.6.1.5.5.7.48.1', lists: '2.5.29.31' }
/** Of each kind. */
const mostNamed = 2
const uriTag = 6

/** In the order of the certificate; of a list that somebody else signs, or that has some reasons only, nothing is taken. */
export function namesOf(certificate: ParsedCertificate): { readonly ocsp: readonly string[]; readonly crl: readonly string[] } {
  const information = extensionOf(certificate, oids.information)?.parsedValue as InfoAccess | undefined
  const ocsp = (information?.accessDescriptions ?? []).filter(({ accessMethod }) => accessMethod === oids.ocsp)
  const lists = extensionOf(certificate, oids.lists)?.parsedValue as CRLDistributionPoints | undefined
  const whole = (lists?.distributionPoints ?? []).filter(({ cRLIssuer, reasons }) => cRLIssuer === undefined && reasons === undefined)
  const places = whole.flatMap(({ distributionPoint }) => (Array.isArray(distributionPoint) ? distributionPoint : []))
  return { ocsp: urisOf(ocsp.map(({ accessLocation }) => accessLocation)), crl: urisOf(places) }
}

const urisOf = (names: readonly GeneralName[]): readonly string[] =>
  names
    .filter(({ type, value }) => type === uriTag && typeof value === 'string')
    .map(({ value }) => value as string)
    .slice(0, mostNamed)
