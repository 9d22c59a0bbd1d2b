// The holder's half: makes a DPoP proof (RFC 9449 §4.2). Where keys are kept is for the holder.

import type { PrivateJwk, PublicJwk, Seconds, Thumbprint } from '../ids.ts'
import { b64u, b64uText, bareJwk, importSignKey, jwkThumbprint, jwtTypes, type SignatureAlg, sha256, sign, textOf } from '../jose/index.ts'
import { Misuse } from '../refusal.ts'
import { normalizeHtu } from './htu.ts'

/** A key that need not be readable: browsers keep it non-extractable. */
export interface ProofKey {
  readonly alg: SignatureAlg
  readonly publicJwk: PublicJwk
  sign(input: Uint8Array): Promise<Uint8Array>
}

export interface ProofOrder {
  readonly key: ProofKey
  readonly method: string
  /** Query and fragment may be present; they are left out of `htu`. */
  readonly url: string
  /** Present: the proof carries its `ath`. */
  readonly accessToken?: string
  readonly nonce?: string
  readonly now: Seconds
  /** At least 96 random bits, base64url. Fresh for each proof. */
  readonly jti: string
}

const encoder = new TextEncoder()

/** @throws Misuse where `url` is not an absolute http(s) URL, or `jti` too short to be random. */
export async function buildProof(order: ProofOrder): Promise<string> {
  const { key, method, accessToken, nonce, now, jti } = order
  const htu = normalizeHtu(order.url)
  if (htu === undefined) throw new Misuse(['a proof needs an absolute http(s) URL without userinfo'])
  if (jti.length < 16) throw new Misuse(['a jti needs at least 96 random bits: 16 base64url characters'])
  const ath = accessToken === undefined ? undefined : await sha256(accessToken)
  const header = { typ: jwtTypes['dpop-proof'], alg: key.alg, jwk: bareJwk(key.publicJwk) }
  // Members that are undefined are left out.
  const claims = { jti, htm: method, htu, iat: now, ath, nonce }
  const input = `${b64uText(JSON.stringify(header))}.${b64uText(JSON.stringify(claims))}`
  return `${input}.${b64u(await key.sign(encoder.encode(input)))}`
}

/** A proof key over a private JWK in memory (Node holders, tests). */
export async function proofKeyFrom(jwk: PrivateJwk, alg: SignatureAlg): Promise<ProofKey> {
  const key = await importSignKey(jwk, alg)
  return { alg, publicJwk: bareJwk(jwk), sign: async (input) => sign(alg, key, textOf(input) ?? '') }
}

/** `dpop_jkt` of an authorization request (RFC 9449 §10): the thumbprint the holder will prove. */
export async function thumbprintOf(key: ProofKey): Promise<Thumbprint> {
  return jwkThumbprint(key.publicJwk)
}
