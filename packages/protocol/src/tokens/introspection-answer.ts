// The signed answer of introspection (RFC 9701 §5): what is told stands inside, so that it passes for no other kind of token.
import type { Issuer, Seconds } from '../ids.ts'
import { jwtTypes, type Signer, signJwt } from '../jose/index.ts'

/** As asked for in `Accept`, and as answered. */
export const introspectionMediaType = `application/${jwtTypes.introspection}`

export interface SignedAnswer {
  readonly issuer: Issuer
  /** Client id of the server that asked. */
  readonly audience: string
  readonly now: Seconds
  /** The members of RFC 7662 §2.2, `active` among them. */
  readonly answer: object
}

/** Neither `sub` nor `exp` at the top level (RFC 9701 §5): nothing that takes an access or ID token accepts it. */
export function buildIntrospectionAnswer({ issuer, audience, now, answer }: SignedAnswer, signer: Signer): Promise<string> {
  return signJwt({ typ: jwtTypes.introspection }, { iss: issuer, aud: audience, iat: now, token_introspection: answer }, signer)
}
