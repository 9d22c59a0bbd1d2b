// Rules of public keys that strangers send or register: RFC 7517, 7518 §6, 8037, 8725 §3.4, FAPI 2.0 SP §5.4.1.
// The family is the caller's: the same bad key is `proof` in a proof and `client` in a registration.
import { rulesFor } from '../rule.ts'
import { algorithmRows, isSignatureAlg } from './algorithms.ts'
import type { JwkShape } from './jwk-shape.ts'
import { shown } from './shown.ts'

export interface JwkFacts {
  readonly shape: JwkShape
  /** The algorithm the key is to be used with. One without a row fits nothing and is judged elsewhere. */
  readonly alg: unknown
}

function fitsAlg({ shape, alg }: JwkFacts): boolean {
  if (!isSignatureAlg(alg)) return true
  const row = algorithmRows[alg]
  return shape.kty === row.kty && (row.crv === undefined || shape.crv === row.crv)
}

/** RFC 8725 §3.1: one key, one algorithm. `EdDSA` and `Ed25519` are one algorithm under two names (RFC 9864 §2.2). */
function declaresNothingElse({ shape, alg }: JwkFacts): boolean {
  const sameName = shape.alg === undefined || shape.alg === alg || (isEd25519(shape.alg) && isEd25519(alg))
  const verifies = shape.keyOps === undefined || (Array.isArray(shape.keyOps) && shape.keyOps.includes('verify'))
  return sameName && verifies && (shape.use === undefined || shape.use === 'sig')
}

const isEd25519 = (alg: unknown): boolean => alg === 'EdDSA' || alg === 'Ed25519'
const isRsa = ({ shape }: JwkFacts): boolean => shape.kty === 'RSA'

export const jwkRules = rulesFor<JwkFacts>()('proof', {
  'jwk.has-no-private-members': {
    cite: 'RFC9449§4.3-7',
    level: 'MUST',
    says: 'the key has no private or symmetric members',
    rows: ['DPOP-4.3-07', 'DPOP-4.2-01'],
    holds: (f) => f.shape.privateMembers.length === 0,
    seen: (f) => ({ expected: [], received: f.shape.privateMembers }),
  },
  'jwk.type-fits-alg': {
    cite: 'RFC7518§3.1',
    level: 'MUST',
    says: 'the key is of the type and on the curve that the algorithm works with',
    rows: ['DPOP-4.3-05', 'JWTBCP-3.1-01'],
    fixed: 'an algorithm cannot use a key of another kind',
    holds: fitsAlg,
    seen: (f) => ({ expected: shown(f.alg), received: { kty: shown(f.shape.kty), crv: shown(f.shape.crv) } }),
  },
  'jwk.members-are-canonical': {
    cite: 'RFC7518§6.2.1.2',
    level: 'MUST',
    says: 'coordinates have their full length, integers their shortest, all in canonical base64url',
    rows: ['THUMB-7-01', 'THUMB-3-01'],
    fixed: 'one key with two spellings would have two thumbprints',
    holds: (f) => f.shape.canonical,
  },
  'jwk.rsa-is-long-enough': {
    cite: 'RFC7518§3.5',
    level: 'MUST',
    says: 'an RSA key has at least 2048 bits',
    rows: ['THUMB-7-01', 'FAPI2-5.4.1-01'],
    holds: (f) => !isRsa(f) || f.shape.rsaBits >= 2048,
    seen: (f) => ({ expected: 2048, received: f.shape.rsaBits }),
  },
  'jwk.rsa-is-bounded': {
    cite: 'RFC8725§3.4',
    level: 'PRODUCT',
    says: 'an RSA key has at most 8192 bits',
    unseen: 'no honest key is so long: a probe would only measure patience',
    holds: (f) => !isRsa(f) || f.shape.rsaBits <= 8192,
    seen: (f) => ({ expected: 8192, received: f.shape.rsaBits }),
  },
  'jwk.rsa-exponent-is-usual': {
    cite: 'RFC8017§3.1',
    level: 'PRODUCT',
    says: 'an RSA exponent is odd, at least 3 and at most four bytes long',
    unseen: 'platforms refuse most of these by themselves',
    holds: (f) => !isRsa(f) || f.shape.rsaExponentUsual,
  },
  'jwk.ed25519-point-is-sound': {
    cite: 'RFC8725§3.4',
    level: 'PRODUCT',
    says: 'an Ed25519 key is a point of large order in its one encoding',
    unseen: 'platforms refuse most of these by themselves',
    holds: (f) => f.shape.kty !== 'OKP' || f.shape.crv !== 'Ed25519' || f.shape.edwardsSound,
  },
  'jwk.is-meant-for-this': {
    cite: 'RFC8725§3.1',
    level: 'MUST',
    says: 'alg, use and key_ops of the key, where present, allow verifying with this algorithm',
    rows: ['JWTBCP-3.1-01'],
    holds: declaresNothingElse,
    seen: (f) => ({
      expected: shown(f.alg),
      received: { alg: shown(f.shape.alg), use: shown(f.shape.use), key_ops: shown(f.shape.keyOps) },
    }),
  },
})
