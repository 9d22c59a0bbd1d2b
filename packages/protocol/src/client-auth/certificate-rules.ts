// Client authentication by certificate (RFC 8705 §2): what must hold of the certificate that a client shows.
// What must hold of its chain stands with the trust in certificate authorities; here it is only asked whether it was judged.
import { namedRules } from '../rule.ts'

const oneOfItsOwn = 'a probe would need a registered certificate of its own that is expired or weak'
const head = { level: 'MUST' } as const

export const certificateRules = namedRules('client', {
  'client-certificate.is-presented': {
    ...head,
    cite: 'RFC8705§2',
    says: 'a client that is registered for mutual TLS shows its certificate on the connection of the request',
    rows: ['MTLS-2-01'],
    fixed: 'without a certificate there is nothing to compare',
    unseen: 'a probe would see another rule refuse: without a certificate nobody is authenticated',
  },
  'client-certificate.is-readable': {
    ...head,
    cite: 'RFC8705§2',
    says: 'the certificate itself is there and can be read: its digest alone binds tokens, it authenticates nobody',
    rows: ['MTLS-2-01'],
    fixed: 'what cannot be read cannot be compared',
    unseen: 'what a TLS library shows can be read',
  },
  'client-certificate.chain-is-trusted': {
    ...head,
    cite: 'RFC8705§2.1',
    says: 'the chain of the certificate ends at an authority that is configured for clients',
    rows: ['MTLS-2.1-01'],
  },
  'client-certificate.subject-is-the-registered-one': {
    ...head,
    cite: 'RFC8705§2.1',
    says: 'the certificate has the one name that is registered, in the kind that is registered, compared as that kind is',
    rows: ['MTLS-2.1-01', 'MTLS-2.1.2-02'],
  },
  'client-certificate.is-registered': {
    ...head,
    cite: 'RFC8705§2.2',
    says: 'a self-signed certificate is, byte by byte, one that the client registered as x5c',
    rows: ['MTLS-2.2-01', 'MTLS-2.2-02'],
  },
  'client-certificate.is-in-force': {
    ...head,
    cite: 'RFC5280§4.1.2.5',
    level: 'PRODUCT',
    unseen: oneOfItsOwn,
    says: 'a self-signed certificate is used within the validity that it states: its holder renews it, as every other',
    rows: ['MTLS-2.2-01'],
  },
  'client-certificate.key-is-strong': {
    ...head,
    cite: 'RFC9325§4.5',
    level: 'PRODUCT',
    unseen: oneOfItsOwn,
    says: 'the key of a self-signed certificate is RSA of 2048 bits or more, a curve of 256 or more, or Ed25519 or Ed448',
    rows: ['MTLS-2.2-01'],
  },
})
