// client_secret_jwt: a short JWT with a MAC under a secret that client and issuer share (OpenID Connect Core §9).
// Read as private_key_jwt is, and held to the same claims; off unless a client has it.
import { b64u, equal, hmac, type ParsedJws } from '../../jose/index.ts'
import type { ClientRecord } from '../../records.ts'
import { type Law, must } from '../../rule.ts'
import { assertionShapeRules } from '../assertion-rules.ts'
import { isMacAlg, macAlgorithms, macHash } from '../mac-algorithms.ts'
import type { ClientAuthExpectation, ClientAuthMethodRow, Presented } from './method.ts'
import { checkClaims } from './private-key-jwt.ts'

export const clientSecretJwt: ClientAuthMethodRow = {
  name: 'client_secret_jwt',
  signingAlgorithms: macAlgorithms,
  /** An assertion is read once, by private_key_jwt. */
  read: () => undefined,
  check: checkMac,
}

async function checkMac(presented: Presented, client: ClientRecord, expect: ClientAuthExpectation, law: Law) {
  const jws = presented.credential as ParsedJws
  const { alg } = jws.header
  const chosen = must(
    assertionShapeRules,
    'assertion.alg-is-the-registered-one',
    alg === (client.authenticationAlg ?? 'HS256'),
    law,
    () => ({
      expected: client.authenticationAlg ?? 'HS256',
      received: alg,
    }),
  )
  if (chosen) return chosen
  let verified = false
  for (const secret of expect.secrets ?? []) {
    const mac = isMacAlg(alg) ? b64u(await hmac(macHash(alg), new TextEncoder().encode(secret), jws.signingInput)) : ''
    // Every secret is tried, so that the time does not tell which one was right.
    verified = equal(mac, b64u(jws.signature)) || verified
  }
  return must(assertionShapeRules, 'assertion.mac-verifies', verified, law) ?? checkClaims(jws, client, expect, law)
}
