// What a holder demands where it has a certificate, and of the certificates of servers; part of the one table of holder-rules.ts.
export const unseen = 'judged inside the holder: a server sees only that it does not come back'
export const fixed = 'the holder takes no law: a holder with a rule missing is an attack, not a lesson'

export const certificateRules = {
  'holder.no-certificate-in-a-header': {
    cite: 'RFC9440§2.4',
    level: 'MUST',
    says: 'no request carries Client-Cert or Client-Cert-Chain: the terminator of TLS writes them, and nobody else',
    rows: ['CERT-2.4-03'],
    unseen,
    fixed,
  },
  'holder.server-proves-its-name': {
    cite: 'RFC9110§4.3.4',
    level: 'MUST',
    says: 'the certificate of the server is in force, is for the name that was called, and leads to an authority that is trusted here',
    unseen,
    fixed,
  },
  'holder.certificate-is-usable': {
    cite: 'RFC5280§4.1.2.5',
    level: 'PRODUCT',
    says: 'our certificate and its key can be read, belong together, and the certificate is in force',
    unseen,
    fixed,
  },
  'holder.certificate-is-taken': {
    cite: 'RFC8446§4.4.2',
    level: 'PRODUCT',
    says: 'the server goes on with the handshake after our certificate',
    unseen,
    fixed,
  },
  'holder.certificate-goes-over-tls': {
    cite: 'RFC8705§5',
    level: 'MUST',
    says: 'a client with a certificate calls the alias of an endpoint where there is one, else the endpoint, and always over https',
    rows: ['MTLS-5-01'],
    unseen,
    fixed,
  },
  'holder.certificate-binding-is-offered': {
    cite: 'RFC8705§3.3',
    level: 'PRODUCT',
    says: 'tickets are asked to be bound to a certificate only where the issuer says that it binds them',
    unseen,
    fixed,
  },
} as const
