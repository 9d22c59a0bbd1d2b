// What a certificate says of its holder, as typed facts. Taking the DER apart is the server's; nothing here reads ASN.1 but the text of one name.
import type { PublicJwk, Seconds, Thumbprint } from '../ids.ts'
import type { Broken } from '../rule.ts'
import type { ChainCertificate } from './chain-rules.ts'

/** One attribute of a name: its type as a dotted OID, and its value. */
export interface NameAttribute {
  readonly type: string
  /** Absent: the value is no text, or of an encoding that nobody here reads. */
  readonly text?: string
  /** Tag, length and value in lower-case hex. Absent: written as text, so its encoding is open. */
  readonly der?: string
}

/** In the order of the certificate: the root first. An entry holds several attributes where it is multi-valued; their order means nothing. */
export type SubjectName = readonly (readonly NameAttribute[])[]

export interface CertificateFacts {
  readonly subject: SubjectName
  /** Entries of the subject alternative name, each kind by itself; addresses in hex. */
  readonly dns: readonly string[]
  readonly uris: readonly string[]
  readonly ips: readonly string[]
  readonly emails: readonly string[]
  /** First and last second of its validity (RFC 5280 §4.1.2.5). */
  readonly notBefore: Seconds
  readonly notAfter: Seconds
  /** base64url SHA-256 of the SubjectPublicKeyInfo. */
  readonly spki: Thumbprint
  /** Kind and bits of its key. */
  readonly strength: ChainCertificate['key']
  /** Absent: a key of a kind that JWK does not know. */
  readonly key?: PublicJwk
}

/** The certificate of this connection, and what is known of it. */
export interface ShownCertificate {
  readonly x5t: Thumbprint
  /** Absent where a trusted hop tells the digest alone. */
  readonly der?: Uint8Array
  /** Absent: it cannot be read. */
  readonly facts?: CertificateFacts
  /** How its chain was judged, for `tls_client_auth`. Absent: nobody judged it. */
  readonly chain?: 'trusted' | Broken
}
