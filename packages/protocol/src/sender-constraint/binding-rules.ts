// Rules of sender-constrained tokens: at use (RFC 9449 §7, RFC 8705 §3) and at issue.
// Each fact belongs to one rule, so that each can be removed alone.
import type { Confirmation } from '../ids.ts'
import { namedRules, rulesFor } from '../rule.ts'

const needsFaultyIssuer = 'needs a token that only a faulty issuer would sign'

/** Reading `cnf`. */
export const confirmationRules = namedRules('access-token', {
  'binding.cnf-is-known': {
    cite: 'RFC7800§3.1',
    level: 'MUST',
    says: 'cnf, where the token has one, names a key or a certificate in a way that is checked here',
    rows: ['DPOP-6-01', 'CNF-3.1-01'],
    unseen: needsFaultyIssuer,
  },
  'binding.thumbprint-is-sha256': {
    cite: 'RFC9449§11.8',
    level: 'MUST',
    says: 'jkt and x5t#S256 are base64url SHA-256: 43 characters',
    rows: ['DPOP-11.8-01', 'MTLS-3.1-01'],
    fixed: 'nothing could equal such a thumbprint',
    unseen: needsFaultyIssuer,
  },
})

export interface BindingFacts {
  readonly confirmation: Confirmation | undefined
  readonly scheme: 'dpop' | 'bearer'
  readonly hasProof: boolean
  readonly proofKeyMatches: boolean
  readonly hasCertificate: boolean
  readonly certificateMatches: boolean
}

const namesKey = (f: BindingFacts): boolean => f.confirmation?.jkt !== undefined
const namesCertificate = (f: BindingFacts): boolean => f.confirmation?.['x5t#S256'] !== undefined

export const bindingRules = rulesFor<BindingFacts>()('binding', {
  'binding.named-token-is-not-bearer': {
    cite: 'RFC9449§7.2',
    level: 'MUST',
    says: 'a token that names a key comes under the DPoP scheme, never as Bearer',
    rows: ['DPOP-7.2-01', 'DPOP-7.1-01', 'SEED-TB-74', 'SEED-TB-25', 'SEED-DPOP-01', 'OIDC-5.3-01'],
    holds: (f) => !namesKey(f) || f.scheme === 'dpop',
    seen: (f) => ({ expected: 'DPoP', received: f.scheme }),
  },
  'binding.proof-comes-along': {
    cite: 'RFC9449§7.1',
    level: 'MUST',
    says: 'a token that names a key comes with a proof',
    rows: ['DPOP-7.1-01', 'SEED-TB-25'],
    family: 'proof',
    unseen: 'the DPoP scheme without a proof is refused before the token is looked at',
    holds: (f) => !namesKey(f) || f.scheme === 'bearer' || f.hasProof,
  },
  'binding.proof-key-is-named-key': {
    cite: 'RFC9449§4.3-12b',
    level: 'MUST',
    says: 'the proof is signed by the key that the token names',
    rows: ['DPOP-4.3-14', 'SEED-DPOP-10', 'SEED-DPOP-01'],
    holds: (f) => !namesKey(f) || !f.hasProof || f.proofKeyMatches,
    seen: (f) => ({ expected: f.confirmation?.jkt, received: 'another key' }),
  },
  'binding.certificate-comes-along': {
    cite: 'RFC8705§3',
    level: 'MUST',
    says: 'a token that names a certificate comes over a connection with one',
    rows: ['MTLS-3-04', 'MTLS-3-02'],
    holds: (f) => !namesCertificate(f) || f.hasCertificate,
  },
  'binding.certificate-is-named-certificate': {
    cite: 'RFC8705§3',
    level: 'MUST',
    says: 'the connection used the certificate that the token names',
    rows: ['MTLS-3-02'],
    holds: (f) => !namesCertificate(f) || !f.hasCertificate || f.certificateMatches,
    seen: (f) => ({ expected: f.confirmation?.['x5t#S256'], received: 'another certificate' }),
  },
  'binding.dpop-scheme-carries-named-token': {
    cite: 'RFC9449§7.1',
    level: 'MUST',
    says: 'a token under the DPoP scheme names a key',
    rows: ['DPOP-7.2-04', 'DPOP-6-01'],
    holds: (f) => f.scheme === 'bearer' || namesKey(f),
  },
})

/** What policy demands, at a route and at issue. */
export const bindingPolicyRules = namedRules('binding', {
  'binding.token-is-bound': {
    cite: 'RFC9449§7.1',
    level: 'PRODUCT',
    says: 'the route takes only tokens bound to a key or a certificate',
    rows: ['DPOP-7.2-04', 'SEED-TB-25', 'MTLS-3.2-01'],
  },
  'binding.certificate-is-shown': {
    cite: 'RFC8705§3.4',
    level: 'PRODUCT',
    says: 'a client whose tokens are bound to its certificate asks for them over a connection with that certificate',
    rows: ['MTLS-3.4-01'],
    family: 'request',
  },
  'binding.key-is-proven-beside': {
    cite: 'RFC9449§5',
    level: 'PRODUCT',
    says: 'a client whose tokens name a key and a certificate sends a proof beside its certificate',
    rows: ['DPOP-5.2-01'],
    family: 'proof',
  },
  'binding.bearer-is-permitted': {
    cite: 'RFC9449§5.2',
    level: 'MUST',
    says: 'an unbound token is issued only where policy permits it, and until the day it names',
    rows: ['DPOP-5.2-01'],
    family: 'proof',
  },
})
