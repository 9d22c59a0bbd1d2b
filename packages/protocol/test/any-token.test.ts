// Tokens of any members at all: judged, never thrown at.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { catalogue, type RuleId } from '../src/index.ts'
import { accessToken, accessVerdict, idToken, idVerdict } from './token-exchange.ts'

describe('any token at all', () => {
  const claim = fc.constantFrom(
    'iss',
    'sub',
    'aud',
    'exp',
    'nbf',
    'iat',
    'jti',
    'client_id',
    'scope',
    'cnf',
    'nonce',
    'azp',
    'at_hash',
    'auth_time',
    'sid',
  )
  const header = fc.constantFrom('typ', 'kid', 'cty', 'jwk', 'x5t')

  it('is sound or breaks a rule: nothing is thrown, whatever its members are', async () => {
    await fc.assert(
      fc.asyncProperty(fc.dictionary(claim, fc.jsonValue()), fc.dictionary(header, fc.jsonValue()), async (claims, head) => {
        const access = await accessVerdict(accessToken(claims, head))
        const id = await idVerdict(idToken(claims, head), { accessToken: 'x', maxAgeSeconds: 60, nonce: 'n-1' })
        for (const rule of [access, id]) expect(rule === 'sound' || catalogue.has(rule as RuleId)).toBe(true)
      }),
      { numRuns: 200 },
    )
  })
})
