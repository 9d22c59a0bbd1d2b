// No kind of JWT passes for another: each of the eight, sent to each of the eight.
import { wireJwt } from 'testkit'
import { describe, expect, it } from 'vitest'
import { checkLogoutToken, isBroken, isTypOf, isUntyped, type JwtKind, jwtTypes, logoutEvent, wholeLaw } from '../src/index.ts'
import { holder, now as proofNow, url, verdict } from './proof-exchange.ts'
import { accessClaims, accessVerdict, idClaims, idVerdict, issuerKey, tokenExpectation } from './token-exchange.ts'

const kinds = Object.keys(jwtTypes) as JwtKind[]
const pairs = kinds.flatMap((sent) => kinds.map((wanted) => [sent, wanted] as const))

/** A JWT that is right for its receiver in everything but, perhaps, its kind; `true` where it is accepted. */
const receivers: Partial<Record<JwtKind, (typ: string | undefined) => Promise<boolean>>> = {
  'access-token': async (typ) =>
    (await accessVerdict(wireJwt({ alg: 'ES256', kid: issuerKey.kid, typ }, accessClaims, issuerKey))) === 'sound',
  'id-token': async (typ) => (await idVerdict(wireJwt({ alg: 'ES256', kid: issuerKey.kid, typ }, idClaims, issuerKey))) === 'sound',
  'logout-token': async (typ) => {
    const { nonce: _, ...claims } = { ...idClaims, jti: 'logout-1', events: { [logoutEvent]: {} } }
    const token = wireJwt({ alg: 'ES256', kid: issuerKey.kid, typ }, claims, issuerKey)
    return !isBroken(await checkLogoutToken(token, { ...tokenExpectation, clientId: 'app' }, wholeLaw))
  },
  'dpop-proof': async (typ) => {
    const claims = { jti: 'a-jti-of-good-length', htm: 'GET', htu: url, iat: proofNow }
    return (await verdict(wireJwt({ alg: 'ES256', jwk: holder.publicJwk, typ }, claims, holder))) === 'sound'
  },
}

describe('kinds of JWT', () => {
  it.each(pairs)('JWTBCP-3.12-01, ASVS-9.2.2: %s sent as %s', async (sent, wanted) => {
    for (const typ of [jwtTypes[sent], jwtTypes[sent].toUpperCase(), `application/${jwtTypes[sent]}`]) {
      expect(isTypOf(wanted, typ)).toBe(sent === wanted)
      const receive = receivers[wanted]
      if (receive !== undefined) expect(await receive(typ)).toBe(sent === wanted)
    }
  })

  it.each(kinds)('JWTBCP-3.12-01: no typ, sent as %s: only an ID token is sent so', async (wanted) => {
    expect(isTypOf(wanted, undefined)).toBe(false)
    const receive = receivers[wanted]
    if (receive !== undefined) expect(await receive(undefined)).toBe(wanted === 'id-token')
  })

  it('says no kind: absent or plain JWT, and nothing else', () => {
    for (const typ of [undefined, 'JWT', 'jwt', 'application/jwt']) expect(isUntyped(typ)).toBe(true)
    for (const typ of ['at+jwt', '', null, 7, ['JWT'], {}, 'JWT ', 'jwt+jwt']) expect(isUntyped(typ)).toBe(false)
  })

  it('a typ that is no text names nothing', () => {
    for (const typ of [7, null, ['at+jwt'], { typ: 'at+jwt' }]) expect(isTypOf('access-token', typ)).toBe(false)
  })
})
