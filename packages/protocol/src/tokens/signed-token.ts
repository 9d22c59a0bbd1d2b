// The first half of every token check: compact form, algorithm, key, signature. No claim is believed before.
import {
  type Awaitable,
  type BoundedMemory,
  boundedMemory,
  deepFreeze,
  inFamily,
  isSignatureAlg,
  type JsonObject,
  parseCompactJws,
  type SignatureAlg,
  sha256,
  type VerifyKey,
  verify,
} from '../jose/index.ts'
import { type Broken, broke, type ErrorFamily, isBroken, judge, type Law, must } from '../rule.ts'
import { tokenHeaderRules, tokenShapeRules } from './token-rules.ts'

/** Which key a token's header asks for. `kid` is a name to look up among keys already trusted, nothing else. */
export interface KeyQuestion {
  readonly kid: string | undefined
  readonly alg: SignatureAlg
}

export interface SignatureExpectation {
  /** Answers from keys that configuration trusts. The same key, while it is trusted, is the same object. */
  readonly keyFor: (question: KeyQuestion) => Awaitable<VerifyKey | undefined>
  readonly algorithms: readonly SignatureAlg[]
  /** Remembers which tokens' signatures were verified. One per issuer and guard. */
  readonly memory?: AccessTokenMemory
}

interface Remembered {
  readonly signed: SignedToken
  readonly key: VerifyKey
}

/** Bounded. Holds hashes of tokens and their claims, never tokens. Remembers signatures, not verdicts. */
export interface AccessTokenMemory {
  readonly verified: BoundedMemory<Remembered>
}

/** @param entries the least recently used token goes first. */
export function makeAccessTokenMemory(entries = 4096): AccessTokenMemory {
  return { verified: boundedMemory(entries) }
}

export interface SignedToken {
  readonly header: JsonObject
  readonly claims: JsonObject
}

/** The token's header and claims, its signature verified with a key of the issuer. */
export async function checkSignature(
  token: string,
  expect: SignatureExpectation,
  family: ErrorFamily,
  law: Law,
): Promise<SignedToken | Broken> {
  const result = await judgeSignature(token, expect, law)
  return isBroken(result) ? inFamily(result, family) : result
}

async function judgeSignature(token: string, expect: SignatureExpectation, law: Law): Promise<SignedToken | Broken> {
  const name = expect.memory && (await sha256(token))
  const known = name === undefined ? undefined : expect.memory?.verified.get(name)
  const parsed = known === undefined ? parseCompactJws(token, 'access-token', law) : undefined
  if (parsed !== undefined && isBroken(parsed)) return parsed
  const signed = known?.signed ?? { header: parsed!.header, claims: parsed!.claims }
  const header = judge(tokenHeaderRules, { header: signed.header, algorithms: expect.algorithms }, law)
  if (header !== undefined) return header
  const { alg, kid } = signed.header
  // Gets here only where the Law waives the rule that refuses such algorithms.
  if (!isSignatureAlg(alg)) return law.waives('token.alg-is-asymmetric') ? signed : broke(tokenShapeRules, 'token.key-is-known')
  const key = await expect.keyFor({ kid: typeof kid === 'string' && kid.length <= 256 ? kid : undefined, alg })
  if (key === undefined || key.alg !== alg)
    return broke(tokenShapeRules, 'token.key-is-known', { expected: 'a published key', received: alg })
  if (parsed === undefined && known?.key !== key) {
    // A key that was taken back takes its tokens with it.
    expect.memory?.verified.delete(name!)
    return judgeSignature(token, expect, law)
  }
  const verified = parsed === undefined || (await verify(alg, key, parsed.signingInput, parsed.signature))
  const broken = must(tokenShapeRules, 'token.signature-verifies', verified, law)
  if (broken !== undefined) return broken
  if (parsed !== undefined && verified && name !== undefined) expect.memory?.verified.set(name, { signed: deepFreeze(signed), key })
  return signed
}
