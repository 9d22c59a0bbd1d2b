// Opaque access tokens: 256 random bits behind a prefix that tells people, and scanners of leaked secrets, what they found.
import { b64u } from '../jose/index.ts'

const prefix = 'kimei_at_'
const shape = /^kimei_at_[A-Za-z0-9_-]{43}$/

/** @param random 32 fresh bytes. */
export function makeOpaqueToken(random: Uint8Array): string {
  if (random.length !== 32) throw new TypeError('an opaque token is made of 32 random bytes')
  return prefix + b64u(random)
}

/** Whether it could be one of ours: nothing else is looked up. */
export function isOpaqueToken(token: string): boolean {
  return shape.test(token)
}

/** Whether a token could be a JWT, of whichever issuer: three segments, the first the base64url of a JSON object. */
export function looksLikeJwt(token: string): boolean {
  return /^eyJ[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*$/.test(token)
}
