// What must hold of a client certificate that a TLS terminator in front tells in a header (RFC 9440), in whichever format is configured.
// Who counts as the terminator is configuration: that is judged where the connection is known.
import { namedRules } from '../../rule.ts'

const unseen = 'said by the terminator in front: an outsider is not heard'
const unreadable = 'what cannot be read is no certificate'

export const forwardingRules = namedRules('request', {
  'certificate-header.comes-from-the-terminator': {
    cite: 'RFC9440§4',
    level: 'MUST',
    says: 'a certificate in a header is heard from a listed peer over an authenticated hop alone; anybody else’s is ignored, and the log says so',
    rows: ['CERT-4-01', 'CERT-2.4-01'],
    family: 'client',
  },
  'certificate-header.is-bounded': {
    cite: 'RFC9440§3.2',
    level: 'PRODUCT',
    says: 'certificate and chain are no longer than 16384 characters together, and the chain has no more than ten certificates',
    rows: ['CERT-3.2-01'],
    family: 'headers-too-large',
    unseen,
    fixed: 'bounds come before work',
  },
  'certificate-header.is-sent-once': {
    cite: 'RFC9440§2.2',
    level: 'MUST',
    says: 'the certificate stands in one header line, with one value',
    rows: ['CERT-2.1-01'],
    unseen,
    fixed: 'of two certificates neither is that of the connection',
  },
  'certificate-header.is-in-the-configured-format': {
    cite: 'RFC9440§2.1',
    level: 'MUST',
    says: 'the header reads in the one format that is configured, to its last character',
    rows: ['CERT-2.1-01'],
    unseen,
    fixed: unreadable,
  },
  'certificate-header.holds-one-certificate': {
    cite: 'RFC5280§4.1',
    level: 'MUST',
    says: 'what is told is the DER of one certificate, with nothing after it',
    rows: ['CERT-2.1-01'],
    unseen,
    fixed: unreadable,
  },
  'certificate-header.chain-comes-with-its-certificate': {
    cite: 'RFC9440§2.3',
    level: 'MUST',
    says: 'a chain is told only beside its certificate, which is not part of it',
    unseen,
    fixed: unreadable,
  },
  'certificate-header.agrees-with-itself': {
    cite: 'Kimei guard',
    level: 'PRODUCT',
    says: 'where certificate, digest or chain are told beside one another, they are of the same certificate',
    unseen,
    fixed: 'of two certificates neither is that of the connection',
  },
  'certificate-header.was-verified': {
    cite: 'Kimei guard',
    level: 'PRODUCT',
    says: 'where the configuration demands it, the terminator says that it has verified the certificate',
    family: 'client',
    unseen,
  },
})
