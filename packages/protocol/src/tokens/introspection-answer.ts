// The signed answer of introspection (RFC 9701 §5): what is told stands inside, so that it passes for no other kind of token.
import type { Issuer, Seconds } from '../ids.ts'
import { type JsonObject, jwtTypes, type Signer, signJwt } from '../jose/index.ts'
import { type Broken, isBroken, judge, type Law } from '../rule.ts'
import { checkSignature, type SignatureExpectation } from './signed-token.ts'
import { signedAnswerRules } from './told-token-rules.ts'

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

export interface AnswerExpectation extends SignatureExpectation {
  readonly issuer: Issuer
  /** The API that asked: its client id, or the identifier its tokens are for. */
  readonly audiences: readonly string[]
  readonly now: Seconds
  readonly leewaySeconds: number
}

/** What a signed answer tells: the members of RFC 7662 §2.2, `active` among them. */
export async function checkIntrospectionAnswer(answer: string, expect: AnswerExpectation, law: Law): Promise<JsonObject | Broken> {
  const signed = await checkSignature(answer, expect, 'unavailable', law)
  if (isBroken(signed)) return signed
  const { issuer, audiences, now, leewaySeconds } = expect
  const { header, claims } = signed
  const broken = judge(signedAnswerRules, { typ: header['typ'], claims, issuer, audiences, now, leewaySeconds }, law)
  return broken ?? (claims['token_introspection'] as JsonObject)
}
