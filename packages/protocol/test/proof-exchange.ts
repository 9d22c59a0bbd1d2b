// A proof and the request it belongs to, as the tests of proofs begin: sound, and changed in one thing only.
import { type WireKey, type WireProof, wireKey, wireProof } from 'testkit'
import {
  type Broken,
  checkProof,
  isBroken,
  type Law,
  type ProofExpectation,
  parseProof,
  proofAlgorithms,
  proofWindow,
  type RuleId,
  type VerifiedProof,
  wholeLaw,
} from '../src/index.ts'

export const now = 1_800_000_000
export const url = 'https://api.example/notes'
export const holder = wireKey('ES256')

export const expectation: ProofExpectation = {
  owner: 'https://api.example/',
  method: 'GET',
  targets: [url],
  now,
  window: proofWindow,
  algorithms: proofAlgorithms,
  nonce: { mode: 'off' },
}

/** A Law without one rule. */
export const lawWithout = (id: RuleId): Law => ({ waives: (asked) => asked === id })

export function proofText(change: Partial<WireProof> = {}, key: WireKey = holder): string {
  return wireProof(key, { url, now, ...change })
}

export async function judged(
  lines: string | readonly string[],
  change: Partial<ProofExpectation> = {},
  law: Law = wholeLaw,
): Promise<VerifiedProof | Broken> {
  const parsed = parseProof(typeof lines === 'string' ? [lines] : lines, law)
  return isBroken(parsed) ? parsed : checkProof(parsed, { ...expectation, ...change }, law)
}

/** The id of the broken rule, or `sound`. */
export async function verdict(...args: Parameters<typeof judged>): Promise<string> {
  const result = await judged(...args)
  return isBroken(result) ? result.broken : 'sound'
}
