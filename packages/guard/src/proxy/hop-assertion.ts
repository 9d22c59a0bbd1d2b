// What the API behind is told, signed: who calls, with which method and target, for at most five seconds.
// The token itself stays here; an API that checks this needs to see neither token nor proof.
import { type KeyPair, type PublicJwk, randomId, type Seconds, type Signer, signerFrom, signJwt } from '@kimei/protocol'
import type { Admitted } from '../facts.ts'

export interface HopSigner {
  sign(admitted: Admitted, request: HopRequest, now: Seconds): Promise<string>
  /** JWK Set with the one public key. */
  readonly jwks: { readonly keys: readonly PublicJwk[] }
}

export interface HopRequest {
  readonly method: string
  /** Path and query, byte for byte as forwarded. */
  readonly target: string
}

export interface HopOptions {
  readonly key: KeyPair & { readonly kid: string }
  /** The API's identifier: who speaks. */
  readonly issuer: string
  readonly audience: string
  readonly lifetimeSeconds: number
  readonly random: (bytes: number) => Uint8Array
}

export const hopType = 'kimei-hop+jwt'
/** Where the proxy publishes the key of its assertions. */
export const hopKeysPath = '/.well-known/kimei-hop-keys'

export async function makeHopSigner(options: HopOptions): Promise<HopSigner> {
  const { key, issuer, audience, lifetimeSeconds, random } = options
  const signer: Signer = await signerFrom(key.privateJwk, key.alg, key.kid)
  const jwks = { keys: [{ ...key.publicJwk, kid: key.kid, alg: key.alg, use: 'sig' }] }
  return {
    jwks,
    sign: (admitted, request, now) =>
      signJwt(
        { typ: hopType },
        {
          iss: issuer,
          aud: audience,
          iat: now,
          exp: now + lifetimeSeconds,
          jti: randomId(random(12)),
          htm: request.method,
          htu: admitted.url,
          target: request.target,
          mode: admitted.mode,
          ...describeHolder(admitted),
        },
        signer,
      ),
  }
}

function describeHolder({ token }: Admitted): Record<string, unknown> {
  if (!token) return {}
  return {
    sub: token.subject,
    client_id: token.clientId,
    scope: token.scopes.join(' '),
    token_iss: token.issuer,
    ...(token.jkt !== undefined && { jkt: token.jkt }),
    ...(token.x5t !== undefined && { x5t: token.x5t }),
  }
}
