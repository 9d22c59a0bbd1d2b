// The one name that a client's certificate must have (RFC 8705 §2.1.2): whether it can be one, and whether a certificate has it.
import { boundedMemory } from '../jose/index.ts'
import type { ExpectedSubject } from '../records.ts'
import type { CertificateFacts, SubjectName } from './certificate-facts.ts'
import { parseIpAddress } from './ip-address.ts'
import { canonicalName, parseSubjectName } from './subject-name.ts'

const mostCharacters = 2000
const hostName = /^(?=.{1,253}$)[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*$/
const mailbox = /^[\x21-\x3F\x41-\x7E]{1,64}@[A-Za-z0-9.-]{1,253}$/

/** Whether any certificate could have it. */
export function isReadableSubject(expected: ExpectedSubject): boolean {
  if ('subjectDn' in expected) {
    const name = parseSubjectName(expected.subjectDn)
    return name !== undefined && canonicalName(name) !== undefined
  }
  if ('sanDns' in expected) return hostName.test(expected.sanDns)
  if ('sanIp' in expected) return parseIpAddress(expected.sanIp) !== undefined
  if ('sanEmail' in expected) return mailbox.test(expected.sanEmail)
  return /^[A-Za-z][A-Za-z0-9+.-]*:[\x21-\x7E]+$/.test(expected.sanUri) && expected.sanUri.length <= mostCharacters
}

/** Only the kind that is registered is looked at: the same text in another kind, or in the common name, means nothing. */
export function hasExpectedSubject(expected: ExpectedSubject, certificate: CertificateFacts): boolean {
  if ('subjectDn' in expected) return isNamed(expected.subjectDn, certificate)
  // A wildcard is an entry like any other: it stands for itself (RFC 8705 §2.1.2 names one entry).
  if ('sanDns' in expected) return certificate.dns.some((entry) => asciiLower(entry) === asciiLower(expected.sanDns))
  if ('sanUri' in expected) return certificate.uris.includes(expected.sanUri)
  if ('sanIp' in expected) {
    const address = parseIpAddress(expected.sanIp)
    return address !== undefined && certificate.ips.includes(address)
  }
  return certificate.emails.some((entry) => withLowerHost(entry) === withLowerHost(expected.sanEmail))
}

/** Clients name few subjects, and ask with them again and again. */
const canonical = boundedMemory<string>(1000)
const canonicalSubjects = new WeakMap<SubjectName, string>()

function isNamed(text: string, { subject }: CertificateFacts): boolean {
  const expected = canonical.get(text) ?? canonicalText(text)
  const own = canonicalSubjects.get(subject) ?? canonicalName(subject)
  if (own !== undefined) canonicalSubjects.set(subject, own)
  return expected !== undefined && expected === own
}

function canonicalText(text: string): string | undefined {
  const name = parseSubjectName(text)
  const made = name && canonicalName(name)
  if (made !== undefined) canonical.set(text, made)
  return made
}

const asciiLower = (text: string): string => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase())

/** RFC 5280 §7.5: the local part exactly, the host without regard to case. */
function withLowerHost(address: string): string {
  const at = address.lastIndexOf('@')
  return address.slice(0, at + 1) + asciiLower(address.slice(at + 1))
}

type KindOf<One> = One extends unknown ? keyof One : never

/** The members of client metadata, and which kind each names. */
export const subjectMembers = {
  tls_client_auth_subject_dn: 'subjectDn',
  tls_client_auth_san_dns: 'sanDns',
  tls_client_auth_san_uri: 'sanUri',
  tls_client_auth_san_ip: 'sanIp',
  tls_client_auth_san_email: 'sanEmail',
} as const satisfies Readonly<Record<string, KindOf<ExpectedSubject>>>

export type SubjectMember = keyof typeof subjectMembers
