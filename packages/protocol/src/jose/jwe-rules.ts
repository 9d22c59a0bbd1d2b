// Rules of encrypted messages: their compact form, their header, and that they decrypt. RFC 7516, 7518, 8725.
// The family is the caller's. What fails once a private key is in use has one name, whatever it was: no oracle.
import { namedRules } from '../rule.ts'

const unseen = 'a probe would need a client that is registered to encrypt what it sends'

export const jweRules = namedRules('request', {
  'jwe.message-is-bounded': {
    cite: 'RFC8725§3.11',
    level: 'PRODUCT',
    says: 'the encrypted message is no longer than its stated bound',
    unseen: 'most servers already refuse so long a message',
  },
  'jwe.is-compact': {
    cite: 'RFC7516§7.1',
    level: 'MUST',
    says: 'the message is five canonical base64url segments joined by dots, of which the first is a JSON object with unique members',
    fixed: 'what cannot be read cannot be judged',
  },
  'jwe.crit-is-absent': {
    cite: 'RFC7516§4.1.13',
    level: 'MUST',
    says: 'the header marks no extension as critical: none is understood here',
    fixed: 'what is not understood cannot be followed',
  },
  'jwe.is-not-compressed': {
    cite: 'RFC8725§3.6',
    level: 'PRODUCT',
    says: 'the header has no zip: compressed content tells its length, and can swell beyond every bound',
    unseen,
  },
  'jwe.alg-is-accepted': {
    cite: 'RFC8725§3.1',
    level: 'MUST',
    says: 'alg is one of the key management algorithms accepted here: never RSA1_5, never one with a shared secret or a password',
    fixed: 'other algorithms are not implemented here',
  },
  'jwe.enc-is-accepted': {
    cite: 'RFC8725§3.1',
    level: 'MUST',
    says: 'enc is one of the content encryption algorithms accepted here',
    fixed: 'other algorithms are not implemented here',
  },
  'jwe.content-is-said-to-be-jwt': {
    cite: 'RFC7519§5.2',
    level: 'MUST',
    says: 'where a signed JWT is expected inside, cty is JWT',
    rows: ['OIDC-16.14-1'],
    unseen,
  },
  'jwe.key-is-known': {
    cite: 'RFC7516§4.1.6',
    level: 'MUST',
    says: 'the message is encrypted to a key of this receiver that fits alg',
    fixed: 'without a key nothing can be decrypted',
  },
  'jwe.decrypts': {
    cite: 'OIDC-Core§16.12',
    level: 'MUST',
    says: 'the message decrypts, and what it contains is one signed JWT, not a second envelope',
    rows: ['OIDC-16.12-2', 'OIDC-16.14-1'],
    fixed: 'what does not decrypt has no content',
  },
})
