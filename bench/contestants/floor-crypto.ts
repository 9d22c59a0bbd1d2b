// The floor's cryptography: the least that a correct answer needs. One proof verified under a cached key, hashes, nothing remembered but jti.
// Not a product: no limits, no errors worth reading, no audit.
import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto'

const keys = new Map<string, KeyObject>()
const seen = new Set<string>()

/** Verifies one proof; answers its thumbprint or undefined. */
export function floorProof(text: string | undefined, method: string, url: string, accessToken?: string): string | undefined {
  if (!text) return undefined
  const [head, body, signature] = text.split('.') as [string, string, string]
  const header = JSON.parse(Buffer.from(head, 'base64url').toString()) as {
    typ: string
    alg: string
    jwk: { kty: string; crv: string; x: string; y: string }
  }
  if (header.typ !== 'dpop+jwt' || header.alg !== 'ES256') return undefined
  const { crv, kty, x, y } = header.jwk
  const jkt = createHash('sha256').update(`{"crv":"${crv}","kty":"${kty}","x":"${x}","y":"${y}"}`).digest('base64url')
  let key = keys.get(jkt)
  if (!key) {
    key = createPublicKey({ key: header.jwk, format: 'jwk' })
    keys.set(jkt, key)
  }
  if (!verify('sha256', Buffer.from(`${head}.${body}`), { key, dsaEncoding: 'ieee-p1363' }, Buffer.from(signature, 'base64url')))
    return undefined
  const claims = JSON.parse(Buffer.from(body, 'base64url').toString()) as {
    htm: string
    htu: string
    iat: number
    jti: string
    ath?: string
  }
  if (claims.htm !== method || claims.htu !== url || Math.abs(claims.iat - Date.now() / 1000) > 120) return undefined
  if (accessToken && claims.ath !== createHash('sha256').update(accessToken).digest('base64url')) return undefined
  const id = createHash('sha256').update(`${jkt} ${claims.htu} ${claims.jti}`).digest('base64url')
  if (seen.has(id)) return undefined
  seen.add(id)
  return jkt
}
