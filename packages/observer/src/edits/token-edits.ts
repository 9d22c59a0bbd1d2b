// Single edits of the access token itself, with a proof that fits the edited token: only the token is wrong.
import type { HeldKey } from './keys.ts'
import { sha256 } from './keys.ts'
import { type ApiCall, withClaims } from './plans.ts'

/** The call with another token; proofs are made for it. */
export function withToken(call: ApiCall, token: string, key?: HeldKey): ApiCall {
  return {
    ...call,
    credentials: call.credentials.map(({ scheme }) => ({ scheme, token })),
    proofs: call.proofs.map((proof) =>
      withClaims(key ? { ...proof, key, header: { ...proof.header, alg: key.alg, jwk: key.publicJwk } } : proof, { ath: sha256(token) }),
    ),
  }
}

/** One bit of the token's signature turned; `undefined` for tokens that are no JWTs. */
export function tokenSignatureFlipped(call: ApiCall): ApiCall | undefined {
  const parts = call.credentials[0]?.token.split('.')
  if (parts?.length !== 3) return undefined
  const signature = Buffer.from(parts[2]!, 'base64url')
  signature[Math.floor(signature.length / 2)]! ^= 1
  return withToken(call, `${parts[0]}.${parts[1]}.${signature.toString('base64url')}`)
}

/** The token's header says `alg: none` and its signature is gone; `undefined` for tokens that are no JWTs. */
export function tokenAlgNone(call: ApiCall): ApiCall | undefined {
  const parts = call.credentials[0]?.token.split('.')
  const header = parts?.length === 3 ? readHeader(parts[0]!) : undefined
  if (header === undefined) return undefined
  return withToken(call, `${Buffer.from(JSON.stringify({ ...header, alg: 'none' })).toString('base64url')}.${parts![1]}.`)
}

function readHeader(segment: string): object | undefined {
  try {
    const header: unknown = JSON.parse(Buffer.from(segment, 'base64url').toString('utf8'))
    return typeof header === 'object' && header !== null ? header : undefined
  } catch {
    return undefined
  }
}
