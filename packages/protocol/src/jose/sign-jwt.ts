// Makes signed JWTs in compact form (RFC 7519 §7.1). Which claims they carry is for the caller.
import type { PrivateJwk } from '../ids.ts'
import type { SignatureAlg } from './algorithms.ts'
import { b64u, b64uText } from './base64url.ts'
import type { Awaitable } from './crypto-port.ts'
import { importSignKey, sign } from './platform.ts'

/** Something that signs under a named key: ours, or one in hardware. */
export interface Signer {
  readonly kid: string
  readonly alg: SignatureAlg
  sign(input: string): Awaitable<Uint8Array>
}

/** `alg` and `kid` come from the signer; `header` adds `typ`. */
export async function signJwt(header: { readonly typ: string }, claims: object, signer: Signer): Promise<string> {
  const head = b64uText(JSON.stringify({ alg: signer.alg, typ: header.typ, kid: signer.kid }))
  const input = `${head}.${b64uText(JSON.stringify(claims))}`
  return `${input}.${b64u(await signer.sign(input))}`
}

/** A signer over a private JWK in memory. */
export async function signerFrom(jwk: PrivateJwk, alg: SignatureAlg, kid: string): Promise<Signer> {
  const key = await importSignKey(jwk, alg)
  return { kid, alg, sign: (input) => sign(alg, key, input) }
}
