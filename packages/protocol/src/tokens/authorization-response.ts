// The signed authorization response (JARM §2.1): everything that is told to the client stands inside one JWT.
import type { Issuer, Seconds } from '../ids.ts'
import { type Signer, signJwt } from '../jose/index.ts'

export interface AuthorizationAnswer {
  readonly issuer: Issuer
  /** Client id. */
  readonly audience: string
  readonly now: Seconds
  /** `code` or `error`, `state`, and what else would stand in the redirect; never `iss`, which stands here already. */
  readonly parameters: readonly (readonly [name: string, value: string])[]
}

/** JARM §2.1 recommends ten minutes at most; it is read at once. */
export const responseLifetimeSeconds: Seconds = 300

/** JARM names no `typ`. Without `sub` and `iat` it is no ID token, and is refused wherever one is expected. */
export function buildAuthorizationResponse({ issuer, audience, now, parameters }: AuthorizationAnswer, signer: Signer): Promise<string> {
  const claims = { ...Object.fromEntries(parameters), iss: issuer, aud: audience, exp: now + responseLifetimeSeconds }
  return signJwt({ typ: 'JWT' }, claims, signer)
}
