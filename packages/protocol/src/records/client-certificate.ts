// Whose certificate authenticates a client (RFC 8705 §2.1.2): exactly one name, of exactly one kind.

export type ExpectedSubject =
  /** The whole subject, as RFC 4514 writes it. */
  | { readonly subjectDn: string }
  /** An entry of the subject alternative name, each of its own kind. */
  | { readonly sanDns: string }
  | { readonly sanUri: string }
  | { readonly sanIp: string }
  | { readonly sanEmail: string }

export interface ClientCertificate {
  /** Of tls_client_auth alone. */
  readonly tlsClientAuth?: ExpectedSubject
}
