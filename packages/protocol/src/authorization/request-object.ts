// From a signed request object to the request inside: signature, claims, then its members as parameters (RFC 9101 §6).
// Only what is inside counts; what stands beside it is never looked at (RFC 9101 §6.3).
import { type Form, formEncode, parseForm } from '../form.ts'
import type { Issuer, PublicJwk, Seconds } from '../ids.ts'
import { fittingKeys, isSignatureAlg, isSignedByOneOf, type JsonObject, type ParsedJws, parseCompactJws } from '../jose/index.ts'
import type { Profile } from '../profiles/index.ts'
import type { ClientRecord, RequestObjectDemand } from '../records.ts'
import { type Broken, broke, judge, type Law, must } from '../rule.ts'
import { requestObjectAlgorithmsFor, requestObjectRules, requestObjectShapeRules } from './request-object-rules.ts'

export interface RequestObjectExpectation {
  readonly issuer: Issuer
  /** Whom client_id beside the object names. */
  readonly client: ClientRecord
  /** Its registered keys. */
  readonly keys: readonly PublicJwk[]
  readonly demand: RequestObjectDemand
  readonly profile: Profile
  readonly now: Seconds
}

/** Nothing of it is believed yet. */
export function parseRequestObject(text: string, law: Law): ParsedJws | Broken {
  return parseCompactJws(text, 'request-object', law)
}

/** The request inside, as if it had been sent by itself. */
export async function checkRequestObject(jws: ParsedJws, expect: RequestObjectExpectation, law: Law): Promise<Form | Broken> {
  const signed = await checkSignature(jws, expect, law)
  if (signed) return signed
  const { header, claims } = jws
  const { client, issuer, demand, now } = expect
  const broken = judge(requestObjectRules, { client, issuer, demand, now, typ: header['typ'], claims }, law)
  return broken ?? formOf(claims)
}

async function checkSignature(jws: ParsedJws, expect: RequestObjectExpectation, law: Law): Promise<Broken | undefined> {
  const { alg, kid } = jws.header
  const accepted = algorithmsFor(expect)
  const refused = must(requestObjectShapeRules, 'request-object.alg-is-accepted', accepted.includes(alg), law, () => ({
    expected: accepted,
    received: typeof alg === 'string' ? alg.slice(0, 40) : typeof alg,
  }))
  if (refused) return refused
  const keys = fittingKeys(expect.keys, alg, kid)
  if (!isSignatureAlg(alg) || keys.length === 0) return broke(requestObjectShapeRules, 'request-object.key-is-registered')
  const verified = await isSignedByOneOf(keys, alg, jws, { family: 'request-object', law })
  return must(requestObjectShapeRules, 'request-object.signature-verifies', verified, law)
}

/** Both names of Ed25519 are one algorithm (RFC 9864 §2.2). */
function algorithmsFor({ client, demand, profile }: RequestObjectExpectation): readonly unknown[] {
  const served = requestObjectAlgorithmsFor(demand, profile)
  const registered = client.requestObjectSigningAlg
  if (registered === undefined) return served
  const names = registered === 'EdDSA' || registered === 'Ed25519' ? ['EdDSA', 'Ed25519'] : [registered]
  return served.filter((alg) => names.includes(alg))
}

/** Claims of the JWT itself: no parameters of the request. */
const jwtClaims: ReadonlySet<string> = new Set(['iss', 'sub', 'aud', 'exp', 'nbf', 'iat', 'jti'])

/** RFC 9101 §4: text as it is, numbers and truth values as JSON writes them, objects and lists as JSON. */
function formOf(claims: JsonObject): Form | Broken {
  const pairs = Object.entries(claims).flatMap(([name, value]) => (jwtClaims.has(name) ? [] : parametersOf(name, value)))
  // A half of a surrogate pair has no UTF-8 form.
  if (!pairs.every(([name, value]) => name.isWellFormed() && value.isWellFormed())) {
    return broke(requestObjectShapeRules, 'request-object.parameters-are-text')
  }
  return parseForm(formEncode(pairs))
}

function parametersOf(name: string, value: unknown): readonly (readonly [string, string])[] {
  if (value === null) return []
  if (typeof value === 'string') return [[name, value]]
  // The one parameter that may come several times (RFC 8707 §2).
  if (name === 'resource' && Array.isArray(value) && value.every((one) => typeof one === 'string')) return value.map((one) => [name, one])
  return [[name, JSON.stringify(value)]]
}
