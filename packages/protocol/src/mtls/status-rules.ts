// Whether a certificate was revoked: who is asked (RFC 6960, RFC 5280 §6.3), which answers count, and what follows where nobody answers.
import { namedRules } from '../rule.ts'

const unseen = 'an authority that the operator trusts tells of its certificates: a probe would have to be that authority'
const head = { level: 'MUST', unseen } as const

/** Of one answer. Broken: whoever gave it counts as silent, and the log says why. */
export const statusAnswerRules = namedRules('client', {
  'certificate-status.answer-is-readable': {
    ...head,
    cite: 'RFC6960§4.2.1',
    says: 'the answer is a revocation list or a successful OCSP answer of the basic kind, whole and bounded',
    fixed: 'what cannot be read says nothing',
  },
  'certificate-status.answer-is-of-the-authority': {
    ...head,
    cite: 'RFC6960§4.2.2.2',
    says: 'the answer is signed by the authority of the certificate, or by a responder that it appointed for that, with a certificate in force',
    rows: ['MTLS-2.1-01'],
  },
  'certificate-status.answer-is-signed': {
    ...head,
    cite: 'RFC6960§3.2',
    says: 'the signature on the answer is right, and not over MD5 or SHA-1',
    rows: ['MTLS-2.1-01'],
  },
  'certificate-status.answer-is-about-this-certificate': {
    ...head,
    cite: 'RFC6960§3.2',
    says: 'the answer is about this certificate: serial number, and name and key of its authority; of a list, its scope holds the certificate',
    rows: ['MTLS-2.1-01'],
    fixed: 'an answer about another certificate says nothing of this one',
  },
  'certificate-status.answer-is-current': {
    ...head,
    cite: 'RFC6960§4.2.2.1',
    says: 'the answer is in force: not from the future, not past the moment of the next one; where it names none, at most an hour old',
    rows: ['MTLS-2.1-01'],
  },
  'certificate-status.nonce-is-ours': {
    ...head,
    cite: 'RFC9654§2.1',
    says: 'a nonce in the answer is the one that was sent; a responder that prepares its answers sends none',
    rows: ['MTLS-2.1-01'],
  },
  'certificate-status.status-is-known': {
    ...head,
    cite: 'RFC6960§2.2',
    says: 'the responder knows the certificate: its answer is not that it does not',
    rows: ['MTLS-2.1-01'],
    fixed: 'unknown says neither good nor revoked',
  },
  'certificate-status.url-is-http': {
    ...head,
    cite: 'RFC5280§4.2.1.13',
    says: 'the certificate names an http or https URL to ask',
    fixed: 'nothing else is asked',
  },
})

/** Of the certificate. */
export const certificateStatusRules = namedRules('client', {
  'client-certificate.status-is-told': {
    ...head,
    level: 'PRODUCT',
    cite: 'RFC5280§6.3',
    says: 'somebody whom the certificate names tells whether it was revoked; where it names nobody, the operator lets it pass',
    rows: ['MTLS-2.1-01'],
    family: 'unavailable',
  },
  'client-certificate.names-who-tells': {
    ...head,
    level: 'PRODUCT',
    cite: 'RFC5280§4.2.1.13',
    says: 'where the operator wants it, the certificate names who tells whether it was revoked',
    rows: ['MTLS-2.1-01'],
  },
  'client-certificate.is-not-revoked': {
    ...head,
    cite: 'RFC5280§6.1.3',
    says: 'neither the certificate nor an authority between it and the trusted one has been revoked',
    rows: ['MTLS-2.1-01'],
  },
})
