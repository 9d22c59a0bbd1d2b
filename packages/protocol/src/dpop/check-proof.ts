// Checks a DPoP proof (RFC 9449 §4.3) for issuer and guard alike. Single use is claimed by the caller, last.
import type { Seconds, Thumbprint } from '../ids.ts'
import {
  boundedMemory,
  equal,
  inFamily,
  isSignatureAlg,
  type JwkShape,
  joseRules,
  jwkRules,
  readJwkShape,
  readyKey,
  type SignatureAlg,
  sha256,
  type VerifyKey,
  verify,
} from '../jose/index.ts'
import { type Broken, broke, judge, type Law, must } from '../rule.ts'
import { normalizeHtu } from './htu.ts'
import type { NonceVerdict } from './nonce.ts'
import type { ParsedProof } from './parse-proof.ts'
import {
  athRules,
  proofClaimRules,
  proofHeaderRules,
  proofNonceRules,
  proofShapeRules,
  proofTargetRules,
  proofTimeRules,
} from './proof-rules.ts'
import type { VerifiedProof } from './verified-proof.ts'

export interface ProofWindow {
  /** How old a proof may be. */
  readonly pastSeconds: number
  /** How far ahead a client's clock may run. */
  readonly futureSeconds: number
}

export const proofWindow: ProofWindow = { pastSeconds: 60, futureSeconds: 10 }

export interface ProofExpectation {
  /** Issuer or API identifier: part of the replay key. */
  readonly owner: string
  /** Request method, as sent. */
  readonly method: string
  /** Public URLs of this request by `normalizeHtu`; any may match. */
  readonly targets: readonly string[]
  readonly now: Seconds
  readonly window: ProofWindow
  readonly algorithms: readonly SignatureAlg[]
  readonly nonce: { readonly mode: 'off' } | { readonly mode: 'required'; readonly verdict: NonceVerdict }
}

/** What the `jwk` header is, computed once for all proofs that begin alike. Facts, no verdicts: any Law may share them. */
interface ProofKeyFacts {
  readonly shape: JwkShape
  /** `undefined` where `alg` is no signature algorithm. */
  readonly key: VerifyKey | undefined
  readonly jkt: Thumbprint
}

const proofKeys = boundedMemory<ProofKeyFacts>(4096)
const rememberedHeaderCharacters = 2048

export async function checkProof(proof: ParsedProof, expect: ProofExpectation, law: Law): Promise<VerifiedProof | Broken> {
  const { typ, alg } = proof.header
  const header = judge(proofHeaderRules, { typ, alg, algorithms: expect.algorithms }, law)
  if (header !== undefined) return header
  const keyFacts = await judgeKey(proof, law)
  if ('broken' in keyFacts) return keyFacts
  const claims = judgeClaims(proof, law)
  if (claims !== undefined) return claims
  const signed = must(proofShapeRules, 'dpop.signature-verifies', await isSigned(proof, keyFacts.key, law), law)
  if (signed !== undefined) return signed
  const htu = targetOf(proof.htu, expect.targets)
  const broken = judgeTarget(proof, htu, expect, law) ?? judgeNonceClaim(expect, law) ?? judgeTime(proof, expect, law)
  return broken ?? evidence(proof, keyFacts.jkt, htu ?? '', expect)
}

async function judgeKey(proof: ParsedProof, law: Law): Promise<ProofKeyFacts | Broken> {
  const alg = proof.header['alg']
  const known = proofKeys.get(proof.headerSegment)
  const shape = known?.shape ?? readJwkShape(proof.header['jwk'])
  if (shape === undefined) {
    const absent = proof.header['jwk'] === undefined
    return absent ? broke(proofShapeRules, 'dpop.has-jwk') : inFamily(broke(joseRules, 'jwk.is-object'), 'proof')
  }
  const broken = judge(jwkRules, { shape, alg }, law)
  if (broken !== undefined) return broken
  if (known !== undefined) return known
  const facts = await importedKey(shape, alg)
  if (facts === undefined) return inFamily(broke(joseRules, 'jwk.is-on-curve'), 'proof')
  if (proof.headerSegment.length <= rememberedHeaderCharacters) proofKeys.set(proof.headerSegment, facts)
  return facts
}

async function importedKey(shape: JwkShape, alg: unknown): Promise<ProofKeyFacts | undefined> {
  if (!isSignatureAlg(alg)) return { shape, key: undefined, jkt: await sha256(shape.canonicalText) }
  const ready = await readyKey(shape, alg)
  return ready && { shape, key: ready.key, jkt: ready.thumbprint }
}

/** An algorithm that cannot be verified gets here only where the Law waives the rule that refuses it. */
async function isSigned(proof: ParsedProof, key: VerifyKey | undefined, law: Law): Promise<boolean> {
  if (key === undefined) return law.waives('dpop.alg-is-asymmetric')
  return verify(key.alg, key, proof.signingInput, proof.signature)
}

function judgeClaims({ claims, jti, limits }: ParsedProof, law: Law): Broken | undefined {
  const { htm, htu, iat } = claims
  const facts = { jti: claims['jti'], jtiBytes: utf8Length(jti ?? '', limits.jtiBytes), jtiBytesAllowed: limits.jtiBytes, htm, htu, iat }
  return judge(proofClaimRules, facts, law)
}

const encoder = new TextEncoder()

/** No text is longer in characters than in bytes: beyond the bound, counting stops. */
function utf8Length(value: string, bound: number): number {
  return value.length > bound ? value.length : encoder.encode(value).length
}

/** A claim that already equals a target needs no normalizing, which most do. */
function targetOf(htu: string | undefined, targets: readonly string[]): string | undefined {
  if (htu === undefined) return undefined
  return targets.includes(htu) ? htu : normalizeHtu(htu)
}

function judgeTarget(proof: ParsedProof, normalizedHtu: string | undefined, expect: ProofExpectation, law: Law): Broken | undefined {
  const { htm, htu } = proof
  return judge(proofTargetRules, { htm, htu, normalizedHtu, method: expect.method, targets: expect.targets }, law)
}

function judgeNonceClaim({ nonce }: ProofExpectation, law: Law): Broken | undefined {
  return nonce.mode === 'off' ? undefined : judge(proofNonceRules, { verdict: nonce.verdict }, law)
}

/** Last second of the nonce that stands in for the holder's clock. */
function nonceUntil({ nonce }: ProofExpectation): Seconds | undefined {
  return nonce.mode === 'required' && nonce.verdict.nonce === 'current' ? nonce.verdict.until : undefined
}

function judgeTime({ iat, claims }: ParsedProof, expect: ProofExpectation, law: Law): Broken | undefined {
  const { nbf, exp } = claims
  const nonceIsClock = nonceUntil(expect) !== undefined
  return judge(proofTimeRules, { now: expect.now, ...expect.window, iat, nonceIsClock, nbf, exp }, law)
}

async function evidence(proof: ParsedProof, jkt: Thumbprint, htu: string, expect: ProofExpectation): Promise<VerifiedProof> {
  const { jti = '', htm = '', iat = 0, nonce, ath } = proof
  // `jti` stands last: it alone may contain a line feed, so no two quadruples read alike.
  const replayId = await sha256(`${expect.owner}\n${jkt}\n${htu}\n${jti}`)
  const replayUntil = nonceUntil(expect) ?? Math.floor((proof.iat ?? expect.now) + expect.window.pastSeconds)
  const alg = proof.header['alg'] as SignatureAlg
  return { jkt, jti, htm, htu, iat, alg, nonce, ath, replayId, replayUntil } as Omit<VerifiedProof, symbol> as VerifiedProof
}

/** RFC 9449 §4.3 item 12a: the proof names exactly this token, as sent. Called after the token was verified. */
export async function checkAth(proof: VerifiedProof, accessToken: string, law: Law): Promise<Broken | undefined> {
  const matches = proof.ath !== undefined && equal(proof.ath, await sha256(accessToken))
  return judge(athRules, { ath: proof.ath, matches }, law)
}
