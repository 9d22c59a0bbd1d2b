// Cryptography on Node: `node:crypto`, synchronous. A WebCrypto digest costs twenty times as much there.
// Nothing here decides which keys and algorithms are good.
import {
  constants,
  createCipheriv,
  createDecipheriv,
  createHmac,
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  hash,
  type KeyObject,
  type SignKeyObjectInput,
  sign as signBytes,
  timingSafeEqual,
  verify as verifyBytes,
} from 'node:crypto'
import { promisify } from 'node:util'
import type { PrivateJwk, PublicJwk } from '../ids.ts'
import { algorithmRows, type SignatureAlg, signatureBytesOf } from './algorithms.ts'
import { fromB64u } from './base64url.ts'
import type { CryptoPort, SignKey, VerifyKey } from './crypto-port.ts'
import { bareJwk } from './jwk-shape.ts'

/** What `sign` and `verify` of Node take, prepared once per key. */
interface NodeKey {
  /** Ed25519 hashes inside. */
  readonly digest: string | null
  readonly options: SignKeyObjectInput
}

function nodeKey(key: KeyObject, alg: SignatureAlg): NodeKey {
  const { kty, hash } = algorithmRows[alg]
  if (kty === 'OKP') return { digest: null, options: { key } }
  if (kty === 'EC') return { digest: hash, options: { key, dsaEncoding: 'ieee-p1363' } }
  if (alg === 'PS256') {
    return { digest: hash, options: { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST } }
  }
  return { digest: hash, options: { key } }
}

function fits(jwk: PublicJwk, alg: SignatureAlg): boolean {
  const row = algorithmRows[alg]
  return jwk.kty === row.kty && (row.crv === undefined || jwk.crv === row.crv)
}

const ivBytes = 12
const tagBytes = 16
const makePair = promisify(generateKeyPair)

export const cryptoPort: CryptoPort = {
  sha256: (text) => hash('sha256', text, 'base64url'),
  sha256Bytes: (bytes) => hash('sha256', bytes, 'buffer'),
  digest: (name, text) => hash(name, text, 'buffer'),
  hmacSha256: (key, text) => createHmac('sha256', key).update(text).digest('base64url'),
  hmac: (name, key, text) => createHmac(name, key).update(text).digest(),

  importVerifyKey(jwk, alg): VerifyKey | undefined {
    if (!fits(jwk, alg)) return undefined
    try {
      // OpenSSL refuses a point that is not on its curve.
      return {
        alg,
        signatureBytes: signatureBytesOf(jwk, alg),
        native: nodeKey(createPublicKey({ key: { ...bareJwk(jwk) }, format: 'jwk' }), alg),
      }
    } catch {
      return undefined
    }
  },

  verify(alg, key, input, signature) {
    if (key.alg !== alg) return false
    if (signature.length !== key.signatureBytes) return false
    const { digest, options } = key.native as NodeKey
    try {
      return verifyBytes(digest, Buffer.from(input, 'utf8'), options, signature)
    } catch {
      return false
    }
  },

  importSignKey(jwk: PrivateJwk, alg): SignKey {
    if (!fits(jwk, alg)) throw new TypeError(`not a private key for ${alg}`)
    return { alg, native: nodeKey(createPrivateKey({ key: { ...jwk }, format: 'jwk' }), alg) }
  },

  sign(alg, key, input) {
    if (key.alg !== alg) throw new TypeError(`not a key for ${alg}`)
    const { digest, options } = key.native as NodeKey
    return signBytes(digest, Buffer.from(input, 'utf8'), options)
  },

  seal(key, text, aad, iv) {
    const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(aad, 'utf8'))
    return Buffer.concat([iv, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]).toString('base64url')
  },

  open(key, sealed, aad) {
    const bytes = fromB64u(sealed)
    if (bytes === undefined || bytes.length < ivBytes + tagBytes) return undefined
    const end = bytes.length - tagBytes
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, ivBytes), { authTagLength: tagBytes })
    decipher.setAAD(Buffer.from(aad, 'utf8')).setAuthTag(bytes.subarray(end))
    try {
      return Buffer.concat([decipher.update(bytes.subarray(ivBytes, end)), decipher.final()]).toString('utf8')
    } catch {
      return undefined
    }
  },

  equal(a, b) {
    const left = Buffer.from(a, 'utf8')
    const right = Buffer.from(b, 'utf8')
    return left.length === right.length && timingSafeEqual(left, right)
  },

  async generateSigningKey(alg) {
    const row = algorithmRows[alg]
    const pair =
      row.kty === 'EC'
        ? await makePair('ec', { namedCurve: row.crv! })
        : row.kty === 'OKP'
          ? await makePair('ed25519')
          : await makePair('rsa', { modulusLength: 2048 })
    return {
      alg,
      publicJwk: pair.publicKey.export({ format: 'jwk' }) as PublicJwk,
      privateJwk: pair.privateKey.export({ format: 'jwk' }) as PrivateJwk,
    }
  },
}
