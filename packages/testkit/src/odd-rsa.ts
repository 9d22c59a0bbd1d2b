// RSA keys that no key generator makes: too short, or with an exponent of one's choice.
import { createPrivateKey, generateKeyPairSync } from 'node:crypto'
import { type WireKey, wireKey } from './hostile-jwt.ts'

type Jwk = Record<string, string>

/** A PS256 key of so many bits; `exponent` replaces the usual one. */
export function oddRsaKey(bits: number, exponent = 65537n): WireKey {
  const usual = generateKeyPairSync('rsa', { modulusLength: bits }).privateKey.export({ format: 'jwk' }) as Jwk
  const privateKey = createPrivateKey({ key: withExponent(usual, exponent), format: 'jwk' })
  const privateJwk = privateKey.export({ format: 'jwk' }) as Jwk
  const { kty, n, e } = privateJwk as { kty: string; n: string; e: string }
  return { ...wireKey('PS256'), privateKey, privateJwk, publicJwk: { kty, n, e } }
}

const read = (text: string): bigint => BigInt(`0x${Buffer.from(text, 'base64url').toString('hex')}`)

function write(value: bigint): string {
  const hex = value.toString(16)
  return Buffer.from(hex.length % 2 ? `0${hex}` : hex, 'hex').toString('base64url')
}

function withExponent(jwk: Jwk, e: bigint): Jwk {
  const p = read(jwk['p']!)
  const q = read(jwk['q']!)
  const d = inverse(e, (p - 1n) * (q - 1n))
  return { ...jwk, e: write(e), d: write(d), dp: write(d % (p - 1n)), dq: write(d % (q - 1n)) }
}

/** Extended Euclid. */
function inverse(value: bigint, modulus: bigint): bigint {
  let [a, b, x, y] = [value, modulus, 1n, 0n]
  while (b !== 0n) {
    const times = a / b
    ;[a, b] = [b, a - times * b]
    ;[x, y] = [y, x - times * y]
  }
  return ((x % modulus) + modulus) % modulus
}
