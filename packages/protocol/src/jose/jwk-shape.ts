// What can be read off a JSON Web Key without any cryptography. Judged by `jwk-rules.ts`, imported by `jwk.ts`.
import type { PublicJwk } from '../ids.ts'
import { fromB64u } from './base64url.ts'
import { isJsonObject } from './strict-json.ts'

/** RFC 7518 §6.2.2, §6.3.2, §6.4.1; RFC 8037 §2: members that no public key has. */
const privateMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'] as const

/** RFC 7638 §3.2, RFC 8037 §2: the members that make the key, in the order of its thumbprint. */
const requiredMembers: ReadonlyMap<unknown, readonly string[]> = new Map([
  ['EC', ['crv', 'kty', 'x', 'y']],
  ['OKP', ['crv', 'kty', 'x']],
  ['RSA', ['e', 'kty', 'n']],
])

const coordinateBytes: ReadonlyMap<unknown, number> = new Map([
  ['P-256', 32],
  ['P-384', 48],
  ['P-521', 66],
  ['Ed25519', 32],
])

export interface JwkShape {
  readonly kty: unknown
  readonly crv: unknown
  /** Names only: a private value is never carried on. */
  readonly privateMembers: readonly string[]
  /** All required members are there, canonical base64url, of exactly the right length. */
  readonly canonical: boolean
  readonly rsaBits: number
  /** Odd, and at least 3 but no longer than four bytes: what real keys have. */
  readonly rsaExponentUsual: boolean
  /** Ed25519: a point that is not of small order, in its one encoding. */
  readonly edwardsSound: boolean
  readonly alg: unknown
  readonly use: unknown
  readonly keyOps: unknown
  /** The required members alone. */
  readonly bare: PublicJwk
  /** RFC 7638 §3.3: what the thumbprint hashes. */
  readonly canonicalText: string
}

/** Only the members that make the key: no `d`, no `alg`, `kid`, `use`. */
export function bareJwk(jwk: PublicJwk): PublicJwk {
  const bare: Record<string, unknown> = {}
  for (const name of requiredMembers.get(jwk.kty) ?? ['kty']) bare[name] = jwk[name]
  return bare as PublicJwk
}

/** RFC 7638 §3: the required members only, in lexicographic order, without whitespace. */
export function canonicalJwkText(jwk: PublicJwk): string {
  return JSON.stringify(bareJwk(jwk))
}

/** `undefined`: not even an object. */
export function readJwkShape(jwk: unknown): JwkShape | undefined {
  if (!isJsonObject(jwk)) return undefined
  const bare = bareJwk(jwk as PublicJwk)
  const n = octets(jwk['n'])
  return {
    kty: jwk['kty'],
    crv: jwk['crv'],
    privateMembers: privateMembers.filter((name) => Object.hasOwn(jwk, name)),
    canonical: isCanonical(bare, n),
    rsaBits: bitsOf(n),
    rsaExponentUsual: isUsualExponent(octets(jwk['e'])),
    edwardsSound: isSoundEdwardsPoint(octets(jwk['x'])),
    alg: jwk['alg'],
    use: jwk['use'],
    keyOps: jwk['key_ops'],
    bare,
    canonicalText: JSON.stringify(bare),
  }
}

function octets(value: unknown): Uint8Array | undefined {
  return typeof value === 'string' ? fromB64u(value) : undefined
}

function isCanonical(bare: PublicJwk, n: Uint8Array | undefined): boolean {
  if (bare.kty === 'RSA') {
    const e = octets(bare.e)
    // RFC 7518 §6.3.1: the minimum number of octets. A leading zero would give the same key a second thumbprint.
    return n !== undefined && e !== undefined && n[0] !== undefined && n[0] !== 0 && e[0] !== undefined && e[0] !== 0
  }
  // RFC 7518 §6.2.1.2: full length, zeros included.
  const length = coordinateBytes.get(bare.crv)
  if (length === undefined || octets(bare.x)?.length !== length) return false
  return bare.kty === 'OKP' || (bare.kty === 'EC' && octets(bare.y)?.length === length)
}

function bitsOf(n: Uint8Array | undefined): number {
  if (n?.[0] === undefined) return 0
  return n.length * 8 - Math.clz32(n[0]) + 24
}

function isUsualExponent(e: Uint8Array | undefined): boolean {
  if (e === undefined || e.length === 0 || e.length > 4) return false
  const value = e.reduce((sum, byte) => sum * 256 + byte, 0)
  return value >= 3 && value % 2 === 1
}

const fieldPrime = 2n ** 255n - 19n

/** Little-endian y of the points of small order on edwards25519, those that their field prime does not reduce. */
const smallOrder: ReadonlySet<bigint> = new Set([
  0n,
  1n,
  fieldPrime - 1n,
  0x7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7n,
  0x05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826n,
])

/** With a key of small order one signature fits every message; a y beyond the prime is a second spelling of a key. */
function isSoundEdwardsPoint(x: Uint8Array | undefined): boolean {
  if (x?.length !== 32) return false
  let y = 0n
  for (let i = 31; i >= 0; i--) y = (y << 8n) | BigInt(i === 31 ? x[i]! & 0x7f : x[i]!)
  return y < fieldPrime && !smallOrder.has(y)
}
