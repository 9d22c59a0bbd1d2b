// Rules of every signed message: its compact form, its JSON, its header, its key. RFC 7515, 7517, 8725.
// The family is the caller's: the same broken shape is `proof` in a proof and `client` in an assertion.
import { type Broken, type ErrorFamily, namedRules } from '../rule.ts'

export const joseRules = namedRules('request', {
  'jose.message-is-bounded': {
    cite: 'RFC8725§3.11',
    level: 'PRODUCT',
    says: 'the message is no longer than its stated bound',
    rows: ['DPOP-11.1-02'],
    unseen: 'most servers already refuse so long a header',
  },
  'jose.is-compact': {
    cite: 'RFC7515§7.1',
    level: 'MUST',
    says: 'the message is three canonical base64url segments joined by dots',
    rows: ['DPOP-4.3-02', 'ASVS-9.0'],
    fixed: 'what cannot be read cannot be judged',
  },
  'jose.is-json': {
    cite: 'RFC7515§4',
    level: 'MUST',
    says: 'header and payload are JSON objects in UTF-8',
    rows: ['DPOP-4.3-02'],
    fixed: 'what cannot be read cannot be judged',
  },
  'jose.members-are-unique': {
    cite: 'RFC7515§4',
    level: 'MUST',
    says: 'no object has two members of one name',
    rows: ['DPOP-4.3-02'],
  },
  'jose.json-is-shallow': {
    cite: 'RFC8725§3.11',
    level: 'PRODUCT',
    says: 'header and payload nest at most 8 deep and have at most 256 members',
    unseen: 'a reader without this bound answers the same',
  },
  'jose.crit-is-absent': {
    cite: 'RFC7515§4.1.11',
    level: 'MUST',
    says: 'the header marks no extension as critical: none is understood here',
    rows: ['DPOP-4.2-06'],
  },
  'jwk.is-object': {
    cite: 'RFC7517§4',
    level: 'MUST',
    says: 'the key is a JSON object',
    fixed: 'without a key there is nothing to verify with',
  },
  'jwk.is-on-curve': {
    cite: 'RFC8725§3.4',
    level: 'MUST',
    says: 'the key is a point on its curve, or a modulus the platform can use',
    rows: ['THUMB-7-01'],
    fixed: 'the platform cannot use such a key',
  },
})

/** The same broken rule, in the family of the message that it was found in. */
export function inFamily(broken: Broken, family: ErrorFamily): Broken {
  return broken.family === family ? broken : { ...broken, family }
}
