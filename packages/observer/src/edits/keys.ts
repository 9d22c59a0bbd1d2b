// Keys of the observer and compact JWS in any shape, right or wrong, as a plan that an edit may change.
// Checking signatures belongs to the observed side.
import { createHash, createHmac, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'

/** A key whose private half stays in this process. */
export interface HeldKey {
  readonly alg: string
  readonly publicJwk: Readonly<Record<string, unknown>>
  readonly thumbprint: string
  readonly privateKey: KeyObject
}

/** How the signature of a JWS is made. */
export type SignatureKind =
  | 'good'
  /** One bit of the signature turned. */
  | 'flipped'
  | 'none'
  /** HMAC keyed with the public key, as an algorithm confusion would have it. */
  | 'hmac-with-public-key'

/** One compact JWS before it is written down. */
export interface JwsPlan {
  readonly header: Readonly<Record<string, unknown>>
  readonly claims: Readonly<Record<string, unknown>>
  readonly key: HeldKey
  readonly signature: SignatureKind
  /** The header as JSON text, where the text itself is what is wrong. */
  readonly headerText?: string
  /** Sent instead of everything above. */
  readonly verbatim?: string
}

const publicMembers = ['kty', 'crv', 'x', 'y', 'n', 'e']
const thumbprintMembers: Record<string, readonly string[]> = {
  EC: ['crv', 'kty', 'x', 'y'],
  RSA: ['e', 'kty', 'n'],
  OKP: ['crv', 'kty', 'x'],
}

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('base64url')
}

export function makeKey(): HeldKey {
  return holdKey(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey)
}

export function makeRsaKey(alg: string, bits: number): HeldKey {
  return holdKey(generateKeyPairSync('rsa', { modulusLength: bits }).privateKey, alg)
}

/** Holds a private JWK of the inventory. */
export function importKey(jwk: Readonly<Record<string, unknown>>, alg?: string): HeldKey {
  return holdKey(
    createPrivateKey({ key: jwk as JsonWebKey, format: 'jwk' }),
    alg ?? (typeof jwk['alg'] === 'string' ? jwk['alg'] : undefined),
  )
}

function holdKey(privateKey: KeyObject, alg?: string): HeldKey {
  const exported: Record<string, unknown> = { ...createPublicKey(privateKey).export({ format: 'jwk' }) }
  const publicJwk = Object.fromEntries(publicMembers.flatMap((name) => (name in exported ? [[name, exported[name]]] : [])))
  const members = thumbprintMembers[String(publicJwk['kty'])] ?? []
  const canonical = JSON.stringify(Object.fromEntries(members.map((name) => [name, publicJwk[name]])))
  return { alg: alg ?? usualAlg(publicJwk), publicJwk, thumbprint: sha256(canonical), privateKey }
}

function usualAlg(jwk: Readonly<Record<string, unknown>>): string {
  if (jwk['kty'] === 'RSA') return 'PS256'
  if (jwk['kty'] === 'OKP') return 'EdDSA'
  return { 'P-384': 'ES384', 'P-521': 'ES512' }[String(jwk['crv'])] ?? 'ES256'
}

/** The private JWK itself, for the probe that shows one of a throw-away key. */
export function privateJwkOf(key: HeldKey): Record<string, unknown> {
  return { ...key.privateKey.export({ format: 'jwk' }) }
}

export function writeJws(plan: JwsPlan): string {
  if (plan.verbatim !== undefined) return plan.verbatim
  const input = `${plan.headerText === undefined ? encode(plan.header) : Buffer.from(plan.headerText).toString('base64url')}.${encode(plan.claims)}`
  return `${input}.${signatureOf(plan, input).toString('base64url')}`
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

function signatureOf(plan: JwsPlan, input: string): Buffer {
  if (plan.signature === 'none') return Buffer.alloc(0)
  if (plan.signature === 'hmac-with-public-key') return createHmac('sha256', JSON.stringify(plan.key.publicJwk)).update(input).digest()
  const made = signInput(plan.key, input)
  // A bit in the middle of the value: the last base64url character may carry none.
  if (plan.signature === 'flipped') made[Math.floor(made.length / 2)]! ^= 1
  return made
}

function signInput(key: HeldKey, input: string): Buffer {
  const data = Buffer.from(input)
  const hash = `sha${key.alg.slice(-3)}`
  if (key.alg.startsWith('ES')) return sign(hash, data, { key: key.privateKey, dsaEncoding: 'ieee-p1363' })
  if (key.alg.startsWith('PS'))
    return sign(hash, data, { key: key.privateKey, padding: 6, saltLength: 32 + (Number(key.alg.slice(-3)) - 256) / 8 })
  if (key.alg.startsWith('RS')) return sign(hash, data, key.privateKey)
  return sign(null, data, key.privateKey)
}
