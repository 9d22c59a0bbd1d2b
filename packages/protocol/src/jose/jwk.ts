// Public keys made ready: judged, imported, thumbprinted (RFC 7638). Where keys come from is for the caller.
import type { PublicJwk, Thumbprint } from '../ids.ts'
import { type Broken, broke, type ErrorFamily, judge, type Law } from '../rule.ts'
import type { SignatureAlg } from './algorithms.ts'
import { boundedMemory } from './bounded-memory.ts'
import type { Awaitable, VerifyKey } from './crypto-port.ts'
import { inFamily, joseRules } from './jose-rules.ts'
import { jwkRules } from './jwk-rules.ts'
import { canonicalJwkText, type JwkShape, readJwkShape } from './jwk-shape.ts'
import { importVerifyKey, sha256 } from './platform.ts'

export interface ReadyKey {
  readonly key: VerifyKey
  readonly thumbprint: Thumbprint
}

/** Importing costs as much as a third of a verification. Results of pure computation, not verdicts: any Law may share them. */
const readyKeys = boundedMemory<ReadyKey>(4096)

/** RFC 7638 §3 with SHA-256: required members only, in order, whatever else the key carries. */
export function jwkThumbprint(jwk: PublicJwk): Awaitable<Thumbprint> {
  return sha256(canonicalJwkText(jwk))
}

/** Imports a key whose shape was judged. `undefined`: the platform cannot use it. */
export async function readyKey(shape: JwkShape, alg: SignatureAlg): Promise<ReadyKey | undefined> {
  const name = `${alg} ${shape.canonicalText}`
  const known = readyKeys.get(name)
  if (known !== undefined) return known
  const key = await importVerifyKey(shape.bare, alg)
  if (key === undefined) return undefined
  const ready: ReadyKey = { key, thumbprint: await sha256(shape.canonicalText) }
  if (name.length <= 2048) readyKeys.set(name, ready)
  return ready
}

/** Checks a key for one algorithm and makes it ready. For registered keys; a proof's own key is judged by `checkProof`. */
export async function checkJwk(jwk: unknown, alg: SignatureAlg, family: ErrorFamily, law: Law): Promise<ReadyKey | Broken> {
  const shape = readJwkShape(jwk)
  if (shape === undefined) return inFamily(broke(joseRules, 'jwk.is-object'), family)
  const broken = judge(jwkRules, { shape, alg }, law)
  if (broken !== undefined) return inFamily(broken, family)
  return (await readyKey(shape, alg)) ?? inFamily(broke(joseRules, 'jwk.is-on-curve'), family)
}
