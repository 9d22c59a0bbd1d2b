// A token and what its receiver expects, as the tests of tokens begin: sound, and changed in one thing only.
import { wireJwt, wireKey } from 'testkit'
import {
  type Broken,
  checkAccessToken,
  checkIdToken,
  type IdTokenExpectation,
  importVerifyKey,
  isBroken,
  type KeyQuestion,
  type PublicJwk,
  type RuleId,
  type TokenExpectation,
  tokenAlgorithms,
  type VerifyKey,
  wholeLaw,
} from '../src/index.ts'

export const now = 1_800_000_000
export const issuer = 'https://as.example'
export const api = 'https://api.example/'
export const issuerKey = wireKey('ES256', 'signing-1')

/** The published keys of an issuer; the same key is the same object, as its receivers expect. */
export function published(...keys: readonly ReturnType<typeof wireKey>[]) {
  const ready = new Map<string, VerifyKey>()
  return async ({ kid, alg }: KeyQuestion): Promise<VerifyKey | undefined> => {
    const key = keys.find((one) => one.kid === kid && one.alg === alg)
    if (key === undefined) return undefined
    const known = ready.get(key.kid) ?? (await importVerifyKey(key.publicJwk as unknown as PublicJwk, alg))
    if (known !== undefined) ready.set(key.kid, known)
    return known
  }
}

export const accessClaims = {
  iss: issuer,
  sub: 'user-1',
  client_id: 'app',
  aud: api,
  iat: now - 10,
  exp: now + 290,
  jti: 'token-1',
  scope: 'notes:read notes:write',
}

export const idClaims = { iss: issuer, sub: 'user-1', aud: 'app', iat: now - 10, exp: now + 290, nonce: 'n-1', auth_time: now - 100 }

type Change = Record<string, unknown>

export function accessToken(claims: Change = {}, header: Change = {}, key = issuerKey): string {
  return wireJwt({ alg: key.alg, typ: 'at+jwt', kid: key.kid, ...header }, { ...accessClaims, ...claims }, key)
}

export function idToken(claims: Change = {}, header: Change = {}, key = issuerKey): string {
  return wireJwt({ alg: key.alg, typ: 'JWT', kid: key.kid, ...header }, { ...idClaims, ...claims }, key)
}

export const tokenExpectation: TokenExpectation = {
  issuer,
  keyFor: published(issuerKey),
  now,
  leewaySeconds: 5,
  algorithms: tokenAlgorithms,
}

export const idTokenExpectation: IdTokenExpectation = { ...tokenExpectation, clientId: 'app', purpose: 'login' }

const idOf = (result: object): RuleId | 'sound' => (isBroken(result) ? (result as Broken).broken : 'sound')

export async function accessVerdict(token: string, change: Partial<TokenExpectation> = {}, law = wholeLaw): Promise<string> {
  return idOf(await checkAccessToken(token, { ...tokenExpectation, ...change }, law))
}

export async function idVerdict(token: string, change: Partial<IdTokenExpectation> = {}, law = wholeLaw): Promise<string> {
  return idOf(await checkIdToken(token, { ...idTokenExpectation, ...change }, law))
}
