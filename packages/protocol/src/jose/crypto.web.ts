// Cryptography wherever WebCrypto is: browsers, workers, edge runtimes. Everything is a promise there.
// Nothing here decides which keys and algorithms are good.
import type { PrivateJwk, PublicJwk } from '../ids.ts'
import { algorithmRows, type SignatureAlg, signatureBytesOf } from './algorithms.ts'
import { b64u, fromB64u, textOf } from './base64url.ts'
import type { CryptoPort, HashName } from './crypto-port.ts'
import { bareJwk } from './jwk-shape.ts'

type Bytes = Uint8Array<ArrayBuffer>

const subtle = crypto.subtle
const encoder = new TextEncoder()
const hashNames: Record<HashName, string> = { sha256: 'SHA-256', sha384: 'SHA-384', sha512: 'SHA-512' }

/** The algorithm objects WebCrypto wants: one to import or generate, one to sign or verify. */
function webAlgorithm(alg: SignatureAlg): { readonly key: object; readonly use: object } {
  const { kty, crv, hash } = algorithmRows[alg]
  if (kty === 'OKP') return { key: { name: 'Ed25519' }, use: { name: 'Ed25519' } }
  if (kty === 'EC') return { key: { name: 'ECDSA', namedCurve: crv }, use: { name: 'ECDSA', hash: hashNames[hash] } }
  const name = alg === 'PS256' ? 'RSA-PSS' : 'RSASSA-PKCS1-v1_5'
  return { key: { name, hash: hashNames[hash] }, use: alg === 'PS256' ? { name, saltLength: 32 } : { name } }
}

function fits(jwk: PublicJwk, alg: SignatureAlg): boolean {
  const row = algorithmRows[alg]
  return jwk.kty === row.kty && (row.crv === undefined || jwk.crv === row.crv)
}

const ivBytes = 12
const aesKey = (key: Uint8Array, use: string): Promise<CryptoKey> =>
  subtle.importKey('raw', key as Bytes, { name: 'AES-GCM' }, false, [use] as never)
const gcm = (iv: Uint8Array, aad: string): object => ({ name: 'AES-GCM', iv, additionalData: encoder.encode(aad), tagLength: 128 })
const bytesOf = (buffer: ArrayBuffer): Bytes => new Uint8Array(buffer)

export const cryptoPort: CryptoPort = {
  sha256: async (text) => b64u(bytesOf(await subtle.digest('SHA-256', encoder.encode(text)))),
  sha256Bytes: async (bytes) => bytesOf(await subtle.digest('SHA-256', bytes as Bytes)),
  digest: async (name, text) => bytesOf(await subtle.digest(hashNames[name], encoder.encode(text))),

  async hmacSha256(key, text) {
    const imported = await subtle.importKey('raw', key as Bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])
    return b64u(bytesOf(await subtle.sign('HMAC', imported, encoder.encode(text))))
  },
  async hmac(name, key, text) {
    const hash = `SHA-${name.slice(3)}`
    const imported = await subtle.importKey('raw', key as Bytes, { name: 'HMAC', hash }, false, ['sign'])
    return bytesOf(await subtle.sign('HMAC', imported, encoder.encode(text)))
  },

  async importVerifyKey(jwk, alg) {
    if (!fits(jwk, alg)) return undefined
    try {
      return {
        alg,
        signatureBytes: signatureBytesOf(jwk, alg),
        native: await subtle.importKey('jwk', bareJwk(jwk), webAlgorithm(alg).key as never, true, ['verify']),
      }
    } catch {
      return undefined
    }
  },

  async verify(alg, key, input, signature) {
    if (key.alg !== alg) return false
    if (signature.length !== key.signatureBytes) return false
    try {
      return await subtle.verify(webAlgorithm(alg).use as never, key.native as CryptoKey, signature as Bytes, encoder.encode(input))
    } catch {
      return false
    }
  },

  async importSignKey(jwk, alg) {
    if (!fits(jwk, alg)) throw new TypeError(`not a private key for ${alg}`)
    const { alg: _alg, use: _use, key_ops: _ops, ext: _ext, kid: _kid, ...members } = jwk
    return { alg, native: await subtle.importKey('jwk', members, webAlgorithm(alg).key as never, false, ['sign']) }
  },

  async sign(alg, key, input) {
    if (key.alg !== alg) throw new TypeError(`not a key for ${alg}`)
    return bytesOf(await subtle.sign(webAlgorithm(alg).use as never, key.native as CryptoKey, encoder.encode(input)))
  },

  async seal(key, text, aad, iv) {
    const sealed = bytesOf(await subtle.encrypt(gcm(iv, aad) as never, await aesKey(key, 'encrypt'), encoder.encode(text)))
    const all = new Uint8Array(ivBytes + sealed.length)
    all.set(iv)
    all.set(sealed, ivBytes)
    return b64u(all)
  },

  async open(key, sealed, aad) {
    const bytes = fromB64u(sealed)
    if (bytes === undefined) return undefined
    try {
      const opened = await subtle.decrypt(
        gcm(bytes.subarray(0, ivBytes), aad) as never,
        await aesKey(key, 'decrypt'),
        bytes.subarray(ivBytes),
      )
      return textOf(bytesOf(opened))
    } catch {
      return undefined
    }
  },

  equal(a, b) {
    const left = encoder.encode(a)
    const right = encoder.encode(b)
    if (left.length !== right.length) return false
    let difference = 0
    for (let i = 0; i < left.length; i++) difference |= left[i]! ^ right[i]!
    return difference === 0
  },

  async generateSigningKey(alg) {
    const algorithm = webAlgorithm(alg).key
    const rsa = algorithmRows[alg].kty === 'RSA' ? { modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) } : {}
    const pair = (await subtle.generateKey({ ...algorithm, ...rsa } as never, true, ['sign', 'verify'])) as {
      publicKey: CryptoKey
      privateKey: CryptoKey
    }
    const privateJwk = (await subtle.exportKey('jwk', pair.privateKey)) as unknown as PrivateJwk
    const { key_ops: _ops, ext: _ext, alg: _alg, ...members } = privateJwk
    return { alg, publicJwk: bareJwk(members as PublicJwk), privateJwk: members as PrivateJwk }
  },
}
