// Makes JWTs of every kind, the wrong ones too, straight on node:crypto: nothing of the product is used to test it.
import { constants, createHash, createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'

export type WireAlg = 'ES256' | 'ES384' | 'ES512' | 'PS256' | 'RS256' | 'EdDSA' | 'Ed25519'

export interface WireKey {
  readonly alg: WireAlg
  readonly kid: string
  readonly publicJwk: Record<string, string>
  readonly privateJwk: Record<string, string>
  readonly privateKey: KeyObject
  /** RFC 7638, SHA-256. */
  readonly jkt: string
}

const curves: Partial<Record<WireAlg, string>> = { ES256: 'P-256', ES384: 'P-384', ES512: 'P-521' }
let made = 0

function nextName(what: string): string {
  made += 1
  return `${what}-${made}`
}

export function wireKey(alg: WireAlg = 'ES256', kid = nextName('key')): WireKey {
  const { privateKey, publicKey } = makePair(alg)
  const publicJwk = publicKey.export({ format: 'jwk' }) as Record<string, string>
  const privateJwk = privateKey.export({ format: 'jwk' }) as Record<string, string>
  return { alg, kid, publicJwk, privateJwk, privateKey, jkt: thumbprint(publicJwk) }
}

function makePair(alg: WireAlg): { privateKey: KeyObject; publicKey: KeyObject } {
  const namedCurve = curves[alg]
  if (namedCurve) return generateKeyPairSync('ec', { namedCurve })
  return alg === 'PS256' || alg === 'RS256' ? generateKeyPairSync('rsa', { modulusLength: 2048 }) : generateKeyPairSync('ed25519')
}

function thumbprint(jwk: Record<string, string>): string {
  const { crv, e, kty, n, x, y } = jwk
  const members = { ...(crv && { crv }), ...(e && { e }), kty, ...(n && { n }), ...(x && { x }), ...(y && { y }) }
  return sha256u(JSON.stringify(members))
}

/** base64url SHA-256 of a text: `ath`, among others. */
export function sha256u(text: string): string {
  return createHash('sha256').update(text).digest('base64url')
}

export const segment = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')

/** Signs any header and claims with the key, as its algorithm says; the header may claim another. */
export function wireJwt(header: object, claims: unknown, key: WireKey): string {
  const input = `${segment(header)}.${segment(claims)}`
  return `${input}.${wireSignature(input, key)}`
}

export function wireSignature(input: string, key: WireKey): string {
  const bytes = Buffer.from(input)
  const { alg, privateKey } = key
  if (alg === 'EdDSA' || alg === 'Ed25519') return sign(null, bytes, privateKey).toString('base64url')
  if (alg === 'PS256') {
    return sign('sha256', bytes, { key: privateKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }).toString('base64url')
  }
  if (alg === 'RS256') return sign('sha256', bytes, privateKey).toString('base64url')
  return sign(`sha${alg.slice(2)}`, bytes, { key: privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url')
}

/** Signed with a MAC under the given bytes: the classic confusion of key kinds. */
export function macJwt(header: object, claims: object, secret: Uint8Array | string): string {
  const input = `${segment(header)}.${segment(claims)}`
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`
}

/** Flips one bit well inside the signature. */
export function flipSignature(jwt: string): string {
  const [header, claims, signature] = jwt.split('.') as [string, string, string]
  const bytes = Buffer.from(signature, 'base64url')
  bytes[10]! ^= 1
  return `${header}.${claims}.${bytes.toString('base64url')}`
}

export interface WireProof {
  readonly method?: string
  readonly url: string
  readonly now: number
  readonly accessToken?: string
  readonly nonce?: string
  /** Replace or remove (`undefined`) members. */
  readonly header?: Record<string, unknown>
  readonly claims?: Record<string, unknown>
}

/** A sound DPoP proof, but for what `header` and `claims` change. */
export function wireProof(key: WireKey, order: WireProof): string {
  const header = { typ: 'dpop+jwt', alg: key.alg, jwk: key.publicJwk, ...order.header }
  const claims = {
    jti: `${nextName('proof')}-${order.now}`,
    htm: order.method ?? 'GET',
    htu: order.url,
    iat: order.now,
    ...(order.accessToken !== undefined && { ath: sha256u(order.accessToken) }),
    ...(order.nonce !== undefined && { nonce: order.nonce }),
    ...order.claims,
  }
  return wireJwt(header, claims, key)
}
