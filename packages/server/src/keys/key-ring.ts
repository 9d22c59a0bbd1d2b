// The issuer's signing keys: which one signs now, and the JWK Set that verifiers read.
import type { Awaitable } from '@kimei/storage'

export interface Signer {
  readonly kid: string
  readonly alg: string
  sign(input: string): Awaitable<Uint8Array>
}
export interface KeyRing {
  signer(alg: 'ES256' | 'RS256'): Signer
}
