// Logout tokens (OpenID Connect Back-Channel Logout 1.0 §2.4): made by the issuer, checked by the client that receives one.
import type { Issuer, Seconds } from '../ids.ts'
import { type JsonObject, jwtTypes, type Signer, signJwt } from '../jose/index.ts'
import { type Broken, isBroken, judge, type Law } from '../rule.ts'
import { checkSignature, type SignatureExpectation } from '../tokens/index.ts'
import { logoutEvent, logoutTokenRules } from './logout-token-rules.ts'

declare const verified: unique symbol

/** How long one is good for (§2.4 recommends at most two minutes). */
export const logoutTokenSeconds = 120

export interface LogoutTokenOrder {
  readonly issuer: Issuer
  readonly clientId: string
  readonly now: Seconds
  /** Fresh. */
  readonly jti: string
  /** As this client knows them: at least one of the two. */
  readonly subject: string
  readonly sid: string | null
}

/** Never a nonce: it must not pass for an ID token. */
export function buildLogoutToken({ issuer, clientId, now, jti, subject, sid }: LogoutTokenOrder, signer: Signer): Promise<string> {
  const claims = {
    iss: issuer,
    aud: clientId,
    iat: now,
    exp: now + logoutTokenSeconds,
    jti,
    sub: subject,
    ...(sid !== null && { sid }),
    events: { [logoutEvent]: {} },
  }
  return signJwt({ typ: jwtTypes['logout-token'] }, claims, signer)
}

export interface LogoutTokenExpectation extends SignatureExpectation {
  readonly issuer: Issuer
  readonly clientId: string
  readonly now: Seconds
  readonly leewaySeconds: number
  /** For an issuer that leaves `typ` out or says plain JWT: the specification only recommends it. */
  readonly dangerouslyAcceptUntyped?: boolean
}

/** Sound in everything but being the first: that is for whoever remembers `jti` until `expiresAt`. */
export interface VerifiedLogoutToken {
  readonly [verified]: true
  readonly issuer: Issuer
  readonly jti: string
  readonly expiresAt: Seconds
  readonly subject: string | undefined
  readonly sid: string | undefined
}

/** Unknown claims are ignored (§2.6). */
export async function checkLogoutToken(token: string, expect: LogoutTokenExpectation, law: Law): Promise<VerifiedLogoutToken | Broken> {
  const signed = await checkSignature(token, expect, 'request', law)
  if (isBroken(signed)) return signed
  const { header, claims } = signed
  const { issuer, clientId, now, leewaySeconds, dangerouslyAcceptUntyped = false } = expect
  const facts = { typ: header['typ'], claims, issuer, clientId, now, leewaySeconds, mayBeUntyped: dangerouslyAcceptUntyped }
  return judge(logoutTokenRules, facts, law) ?? evidence(claims, issuer)
}

function evidence({ jti, exp, sub, sid }: JsonObject, issuer: Issuer): VerifiedLogoutToken {
  const token: Omit<VerifiedLogoutToken, symbol> = {
    issuer,
    jti: jti as string,
    expiresAt: exp as number,
    subject: typeof sub === 'string' ? sub : undefined,
    sid: typeof sid === 'string' ? sid : undefined,
  }
  return token as VerifiedLogoutToken
}
