// Clients that authenticate by certificate (RFC 8705 §2.1.2, §2.2.2): what must be registered of it, wherever the client comes from.

import type { PublicJwk } from '../ids.ts'
import { certificateOf, isReadableSubject, type SubjectMember, subjectMembers } from '../mtls/index.ts'
import type { ClientAuthMethod, ClientCertificate, ExpectedSubject } from '../records.ts'
import { rulesFor } from '../rule.ts'
import { registrationWhy, type SentMetadata } from './metadata-members.ts'

export interface CertificateClientFacts extends ClientCertificate {
  readonly authentication: ClientAuthMethod
  readonly jwks: readonly PublicJwk[]
  readonly jwksUri?: string
}

const head = { level: 'MUST', unseen: 'judged when a client is declared, before the issuer serves anything' } as const

export const certificateClientRules = rulesFor<CertificateClientFacts>()('client-metadata', {
  'client-metadata.one-subject-is-declared': {
    ...head,
    cite: 'RFC8705§2.1.2',
    says: 'a tls_client_auth client names exactly one subject that its certificate must have, other clients name none',
    rows: ['MTLS-2.1.2-01'],
    holds: (f) => (f.authentication === 'tls_client_auth') === (f.tlsClientAuth !== undefined),
  },
  'client-metadata.subject-is-readable': {
    ...head,
    cite: 'RFC8705§2.1.2',
    says: 'the expected subject is one that a certificate can have: a name as RFC 4514 writes it with attribute types that are known or dotted, a host, an absolute URI, an IP address or a mail address',
    rows: ['MTLS-2.1.2-01', 'MTLS-2.1.2-02'],
    holds: (f) => f.tlsClientAuth === undefined || isReadableSubject(f.tlsClientAuth),
    seen: (f) => ({ expected: 'a readable subject', received: f.tlsClientAuth }),
  },
  'client-metadata.certificates-are-declared': {
    ...head,
    cite: 'RFC8705§2.2.2',
    says: 'a self_signed_tls_client_auth client has a key with its certificate as x5c, or says where such keys are published',
    rows: ['MTLS-2.2-01'],
    holds: (f) => f.authentication !== 'self_signed_tls_client_auth' || f.jwksUri !== undefined || f.jwks.some(certificateOf),
  },
})

export interface SubjectMembersFacts {
  readonly metadata: SentMetadata
}

export const subjectMembersRules = rulesFor<SubjectMembersFacts>()('client-metadata', {
  'registration.one-subject-is-sent': {
    level: 'MUST',
    unseen: registrationWhy,
    cite: 'RFC8705§2.1.2',
    says: 'with tls_client_auth exactly one is sent of tls_client_auth_subject_dn, _san_dns, _san_uri, _san_ip and _san_email',
    rows: ['MTLS-2.1.2-01'],
    holds: ({ metadata }) => metadata.token_endpoint_auth_method !== 'tls_client_auth' || sentSubjects(metadata).length === 1,
    seen: ({ metadata }) => ({ expected: 'exactly one', received: sentSubjects(metadata).map(([member]) => member) }),
  },
})

function sentSubjects(metadata: SentMetadata): readonly (readonly [SubjectMember, string])[] {
  return (Object.keys(subjectMembers) as SubjectMember[]).flatMap((member) => {
    const value = metadata[member]
    return value === undefined ? [] : [[member, value] as const]
  })
}

/** What of it is remembered: of a client of another method nothing. */
export function certificateOfMetadata(metadata: SentMetadata): ClientCertificate {
  const [first] = metadata.token_endpoint_auth_method === 'tls_client_auth' ? sentSubjects(metadata) : []
  if (first === undefined) return {}
  const [member, value] = first
  return { tlsClientAuth: { [subjectMembers[member]]: value } as unknown as ExpectedSubject }
}
