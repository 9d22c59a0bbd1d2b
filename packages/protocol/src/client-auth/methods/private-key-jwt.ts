// private_key_jwt: a short JWT signed by a key the client registered (RFC 7523 §2.2, OpenID Connect Core §9).
import type { PublicJwk } from '../../ids.ts'
import { fittingKeys, isSignatureAlg, isSignedByOneOf, type ParsedJws, parseCompactJws, sha256, tokenAlgorithms } from '../../jose/index.ts'
import type { ClientRecord } from '../../records.ts'
import { type Broken, broke, isBroken, judge, type Law, must } from '../../rule.ts'
import { assertionFutureSeconds, assertionRules, assertionShapeRules } from '../assertion-rules.ts'
import { isMacAlg } from '../mac-algorithms.ts'
import type { ClientAuthExpectation, ClientAuthInput, ClientAuthMethodRow, Presented } from './method.ts'

const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

export const privateKeyJwt: ClientAuthMethodRow = {
  name: 'private_key_jwt',
  signingAlgorithms: tokenAlgorithms,
  read: readAssertion,
  check: checkAssertion,
}

function readAssertion({ form }: ClientAuthInput, law: Law): Presented | Broken | undefined {
  const assertion = form.get('client_assertion')
  const type = form.get('client_assertion_type')
  if (assertion === undefined && type === undefined) return undefined
  const typed = must(assertionShapeRules, 'assertion.type-is-jwt-bearer', assertion !== undefined && type === assertionType, law)
  if (typed) return typed
  const jws = parseCompactJws(assertion ?? '', 'client', law)
  if (isBroken(jws)) return jws
  const sub = jws.claims['sub']
  // The subject only says whose keys to look up; iss and sub are judged after the signature.
  if (typeof sub !== 'string' || sub === '') return broke(assertionShapeRules, 'assertion.subject-is-readable')
  // The algorithm says which method this is; whether it is the client's is judged next.
  return {
    method: isMacAlg(jws.header['alg']) ? 'client_secret_jwt' : 'private_key_jwt',
    clientId: sub,
    credential: jws,
    kid: jws.header['kid'],
  }
}

async function checkAssertion(presented: Presented, client: ClientRecord, expect: ClientAuthExpectation, law: Law) {
  const jws = presented.credential as ParsedJws
  const signed = await checkSignature(jws, expect.keys ?? client.jwks, law)
  if (signed) return signed
  const { alg } = jws.header
  const chosen =
    client.authenticationAlg === undefined
      ? undefined
      : must(assertionShapeRules, 'assertion.alg-is-the-registered-one', alg === client.authenticationAlg, law)
  return chosen ?? checkClaims(jws, client, expect, law)
}

/** Whoever signed it, and however. */
export async function checkClaims(jws: ParsedJws, client: ClientRecord, expect: ClientAuthExpectation, law: Law) {
  const { iss, sub, aud, exp, nbf, iat, jti } = jws.claims
  const facts = { client, ...expect, alg: String(jws.header['alg']), typ: jws.header['typ'], iss, sub, aud, exp, nbf, iat, jti }
  const broken = judge(assertionRules, facts, law)
  if (broken) return broken
  // Hashed with the issuer and the client: nobody burns another's jti.
  const id = await sha256(JSON.stringify([expect.issuer, client.clientId, jti]))
  const until = Math.ceil(exp as number) + assertionFutureSeconds
  return [{ write: 'claim-once', space: 'assertion', id, until }] as const
}

async function checkSignature(jws: ParsedJws, jwks: readonly PublicJwk[], law: Law): Promise<Broken | undefined> {
  const { alg, kid } = jws.header
  const keys = fittingKeys(jwks, alg, kid)
  if (!isSignatureAlg(alg) || keys.length === 0) {
    return broke(assertionShapeRules, 'assertion.key-is-registered', { expected: 'a registered key', received: { alg, kid } })
  }
  const verified = await isSignedByOneOf(keys, alg, jws, { family: 'client', law })
  return must(assertionShapeRules, 'assertion.signature-verifies', verified, law)
}
