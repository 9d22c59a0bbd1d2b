// UserInfo as a signed JWT (OpenID Connect Core §5.3.2), for clients that are registered for it.
import type { Issuer } from '../ids.ts'
import { type Signer, signJwt } from '../jose/index.ts'

export interface UserinfoAnswer {
  readonly issuer: Issuer
  /** Client id. */
  readonly audience: string
  readonly claims: Readonly<Record<string, unknown>>
}

/** OpenID names no `typ`. Without `exp` and `iat` it passes for no ID token, whatever a person's own claims are called. */
export function buildUserinfoAnswer({ issuer, audience, claims }: UserinfoAnswer, signer: Signer): Promise<string> {
  const { exp: _exp, iat: _iat, nonce: _nonce, ...told } = claims
  return signJwt({ typ: 'JWT' }, { ...told, iss: issuer, aud: audience }, signer)
}
