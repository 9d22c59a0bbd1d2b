// Encrypts to a party, and decrypts what a party encrypted to us: compact JWE (RFC 7516), nested JWTs (RFC 7519 §5.2).
// Always signed first and encrypted then; which signature counts is for the caller. The library draws its own randomness.
import { CompactEncrypt, compactDecrypt } from 'jose'
import type { ContentEncryption, EncryptionChoice, KeyManagementAlg, PrivateJwk, PublicJwk } from '../ids.ts'
import { type Broken, broke, type ErrorFamily, isBroken, type Law, must } from '../rule.ts'
import { fromB64u, textOf } from './base64url.ts'
import { inFamily } from './jose-rules.ts'
import {
  canEncryptWith,
  contentEncryptions,
  encryptionKeyOf,
  isContentEncryption,
  isKeyManagementAlg,
  keyManagementAlgorithms,
} from './jwe-algorithms.ts'
import { jweRules } from './jwe-rules.ts'
import { bareJwk } from './jwk-shape.ts'
import { type JsonObject, strictJson } from './strict-json.ts'

/** Characters of the whole: what `jwsLimits` lets through, encrypted. */
export const jweLimits = { characters: 32768 }

export interface DecryptionExpectation {
  /** Private keys of ours. One that the header names by `kid` is the only one tried. */
  readonly keys: readonly PrivateJwk[]
  readonly algorithms?: readonly KeyManagementAlg[]
  readonly encryptions?: readonly ContentEncryption[]
  readonly characters?: number
}

/** How many keys are tried for a message that names none. */
const mostTried = 4

/**
 * Encrypts a signed JWT, or a JSON text, to one party. `content` says what is inside: `JWT` where it is nested.
 * @throws TypeError where the party has no key that fits: asked before, see {@link encryptionKeyOf}.
 */
export async function encryptJwe(text: string, to: EncryptionChoice, jwks: readonly PublicJwk[], content: 'JWT' | 'json'): Promise<string> {
  const jwk = encryptionKeyOf(jwks, to.alg)
  if (jwk === undefined) throw new TypeError(`no key for ${to.alg}`)
  const header = { alg: to.alg, enc: to.enc, ...(jwk.kid !== undefined && { kid: jwk.kid }), ...(content === 'JWT' && { cty: 'JWT' }) }
  return new CompactEncrypt(new TextEncoder().encode(text)).setProtectedHeader(header).encrypt({ ...bareJwk(jwk), alg: to.alg })
}

/** Whether a text has the five segments of a JWE, so that nobody parses it as anything else. */
export function isJwe(text: string): boolean {
  return text.split('.', 6).length === 5
}

/** The signed JWT inside: its signature has not been looked at. A refusal carries the caller's family. */
export async function decryptNestedJwt(
  text: string,
  expect: DecryptionExpectation,
  family: ErrorFamily,
  law: Law,
): Promise<string | Broken> {
  const result = await decrypt(text, expect, law)
  return isBroken(result) ? inFamily(result, family) : result
}

async function decrypt(text: string, expect: DecryptionExpectation, law: Law): Promise<string | Broken> {
  const characters = expect.characters ?? jweLimits.characters
  const tooLong = must(jweRules, 'jwe.message-is-bounded', text.length <= characters, law)
  if (tooLong !== undefined) return tooLong
  const header = readHeader(text)
  if (header === undefined) return broke(jweRules, 'jwe.is-compact')
  const refused = judgeHeader(header, expect, law)
  if (refused !== undefined) return refused
  const keys = keysFor(header, expect.keys)
  if (keys.length === 0) return broke(jweRules, 'jwe.key-is-known')
  for (const key of keys) {
    const content = await open(text, key, characters)
    if (content !== undefined) return content
  }
  return broke(jweRules, 'jwe.decrypts')
}

function readHeader(text: string): JsonObject | undefined {
  const segments = text.split('.', 6)
  if (segments.length !== 5) return undefined
  const [first, ...rest] = segments.map(fromB64u)
  // The second, the encrypted key, is empty in direct agreement.
  if (first === undefined || rest.includes(undefined)) return undefined
  const header = textOf(first)
  const value = header === undefined ? 'malformed' : strictJson(header)
  return typeof value === 'string' ? undefined : value
}

function judgeHeader(header: JsonObject, expect: DecryptionExpectation, law: Law): Broken | undefined {
  const { alg, enc, cty } = header
  if (Object.hasOwn(header, 'crit')) return broke(jweRules, 'jwe.crit-is-absent')
  const compressed = must(jweRules, 'jwe.is-not-compressed', !Object.hasOwn(header, 'zip'), law)
  if (compressed !== undefined) return compressed
  const algorithms = expect.algorithms ?? keyManagementAlgorithms
  if (!isKeyManagementAlg(alg) || !algorithms.includes(alg)) return broke(jweRules, 'jwe.alg-is-accepted')
  const encryptions = expect.encryptions ?? contentEncryptions
  if (!isContentEncryption(enc) || !encryptions.includes(enc)) return broke(jweRules, 'jwe.enc-is-accepted')
  return must(jweRules, 'jwe.content-is-said-to-be-jwt', typeof cty === 'string' && cty.toUpperCase() === 'JWT', law)
}

function keysFor({ alg, kid }: JsonObject, keys: readonly PrivateJwk[]): readonly PrivateJwk[] {
  const fitting = isKeyManagementAlg(alg) ? keys.filter((key) => canEncryptWith(key, alg)) : []
  return kid === undefined ? fitting.slice(0, mostTried) : fitting.filter((key) => key.kid === kid).slice(0, 1)
}

/** `undefined`: wrong key, altered, a point off its curve, no UTF-8, no signed JWT. Which of these stays unsaid. */
async function open(text: string, key: PrivateJwk, characters: number): Promise<string | undefined> {
  try {
    const { plaintext } = await compactDecrypt(text, key, { maxDecompressedLength: characters })
    const content = textOf(plaintext)
    return content?.split('.', 4).length === 3 ? content : undefined
  } catch {
    return undefined
  }
}
