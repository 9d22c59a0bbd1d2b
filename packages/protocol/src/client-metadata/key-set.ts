// The key set that a client publishes at its jwks_uri (RFC 7517 §5): read as a stranger's words. Fetching it is the server's.
import type { PublicJwk } from '../ids.ts'
import { isJsonObject, readJwkShape, strictJson } from '../jose/index.ts'
import { type Broken, broke, type Law, must, namedRules } from '../rule.ts'

const unseen = 'it stands in a document that the issuer fetches from the client'
const mostKeys = 32

export const keySetRules = namedRules('client', {
  'client-keys.document-is-a-key-set': {
    cite: 'RFC7517§5',
    level: 'MUST',
    says: 'the document is one JSON object whose member keys is a list',
    unseen,
    fixed: 'what cannot be read holds no keys',
  },
  'client-keys.are-few': {
    cite: 'RFC7517§5',
    level: 'PRODUCT',
    says: `the set holds at most ${mostKeys} keys`,
    unseen,
  },
  'client-keys.are-public': {
    cite: 'RFC7517§9.2',
    level: 'MUST',
    says: 'no key of the set has private members or is symmetric: what is published is compromised',
    rows: ['CIMD-4.1-01'],
    unseen,
  },
})

/** Keys of kinds that nobody here knows stay in the set and fit nothing (RFC 7517 §5). */
export function readKeySet(text: string, law: Law): readonly PublicJwk[] | Broken {
  const set = strictJson(text, { depth: 8, members: 4000 })
  const keys = typeof set === 'string' ? undefined : set['keys']
  if (!Array.isArray(keys)) return broke(keySetRules, 'client-keys.document-is-a-key-set')
  const sound = keys.filter((key): key is PublicJwk => isJsonObject(key) && typeof key['kty'] === 'string')
  return (
    must(keySetRules, 'client-keys.are-few', keys.length <= mostKeys, law) ??
    must(keySetRules, 'client-keys.are-public', sound.every(isPublicKey), law) ??
    sound
  )
}

/** RFC 7518 §6.2.2, §6.3.2, §6.4: no private member, no symmetric key. */
export function isPublicKey(jwk: PublicJwk): boolean {
  return jwk.kty !== 'oct' && readJwkShape(jwk)?.privateMembers.length === 0
}
